#include "stats/catalog.hpp"

namespace vsim::stats {

std::string_view name(counter c) {
    switch (c) {
    case counter::servers_registered:
        return "servers.registered";
    case counter::servers_deleted:
        return "servers.deleted";
    case counter::agents_connected:
        return "agents.connected";
    case counter::agents_disconnected:
        return "agents.disconnected";
    case counter::reconnects:
        return "agents.reconnects";
    case counter::agents_churned:
        return "agents.churned";
    case counter::agents_cut:
        return "agents.cut";
    case counter::double_logins:
        return "agents.double_logins";
    case counter::metrics_sent:
        return "metrics.sent";
    case counter::metrics_bytes:
        return "metrics.bytes";
    case counter::metrics_missed:
        return "metrics.missed";
    case counter::metrics_late:
        return "metrics.late";
    case counter::aggregated_sent:
        return "aggregated.sent";
    case counter::aggregated_bytes:
        return "aggregated.bytes";
    case counter::aggregated_buckets:
        return "aggregated.buckets";
    case counter::history_sent:
        return "history.sent";
    case counter::history_bytes:
        return "history.bytes";
    case counter::history_buckets:
        return "history.buckets";
    case counter::history_agents_done:
        return "history.agents_done";
    case counter::history_agents_failed:
        return "history.agents_failed";
    case counter::batch_sent:
        return "batch.sent";
    case counter::batch_bytes:
        return "batch.bytes";
    case counter::batch_accepted:
        return "batch.accepted";
    case counter::batch_rejected:
        return "batch.rejected";
    case counter::messages_received:
        return "messages.received";
    case counter::messages_unknown:
        return "messages.unknown";
    case counter::configs_received:
        return "messages.configs";
    case counter::commands_received:
        return "messages.commands";
    case counter::fences_sent:
        return "fence.sent";
    case counter::fences_answered:
        return "fence.answered";
    case counter::viewers_connected:
        return "viewers.connected";
    case counter::viewers_disconnected:
        return "viewers.disconnected";
    case counter::viewer_messages:
        return "viewers.messages";
    case counter::viewer_bytes:
        return "viewers.bytes";
    case counter::samples_seen:
        return "freshness.seen";
    case counter::samples_unmatched:
        return "freshness.unmatched";
    case counter::false_offline:
        return "freshness.false_offline";
    case counter::history_reads:
        return "readers.reads";
    case counter::history_read_bytes:
        return "readers.bytes";
    case counter::count_:
        break;
    }
    return "unknown";
}

std::string_view name(latency l) {
    switch (l) {
    case latency::register_:
        return "register";
    case latency::connect:
        return "connect";
    case latency::auth:
        return "auth";
    case latency::fence:
        return "fence";
    case latency::fence_uncorrected:
        return "fence_uncorrected";
    case latency::batch_ack:
        return "batch_ack";
    case latency::freshness:
        return "freshness";
    case latency::freshness_excess:
        return "freshness_excess";
    case latency::history_read:
        return "history_read";
    case latency::send_lag:
        return "send_lag";
    case latency::own_lag:
        return "own_lag";
    case latency::count_:
        break;
    }
    return "unknown";
}

} // namespace vsim::stats
