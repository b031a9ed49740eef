#include "model/machine.hpp"

#include "model/reading_track.hpp"
#include "util/random.hpp"

namespace vsim::model {

namespace {

constexpr std::int64_t minute_ms = 60'000;

constexpr traits default_traits;

template <class Span>
const auto& pick(const Span& choices, std::uint64_t draw) {
    return choices[util::below(draw, choices.size())];
}

} // namespace

machine::machine(std::uint64_t seed, std::uint32_t index, const circumstances& around)
    : key_{util::hash(seed, util::stream("machine"), index)}, index_{index},
      traits_{around.traits != nullptr ? around.traits : &default_traits},
      targets_{
          around.targets != nullptr ? around.targets : target_set::built_in(traits_->targets).get()
      },
      fate_{around.incidents, index, around.clock_skew},
      profile_{
          traits_->kind != nullptr ? traits_->kind : &pick_profile(draw(util::stream("profile")))
      },
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

std::uint32_t machine::disk(std::int64_t unix_ms, std::size_t n) const {
    return disk_track{*profile_, key_, n}.at(unix_ms);
}

agg::reading machine::read(util::wall_time t) const {
    agg::reading r;
    reading_track{*this}.read(t, r);
    return r;
}

} // namespace vsim::model
