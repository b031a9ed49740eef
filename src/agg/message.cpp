#include "agg/message.hpp"

#include "proto/json_writer.hpp"
#include "proto/padded_text.hpp"
#include "proto/text_cursor.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace vsim::agg {

namespace {

using proto::granularities;
using proto::granularity_count;
using cursor = proto::text_cursor;

// The constant middle of a target's rows: its names, escaped once a message.
proto::padded_text constant_part(const target_name& t) {
    std::string text = R"(,"target_name":)";
    proto::json::write(text, t.name);
    text += R"(,"target_host":)";
    proto::json::write(text, t.host);
    text += R"(,"latency_sum":)";
    return proto::padded_text{std::move(text)};
}

// What every row of a bucket begins with.
class row_start {
public:
    explicit row_start(std::int32_t index) {
        cursor out{text_.data()};
        out.text(R"(,{"bucket":)");
        out.integer(std::int64_t{index});
        size_ = static_cast<std::size_t>(out.end() - text_.data());
    }
    // The first row of a list has no comma.
    char* write(char* at, bool is_first) const {
        std::memcpy(at, text_.data() + (is_first ? 1 : 0), copied);
        return at + size_ - (is_first ? 1 : 0);
    }

private:
    static constexpr std::size_t copied = 32; // comma, name and eleven digits are 22
    std::array<char, copied + 1> text_{};
    std::size_t size_ = 0;
};

// Upper bounds of what a row's text takes: names and punctuation, at most 20 or 21 characters a
// number, and what a cursor may write behind its end.
constexpr std::size_t metric_row_bound = 420;
constexpr std::size_t ping_row_bound = 260; // plus the target's names
constexpr std::size_t granularity_bound = 160;

// What they take mostly, and a little more.
constexpr std::size_t metric_row_expected = 240;
constexpr std::size_t ping_row_expected = 104; // plus the target's names

// Memory at the end of a string. It grows in steps that stay in the cache, because a string fills
// with zeros what it grows by.
class tail {
public:
    explicit tail(std::string& s) : string_{s}, start_size_{s.size()} {}

    // That much is likely to be needed.
    void expect(std::size_t bytes) { string_.reserve(start_size_ + bytes); }
    char* start() { return string_.data() + start_size_; }
    // `at`, with room for that much; what was handed out before is invalid.
    char* room(char* at, std::size_t bytes) {
        const auto used = static_cast<std::size_t>(at - string_.data());
        assert(used <= string_.size());
        if (string_.size() - used < bytes) [[unlikely]] {
            string_.resize(used + std::max(bytes, step));
        }
        return string_.data() + used;
    }
    void end_at(const char* at) {
        const auto used = static_cast<std::size_t>(at - string_.data());
        assert(used <= string_.size());
        string_.resize(used);
    }

private:
    static constexpr std::size_t step = 8192;
    std::string& string_;
    std::size_t start_size_;
};

char* write_metrics(char* at, const bucket& b) {
    cursor out{at};
    out.text(R"(,"cpu_sum":)");
    out.hundredths(b.cpu.sum());
    out.text(R"(,"cpu_max":)");
    out.hundredths(b.cpu.max());
    out.text(R"(,"memory_sum":)");
    out.hundredths(b.memory.sum());
    out.text(R"(,"memory_max":)");
    out.hundredths(b.memory.max());
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
    return out.end();
}

char* write_ping(char* at, const ping_sums& p) {
    cursor out{at};
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
    return out.end();
}

class writer {
public:
    writer(std::string& out, std::span<const target_name> targets)
        : memory_{out}, count_{targets.size()} {
        assert(count_ <= max_targets);
        for (std::size_t i = 0; i < targets.size(); ++i) {
            names_[i] = constant_part(targets[i]);
            pings_bound_ += ping_row_bound + names_[i].padded_size();
            pings_expected_ += ping_row_expected + names_[i].padded_size();
        }
    }

    void message(const piece& p) {
        memory_.expect(p.size() * (metric_row_expected + pings_expected_));
        at_ = memory_.start();
        text(R"({"type":"aggregated_metrics","granularities":[)");
        const char* first = R"({"granularity":")";
        for (const auto& g : granularities) {
            const auto& list = p.buckets[position(g.id)];
            if (!list.empty()) {
                text(std::exchange(first, R"(,{"granularity":")"));
                one_granularity(g, list);
            }
        }
        text("]}");
        memory_.end_at(at_);
    }

private:
    void text(std::string_view s) {
        cursor out{memory_.room(at_, granularity_bound)};
        out.text(s);
        at_ = out.end();
    }

    void one_granularity(const proto::granularity_facts& g, std::span<const bucket> list) {
        text(g.name);
        text(R"(","interval":)");
        text(std::to_string(g.width.count()));
        text(R"(,"metrics":[)");
        bool first = true;
        for (const auto& b : list) {
            at_ = memory_.room(at_, metric_row_bound);
            at_ = row_start{b.index}.write(at_, std::exchange(first, false));
            at_ = write_metrics(at_, b);
        }
        first = true;
        for (const auto& b : list) {
            const auto count = std::min<std::size_t>(b.target_count, count_);
            at_ = memory_.room(at_, granularity_bound + pings_bound_);
            const row_start start{b.index};
            for (std::size_t i = 0; i < count; ++i) {
                const auto sums = b.pings(i);
                if (!sums.was_pinged()) {
                    continue;
                }
                if (first) {
                    text(R"(],"ping":[)"); // within the room, so what follows still fits
                }
                at_ = start.write(at_, std::exchange(first, false));
                at_ = names_[i].write(at_);
                at_ = write_ping(at_, sums);
            }
        }
        text("]}");
    }

    tail memory_;
    char* at_ = nullptr;
    std::size_t count_;
    std::size_t pings_bound_ = 0, pings_expected_ = 0;
    std::array<proto::padded_text, max_targets> names_;
};

} // namespace

void append_message(std::string& out, const piece& p, std::span<const target_name> targets) {
    writer{out, targets}.message(p);
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
            for (std::size_t i = 0; i < targets.size() && i < b.target_count; ++i) {
                if (b.pings(i).was_pinged()) {
                    data.ping.push_back(to_wire(b, i, targets[i]));
                }
            }
        }
    }
    return message;
}

} // namespace vsim::agg
