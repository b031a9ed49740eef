#include "viewer/browsing.hpp"

#include "util/random.hpp"

#include <array>
#include <chrono>
#include <string_view>
#include <utility>

namespace vsim::viewer {

namespace {

using namespace std::chrono_literals;

constexpr util::nanoseconds all_here = 5s; // within that every reader has come
constexpr util::nanoseconds online_every = 30s;

struct tab {
    std::string_view query;
    std::uint64_t weight; // how many of a hundred people want it
    util::nanoseconds refresh;
};
constexpr std::array<tab, 7> tabs{{
    {"range=24h&type=metrics", 30, 2min},
    {"range=1h&type=metrics", 20, 30s},
    {"range=24h&type=ping", 15, 2min},
    {"range=1h&type=ping", 15, 30s},
    {"range=7d&type=metrics", 10, 5min},
    {"range=30d&type=metrics", 6, 5min},
    {"range=1y&type=metrics", 4, 5min},
}};

const tab& pick_tab(std::uint64_t draw) {
    auto left = util::below(draw, 100);
    for (const auto& t : tabs) {
        if (left < t.weight) {
            return t;
        }
        left -= t.weight;
    }
    return tabs.back();
}

util::nanoseconds between(std::uint64_t draw, util::nanoseconds low, util::nanoseconds high) {
    const auto width = static_cast<double>((high - low).count());
    return low + util::nanoseconds{static_cast<std::int64_t>(util::unit(draw) * width)};
}

} // namespace

browsing::browsing(std::uint64_t seed, std::uint32_t reader, std::size_t agents)
    : key_{util::hash(seed, util::stream("reader"), reader)}, agents_{agents} {
    online_ = between(util::mix(key_), 0s, all_here);
    open_page(online_);
}

std::uint64_t browsing::draw(std::uint64_t what) const {
    return util::hash(key_, what, visit_);
}

void browsing::open_page(util::nanoseconds at) {
    ++visit_;
    agent_ = static_cast<std::size_t>(util::below(draw(1), agents_));
    const auto& t = pick_tab(draw(2));
    query_ = t.query;
    refresh_ = t.refresh;
    read_ = at;
    leave_ = at + between(draw(3), 20s, 3min);
    is_first_read_ = true;
}

wish browsing::next() {
    if (online_ <= read_) {
        if (!has_version_) {
            has_version_ = true;
            return {wish::kind::version, online_, 0, {}};
        }
        const wish w{wish::kind::online_users, online_, 0, {}};
        online_ += online_every;
        return w;
    }
    const wish w{
        wish::kind::history, read_, agent_, is_first_read_ ? "range=24h&type=ping" : query_
    };
    // It takes a moment to choose a tab.
    read_ += std::exchange(is_first_read_, false) ? between(draw(4), 1s, 5s) : refresh_;
    if (read_ >= leave_) {
        open_page(leave_);
    }
    return w;
}

} // namespace vsim::viewer
