#pragma once
// The lines of a ledger as structs with field tables: what both directions share. Integers are
// nanoseconds since 1970 where they are times of agents, which have to be exact; names are short,
// because there may be a million lines. Of ledger_read.cpp and ledger_write.cpp only; reentrant.

#include "model/incident.hpp"
#include "proto/field_table.hpp"
#include "util/clock.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace vsim::verify {

using numbers = std::vector<std::int64_t>;

template <class T>
using required = std::optional<T>; // that it was there is checked

struct slot_text {
    required<std::string> name, host, type;
    required<std::int64_t> port;
    required<bool> rests;
};
struct group_text {
    required<bool> store;
    std::optional<std::int64_t> interval_ms;
    required<std::int64_t> skew_ms, payload;
    std::optional<std::string> profile;
    std::optional<bool> gpu;
    required<std::uint32_t> targets;
};
struct incident_text {
    required<std::string> kind;
    required<std::int64_t> start, end;
    required<double> share;
};
struct head_text {
    required<int> ledger; // the format's number
    required<std::string> tool, server, mode;
    required<std::uint64_t> seed;
    required<std::int64_t> interval_ms, agg_interval_ms;
    required<bool> batches;
    required<util::zoned_instant> started, ended;
    required<std::vector<std::string>> events;
    required<std::vector<group_text>> groups;
    required<std::vector<incident_text>> incidents;
    required<std::vector<std::vector<slot_text>>> targets; // the sets that agents name by number
    required<std::uint64_t> agents;                        // how many lines follow
};
struct agent_text {
    required<std::uint32_t> index, group;
    required<std::string> id, name;
    required<std::int64_t> origin, anchor, until;
    required<std::vector<numbers>> epochs;        // [after, set]
    required<numbers> first;                      // of each granularity
    std::optional<std::int64_t> since;            // reports_after
    std::optional<std::vector<numbers>> not_sent; // [after, until, what]
    required<bool> aggregates, past, complete;
};

} // namespace vsim::verify

namespace vsim::proto {

// clang-format off
template <> struct fields<verify::slot_text> {
    using t = verify::slot_text;
    static constexpr auto list = std::tuple(
        always("name", &t::name), always("host", &t::host), always("type", &t::type),
        always("port", &t::port), always("rests", &t::rests));
};
template <> struct fields<verify::group_text> {
    using t = verify::group_text;
    static constexpr auto list = std::tuple(
        always("store", &t::store), opt("interval_ms", &t::interval_ms),
        always("skew_ms", &t::skew_ms), opt("profile", &t::profile), opt("gpu", &t::gpu),
        always("targets", &t::targets), always("payload", &t::payload));
};
template <> struct fields<verify::incident_text> {
    using t = verify::incident_text;
    static constexpr auto list = std::tuple(
        always("kind", &t::kind), always("start", &t::start), always("end", &t::end),
        always("share", &t::share));
};
template <> struct fields<verify::head_text> {
    using t = verify::head_text;
    static constexpr auto list = std::tuple(
        always("ledger", &t::ledger), always("tool", &t::tool), always("server", &t::server),
        always("mode", &t::mode), always("seed", &t::seed),
        always("interval_ms", &t::interval_ms), always("agg_interval_ms", &t::agg_interval_ms),
        always("batches", &t::batches), always("started", &t::started), always("ended", &t::ended),
        always("events", &t::events), always("groups", &t::groups),
        always("incidents", &t::incidents), always("targets", &t::targets),
        always("agents", &t::agents));
};
template <> struct fields<verify::agent_text> {
    using t = verify::agent_text;
    static constexpr auto list = std::tuple(
        always("index", &t::index), always("id", &t::id), always("name", &t::name),
        always("group", &t::group), always("origin", &t::origin), always("anchor", &t::anchor),
        always("epochs", &t::epochs), always("until", &t::until), always("first", &t::first),
        opt("since", &t::since), opt("not_sent", &t::not_sent),
        always("aggregates", &t::aggregates), always("past", &t::past),
        always("complete", &t::complete));
};
// clang-format on

} // namespace vsim::proto

namespace vsim::verify {

inline constexpr std::array<std::pair<model::incident_kind, std::string_view>, 5> incident_names{
    {{model::incident_kind::cpu, "cpu"},
     {model::incident_kind::memory, "memory"},
     {model::incident_kind::disk, "disk"},
     {model::incident_kind::ping, "ping"},
     {model::incident_kind::silent, "silent"}}
};

} // namespace vsim::verify
