#include "app/option_hardship.hpp"

#include "util/parse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace vsim::app {
namespace {

using namespace std::chrono_literals;
using agent::cut;
using model::incident_kind;
using util::result;

// Longer than any run, and far from where sums of two overflow.
constexpr util::nanoseconds longest = std::chrono::days{365};

constexpr std::string_view outage_forms =
    "AT:LEN[:SHARE][:close|half-open|silent] such as 30s:10s, 2m:30s:50%:silent";
constexpr std::string_view incident_forms =
    "AT:LEN:cpu|memory|disk|ping|silent[:SHARE] such as 30s:1m:cpu, 2m:30s:ping:5%";

constexpr std::array<std::pair<std::string_view, cut>, 3> cuts{
    {{"close", cut::close}, {"half-open", cut::half_open}, {"silent", cut::silent}}
};
constexpr std::array<std::pair<std::string_view, incident_kind>, 5> incident_kinds{
    {{"cpu", incident_kind::cpu},
     {"memory", incident_kind::memory},
     {"disk", incident_kind::disk},
     {"ping", incident_kind::ping},
     {"silent", incident_kind::silent}}
};

util::error bad(std::string message) {
    return util::make_error(util::errc::bad_input, std::move(message));
}

template <class Enum, std::size_t N>
std::optional<Enum>
find_word(std::string_view text, const std::array<std::pair<std::string_view, Enum>, N>& words) {
    for (const auto& [word, value] : words) {
        if (word == text) {
            return value;
        }
    }
    return std::nullopt;
}

template <class Enum, std::size_t N>
std::string_view
word_of(Enum value, const std::array<std::pair<std::string_view, Enum>, N>& words) {
    return std::ranges::find(words, value, &std::pair<std::string_view, Enum>::second)->first;
}

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto colon = text.find(':');
        parts.push_back(text.substr(0, colon));
        if (colon == text.npos) {
            return parts;
        }
        text.remove_prefix(colon + 1);
    }
}

result<util::nanoseconds> time_of(std::string_view text, std::string_view what, bool may_be_zero) {
    const auto d = util::parse_duration(text);
    if (!d) {
        return bad(fmt::format("{}: {}", what, d.error().message));
    }
    if (*d > longest || (d->count() == 0 && !may_be_zero)) {
        return bad(fmt::format(
            "{}: '{}' is out of range (accepted: {} to 365d)",
            what,
            text,
            may_be_zero ? "0" : "more than 0, up"
        ));
    }
    return *d;
}

// The AT and LEN that both kinds of event begin with.
template <class Event>
result<void> take_times(const std::vector<std::string_view>& parts, Event& to) {
    const auto at = time_of(parts[0], "AT", true);
    if (!at) {
        return at.error();
    }
    const auto length = time_of(parts[1], "LEN", false);
    if (!length) {
        return length.error();
    }
    to.at = *at;
    to.length = *length;
    return {};
}

template <class Event>
std::string times_of(const Event& e) {
    return fmt::format("{}:{}", util::format_duration(e.at), util::format_duration(e.length));
}

std::string share_suffix(double share) {
    return share == 1 ? "" : ":" + util::format_share(share);
}

} // namespace

std::string_view name(cut c) {
    return word_of(c, cuts);
}
std::string_view name(incident_kind k) {
    return word_of(k, incident_kinds);
}

result<agent::outage> parse_outage(std::string_view text) {
    const auto refuse = [text](std::string_view why) {
        return bad(fmt::format("'{}': {} (of {})", text, why, outage_forms));
    };
    auto parts = split(text);
    if (parts.size() < 2 || parts.size() > 4) {
        return bad(fmt::format("'{}' is not an outage (accepted: {})", text, outage_forms));
    }
    agent::outage o;
    if (const auto taken = take_times(parts, o); !taken) {
        return refuse(taken.error().message);
    }
    std::size_t next = 2;
    if (next < parts.size() && parts[next].ends_with('%')) {
        const auto share = share_above_zero(parts[next++]);
        if (!share) {
            return refuse(share.error().message);
        }
        o.share = *share;
    }
    if (next < parts.size()) {
        const auto how = find_word(parts[next], cuts);
        if (!how || next + 1 < parts.size()) {
            return bad(fmt::format(
                "'{}': '{}' does not fit there (accepted: {})", text, parts[next], outage_forms
            ));
        }
        o.how = *how;
    }
    return o;
}

std::string text_of(const agent::outage& o) {
    const auto how = o.how == cut::close ? "" : fmt::format(":{}", word_of(o.how, cuts));
    return times_of(o) + share_suffix(o.share) + how;
}

result<agent::scripted_incident> parse_incident(std::string_view text) {
    auto parts = split(text);
    const auto kind =
        parts.size() == 3 || parts.size() == 4 ? find_word(parts[2], incident_kinds) : std::nullopt;
    if (!kind) {
        return bad(fmt::format("'{}' is not an incident (accepted: {})", text, incident_forms));
    }
    const auto refuse = [text](std::string_view why) {
        return bad(fmt::format("'{}': {} (of {})", text, why, incident_forms));
    };
    agent::scripted_incident i{.at = {}, .length = {}, .kind = *kind};
    if (const auto taken = take_times(parts, i); !taken) {
        return refuse(taken.error().message);
    }
    if (parts.size() == 4) {
        const auto share = share_above_zero(parts[3]);
        if (!share) {
            return refuse(share.error().message);
        }
        i.share = *share;
    }
    return i;
}

std::string text_of(const agent::scripted_incident& i) {
    return fmt::format(
        "{}:{}{}", times_of(i), word_of(i.kind, incident_kinds), share_suffix(i.share)
    );
}

binding outages_into(std::vector<agent::outage>& target) {
    return list_into<agent::outage>(target, parse_outage, text_of);
}

binding incidents_into(std::vector<agent::scripted_incident>& target) {
    return list_into<agent::scripted_incident>(target, parse_incident, text_of);
}

binding churn_into(churn_config& target) {
    return {
        .assign = [&target](std::string_view text) -> result<void> {
            const auto share = util::parse_share(text);
            const auto agents = util::parse_count(text);
            if (!share && (!agents || *agents > 1'000'000)) {
                return bad(fmt::format(
                    "'{}' is not a churn (accepted: agents a minute such as 30, at most 1000000, "
                    "or a share of the fleet a minute such as 5%, at most 100%)",
                    text
                ));
            }
            target = share
                         ? churn_config{.agents = 0, .share = *share}
                         : churn_config{.agents = static_cast<std::uint32_t>(*agents), .share = 0};
            return {};
        },
        .show =
            [&target] {
                return target.share > 0 ? quoted(util::format_share(target.share))
                                        : fmt::to_string(target.agents);
            },
    };
}

binding clock_into(std::optional<util::wall_time>& target) {
    return {
        .assign = [&target](std::string_view text) -> result<void> {
            using namespace std::chrono;
            const auto t = util::parse_rfc3339(text);
            if (!t || t->at < sys_days{year{2000} / 1 / 1} ||
                t->at >= sys_days{year{2200} / 1 / 1}) {
                return bad(fmt::format(
                    "'{}' is not a time (accepted: RFC 3339 such as 2026-03-01T12:00:00Z, years "
                    "2000 "
                    "to 2199)",
                    text
                ));
            }
            target = t->at;
            return {};
        },
        .show =
            [&target] {
                if (!target) {
                    return std::string{};
                }
                const bool is_whole = target->time_since_epoch() % 1s == 0s;
                return quoted(util::format_rfc3339(*target, is_whole ? 0 : 9));
            },
    };
}

} // namespace vsim::app
