#include "verify/compare.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace vsim::verify {
namespace {

// How far a found value may be from the expected one:
//
//   value                         tolerance                 because
//   counts, counters              0                         integers
//   sums of aggregates            0                         a decimal is read as the same double
//   maxima of aggregates          to the nearest float32    a realtime sample carries it as float32
//   sums of samples               2^-52 of it for each      the server adds doubles one by one
//   means over REST               2^-23 of it               float32 of a quotient
//
// Latencies are doubles throughout, so their maxima have none.
constexpr double float_step = 1.0 / (1 << 23);
constexpr double double_step = std::numeric_limits<double>::epsilon();

struct rounding {
    form as;
    bool from_samples;
    double of_sum(double value, std::int64_t samples) const {
        return from_samples ? std::abs(value) * double_step * static_cast<double>(samples) : 0;
    }
    double of_mean(double value) const { return std::abs(value) * float_step; }
    double of_percent_max(double value) const {
        return std::abs(static_cast<double>(static_cast<float>(value)) - value);
    }
};

// The first field that is off; counts come first, because they explain the rest.
class field_check {
public:
    void same(std::string_view field, double expected, double found, double tolerance = 0) {
        if (!first_ && !(std::abs(found - expected) <= tolerance)) {
            first_ = {field, expected, found, tolerance};
        }
    }
    template <std::integral T>
    void same_number(std::string_view field, T expected, T found) {
        if (!first_ && expected != found) {
            first_ = {field, static_cast<double>(expected), static_cast<double>(found), 0};
        }
    }
    // Anything between two sums of the same samples.
    void within(std::string_view field, double least, double most, double found, double slack) {
        if (!first_ && !(found >= least - slack && found <= most + slack)) {
            first_ = {field, most, found, most - least + slack};
        }
    }
    std::optional<field_difference> first() const { return first_; }

private:
    std::optional<field_difference> first_;
};

double mean(double sum, std::int64_t count) {
    return count > 0 ? sum / static_cast<double>(count) : 0;
}

using metric = proto::metric_bucket;

std::optional<field_difference> off(const metric& e, const metric& f, const rounding& r) {
    field_check c;
    if (r.as == form::means) {
        const auto same_mean = [&](std::string_view field, double sum, double found) {
            const auto expected = mean(sum, e.sample_count);
            c.same(field, expected, found, r.of_mean(expected));
        };
        same_mean("cpu", e.cpu_sum, f.cpu_sum);
        same_mean("memory", e.memory_sum, f.memory_sum);
        same_mean("disk", e.disk_sum, f.disk_sum);
        c.same_number("net_rx", e.net_rx, f.net_rx);
        c.same_number("net_tx", e.net_tx, f.net_tx);
        const auto latency = mean(e.ping_sum, e.ping_count);
        c.same_number("ping_ms", std::int64_t{e.ping_count > 0}, f.ping_count);
        c.same("ping_ms", latency, f.ping_sum, r.of_mean(latency));
        return c.first();
    }
    c.same_number("sample_count", e.sample_count, f.sample_count);
    c.same_number("ping_count", e.ping_count, f.ping_count);
    c.same("cpu_sum", e.cpu_sum, f.cpu_sum, r.of_sum(e.cpu_sum, e.sample_count));
    c.same("memory_sum", e.memory_sum, f.memory_sum, r.of_sum(e.memory_sum, e.sample_count));
    c.same("disk_sum", e.disk_sum, f.disk_sum, r.of_sum(e.disk_sum, e.sample_count));
    c.same("ping_sum", e.ping_sum, f.ping_sum, r.of_sum(e.ping_sum, e.ping_count));
    c.same("cpu_max", e.cpu_max, f.cpu_max, r.of_percent_max(e.cpu_max));
    c.same("memory_max", e.memory_max, f.memory_max, r.of_percent_max(e.memory_max));
    c.same_number("net_rx", e.net_rx, f.net_rx);
    c.same_number("net_tx", e.net_tx, f.net_tx);
    return c.first();
}

// Some of the samples are in doubt: the sums lie between without them and with them.
std::optional<field_difference>
off(const metric& least, const metric& most, const metric& f, const rounding& r) {
    field_check c;
    if (r.as == form::means) {
        return std::nullopt; // a mean of some of them may be anything
    }
    const auto within = [&](std::string_view field, auto metric::* of, double slack) {
        c.within(
            field,
            static_cast<double>(least.*of),
            static_cast<double>(most.*of),
            static_cast<double>(f.*of),
            slack
        );
    };
    within("sample_count", &metric::sample_count, 0);
    within("ping_count", &metric::ping_count, 0);
    within("cpu_sum", &metric::cpu_sum, r.of_sum(most.cpu_sum, most.sample_count));
    within("memory_sum", &metric::memory_sum, r.of_sum(most.memory_sum, most.sample_count));
    within("disk_sum", &metric::disk_sum, r.of_sum(most.disk_sum, most.sample_count));
    within("ping_sum", &metric::ping_sum, r.of_sum(most.ping_sum, most.ping_count));
    within("cpu_max", &metric::cpu_max, r.of_percent_max(most.cpu_max));
    within("memory_max", &metric::memory_max, r.of_percent_max(most.memory_max));
    within("net_rx", &metric::net_rx, 0);
    within("net_tx", &metric::net_tx, 0);
    return c.first();
}

std::optional<field_difference> off(const ping_row& e, const ping_row& f, const rounding& r) {
    field_check c;
    if (r.as == form::means) {
        const auto latency = mean(e.latency_sum, e.latency_count);
        c.same_number("latency_ms", std::int64_t{e.latency_count > 0}, f.latency_count);
        c.same("latency_ms", latency, f.latency_sum, r.of_mean(latency));
        c.same_number("status", std::int64_t{e.fail_count > 0}, f.fail_count);
        return c.first();
    }
    c.same_number("latency_count", e.latency_count, f.latency_count);
    c.same_number("ok_count", e.ok_count, f.ok_count);
    c.same_number("fail_count", e.fail_count, f.fail_count);
    c.same("latency_sum", e.latency_sum, f.latency_sum);
    c.same("latency_max", e.latency_max, f.latency_max);
    return c.first();
}

class comparison {
public:
    comparison(const expected_rows& e, const stored_rows& s, const on_difference& tell)
        : e_{e}, s_{s}, tell_{tell}, rounding_{s.as, e.from_samples} {}

