#include "server/agents.hpp"

#include "proto/decode.hpp"
#include "proto/encode.hpp"
#include "server/client_address.hpp"
#include "server/secret.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>
#include <vector>

namespace vsim::server {

namespace asio = boost::asio;

namespace {

constexpr std::size_t queue_length = 16; // of vStats

text_ptr share(std::string text) {
    return std::make_shared<const std::string>(std::move(text));
}

template <class Message>
text_ptr as_text(const Message& m) {
    return share(proto::to_json(m));
}

proto::auth_reply refusal(const char* why) {
    proto::auth_reply r;
    r.status = "error";
    r.message = why;
    return r;
}

metrics_ptr own(proto::system_metrics&& m) {
    return std::make_shared<const proto::system_metrics>(std::move(m));
}

// Rows that the store will refuse are not counted as history.
void extend(server_entry& entry, const proto::system_metrics& sample) {
    if (!fits(sample.network.total_rx) || !fits(sample.network.total_tx)) {
        return;
    }
    const auto second = util::unix_seconds(sample.timestamp.at);
    entry.extend_raw(second);
    for (const auto g : {proto::granularity::sec5, proto::granularity::min2}) {
        entry.extend(g, proto::bucket_index(g, second));
    }
}

void extend(server_entry& entry, proto::granularity g, const proto::metric_bucket& row) {
    if (fits(row.net_rx) && fits(row.net_tx)) {
        entry.extend(g, row.bucket);
    }
}

void extend(server_entry& entry, const batch_content& content) {
    for (const auto& sample : content.samples) {
        extend(entry, *sample);
    }
    for (const auto& summary : content.summaries) {
        extend(entry, proto::granularity::min2, summary.row);
        if (summary.last) {
            extend(entry, *summary.last);
        }
    }
}

// As late as an instant of this program, and so last_seen, can be. A bucket may lie far behind:
// vStats's debug data generator sends time stamps where indices belong.
constexpr std::int64_t latest_second = 9'214'646'399; // 2261-12-31T23:59:59Z

std::int64_t seen_second(proto::granularity g, std::int64_t bucket) {
    return std::min(bucket, latest_second / proto::width_seconds(g)) * proto::width_seconds(g);
}

} // namespace

struct agents::session {
    session(agents& all, std::shared_ptr<net::peer> p)
        : in{all}, peer{std::move(p)},
          out{std::make_shared<outbox>(peer, all.writers_, queue_length, false)} {
        ++in.counts_.agents;
        const std::lock_guard lock{in.mutex_};
        in.open_.insert(out.get());
        if (in.is_stopped_) {
            out->drop();
        }
    }
    ~session() {
        --in.counts_.agents;
        const std::lock_guard lock{in.mutex_};
        in.open_.erase(out.get());
    }
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    agents& in;
    const std::shared_ptr<net::peer> peer;
    const std::shared_ptr<outbox> out;
    entry_ptr server;        // of the last successful auth; stays when the server is deleted
    bool was_others = false; // introduced itself as another server before
};

agents::agents(
    net::asio::any_io_executor home,
    registry& servers,
    settings& s,
    const traffic& t,
    store& rows,
    counters& counts,
    bystanders others
)
    : servers_{servers}, settings_{s}, traffic_{t}, store_{rows}, counts_{counts}, others_{others},
      writers_{std::move(home)} {}

net::task<> agents::serve(std::shared_ptr<net::peer> p) {
    co_await asio::this_coro::throw_if_cancelled(false);
    session s{*this, p};
    for (;;) {
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) {
            break; // the server stops; it said so while we waited for the store
        }
        const auto got = co_await p->receive();
        if (!got) {
            break;
        }
        const auto size = got->size();
        auto message = proto::decode_agent_message(*got);
        if (others_.strict) {
            look(s, message, *got);
        }
        if (message) {
            co_await handle(s, std::move(*message));
        } else {
            ++counts_.undecodable;
        }
        if (others_.faults) {
            co_await others_.faults->rest_after(size);
        }
    }
    leave(s);
    co_await s.out->end();
}

