#include "proto/json_reader.hpp"
#include "verify/ledger.hpp"
#include "verify/ledger_lines.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <span>
#include <sstream>
#include <utility>

namespace vsim::verify {
namespace {

using util::errc;
using util::make_error;
namespace json = proto::json;

constexpr std::size_t max_text = std::size_t{1} << 30;

util::wall_time at(std::int64_t ns) {
    return util::wall_time{util::nanoseconds{ns}};
}

// The first field of an object that has to be there and is not; "" = none.
template <class T>
std::string_view lacking(const T& object) {
    std::string_view name;
    const auto one = [&](const auto& f) {
        if (f.when == proto::presence::always && !f.of(object) && name.empty()) {
            name = f.name;
        }
    };
    std::apply([&](const auto&... f) { (one(f), ...); }, proto::fields<T>::list);
    return name;
}

// Reads one line after the other; what is wrong is said once.
class reader {
public:
    explicit reader(std::string_view text) : rest_{text} {}

    util::result<ledger> read() {
        ledger l;
        head_text head;
        if (!line(head) || !take_head(head, l)) {
            return refused();
        }
        for (std::uint64_t i = 0; i < *head.agents; ++i) {
            agent_text a;
            if (!line(a) || !take_agent(a, l)) {
                return refused();
            }
        }
        if (!rest_.empty()) {
            ++line_;
            wrong("there are more lines than the first one says");
            return refused();
        }
        return l;
    }

private:
    util::error refused() const {
        return make_error(errc::bad_input, "line " + std::to_string(line_) + ": " + why_);
    }
    bool wrong(std::string why) {
        why_ = std::move(why);
        return false;
    }
    bool wrong_field(std::string_view field, std::string_view why) {
        return wrong(std::string{field} + " " + std::string{why});
    }
    template <class T>
    bool is_whole(const T& object, std::string_view of = {}) {
        const auto name = lacking(object);
        return name.empty() || wrong_field(std::string{of} + std::string{name}, "is missing");
    }

    template <class T>
    bool line(T& into) {
        ++line_;
        if (rest_.empty()) {
            return wrong("is missing: the file ends too early");
        }
        const auto end = std::min(rest_.find('\n'), rest_.size());
        const auto text = rest_.substr(0, end);
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        json::element root;
        if (const auto status = parser_.parse(text.data(), text.size()).get(root);
            status != simdjson::SUCCESS) {
            return wrong(std::string{"is not JSON: "} + simdjson::error_message(status));
        }
        json::failure failure;
        if (!json::read(root, into, failure)) {
            return wrong(
                (failure.path.empty() ? "the line" : failure.path) + ": expected " +
                failure.expected
            );
        }
        return is_whole(into);
    }

    bool take_head(const head_text& t, ledger& l) {
        if (*t.ledger != ledger_format) {
            return wrong(
                "is a ledger of format " + std::to_string(*t.ledger) + ", this program reads " +
                std::to_string(ledger_format)
            );
        }
        if (*t.interval_ms < 0 || *t.agg_interval_ms <= 0) {
            return wrong_field("interval_ms", "is negative, or agg_interval_ms is not positive");
        }
        l.run = {
            *t.tool,
            *t.server,
            *t.mode,
            *t.seed,
            util::milliseconds{*t.interval_ms},
            util::milliseconds{*t.agg_interval_ms},
            *t.batches,
            t.started->at,
            t.ended->at,
            *t.events
        };
        for (const auto& g : *t.groups) {
            if (!is_whole(g, "groups.") || !take_group(g, l)) {
                return false;
            }
        }
        return take_incidents(*t.incidents, l) && take_sets(*t.targets);
    }

    bool take_group(const group_text& t, ledger& l) {
        agent::group g;
        g.has_store = *t.store;
        if (t.interval_ms) {
            if (*t.interval_ms < 0) {
                return wrong_field("groups.interval_ms", "is negative");
            }
            g.interval = util::milliseconds{*t.interval_ms};
        }
        g.clock_skew = util::milliseconds{*t.skew_ms};
        if (t.profile) {
            const auto all = model::profiles();
            const auto found = std::ranges::find(all, *t.profile, &model::profile::name);
            if (found == all.end()) {
                return wrong_field("groups.profile", "is none that this program knows");
            }
            g.machine.kind = &*found;
        }
        g.machine.has_gpu = t.gpu;
        if (*t.targets > agg::max_targets || !std::in_range<std::uint32_t>(*t.payload)) {
            return wrong_field("groups.targets", "or payload is out of range");
        }
        g.machine.targets = static_cast<std::uint8_t>(*t.targets);
        g.machine.payload = static_cast<std::uint32_t>(*t.payload);
        l.groups.push_back(std::move(g));
        return true;
    }

