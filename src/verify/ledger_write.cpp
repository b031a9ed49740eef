#include "proto/json_writer.hpp"
#include "verify/ledger.hpp"
#include "verify/ledger_lines.hpp"

#include <map>
#include <utility>

namespace vsim::verify {
namespace {

namespace json = proto::json;

std::int64_t ns(util::wall_time t) {
    return t.time_since_epoch().count();
}

std::vector<slot_text> slots_of(const model::target_set& set) {
    std::vector<slot_text> slots;
    for (std::size_t i = 0; i < set.size(); ++i) {
        const auto& s = set.slots()[i];
        const auto& n = set.names()[i];
        slots.push_back({n.name, n.host, std::string{model::name_of(s.type)}, s.port, !s.is_active}
        );
    }
    return slots;
}

group_text text_of(const agent::group& g) {
    group_text t;
    t.store = g.has_store;
    if (g.interval) {
        t.interval_ms = g.interval->count();
    }
    t.skew_ms = g.clock_skew.count();
    if (g.machine.kind != nullptr) {
        t.profile = std::string{g.machine.kind->name};
    }
    t.gpu = g.machine.has_gpu;
    t.targets = g.machine.targets;
    t.payload = g.machine.payload;
    return t;
}

using set_numbers = std::map<const model::target_set*, std::int64_t>;

agent_text text_of(const ledger_entry& e, const set_numbers& sets) {
    agent_text t;
    t.index = e.index;
    t.group = static_cast<std::uint32_t>(e.group);
    t.id = e.id;
    t.name = e.name;
    t.origin = ns(e.lived.origin);
    t.anchor = ns(e.lived.anchor);
    t.until = ns(e.until);
    t.epochs.emplace();
    for (const auto& epoch : e.lived.epochs) {
        t.epochs->push_back({ns(epoch.after), sets.at(epoch.targets.get())});
    }
    t.first.emplace(e.first.begin(), e.first.end());
    if (e.reports_after) {
        t.since = ns(*e.reports_after);
    }
    if (!e.not_sent.empty()) {
        t.not_sent.emplace();
        for (const auto& s : e.not_sent.all()) {
            const auto what = static_cast<std::int64_t>(s.what);
            t.not_sent->push_back({ns(s.after), ns(s.until), what});
        }
    }
    t.aggregates = e.has_aggregates;
    t.past = e.has_past;
    t.complete = e.is_complete;
    return t;
}

} // namespace

std::string to_text(const ledger& l) {
    head_text head;
    head.ledger = ledger_format;
    head.tool = l.run.tool;
    head.server = l.run.server;
    head.mode = l.run.mode;
    head.seed = l.run.seed;
    head.interval_ms = l.run.interval.count();
    head.agg_interval_ms = l.run.agg_interval.count();
    head.batches = l.run.has_batches;
    head.started = util::zoned_instant{l.run.started};
    head.ended = util::zoned_instant{l.run.ended};
    head.events = l.run.events;
    head.agents = l.agents.size();
    head.groups.emplace();
    for (const auto& g : l.groups) {
        head.groups->push_back(text_of(g));
    }
    head.incidents.emplace();
    if (l.incidents) {
        for (const auto& i : l.incidents->incidents()) {
            const auto name = incident_names[static_cast<std::size_t>(i.kind)].second;
            head.incidents->push_back({std::string{name}, ns(i.start), ns(i.end), i.share});
        }
    }
    head.targets.emplace();
    set_numbers sets;
    for (const auto& e : l.agents) {
        for (const auto& epoch : e.lived.epochs) {
            const auto number = static_cast<std::int64_t>(sets.size());
            if (sets.try_emplace(epoch.targets.get(), number).second) {
                head.targets->push_back(slots_of(*epoch.targets));
            }
        }
    }
    std::string text;
    json::write(text, head);
    text += '\n';
    for (const auto& e : l.agents) {
        json::write(text, text_of(e, sets));
        text += '\n';
    }
    return text;
}

} // namespace vsim::verify
