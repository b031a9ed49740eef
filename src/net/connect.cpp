#include "net/connect.hpp"

#include "net/limits.hpp"
#include "net/resolve.hpp"
#include "net/tls_impl.hpp"
#include "net/watchdog.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <netinet/in.h>
#include <unistd.h>
#include <utility>

namespace vsim::net {

namespace {

using util::errc;
using util::make_error;
namespace sys = boost::system;
namespace ssl = asio::ssl;

util::error refuse_source(const std::string& source, const std::string& why) {
    return make_error(errc::bad_input, "cannot connect from source address " + source + ": " + why);
}

util::error no_files() {
    return make_error(
        errc::limit, "too many open files: raise the limit (ulimit -n) or use fewer connections"
    );
}

// "" = the unspecified address.
util::result<asio::ip::address> source_address(const std::string& source) {
    if (source.empty()) {
        return asio::ip::address{};
    }
    sys::error_code ec;
    const auto from = asio::ip::make_address(source, ec);
    if (ec) {
        return refuse_source(source, "not an IP address");
    }
    return from;
}

// Linux looks for a free port in order, first among every second one: beyond half of the range each
// connect() walks through all that are taken. In turn through small shares of the range 19,500
// connections took 2 s instead of 26.
void narrow_port_search(tcp::socket& s) {
    static const auto all = local_ports();
    static std::atomic<std::uint32_t> turn{static_cast<std::uint32_t>(::getpid())};
    const auto share = share_of_ports(all, turn.fetch_add(1, std::memory_order_relaxed));
    using local_port_range = asio::detail::socket_option::integer<IPPROTO_IP, 51>;
    sys::error_code ignored; // an optimisation: IP_LOCAL_PORT_RANGE came with Linux 6.3
    s.set_option(local_port_range{static_cast<int>(share.last << 16 | share.first)}, ignored);
}

// Opens the socket and binds it. The port is left to connect(), which then may give the same one to
// connections to different servers.
util::result<void>
prepare(tcp::socket& s, const tcp::endpoint& to, const asio::ip::address& from, bool is_narrow) {
    sys::error_code ec;
    s.open(to.protocol(), ec);
    if (ec == sys::errc::too_many_files_open || ec == sys::errc::too_many_files_open_in_system) {
        return no_files();
    }
    if (ec) {
        return make_error(errc::unreachable, "cannot open a socket: " + ec.message());
    }
    s.set_option(tcp::no_delay{true}, ec); // 45 ms a round trip otherwise
    if (is_narrow) {
        narrow_port_search(s);
    }
    if (from.is_unspecified()) {
        return {};
    }
    using bind_address_no_port = asio::detail::socket_option::boolean<IPPROTO_IP, 24>;
    static_assert(IP_BIND_ADDRESS_NO_PORT == 24);
    s.set_option(bind_address_no_port{true}, ec); // an optimisation: old kernels lack it
    s.bind({from, 0}, ec);
    if (ec) {
        return refuse_source(from.to_string(), ec.message());
    }
    return {};
}

util::error connect_error(const sys::error_code& ec, const std::string& peer) {
    if (ec == sys::errc::connection_refused) {
        return make_error(errc::unreachable, "connection refused by " + peer);
    }
    if (ec == sys::errc::address_not_available) {
        return make_error(
            errc::limit,
            "no local port left for connections to " + peer +
                ": use more source addresses or widen net.ipv4.ip_local_port_range"
        );
    }
    return make_error(errc::unreachable, "cannot connect to " + peer + ": " + ec.message());
}

task_result<tcp::socket> connect_to(
    asio::any_io_executor where,
    tcp::endpoint to,
    asio::ip::address from,
    std::string peer,
    util::steady_time start,
    util::steady_time deadline
) {
    tcp::socket s{where};
    sys::error_code ec;
    const watchdog dog{s, deadline};
    for (const bool is_narrow : {true, false}) {
        if (auto ready = prepare(s, to, from, is_narrow); !ready) {
            co_return ready.error();
        }
        auto [failed] = co_await s.async_connect(to, asio::as_tuple(asio::deferred));
        ec = failed;
        if (ec != sys::errc::address_not_available) {
            break; // else the share is taken: anywhere, then
        }
        s.close(failed);
    }
    const auto state = co_await asio::this_coro::cancellation_state;
    if (dog.has_fired()) {
        co_return make_error(
            errc::timeout, "no answer from " + peer + " " + within(start, deadline)
        );
    }
    if (ec && state.cancelled() != asio::cancellation_type::none) {
        co_return cancelled_error();
    }
    if (ec) {
        co_return connect_error(ec, peer);
    }
    co_return s;
}

task_result<stream> start_tls(
    tcp::socket s,
    endpoint to,
    std::string peer,
    util::steady_time start,
    util::steady_time deadline
) {
    auto& settings = to.tls->native();
    stream secured{std::move(s), settings.context};
    auto& tls = secured.tls();
    sys::error_code not_literal;
    static_cast<void>(asio::ip::make_address(to.url.host, not_literal));
    if (not_literal) { // names only (RFC 6066)
        SSL_set_tlsext_host_name(tls.native_handle(), to.url.host.c_str());
    }
    if (settings.verify) {
        tls.set_verify_callback(ssl::host_name_verification{to.url.host});
    }
    const watchdog dog{secured.socket(), deadline};
    auto [ec] =
        co_await tls.async_handshake(ssl::stream_base::client, asio::as_tuple(asio::deferred));
    if (!ec) {
        co_return secured;
    }
    if (ec == asio::error::operation_aborted) {
        const auto state = co_await asio::this_coro::cancellation_state;
        co_return talk_error(
            ec,
            peer,
            dog.has_fired(),
            state.cancelled() != asio::cancellation_type::none,
            within(start, deadline)
        );
    }
    const auto verdict = SSL_get_verify_result(tls.native_handle());
    co_return make_error(
        errc::protocol,
        "TLS handshake with " + peer + " failed: " +
            (verdict != X509_V_OK ? X509_verify_cert_error_string(verdict) : ec.message())
    );
}

} // namespace

task_result<stream>
open_stream(asio::any_io_executor where, endpoint to, util::steady_time deadline) {
    const auto start = std::chrono::steady_clock::now();
    const auto peer = to.url.authority();
    auto found = co_await resolve(where, to.url.host, deadline);
    if (!found) {
        co_return found.error();
    }
    const auto from = source_address(to.source_ip);
    if (!from) {
        co_return from.error();
    }
    // What remains if no address is tried.
    auto last = refuse_source(to.source_ip, "not of the server's address family");
    for (const auto& address : *found) {
        if (!from->is_unspecified() && from->is_v4() != address.is_v4()) {
            continue;
        }
        const tcp::endpoint target{address, to.url.port};
        auto s = co_await connect_to(where, target, *from, peer, start, deadline);
        if (!s) {
            const auto code = s.error().code;
            const bool may_go_on = code == errc::unreachable || code == errc::limit;
            // A refusal says more than a lack of ports: a protocol that is switched off lacks them.
            if (!may_go_on || last.code != errc::unreachable) {
                last = s.error();
            }
            if (may_go_on) {
                continue; // the next address may do
            }
            break;
        }
        if (!to.url.tls) {
            co_return stream{std::move(*s)};
        }
        assert(to.tls && "an https endpoint has a tls_context");
        co_return co_await start_tls(std::move(*s), to, peer, start, deadline);
    }
    co_return last;
}

std::string within(util::steady_time start, util::steady_time deadline) {
    const auto limit = std::chrono::round<util::milliseconds>(std::max(deadline, start) - start);
    return "within " + util::format_duration(limit);
}

util::error cancelled_error() {
    return make_error(errc::cancelled, "cancelled");
}

util::error talk_error(
    const error_code& ec,
    std::string_view peer,
    bool timed_out,
    bool is_cancelled,
    const std::string& time_limit
) {
    const std::string name{peer};
    if (timed_out) {
        return make_error(errc::timeout, "no answer from " + name + " " + time_limit);
    }
    if (is_cancelled) {
        return cancelled_error();
    }
    if (ec == asio::error::eof || ec == asio::error::connection_reset ||
        ec == asio::error::broken_pipe || ec == asio::error::connection_aborted ||
        ec == ssl::error::stream_truncated || ec == asio::error::operation_aborted ||
        ec == asio::error::bad_descriptor) {
        return make_error(errc::closed, name + " closed the connection");
    }
    return make_error(errc::closed, "connection to " + name + " lost: " + ec.message());
}

} // namespace vsim::net