    bool take_incidents(const std::vector<incident_text>& list, ledger& l) {
        std::vector<model::incident> all;
        for (const auto& t : list) {
            if (!is_whole(t, "incidents.")) {
                return false;
            }
            const auto kind = std::ranges::find(
                incident_names, *t.kind, &std::pair<model::incident_kind, std::string_view>::second
            );
            if (kind == incident_names.end()) {
                return wrong_field("incidents.kind", "is none that this program knows");
            }
            all.push_back({kind->first, at(*t.start), at(*t.end), *t.share});
        }
        if (!all.empty()) {
            l.incidents = std::make_unique<model::incident_plan>(l.run.seed, std::move(all));
        }
        return true;
    }

    // Each slot is wanted alone once, so that it takes its place; then the active ones together.
    bool take_sets(const std::vector<std::vector<slot_text>>& list) {
        for (const auto& slots : list) {
            auto set = model::target_set::built_in(0);
            std::vector<proto::probe_target> active;
            for (const auto& s : slots) {
                if (!is_whole(s, "targets.")) {
                    return false;
                }
                const proto::probe_target wanted{*s.name, *s.host, *s.type, *s.port};
                set = set->followed_by(std::span{&wanted, 1});
                if (!*s.rests) {
                    active.push_back(wanted);
                }
            }
            set = set->followed_by(active);
            if (set->size() != slots.size()) {
                return wrong_field("targets", "has a set that no agent can have");
            }
            sets_.push_back(std::move(set));
        }
        return true;
    }

    bool take_agent(const agent_text& t, ledger& l) {
        ledger_entry e;
        e.index = *t.index;
        e.group = *t.group;
        e.id = *t.id;
        e.name = *t.name;
        e.until = at(*t.until);
        e.lived.origin = at(*t.origin);
        e.lived.anchor = at(*t.anchor);
        e.has_aggregates = *t.aggregates;
        e.has_past = *t.past;
        e.is_complete = *t.complete;
        if (e.id.empty()) {
            return wrong_field("id", "is empty");
        }
        if (e.group >= l.groups.size()) {
            return wrong_field("group", "is not one of those in the first line");
        }
        if (e.until < e.lived.origin) {
            return wrong_field("until", "is earlier than origin");
        }
        if (t.first->size() != e.first.size()) {
            return wrong_field("first", "does not have five numbers");
        }
        std::ranges::copy(*t.first, e.first.begin());
        if (t.since) {
            e.reports_after = at(*t.since);
        }
        return take_epochs(*t.epochs, e) &&
               take_stretches(t.not_sent.value_or(std::vector<numbers>{}), e) && add(e, l);
    }

    bool take_epochs(const std::vector<numbers>& list, ledger_entry& e) {
        for (const auto& item : list) {
            if (item.size() != 2 || item[1] < 0 || std::cmp_greater_equal(item[1], sets_.size())) {
                return wrong_field("epochs", "names a set that is not in the first line");
            }
            if (!e.lived.epochs.empty() && at(item[0]) <= e.lived.epochs.back().after) {
                return wrong_field("epochs", "are not in the order of time");
            }
            e.lived.epochs.push_back({at(item[0]), sets_[static_cast<std::size_t>(item[1])]});
        }
        return !list.empty() || wrong_field("epochs", "is empty");
    }

    bool take_stretches(const std::vector<numbers>& list, ledger_entry& e) {
        std::vector<agent::deviations::stretch> all;
        for (const auto& item : list) {
            if (item.size() != 3 || item[0] >= item[1] || item[2] < 0 || item[2] > 1) {
                return wrong_field("not_sent", "holds what is no stretch of time");
            }
            if (!all.empty() && at(item[0]) < all.back().after) {
                return wrong_field("not_sent", "is not in the order of time");
            }
            all.push_back({at(item[0]), at(item[1]), static_cast<agent::deviation>(item[2])});
        }
        e.not_sent = agent::deviations{std::move(all)};
        return true;
    }

    bool add(ledger_entry& e, ledger& l) {
        if (!ids_.insert(e.id).second) {
            return wrong_field("id", "was there before: '" + e.id + "'");
        }
        l.agents.push_back(std::move(e));
        return true;
    }

    std::string_view rest_;
    std::size_t line_ = 0;
    std::string why_;
    simdjson::dom::parser parser_{max_text};
    std::vector<agent::target_set_ptr> sets_;
    std::set<std::string> ids_;
};

} // namespace

util::result<ledger> parse_ledger(std::string_view text) {
    return reader{text}.read();
}

util::result<ledger> read_ledger(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream text;
    if (file) {
        text << file.rdbuf();
    }
    if (!file) {
        return make_error(errc::io, "cannot read '" + path + "'");
    }
    auto read = parse_ledger(text.view());
    if (!read) {
        return make_error(
            read.error().code, "'" + path + "' is not a ledger: " + read.error().message
        );
    }
    return read;
}

} // namespace vsim::verify
