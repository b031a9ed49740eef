#include "model/location.hpp"

#include "util/random.hpp"

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

// How many milliseconds a network's nearest site is further away than the exchange, near and far.
struct reach {
    double near_ms, far_ms;
};
constexpr std::array<reach, 5> reaches{{{0.4, 3}, {1, 8}, {4, 28}, {3, 22}, {2, 12}}};

// Of each target from each location, ms.
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

std::span<const location> locations() {
    return all;
}

std::span<const agg::target_name> ping_targets() {
    static const std::array<agg::target_name, 5> targets{{
        {"Cloudflare", "1.1.1.1"},
        {"Google DNS", "8.8.8.8"},
        {"OpenDNS", "208.67.222.222"},
        {"Quad9", "9.9.9.9"},
        {"Google", "google.com"},
    }};
    return targets;
}

double target_distance_ms(std::size_t target, const location& from) {
    return distances[static_cast<std::size_t>(&from - all)][target];
}

} // namespace vsim::model
