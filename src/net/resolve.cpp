#include "net/resolve.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace vsim::net {

namespace {

using addresses = std::vector<asio::ip::address>;
using boost::system::error_code;

constexpr auto memory = std::chrono::seconds{10};

class recent_names {
public:
    addresses find(const std::string& host) {
        const std::lock_guard lock{mutex_};
        const auto it = names_.find(host);
        const auto now = std::chrono::steady_clock::now();
        return it != names_.end() && now < it->second.forget_at ? it->second.found : addresses{};
    }
    void keep(const std::string& host, const addresses& found) {
        const std::lock_guard lock{mutex_};
        names_[host] = {found, std::chrono::steady_clock::now() + memory};
    }

private:
    struct entry {
        addresses found;
        util::steady_time forget_at;
    };
    std::mutex mutex_;
    std::map<std::string, entry> names_;
};

recent_names& recent() {
    static recent_names names;
    return names;
}

// getaddrinfo() cannot be interrupted: when the caller's time is up the lookup goes on by itself
// and finds nobody waiting. `answered` belongs to the timer's serial executor.
struct lookup {
    explicit lookup(const asio::any_io_executor& where, util::steady_time deadline)
        : resolver{where}, answered{where, deadline} {}

    asio::ip::tcp::resolver resolver;
    asio::steady_timer answered;
    bool is_done = false;
    error_code ec;
    addresses found;
};

void start(const std::shared_ptr<lookup>& l, const std::string& host) {
    l->resolver.async_resolve(
        host,
        "",
        [l](const error_code& ec, const asio::ip::tcp::resolver::results_type& results) {
            l->is_done = true;
            l->ec = ec;
            for (const auto& r : results) {
                const auto address = r.endpoint().address();
                if (std::find(l->found.begin(), l->found.end(), address) == l->found.end()) {
                    l->found.push_back(address);
                }
            }
            l->answered.cancel();
        }
    );
}

} // namespace

task_result<addresses>
resolve(asio::any_io_executor where, std::string host, util::steady_time deadline) {
    error_code not_literal;
    const auto literal = asio::ip::make_address(host, not_literal);
    if (!not_literal) {
        co_return addresses{literal};
    }
    if (auto known = recent().find(host); !known.empty()) {
        co_return known;
    }
    const auto l = std::make_shared<lookup>(where, deadline);
    start(l, host);
    co_await l->answered.async_wait(asio::as_tuple(asio::deferred));
    if (!l->is_done) {
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) {
            co_return util::make_error(util::errc::cancelled, "cancelled");
        }
        co_return util::make_error(util::errc::timeout, "no answer from DNS about " + host);
    }
    if (l->ec || l->found.empty()) {
        co_return util::make_error(
            util::errc::unreachable, "cannot resolve " + host + ": " + l->ec.message()
        );
    }
    recent().keep(host, l->found);
    co_return l->found;
}

} // namespace vsim::net
