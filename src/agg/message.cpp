#include "agg/message.hpp"

#include "proto/json_writer.hpp"
#include "proto/text_cursor.hpp"

#include <array>
#include <string_view>

namespace vsim::agg {

namespace {

using proto::granularities;
using proto::granularity_count;
using cursor = proto::text_cursor;

bool was_pinged(const bucket& b, std::size_t target) {
    return target < b.target_count && b.sample_count > 0;
}

// Upper bounds of what one row's text takes: names and punctuation, and 20 or 23 digits a number.
constexpr std::size_t metric_row_bound = 420;
constexpr std::size_t ping_row_bound = 330; // plus the target's names
constexpr std::size_t granularity_bound = 120;

void write_metrics(cursor& out, const bucket& b) {
    out.text(R"({"bucket":)");
    out.integer(std::int64_t{b.index});
    out.text(R"(,"cpu_sum":)");
    out.hundredths(b.cpu.sum());
    out.text(R"(,"cpu_max":)");
    out.hundredths(std::uint64_t{b.cpu.max()});
    out.text(R"(,"memory_sum":)");
    out.hundredths(b.memory.sum());
    out.text(R"(,"memory_max":)");
    out.hundredths(std::uint64_t{b.memory.max()});
    out.text(R"(,"disk_sum":)");
    out.hundredths(b.disk_sum);
    out.text(R"(,"net_rx":)");
    out.integer(b.net_rx);
    out.text(R"(,"net_tx":)");
    out.integer(b.net_tx);
    out.text(R"(,"ping_sum":)");
    out.hundredths(b.ping_sum());
    out.text(R"(,"ping_count":)");
    out.integer(b.ping_count());
    out.text(R"(,"sample_count":)");
    out.integer(std::uint64_t{b.sample_count});
    out.text("}");
}

void write_ping(cursor& out, const bucket& b, const ping_sums& p, std::string_view names) {
    out.text(R"({"bucket":)");
    out.integer(std::int64_t{b.index});
    out.text(names);
    out.hundredths(p.latency_sum);
    out.text(R"(,"latency_max":)");
    out.hundredths(p.latency_max);
    out.text(R"(,"latency_count":)");
    out.integer(std::uint64_t{p.latency_count});
    out.text(R"(,"ok_count":)");
    out.integer(std::uint64_t{p.ok_count});
    out.text(R"(,"fail_count":)");
    out.integer(std::uint64_t{p.fail_count});
    out.text("}");
}

// The constant middle of a target's rows: its names, escaped once a message.
std::string constant_part(const target_name& t) {
    std::string out = R"(,"target_name":)";
    proto::json::write(out, t.name);
    out += R"(,"target_host":)";
    proto::json::write(out, t.host);
    out += R"(,"latency_sum":)";
    return out;
}

} // namespace

void append_message(std::string& out, const piece& p, std::span<const target_name> targets) {
    std::array<std::string, max_targets> names;
    std::size_t row_bound = metric_row_bound;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        names[i] = constant_part(targets[i]);
        row_bound += ping_row_bound + names[i].size();
    }
    const auto start = out.size();
    out.resize(start + granularity_count * granularity_bound + p.size() * row_bound);
    cursor to{out.data() + start};
    to.text(R"({"type":"aggregated_metrics","granularities":[)");
    bool first_granularity = true;
    for (std::size_t g = 0; g < granularity_count; ++g) {
        const auto& list = p.buckets[g];
        if (list.empty()) {
            continue;
        }
        to.text(first_granularity ? R"({"granularity":")" : R"(,{"granularity":")");
        first_granularity = false;
        to.text(granularities[g].name);
        to.text(R"(","interval":)");
        to.integer(std::int64_t{granularities[g].width.count()});
        to.text(R"(,"metrics":[)");
        for (const auto& b : list) {
            to.text(&b == &list.front() ? "" : ",");
            write_metrics(to, b);
        }
        bool first_ping = true;
        for (const auto& b : list) {
            for (std::size_t i = 0; i < targets.size(); ++i) {
                if (was_pinged(b, i)) {
                    to.text(first_ping ? R"(],"ping":[)" : ",");
                    first_ping = false;
                    write_ping(to, b, b.pings(i), names[i]);
                }
            }
        }
        to.text("]}");
    }
    to.text("]}");
    out.resize(static_cast<std::size_t>(to.end() - out.data()));
}

proto::aggregated_message to_message(const piece& p, std::span<const target_name> targets) {
    proto::aggregated_message message;
    for (std::size_t g = 0; g < granularity_count; ++g) {
        if (p.buckets[g].empty()) {
            continue;
        }
        auto& data = message.granularities.emplace_back();
        data.granularity = granularities[g].name;
        data.interval = granularities[g].width.count();
        for (const auto& b : p.buckets[g]) {
            data.metrics.push_back(to_wire(b));
            for (std::size_t i = 0; i < targets.size(); ++i) {
                if (was_pinged(b, i)) {
                    data.ping.push_back(to_wire(b, i, targets[i]));
                }
            }
        }
    }
    return message;
}

} // namespace vsim::agg
