#include "server/agent_faults.hpp"

#include "util/random.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <chrono>

namespace vsim::server {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::duration<double> longest_rest{10};

} // namespace

bool agent_faults::drops_next(const std::string& name) {
    if (drop_writes_ == 0) {
        return false;
    }
    std::uint64_t n = 0;
    {
        const std::lock_guard lock{mutex_};
        n = counts_[name]++;
    }
    return is_hit(drop_writes_, util::stream("drop-writes"), name, n);
}

util::nanoseconds agent_faults::rest_for(std::size_t bytes) const {
    if (read_rate_ == 0) {
        return {};
    }
    const std::chrono::duration<double> rest{static_cast<double>(bytes) / read_rate_};
    return std::chrono::duration_cast<util::nanoseconds>(std::min(rest, longest_rest));
}

net::task<> agent_faults::rest_after(std::size_t bytes) {
    if (read_rate_ == 0) {
        co_return;
    }
    const auto where = co_await asio::this_coro::executor;
    asio::steady_timer timer{where};
    timer.expires_after(rest_for(bytes));
    co_await timer.async_wait(asio::as_tuple(asio::deferred)); // ends early when the server stops
}

} // namespace vsim::server
