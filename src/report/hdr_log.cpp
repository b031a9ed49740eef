#include "report/hdr_log.hpp"

#include "stats/histogram_codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cstdint>
#include <zlib.h>

namespace vsim::report {
namespace {

using stats::latency;

constexpr std::uint32_t compressed_cookie = 0x1c849304 | 0x10;

void put_u32(std::string& to, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        to += static_cast<char>(value >> shift & 0xff);
    }
}

std::string deflated(const std::string& bytes) {
    auto size = compressBound(static_cast<uLong>(bytes.size()));
    std::string out(size, '\0');
    [[maybe_unused]] const int done = compress(
        reinterpret_cast<Bytef*>(out.data()),
        &size,
        reinterpret_cast<const Bytef*>(bytes.data()),
        static_cast<uLong>(bytes.size())
    );
    assert(done == Z_OK); // it fails only for want of memory or of the room it asked for
    out.resize(size);
    return out;
}

std::string base64(std::string_view bytes) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(3, bytes.size()))) {
        std::uint32_t three = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            three = three << 8 | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            out += i <= bytes.size() ? digits[three >> (18 - 6 * i) & 0x3f] : '=';
        }
    }
    return out;
}

double seconds(util::nanoseconds d) {
    return static_cast<double>(d.count()) / 1e9;
}

// A log line holds no blank and no comma but its own; names of latencies have neither.
std::string line(
    latency which,
    util::nanoseconds from,
    util::nanoseconds until,
    util::nanoseconds highest,
    const std::string& encoded
) {
    const auto small = deflated(encoded);
    std::string payload;
    put_u32(payload, compressed_cookie);
    put_u32(payload, static_cast<std::uint32_t>(small.size()));
    payload += small;
    return fmt::format(
        "Tag={},{:.3f},{:.3f},{:.6f},{}\n",
        name(which),
        seconds(from),
        seconds(until - from),
        static_cast<double>(highest.count()) / 1e6,
        base64(payload)
    );
}

std::string head(const run_result& r) {
    const auto start = r.run.started_at;
    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(start.time_since_epoch()).count();
    return fmt::format(
        "#[vstats-sim {}: values in nanoseconds; divide by 1000000 for milliseconds]\n"
        "#[Histogram log format version 1.3]\n"
        "#[StartTime: {}.{:03} (seconds since epoch), {}]\n"
        "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
        "\"Interval_Compressed_Histogram\"\n",
        r.tool.version,
        ms / 1000,
        ms % 1000,
        util::format_rfc3339(start, 3)
    );
}

} // namespace

std::string to_hdr_log(const run_result& r) {
    auto text = head(r);
    if (r.slices.empty()) {
        for (std::size_t i = 0; i < stats::latency_count; ++i) {
            const auto which = static_cast<latency>(i);
            auto h = r.stats[which];
            h.merge(r.ramp[i]); // as slices have it, too
            if (h.count() > 0) {
                text += line(which, util::nanoseconds{0}, r.run.duration, h.max(), encode(h));
            }
        }
    }
    for (const auto& slice : r.slices) {
        for (std::size_t i = 0; i < stats::latency_count; ++i) {
            const auto& encoded = slice.encoded[i];
            if (const auto h = stats::decode(encoded)) {
                const auto which = static_cast<latency>(i);
                text += line(which, slice.from, slice.until, h->max(), encoded);
            }
        }
    }
    return text;
}

} // namespace vsim::report
