#include "server/restore.hpp"

#include "proto/decode.hpp"
#include "server/tables.hpp"
#include "util/clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>

namespace vsim::server {

namespace {

// The few values of a sample that metrics_raw keeps.
metrics_ptr sample_from(const statement& row, const util::zoned_instant& at) {
    auto m = std::make_shared<proto::system_metrics>();
    m->timestamp = at;
    m->cpu.usage = static_cast<float>(row.real(1));
    m->memory.usage_percent = static_cast<float>(row.real(2));
    m->disks.emplace_back().usage_percent = static_cast<float>(row.real(3));
    m->network.total_rx = static_cast<std::uint64_t>(row.integer(4));
    m->network.total_tx = static_cast<std::uint64_t>(row.integer(5));
    m->load = {row.real(6), row.real(7), row.real(8)};
    if (!row.is_null(9)) {
        auto& target = m->ping.emplace().targets.emplace_back();
        target.name = "avg";
        target.latency_ms = row.real(9);
        target.status = "ok";
    }
    return m;
}

class history_end {
public:
    static util::result<history_end> prepare(database& db) {
        history_end made;
        for (const auto& g : proto::granularities) {
            auto query = db.prepare(
                fmt::format("SELECT MAX(bucket) FROM {} WHERE server_id=?", metrics_table(g.id))
            );
            if (!query) {
                return query.error();
            }
            made.newest_[proto::position(g.id)] = std::move(*query);
        }
        auto raw = db.prepare(
            "SELECT timestamp,cpu_usage,memory_usage,disk_usage,net_rx,net_tx,load_1,load_5,"
            "load_15,ping_ms FROM metrics_raw WHERE server_id=? ORDER BY timestamp DESC LIMIT 1"
        );
        if (!raw) {
            return raw.error();
        }
        made.raw_ = std::move(*raw);
        return made;
    }

    struct found {
        reach history;
        metrics_ptr newest; // sample; may be empty
    };
    // What cannot be read counts as not there.
    found read(const std::string& id) {
        found f;
        for (const auto& g : proto::granularities) {
            auto& query = newest_[proto::position(g.id)];
            query.bind(1, std::string_view{id});
            if (query.next()) {
                auto& bucket = f.history.buckets[proto::position(g.id)];
                bucket = std::max(bucket, query.integer(0));
            }
            query.reset();
        }
        raw_.bind(1, std::string_view{id});
        if (raw_.next()) {
            if (const auto at = util::parse_rfc3339(raw_.text(0))) {
                f.history.raw_second = std::max<std::int64_t>(0, util::unix_seconds(at->at));
                f.newest = sample_from(raw_, *at);
            }
        }
        raw_.reset();
        return f;
    }

private:
    std::array<statement, proto::granularity_count> newest_;
    statement raw_;
};

// A setting that was never put keeps its default.
template <class T>
util::result<void> read_setting(database& db, std::string_view name, auto&& take) {
    auto row = db.prepare("SELECT value FROM config_settings WHERE name=?");
    if (!row) {
        return row.error();
    }
    row->bind(1, name);
    if (row->next()) {
        auto value = proto::decode<T>(row->text(0));
        if (!value) {
            return util::make_error(
                util::errc::io,
                fmt::format("database: config_settings: {}: {}", name, value.error().message)
            );
        }
        take(std::move(*value));
    }
    if (row->failed()) {
        return util::make_error(util::errc::io, "database: " + db.last_error());
    }
    return {};
}

util::result<void> read_settings(database& db, settings& s) {
    using proto::group_dimension;
    using proto::named_item;
    using proto::traffic_limit;
    const auto into = [](auto& one) { return [&one](auto value) { one.set(std::move(value)); }; };
    const util::result<void> all[] = {
        read_setting<proto::probe_settings>(
            db, "probe", [&s](auto v) { s.set_probe(std::move(v)); }
        ),
        read_setting<proto::site_settings>(db, "site", into(s.site)),
        read_setting<proto::geoip_settings>(db, "geoip", into(s.geoip)),
        read_setting<std::vector<named_item>>(db, "groups", into(s.groups)),
        read_setting<std::vector<group_dimension>>(db, "dimensions", into(s.dimensions)),
        read_setting<std::vector<traffic_limit>>(db, "traffic_limits", into(s.traffic_limits)),
    };
    for (const auto& one : all) {
        if (!one) {
            return one;
        }
    }
    return {};
}

} // namespace

util::result<void> restore(database& db, registry& servers, settings& s) {
    auto end = history_end::prepare(db);
    auto stored = db.prepare("SELECT object,position FROM config_servers ORDER BY position");
    if (!end || !stored) {
        return util::make_error(util::errc::io, "database: " + db.last_error());
    }
    while (stored->next()) {
        auto object = proto::decode<proto::server_object>(stored->text(0));
        if (!object) {
            return util::make_error(
                util::errc::io, "database: config_servers: " + object.error().message
            );
        }
        const auto entry = servers.restore(std::move(*object), stored->integer(1));
        auto found = end->read(*entry->id);
        entry->set_reach(found.history);
        entry->set_restored(std::move(found.newest));
    }
    if (stored->failed()) {
        return util::make_error(util::errc::io, "database: " + db.last_error());
    }
    return read_settings(db, s);
}

void correct_reach(database& db, const registry& servers, std::span<const job> lost) {
    std::set<std::string> ids;
    for (const auto& j : lost) {
        std::visit(
            [&](const auto& one) {
                if constexpr (requires { ids.insert(*one.id); }) { // holds history
                    ids.insert(*one.id);
                }
            },
            j
        );
    }
    auto end = history_end::prepare(db);
    for (const auto& id : ids) {
        if (const auto entry = servers.find(id)) {
            entry->set_reach(end ? end->read(id).history : reach{});
        }
    }
}

} // namespace vsim::server
