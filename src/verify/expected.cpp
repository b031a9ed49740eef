#include "verify/expected.hpp"

#include "agg/window.hpp"
#include "model/reading_track.hpp"

#include <algorithm>
#include <cassert>

namespace vsim::verify {
namespace {

using agent::deviation;
using proto::granularity;

constexpr std::size_t buckets_a_piece = 500;

// Hundredths as a float32 of the wire, which the server adds as doubles.
double travelled(std::uint32_t hundredths) {
    return static_cast<double>(static_cast<float>(hundredths / 100.0));
}

std::vector<std::string> hosts_of(const agent::past& lived, const std::string& name) {
    std::vector<std::string> hosts;
    for (const auto& epoch : lived.epochs) {
        for (const auto& target : epoch.targets->names()) {
            if (target.name == name && std::ranges::find(hosts, target.host) == hosts.end()) {
                hosts.push_back(target.host);
            }
        }
    }
    return hosts;
}

void put_names(const ledger_entry& e, std::vector<ping_series>& series) {
    for (const auto& target : e.lived.targets()->names()) {
        series.push_back({target.name, hosts_of(e.lived, target.name), {}});
    }
}

// A part of the walk ends with its open buckets, and the next has them again.
template <class Row>
void put_last(std::vector<Row>& rows, const Row& row) {
    if (!rows.empty() && rows.back().bucket == row.bucket) {
        rows.back() = row;
    } else {
        rows.push_back(row);
    }
}

void walk_aggregates(const ledger& l, const ledger_entry& e, expected_rows& out) {
    const auto who = l.subject_of(e);
    const agent::sync_point start{{}, e.lived.origin};
    agent::walk walk{who, e.lived, start, e.until, e.first};
    for (auto& series : out.pings) {
        put_names(e, series);
    }
    agg::piece piece;
    while (walk.next(piece, buckets_a_piece)) {
        for (std::size_t g = 0; g < proto::granularity_count; ++g) {
            for (const auto& b : piece.buckets[g]) {
                put_last(out.metrics[g], agg::to_wire(b));
                for (std::size_t t = 0; t < b.target_count; ++t) {
                    const auto sums = b.pings(t);
                    if (!sums.was_pinged()) {
                        continue;
                    }
                    put_last(
                        out.pings[g][t].rows,
                        {b.index,
                         static_cast<double>(sums.latency_sum) / 100,
                         static_cast<double>(sums.latency_max) / 100,
                         sums.latency_count,
                         sums.ok_count,
                         sums.fail_count}
                    );
                }
            }
        }
    }
}

// The samples that were sent, in time order, and whether that is sure.
class sent_samples {
public:
    sent_samples(const ledger& l, const ledger_entry& e)
        : who_{l.subject_of(e)}, schedule_{who_.samples()}, entry_{e},
          fate_{l.incidents.get(), e.index, l.groups[e.group].clock_skew},
          next_{schedule_.after(e.reports_after.value_or(e.until))} {}

    struct one {
        util::wall_time at;
        bool is_sure;
    };
    std::optional<one> next() {
        while (next_ <= entry_.until) {
            const auto at = next_;
            next_ = at + schedule_.interval();
            const auto what = deviation_at(at);
            if (what != deviation::unsent && !fate_.is_silent(at)) {
                return one{at, !what};
            }
        }
        return std::nullopt;
    }
    const agent::subject& who() const { return who_; }

private:
    // Doubt is stronger: what was missed may have come later.
    std::optional<deviation> deviation_at(util::wall_time t) {
        const auto all = entry_.not_sent.all();
        std::optional<deviation> found;
        for (const auto& s : all) {
            if (s.after >= t) {
                break;
            }
            if (t <= s.until && found != deviation::doubtful) {
                found = s.what;
            }
        }
        return found;
    }