void agents::look(
    const session& s, const util::result<proto::agent_message>& m, std::string_view text
) {
    const sender who{s.server.get(), s.peer->request().remote_ip};
    if (m) {
        others_.strict->see(*m, who, std::chrono::system_clock::now());
    } else {
        others_.strict->see_undecodable(m.error(), text, who);
    }
}

bool agents::is_lost(const server_entry& server) {
    if (!others_.faults || !others_.faults->drops_next(server.object().fields.name)) {
        return false;
    }
    ++counts_.lost;
    return true;
}

net::task<> agents::handle(session& s, proto::agent_message m) {
    if (auto* const auth = std::get_if<proto::auth_request>(&m)) {
        co_await on(s, std::move(*auth));
    } else if (std::holds_alternative<proto::unknown_message>(m)) {
        ++counts_.unknown_type;
    } else if (!s.server) {
        co_await refuse(s, counts_.not_authenticated);
    } else if (auto* const sample = std::get_if<proto::metrics_message>(&m)) {
        co_await on(s, std::move(*sample));
    } else if (auto* const aggregated = std::get_if<proto::aggregated_message>(&m)) {
        co_await on(s, std::move(*aggregated));
    } else if (auto* const batch = std::get_if<proto::batch_message>(&m)) {
        co_await on(s, std::move(*batch));
    }
}

net::task<> agents::refuse(session& s, tally& why) {
    ++why;
    auto text = as_text(proto::error_reply{"Not authenticated"});
    co_await s.out->send(std::move(text));
}

proto::auth_reply agents::welcome(const server_entry& entry) const {
    proto::auth_reply reply;
    reply.status = "ok";
    auto probe = settings_.probe();
    if (probe.ping_targets && !probe.ping_targets->empty()) {
        reply.ping_targets = std::move(probe.ping_targets);
    }
    reply.traffic = traffic_.config_of(*entry.id);
    const auto now = util::unix_seconds(std::chrono::system_clock::now());
    const auto reach = entry.stored_reach();
    std::int64_t last_second =
        reach.raw_second < now - raw_retention_seconds ? 0 : reach.raw_second;
    for (const auto& g : proto::granularities) {
        const auto bucket = reach.buckets[proto::position(g.id)];
        if (bucket <= 0 || bucket < proto::bucket_index(g.id, now - g.retention.count())) {
            continue; // expired, whether cleaned up already or not
        }
        reply.last_buckets.emplace(g.name, bucket);
        if (g.id == proto::granularity::sec5 || g.id == proto::granularity::min2) {
            last_second = std::max(last_second, seen_second(g.id, bucket));
        }
    }
    if (last_second > 0) {
        reply.last_seen = util::zoned_instant{util::from_unix_seconds(last_second)};
    }
    return reply;
}

net::task<> agents::on(session& s, proto::auth_request m) {
    if (m.server_id.empty() || m.token.empty()) {
        ++counts_.auth_unanswered;
        co_return;
    }
    auto entry = servers_.find(m.server_id);
    if (!entry || !same_secret(m.token, entry->token)) {
        ++counts_.auth_refused;
        if (entry) {
            auto text = as_text(refusal("Invalid token"));
            co_await s.out->send(std::move(text));
        }
        auto text = as_text(refusal("Server not found"));
        co_await s.out->send(std::move(text));
        co_return;
    }
    ++counts_.auth_ok;
    entry->note_version(m.version);
    co_await s.out->wait_for_room();
    let_in(s, std::move(entry));
}

// In one step for tell_all(): a setting that is stored before it is told is either in the welcome
// or told after it, never missed and never told first.
void agents::let_in(session& s, entry_ptr entry) {
    const std::lock_guard lock{mutex_};
    s.out->post_anyway(as_text(welcome(*entry)));
    connected_[*entry->id] = s.out;
    s.was_others = s.was_others || (s.server && s.server != entry);
    s.server = std::move(entry);
}

