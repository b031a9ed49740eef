#include "app/fleet_mix.hpp"

#include "agg/fold.hpp"
#include "model/profile.hpp"
#include "util/parse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace vsim::app {
namespace {

using namespace std::chrono_literals;
using agent::group;
using util::result;

constexpr std::uint64_t largest_payload = 256 * 1024;
constexpr double rounding = 1e-9; // of sums of shares

util::error bad(std::string message) {
    return util::make_error(util::errc::bad_input, std::move(message));
}

result<void> set_profile(std::string_view name, group& g) {
    std::vector<std::string> names;
    for (const auto& p : model::profiles()) {
        if (p.name == name) {
            g.machine.kind = &p;
            return {};
        }
        names.emplace_back(p.name);
    }
    return not_accepted(name, names);
}

result<void> set_interval(std::string_view text, group& g) {
    g.interval.emplace();
    return millis_into(*g.interval, 10ms, 1h).assign(text);
}

result<void> set_targets(std::string_view text, group& g) {
    std::uint32_t n = 0;
    const auto assigned = count_into(n, 0, agg::max_targets).assign(text);
    g.machine.targets = static_cast<std::uint8_t>(n);
    return assigned;
}

result<void> set_payload(std::string_view text, group& g) {
    const auto bytes = util::parse_size(text);
    if (!bytes) {
        return bytes.error();
    }
    if (*bytes > largest_payload) {
        return bad(fmt::format(
            "'{}' is out of range (accepted: 0 to {})", text, util::format_size(largest_payload)
        ));
    }
    g.machine.payload = static_cast<std::uint32_t>(*bytes);
    return {};
}

result<void> set_skew(std::string_view text, group& g) {
    const auto skew = util::parse_signed_duration(text);
    if (!skew) {
        return skew.error();
    }
    const auto whole = std::chrono::duration_cast<util::milliseconds>(*skew);
    if (whole != *skew || std::chrono::abs(whole) > 24h) {
        return bad(
            fmt::format("'{}' is out of range (accepted: -24h to 24h in whole milliseconds)", text)
        );
    }
    g.clock_skew = whole;
    return {};
}

struct key {
    std::string_view name;
    std::string_view metavar; // "": takes no value
    std::string_view topic;   // a group says at most one thing to each
    result<void> (*apply)(std::string_view value, group& g);
};

// A key without a value.
template <auto Set>
result<void> say(std::string_view, group& g) {
    Set(g);
    return {};
}

constexpr std::array<key, 13> keys{{
    {"store", "", "store", say<[](group& g) { g.has_store = true; }>},
    {"no-store", "", "store", say<[](group& g) { g.has_store = false; }>},
    {"interval", "D", "interval", set_interval},
    {"profile", "NAME", "profile", set_profile},
    {"targets", "N", "targets", set_targets},
    {"gpu", "", "gpu", say<[](group& g) { g.machine.has_gpu = true; }>},
    {"no-gpu", "", "gpu", say<[](group& g) { g.machine.has_gpu = false; }>},
    {"payload", "SIZE", "payload", set_payload},
    {"skew", "D", "skew", set_skew},
    {"slow-reader", "", "slow-reader", say<[](group& g) { g.reads = false; }>},
    {"double-login", "", "double-login", say<[](group& g) { g.logs_in_twice = true; }>},
    {"shuffle", "", "shuffle", say<[](group& g) { g.shuffles = true; }>},
    {"repeat", "", "repeat", say<[](group& g) { g.repeats = true; }>},
}};

std::string all_keys(std::string_view between) {
    std::string out;
    for (const auto& k : keys) {
        out += fmt::format(
            "{}{}{}{}", out.empty() ? "" : between, k.name, k.metavar.empty() ? "" : "=", k.metavar
        );
    }
    return out;
}

constexpr std::string_view forms = "SHARE:KEY[=VALUE],... such as 60%:no-store,interval=5s; real";

// One KEY[=VALUE]; `said` are the keys before it.
result<void> take_key(std::string_view item, group& g, std::vector<const key*>& said) {
    const auto equals = item.find('=');
    const auto name = item.substr(0, equals);
    const auto* k = std::ranges::find(keys, name, &key::name);
    if (k == keys.end()) {
        return bad(fmt::format("'{}' is not a key (accepted: {})", name, all_keys(", ")));
    }
    for (const auto* before : said) {
        if (before == k) {
            return bad(fmt::format("{} is given twice (accepted: each key once)", name));
        }
        if (before->topic == k->topic) {
            return bad(fmt::format("{} contradicts {} (accepted: one of them)", name, before->name)
            );
        }
    }
    said.push_back(k);
    if (k->metavar.empty() != (equals == item.npos)) {
        return bad(
            k->metavar.empty()
                ? fmt::format("{} takes no value (accepted: {})", name, name)
                : fmt::format("{0} needs a value (accepted: {0}={1})", name, k->metavar)
        );
    }
    const auto applied =
        k->apply(equals == item.npos ? item.substr(0, 0) : item.substr(equals + 1), g);
    if (!applied) {
        return bad(fmt::format("{}: {}", name, applied.error().message));
    }
    return {};
}

std::vector<group> real_groups() {
    std::vector<group> out;
    for (const auto text : real_fleet) {
        out.push_back(parse_group(text).value());
    }
    return out;
}

double sum_of(const std::vector<group>& groups) {
    double sum = 0;
    for (const auto& g : groups) {
        sum += g.share;
    }
    return sum;
}

result<void> add(std::string_view text, fleet_mix_config& to) {
    if (text == "real") {
        if (to.rest_is_real) {
            return bad("'real' is given twice");
        }
        to.rest_is_real = true;
    } else {
        auto g = parse_group(text);
        if (!g) {
            return g.error();
        }
        to.groups.push_back(*g);
    }
    const double sum = sum_of(to.groups);
    if (sum > 1 + rounding) {
        return bad(fmt::format(
            "'{}' makes the shares {:.6g}% in sum (accepted: at most 100%)", text, sum * 100
        ));
    }
    if (to.rest_is_real && sum > 1 - rounding) {
        return bad(fmt::format(
            "'{}': the other groups leave nothing for real (accepted with real: less than 100%)",
            text
        ));
    }
    return {};
}

} // namespace