    agent::subject who_;
    model::schedule schedule_;
    const ledger_entry& entry_;
    model::fate fate_;
    util::wall_time next_;
};

proto::metric_bucket& row_of(std::vector<proto::metric_bucket>& rows, std::int64_t bucket) {
    if (rows.empty() || rows.back().bucket != bucket) {
        rows.push_back({.bucket = bucket});
    }
    return rows.back();
}

void add(proto::metric_bucket& to, const proto::metric_bucket& sample) {
    to.cpu_sum += sample.cpu_sum;
    to.cpu_max = std::max(to.cpu_max, sample.cpu_max);
    to.memory_sum += sample.memory_sum;
    to.memory_max = std::max(to.memory_max, sample.memory_max);
    to.disk_sum += sample.disk_sum;
    to.net_rx = std::max(to.net_rx, sample.net_rx);
    to.net_tx = std::max(to.net_tx, sample.net_tx);
    to.ping_sum += sample.ping_sum;
    to.ping_count += sample.ping_count;
    to.sample_count += sample.sample_count;
}

// What the server makes of a sample (protocol.md 4).
proto::metric_bucket as_row(const agg::reading& r) {
    proto::metric_bucket row;
    row.cpu_sum = row.cpu_max = travelled(r.cpu);
    row.memory_sum = row.memory_max = travelled(r.memory);
    row.disk_sum = travelled(r.disk);
    row.net_rx = r.net_rx;
    row.net_tx = r.net_tx;
    row.sample_count = 1;
    double sum = 0;
    int answered = 0;
    for (std::size_t t = 0; t < r.target_count; ++t) {
        if ((r.pinged >> t & 1) != 0 && r.pings[t].answered) {
            sum += r.pings[t].latency / 100.0;
            ++answered;
        }
    }
    row.ping_sum = answered > 0 ? sum / answered : 0;
    row.ping_count = answered > 0 ? 1 : 0;
    return row;
}

void put_sample(const agg::reading& r, bool is_sure, expected_rows& out) {
    const auto sample = as_row(r);
    for (const auto g : {granularity::sec5, granularity::min2}) {
        const auto at = proto::position(g);
        auto& row = row_of(out.metrics[at], proto::bucket_index(g, r.unix_seconds));
        if (!is_sure) { // as it is without this one
            out.least[at].try_emplace(row.bucket, row);
        }
        add(row, sample);
        if (const auto low = out.least[at].find(row.bucket);
            is_sure && low != out.least[at].end()) {
            add(low->second, sample);
        }
    }
    const auto bucket = proto::bucket_index(granularity::sec5, r.unix_seconds);
    for (std::size_t t = 0; t < r.target_count; ++t) {
        if ((r.pinged >> t & 1) != 0) {
            const auto& ping = r.pings[t];
            const double latency = ping.answered ? ping.latency / 100.0 : 0;
            put_last(
                out.pings[0][t].rows,
                {bucket, latency, latency, ping.answered ? 1 : 0, ping.ok ? 1 : 0, ping.ok ? 0 : 1}
            );
        }
    }
}

void add_samples(const ledger& l, const ledger_entry& e, expected_rows& out) {
    out.from_samples = true;
    put_names(e, out.pings[0]);
    sent_samples samples{l, e};
    const auto* epoch = &e.lived.epochs.front();
    const auto* const last = &e.lived.epochs.back();
    std::optional<model::reading_track> track;
    agg::reading reading;
    while (const auto sample = samples.next()) {
        while (epoch != last && (epoch + 1)->after < sample->at) {
            ++epoch;
            track.reset();
        }
        if (!track) {
            track.emplace(samples.who().machine(*epoch->targets));
            reading = {};
        }
        track->read(sample->at, reading);
        put_sample(reading, sample->is_sure, out);
    }
}

void count_raw(const ledger& l, const ledger_entry& e, std::vector<raw_count>& out) {
    sent_samples samples{l, e};
    while (const auto sample = samples.next()) {
        const auto bucket = proto::bucket_index(granularity::sec5, sample->at);
        if (out.empty() || out.back().bucket != bucket) {
            out.push_back({.bucket = bucket});
        }
        out.back().least += sample->is_sure ? 1 : 0;
        ++out.back().most;
    }
}

} // namespace

void stored_rows::clear() {
    for (auto& rows : metrics) {
        rows.clear();
    }
    for (auto& series : pings) {
        series.clear();
    }
    raw.clear();
    is_read = {};
    metrics_readable = pings_readable = {};
    raw_readable = {};
    has_raw = false;
}

void expected_rows::clear() {
    for (std::size_t g = 0; g < proto::granularity_count; ++g) {
        metrics[g].clear();
        pings[g].clear();
        least[g].clear();
    }
    raw.clear();
    from_samples = false;
    is_judged = true;
}

void expect(const ledger& l, const ledger_entry& e, expected_rows& out) {
    out.clear();
    if (!e.has_past || l.interval_of(e).count() == 0) {
        out.is_judged = false; // without a schedule nobody knows what was sent when
        return;
    }
    if (e.has_aggregates) {
        walk_aggregates(l, e, out);
    } else {
        add_samples(l, e, out);
    }
    count_raw(l, e, out.raw);
    for (auto& series : out.pings) {
        std::erase_if(series, [](const ping_series& s) { return s.rows.empty(); });
    }
}

} // namespace vsim::verify
