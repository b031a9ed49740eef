#include "model/machine.hpp"

#include "model/reading_track.hpp"
#include "model/signal.hpp"
#include "util/random.hpp"

#include <algorithm>
#include <cmath>

namespace vsim::model {

namespace {

constexpr std::int64_t minute_ms = 60'000;

template <class Span>
const auto& pick(const Span& choices, std::uint64_t draw) {
    return choices[util::below(draw, choices.size())];
}

std::int64_t unix_ms_of(util::wall_time t) {
    return std::chrono::floor<util::milliseconds>(t).time_since_epoch().count();
}

} // namespace

machine::machine(std::uint64_t seed, std::uint32_t index)
    : key_{util::hash(seed, util::stream("machine"), index)}, index_{index},
      profile_{&pick_profile(draw(util::stream("profile")))},
      location_{&pick(locations(), draw(util::stream("location")))},
      hardware_{&pick(profile_->sizes, draw(util::stream("size")))},
      provider_{pick(location_->providers, draw(util::stream("provider")))} {
    const double scale = 0.5 + util::unit(draw(util::stream("traffic.scale")));
    const double per_week = profile_->bytes_per_s * hardware_->cores * scale * 604'800;
    const double rx_share = profile_->receive_share;
    traffic_ = {
        .key = draw(util::stream("traffic")),
        .kind = profile_,
        .rx_per_week = static_cast<std::uint64_t>(per_week * rx_share),
        .tx_per_week = static_cast<std::uint64_t>(per_week * (1 - rx_share)),
    };
}

std::uint64_t machine::draw(std::uint64_t stream, std::uint64_t n) const {
    return util::hash(key_, stream, n);
}

std::int64_t machine::local_ms(std::int64_t unix_ms) const {
    return unix_ms + location_->utc_offset_minutes * minute_ms;
}

double machine::activity(std::int64_t unix_ms) const {
    return activity_track{*profile_, key_}.at(unix_ms, local_ms(unix_ms));
}

std::uint32_t machine::disk(std::int64_t unix_ms, std::size_t n) const {
    return disk_track{*profile_, key_, n}.at(unix_ms);
}

agg::reading machine::read(util::wall_time t) const {
    agg::reading r;
    reading_track{*this}.read(t, r);
    return r;
}

proto::system_metrics
machine::metrics(std::string_view hostname, util::wall_time t, util::nanoseconds interval) const {
    const auto ms = unix_ms_of(t);
    const auto r = read(t);
    const double load = activity(ms);
    proto::system_metrics m;
    m.timestamp.at = t;
    m.hostname = hostname;
    m.os = os_facts();
    m.cpu = cpu_facts(r.cpu, ms);
    m.memory = memory_facts(r.memory);
    m.disks = disk_facts(ms, load);
    m.network = network_facts(ms, interval);
    // Up since a day between July 2024 and August 2025: longer than any history reaches back.
    const auto boot = std::int64_t{1'719'792'000} +
                      static_cast<std::int64_t>(draw(util::stream("boot")) % (400 * 86'400));
    m.uptime = static_cast<std::uint64_t>(std::max<std::int64_t>(r.unix_seconds - boot, 0));
    // One minute's load follows what cpu shows; five and fifteen forget more slowly.
    const auto queue = [&](double slow_load, double weight_now) {
        const double now = r.cpu / 10'000.0;
        const double slow = (profile_->cpu_idle + profile_->cpu_busy * slow_load) / 100.0;
        return std::round(hardware_->cores * (weight_now * now + (1 - weight_now) * slow) * 110) /
               100;
    };
    const double daily = daily_load(*profile_, local_ms(ms));
    m.load = {queue(load, 0.7), queue((load + daily) / 2, 0.3), queue(daily, 0.1)};
    m.ping = ping_facts(r);
    if (profile_->has_gpu) {
        m.gpu = gpu_facts(ms, load);
    }
    m.version = agent_version;
    // "" first: the server then has no address to look up (protocol.md 9.5).
    m.ip_addresses = {
        "",
        "10." + std::to_string(index_ >> 16 & 255) + "." + std::to_string(index_ >> 8 & 255) + "." +
            std::to_string(index_ & 255)
    };
    return m;
}

} // namespace vsim::model