    agent_counts run() {
        for (std::size_t g = 0; e_.is_judged && g < proto::granularity_count; ++g) {
            if (!s_.is_read[g]) {
                continue;
            }
            at_ = {.granularity = static_cast<proto::granularity>(g)};
            metrics(g);
            pings(g);
        }
        if (e_.is_judged && s_.has_raw) {
            at_ = {.granularity = proto::granularity::sec5, .is_raw = true};
            raw();
        }
        return all_;
    }

private:
    void say(kind what, std::int64_t bucket, const field_difference& field = {}) {
        auto d = at_;
        d.what = what;
        d.bucket = bucket;
        d.field = field;
        tell_(d);
    }

    // Both are in order of their buckets. What lies before `from` is of whoever was the agent
    // earlier.
    template <class Row>
    void rows(
        std::optional<std::int64_t> from,
        const std::vector<Row>& expected,
        const std::vector<Row>& found,
        const readable& span,
        counts& to,
        const auto& may_be_absent,
        const auto& difference_of
    ) {
        auto f = found.begin();
        const auto foreign_until = [&](std::int64_t bucket) {
            for (; f != found.end() && f->bucket < bucket; ++f) {
                const bool is_ours = from && f->bucket >= *from;
                if (is_ours && span.holds(f->bucket) && !may_be_absent(f->bucket)) {
                    ++to.foreign;
                    say(kind::foreign, f->bucket);
                }
            }
        };
        for (const auto& e : expected) {
            if (!span.holds(e.bucket)) {
                continue;
            }
            foreign_until(e.bucket);
            if (f == found.end() || f->bucket != e.bucket) {
                if (e.bucket >= span.kept_from && !may_be_absent(e.bucket)) {
                    ++to.expected;
                    ++to.missing;
                    say(kind::missing, e.bucket);
                }
                continue;
            }
            ++to.expected;
            ++to.found;
            if (const auto off_by = difference_of(e, *f)) {
                ++to.altered;
                say(kind::altered, e.bucket, *off_by);
            }
            for (++f; f != found.end() && f->bucket == e.bucket; ++f) {
                ++all_.twice;
                say(kind::twice, e.bucket);
            }
        }
        foreign_until(std::numeric_limits<std::int64_t>::max());
    }

    void metrics(std::size_t g) {
        const auto& least = e_.least[g];
        rows(
            first_of(g),
            e_.metrics[g],
            s_.metrics[g],
            s_.metrics_readable[g],
            all_.metrics[g],
            [&](std::int64_t bucket) {
                const auto low = least.find(bucket);
                return low != least.end() && low->second.sample_count == 0;
            },
            [&](const metric& e, const metric& f) {
                const auto low = least.find(e.bucket);
                return low == least.end() ? off(e, f, rounding_)
                                          : off(low->second, e, f, rounding_);
            }
        );
    }