void agents::leave(const session& s) {
    if (s.server) {
        const std::lock_guard lock{mutex_};
        connected_.erase(*s.server->id); // also when another connection has taken the id since
        if (s.was_others) {
            std::erase_if(connected_, [&](const auto& one) { return one.second == s.out; });
        }
    }
}

net::task<> agents::on(session& s, proto::metrics_message m) {
    if (!m.metrics) {
        co_await refuse(s, counts_.without_metrics);
        co_return;
    }
    ++counts_.metrics;
    auto& server = *s.server;
    auto metrics = own(std::move(*m.metrics));
    server.note_version(metrics->version);
    server.note_ip(
        metrics->ip_addresses.empty() ? client_address(s.peer->request())
                                      : metrics->ip_addresses.front()
    );
    server.set_live(metrics, std::chrono::steady_clock::now());
    if (is_lost(server)) {
        co_return;
    }
    extend(server, *metrics);
    job j{sample_job{server.id, std::move(metrics)}};
    co_await store_.push(std::move(j));
}

net::task<> agents::on(session& s, proto::aggregated_message m) {
    ++counts_.aggregated;
    auto& server = *s.server;
    if (m.last_metrics) {
        server.set_live(own(std::move(*m.last_metrics)), std::chrono::steady_clock::now());
    }
    if (m.granularities.empty() || is_lost(server)) {
        co_return;
    }
    for (const auto& data : m.granularities) {
        if (const auto g = proto::granularity_from_name(data.granularity)) {
            for (const auto& row : data.metrics) {
                extend(server, *g, row);
            }
        }
    }
    job j{aggregate_job{server.id, std::move(m.granularities)}};
    co_await store_.push(std::move(j));
}

net::task<> agents::on(session& s, proto::batch_message m) {
    ++counts_.batches;
    auto& server = *s.server;
    proto::batch_ack ack;
    ack.batch_id = m.batch_id;
    auto content = take_batch(std::move(m));
    ack.accepted = content.accepted;
    ack.rejected = content.rejected;
    if (content.newest) {
        server.set_live(content.newest, std::chrono::steady_clock::now());
    }
    const bool is_empty = content.samples.empty() && content.summaries.empty();
    if (!is_empty && !is_lost(server)) {
        extend(server, content);
        std::vector<job> jobs;
        jobs.emplace_back(batch_job{server.id, std::move(content)});
        // What is acknowledged survives the end of this process.
        const auto stored = co_await store_.commit(std::move(jobs));
        if (!stored) {
            s.out->drop(); // in silence it would wait; the next welcome says what is missing
            co_return;
        }
    }
    auto text = as_text(ack);
    co_await s.out->send(std::move(text));
}

void agents::tell_all(const text_ptr& text) {
    const std::lock_guard lock{mutex_};
    for (const auto& [id, out] : connected_) {
        out->post(text);
    }
}

std::size_t agents::close_if(const std::function<bool(const std::string& id)>& is_chosen) {
    const std::lock_guard lock{mutex_};
    std::size_t closed = 0;
    for (const auto& [id, out] : connected_) {
        if (is_chosen(id) && out->drop()) {
            ++closed; // serve() takes it off the list
        }
    }
    return closed;
}

void agents::stop() {
    const std::lock_guard lock{mutex_};
    is_stopped_ = true;
    for (auto* const out : open_) {
        out->drop();
    }
}

delivery agents::tell(const std::string& server_id, const text_ptr& text) {
    const std::lock_guard lock{mutex_};
    const auto found = connected_.find(server_id);
    if (found == connected_.end()) {
        return delivery::not_connected;
    }
    return found->second->post(text) ? delivery::queued : delivery::full;
}

net::task<> agents::drain() {
    co_await writers_.drain();
}

} // namespace vsim::server
