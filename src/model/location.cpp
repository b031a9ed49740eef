#include "model/location.hpp"

#include "util/random.hpp"

#include <algorithm>
#include <array>

namespace vsim::model {

namespace {

constexpr std::string_view us[]{"AWS", "Google Cloud", "DigitalOcean", "Vultr"};
constexpr std::string_view europe[]{"Hetzner", "OVHcloud", "AWS", "Scaleway"};
constexpr std::string_view asia[]{"AWS", "Alibaba Cloud", "Vultr", "Linode"};
constexpr std::string_view japan[]{"AWS", "Sakura", "Vultr"};
constexpr std::string_view south[]{"AWS", "Google Cloud", "Azure"};

constexpr location all[]{
    {"🇺🇸 Los Angeles", -480, 1.6, us},
    {"🇺🇸 New York", -300, 1.1, us},
    {"🇺🇸 Dallas", -360, 1.4, us},
    {"🇨🇦 Toronto", -300, 1.7, us},
    {"🇩🇪 Frankfurt", 60, 0.8, europe},
    {"🇫🇮 Helsinki", 120, 2.4, europe},
    {"🇬🇧 London", 0, 0.9, europe},
    {"🇫🇷 Paris", 60, 1.3, europe},
    {"🇳🇱 Amsterdam", 60, 0.7, europe},
    {"🇵🇱 Warsaw", 60, 2.1, europe},
    {"🇯🇵 Tokyo", 540, 1.2, japan},
    {"🇸🇬 Singapore", 480, 1.5, asia},
    {"🇭🇰 Hong Kong", 480, 1.9, asia},
    {"🇰🇷 Seoul", 540, 2.2, asia},
    {"🇮🇳 Mumbai", 330, 4.5, asia},
    {"🇦🇺 Sydney", 600, 2.6, south},
    {"🇧🇷 São Paulo", -180, 3.8, south},
    {"🇿🇦 Johannesburg", 120, 5.2, south},
};

// How many milliseconds a host's nearest site is further away than the exchange, near and far.
struct reach {
    std::string_view host;
    double near_ms, far_ms;
};
constexpr std::array<reach, 8> reaches{{
    {"1.1.1.1", 0.4, 3},
    {"8.8.8.8", 1, 8},
    {"208.67.222.222", 4, 28},
    {"9.9.9.9", 3, 22},
    {"google.com", 2, 12},
    {"94.140.14.14", 4, 45},
    {"223.5.5.5", 6, 170},
    {"github.com", 3, 95},
}};

// Of each of them from each location, ms.
constexpr auto distances = [] {
    std::array<std::array<double, reaches.size()>, std::size(all)> table{};
    for (std::size_t place = 0; place < table.size(); ++place) {
        for (std::size_t target = 0; target < reaches.size(); ++target) {
            const double u = util::unit(util::hash(util::stream("distance"), place, target));
            const auto& r = reaches[target];
            table[place][target] =
                all[place].access_ms + r.near_ms + u * u * (r.far_ms - r.near_ms);
        }
    }
    return table;
}();

} // namespace

static_assert(std::size(all) == location_count);

std::span<const location, location_count> locations() {
    return all;
}

std::size_t place_of(const location& l) {
    return static_cast<std::size_t>(&l - all);
}

host_key host_key::of(std::string_view host) {
    const auto found = std::ranges::find(reaches, host, &reach::host);
    const auto at = static_cast<std::int32_t>(found - reaches.begin());
    return {util::mix(util::stream(host)), found == reaches.end() ? -1 : at};
}

double distance_ms(const host_key& to, const location& from) {
    const auto place = place_of(from);
    if (to.known >= 0) {
        return distances[place][static_cast<std::size_t>(to.known)];
    }
    return from.access_ms + 5 + 175 * util::unit(util::mix(to.hash ^ place));
}

} // namespace vsim::model