    void pings(std::size_t g) {
        static const std::vector<ping_row> nothing;
        const auto& span = s_.pings_readable[g];
        const auto is_in_doubt = [&](std::int64_t bucket) { return e_.least[g].contains(bucket); };
        const auto from = first_of(g);
        const auto compare_series = [&](const ping_series& e, const std::vector<ping_row>& found) {
            rows(
                from,
                e.rows,
                found,
                span,
                all_.pings[g],
                is_in_doubt,
                [&](const ping_row& one, const ping_row& other) {
                    return is_in_doubt(one.bucket) ? std::nullopt : off(one, other, rounding_);
                }
            );
        };
        for (const auto& e : e_.pings[g]) {
            at_.target = e.name;
            const auto found = std::ranges::find(s_.pings[g], e.name, &ping_series::name);
            const bool is_there = found != s_.pings[g].end();
            compare_series(e, is_there ? found->rows : nothing);
            if (is_there) {
                hosts(e, *found, all_.pings[g]);
            }
        }
        for (const auto& f : s_.pings[g]) {
            at_.target = f.name;
            if (std::ranges::find(e_.pings[g], f.name, &ping_series::name) == e_.pings[g].end()) {
                for (const auto& row : f.rows) {
                    if (from && row.bucket >= *from && span.holds(row.bucket) &&
                        !is_in_doubt(row.bucket)) {
                        ++all_.pings[g].foreign;
                        say(kind::foreign, row.bucket);
                    }
                }
            }
        }
        at_.target = {};
    }

    std::optional<std::int64_t> first_of(std::size_t g) const {
        const auto& rows = e_.metrics[g];
        return rows.empty() ? std::nullopt : std::optional{rows.front().bucket};
    }

    // A row's host is the target's, or that of its time.
    void hosts(const ping_series& e, const ping_series& f, counts& to) {
        for (const auto& host : f.hosts) {
            if (std::ranges::find(e.hosts, host) == e.hosts.end() && !f.rows.empty()) {
                ++to.altered;
                say(kind::altered, f.rows.back().bucket, {.field = "target_host"});
            }
        }
    }

    void raw() {
        auto& to = all_.raw;
        auto f = s_.raw.begin();
        const auto foreign_until = [&](std::int64_t bucket) {
            for (; f != s_.raw.end() && f->bucket < bucket; ++f) {
                const bool is_ours = !e_.raw.empty() && f->bucket >= e_.raw.front().bucket;
                if (is_ours && s_.raw_readable.holds(f->bucket)) {
                    to.foreign += static_cast<std::uint64_t>(f->most);
                    say_raw(kind::foreign, f->bucket, 0, f->most);
                }
            }
        };
        for (const auto& e : e_.raw) {
            if (!s_.raw_readable.holds(e.bucket)) {
                continue;
            }
            foreign_until(e.bucket);
            const bool is_there = f != s_.raw.end() && f->bucket == e.bucket;
            const auto found = is_there ? f->most : 0;
            f += is_there ? 1 : 0;
            if (found < e.least && e.bucket >= s_.raw_readable.kept_from) {
                to.missing += static_cast<std::uint64_t>(e.least - found);
                say_raw(kind::missing, e.bucket, e.least, found);
            }
            if (found > e.most) {
                all_.twice += static_cast<std::uint64_t>(found - e.most);
                say_raw(kind::twice, e.bucket, e.most, found);
            }
            to.found += static_cast<std::uint64_t>(std::min(found, e.most));
        }
        foreign_until(std::numeric_limits<std::int64_t>::max());
        to.expected = to.found + to.missing;
    }

    void say_raw(kind what, std::int64_t bucket, std::int64_t expected, std::int64_t found) {
        say(what, bucket, {"samples", static_cast<double>(expected), static_cast<double>(found), 0}
        );
    }

    const expected_rows& e_;
    const stored_rows& s_;
    const on_difference& tell_;
    const rounding rounding_;
    difference at_;
    agent_counts all_;
};

} // namespace

std::string_view name(kind k) {
    switch (k) {
    case kind::missing:
        return "missing";
    case kind::altered:
        return "altered";
    case kind::foreign:
        return "foreign";
    case kind::twice:
        return "twice";
    }
    return "";
}

counts& counts::operator+=(const counts& other) {
    expected += other.expected;
    found += other.found;
    missing += other.missing;
    altered += other.altered;
    foreign += other.foreign;
    return *this;
}

bool agent_counts::is_clean() const {
    const auto clean = [](const counts& c) { return c.is_clean(); };
    return std::ranges::all_of(metrics, clean) && std::ranges::all_of(pings, clean) &&
           raw.is_clean() && twice == 0;
}

agent_counts& agent_counts::operator+=(const agent_counts& other) {
    for (std::size_t g = 0; g < proto::granularity_count; ++g) {
        metrics[g] += other.metrics[g];
        pings[g] += other.pings[g];
    }
    raw += other.raw;
    twice += other.twice;
    return *this;
}

agent_counts
compare(const expected_rows& expected, const stored_rows& stored, const on_difference& tell) {
    return comparison{expected, stored, tell}.run();
}

} // namespace vsim::verify
