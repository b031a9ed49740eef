#include "report/json_capacity.hpp"

#include "report/json_thresholds.hpp"

#include <chrono>
#include <cmath>
#include <string_view>

namespace vsim::report {
namespace {

double in_s(util::nanoseconds d) {
    return std::chrono::duration<double>(d).count();
}

template <class T>
void member_if(json_writer& j, std::string_view key, const std::optional<T>& value) {
    if (value) {
        j.member(key, *value);
    }
}

void write_answer(json_writer& j, const capacity_facts& f) {
    j.begin_object("answer");
    j.member("ended_by", name(f.end));
    if (!f.end_reason.empty()) {
        j.member("reason", f.end_reason);
    }
    member_if(j, "accepted", f.largest_accepted);
    member_if(j, "rejected", f.smallest_rejected);
    if (const auto* broken = first_broken(f)) {
        j.member("broke_first", broken->expression);
        member_if(j, "broke_at_value", broken->value);
    }
    if (const auto knee = knee_of(f.steps)) {
        j.begin_object("knee");
        j.member("metric", knee->metric);
        j.member("below", knee->below);
        j.member("agents", knee->agents);
        j.member("base_ms", knee->base_ms);
        j.member("value_ms", knee->value_ms);
        j.end_object();
    }
    j.end_object();
}

} // namespace

void write_steps(json_writer& j, const std::vector<capacity_step>& steps) {
    j.begin_array("steps");
    for (const auto& s : steps) {
        j.begin_object();
        j.member("iteration", s.iteration);
        j.member("agents", s.agents);
        j.member("repeat", s.is_repeat);
        j.member("borderline", s.is_borderline);
        j.member("verdict", name(s.said));
        if (!s.reason.empty()) {
            j.member("reason", s.reason);
        }
        write_thresholds(j, "criteria", s.criteria);
        j.member("started_at", util::format_rfc3339(s.started_at, 3));
        j.member("took_s", std::round(in_s(s.took) * 1e3) / 1e3);
        j.member("messages_per_s", s.messages_per_second);
        member_if(j, "fence_p50_ms", s.fence_p50_ms);
        member_if(j, "fence_p99_ms", s.fence_p99_ms);
        member_if(j, "freshness_p95_ms", s.freshness_p95_ms);
        member_if(j, "send_lag_p99_ms", s.send_lag_p99_ms);
        member_if(j, "missing", s.missing);
        member_if(j, "server_cpu_pct", s.server_cpu_pct);
        j.end_object();
    }
    j.end_array();
}

void write_capacity(json_writer& j, const capacity_facts& f) {
    j.begin_object("capacity");
    j.member("from", f.from);
    j.member("to", f.to);
    j.member("resolution", f.resolution);
    j.member("step_duration_s", in_s(f.step_duration));
    write_answer(j, f);
    write_steps(j, f.steps);
    j.end_object();
}

} // namespace vsim::report