result<group> parse_group(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == text.npos) {
        return bad(fmt::format("'{}' is not a group of agents (accepted: {})", text, forms));
    }
    const auto refuse = [text](std::string_view why) {
        return bad(fmt::format("'{}': {}", text, why));
    };
    group g;
    const auto share = share_above_zero(text.substr(0, colon));
    if (!share) {
        return refuse(share.error().message);
    }
    g.share = *share;
    std::vector<const key*> said;
    for (auto rest = text.substr(colon + 1);;) {
        const auto comma = rest.find(',');
        if (const auto taken = take_key(rest.substr(0, comma), g, said); !taken) {
            return refuse(taken.error().message);
        }
        if (comma == rest.npos) {
            break;
        }
        rest.remove_prefix(comma + 1);
    }
    if (!g.has_store && (g.shuffles || g.repeats)) {
        return refuse("agents without a store send no buckets to shuffle or repeat "
                      "(accepted: no-store without these two)");
    }
    return g;
}

std::string text_of(const group& g) {
    const group plain;
    std::vector<std::string> items;
    const auto say_if = [&items](bool differs, std::string text) {
        if (differs) {
            items.push_back(std::move(text));
        }
    };
    const auto& m = g.machine;
    say_if(!g.has_store, "no-store");
    say_if(g.interval.has_value(), "interval=" + util::format_duration(g.interval.value_or(0ms)));
    say_if(m.kind != nullptr, fmt::format("profile={}", m.kind == nullptr ? "" : m.kind->name));
    say_if(m.targets != plain.machine.targets, fmt::format("targets={}", m.targets));
    say_if(m.has_gpu.has_value(), m.has_gpu.value_or(false) ? "gpu" : "no-gpu");
    say_if(m.payload != plain.machine.payload, "payload=" + util::format_size(m.payload));
    say_if(g.clock_skew != plain.clock_skew, "skew=" + util::format_duration(g.clock_skew));
    say_if(!g.reads, "slow-reader");
    say_if(g.logs_in_twice, "double-login");
    say_if(g.shuffles, "shuffle");
    say_if(g.repeats, "repeat");
    say_if(items.empty(), "store"); // a group says something
    return fmt::format("{}:{}", util::format_share(g.share), fmt::join(items, ","));
}

binding mix_into(fleet_mix_config& target) {
    return {
        .assign = [&target](std::string_view text) { return add(text, target); },
        .show =
            [&target] {
                std::vector<std::string> items;
                for (const auto& g : target.groups) {
                    items.push_back(text_of(g));
                }
                if (target.rest_is_real) {
                    items.emplace_back("real");
                }
                return quoted_list(items);
            },
    };
}

agent::mix mix_of(const fleet_mix_config& c) {
    return agent::mix{c.groups, c.rest_is_real ? real_groups() : std::vector{group{}}};
}

std::string fleet_mix_help() {
    std::string out = "\nKeys of --fleet-mix SHARE:KEY[=VALUE],... :\n ";
    std::size_t column = 1;
    for (auto rest = all_keys(" "); !rest.empty();) {
        const auto word = rest.substr(0, rest.find(' '));
        rest.erase(0, word.size() + 1);
        if (column + 1 + word.size() > 80) {
            out += "\n ";
            column = 1;
        }
        out += " " + word;
        column += 1 + word.size();
    }
    out += "\nWhat the groups leave of the fleet is plain or, with --fleet-mix real:\n";
    for (const auto text : real_fleet) {
        out += fmt::format("  {}\n", text);
    }
    return out;
}

} // namespace vsim::app
