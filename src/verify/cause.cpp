#include "verify/cause.hpp"

namespace vsim::verify {
namespace {

// A bucket that so many agents miss at once is no matter of one message.
constexpr double many = 0.5;

bool is_end(const difference& d, const surroundings_of_loss& around) {
    const auto width = proto::width_seconds(d.granularity);
    const auto end = util::from_unix_seconds((d.bucket + 1) * width);
    return end > around.who.until - 2 * around.run.run.agg_interval;
}

std::string of_missing(const difference& d, const surroundings_of_loss& around) {
    if (around.has_nothing_at_all) {
        return "nothing of this agent is stored: another database, or its entry was made anew";
    }
    if (!around.who.is_complete && is_end(d, around)) {
        return "the agent was cut off at the end: its last aggregates did not get through";
    }
    if (d.granularity == proto::granularity::sec5 && around.share_of_agents >= many) {
        return "most agents lack these five seconds: the server threw away or lost what it had "
               "gathered (a full write queue, a restart)";
    }
    if (d.is_raw) {
        return "the server took the message and did not store the sample";
    }
    if (around.has_nothing) {
        return "nothing of this granularity is stored for the agent: its aggregates were refused "
               "or lost whole";
    }
    return "the aggregate that held this row was taken and not stored";
}

std::string of_altered(const difference& d) {
    const auto& f = d.field;
    if (f.field == "sample_count" || f.field == "ping_count") {
        return f.found > f.expected
                   ? "counted twice: samples were added to a bucket that an aggregate had "
                     "completed, and no later aggregate put it right"
                   : "the bucket is not complete: its last aggregate was not stored";
    }
    if (f.field == "latency_count" || f.field == "ok_count" || f.field == "fail_count" ||
        f.field == "latency_sum" || f.field == "latency_max") {
        return "the row is that of single samples or of an earlier aggregate: the last one was not "
               "stored after them";
    }
    if (f.field == "net_rx" || f.field == "net_tx" || f.field == "cpu_max" ||
        f.field == "memory_max") {
        return f.found > f.expected
                   ? "somebody else has written to this bucket: maxima and counters never fall"
                   : "the last aggregate of the bucket was not stored";
    }
    if (f.field == "target_host") {
        return "the rows name another host than the agent sent";
    }
    return "the value was changed after it had been sent, or another writer has this id";
}

std::string of_foreign(const difference& d, const surroundings_of_loss& around) {
    const auto width = proto::width_seconds(d.granularity);
    const auto last = proto::bucket_index(d.granularity, around.who.until);
    if (width > 1 && d.bucket / width > last / 2) {
        return "a time stamp where an index belongs: written by the old generator";
    }
    if (d.bucket > last) {
        return "dated after the agent's last sample: written by a later run or somebody else";
    }
    return "the agent sent nothing for this bucket: another writer has its id";
}

} // namespace

std::string cause_of(const difference& d, const surroundings_of_loss& around) {
    switch (d.what) {
    case kind::missing:
        return of_missing(d, around);
    case kind::altered:
        return of_altered(d);
    case kind::foreign:
        return of_foreign(d, around);
    case kind::twice:
        return d.is_raw ? "samples were stored more than once: sent again, or applied again"
                        : "the row was told twice";
    }
    return {};
}

} // namespace vsim::verify
