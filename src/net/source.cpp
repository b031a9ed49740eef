#include "net/source.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>

#include <algorithm>
#include <string_view>

namespace vsim::net {

namespace {

namespace asio = boost::asio;
namespace sys = boost::system;
using asio::ip::udp;
using util::errc;
using util::make_error;

constexpr std::uint16_t any_port = 9; // connecting a datagram socket needs one and sends nothing

std::string_view family(bool is_v6) {
    return is_v6 ? "IPv6" : "IPv4";
}

// Of `host`, as far as `source` may reach it.
util::result<asio::ip::address>
first_address(asio::io_context& context, const std::string& host, const asio::ip::address& source) {
    sys::error_code ec;
    asio::ip::tcp::resolver resolver{context};
    const auto found = resolver.resolve(host, "", ec);
    if (ec) {
        return make_error(errc::unreachable, "cannot resolve " + host + ": " + ec.message());
    }
    for (const auto& entry : found) {
        const auto address = entry.endpoint().address();
        if (address.is_v6() == source.is_v6()) {
            return address;
        }
    }
    const std::string ours{family(source.is_v6())};
    const std::string theirs{family(!source.is_v6())};
    return make_error(
        errc::bad_input,
        "'" + source.to_string() + "' is " + ours + ", and " + host + " is reached by " + theirs +
            " only (accepted: " + theirs + " addresses)"
    );
}

util::error not_ours(const std::string& source) {
    return make_error(
        errc::bad_input,
        "'" + source + "' is not an address of this machine (accepted: what `ip address` shows" +
            (source.find(':') == source.npos ? ", all of 127.0.0.0/8)" : ")")
    );
}

util::result<void>
try_source(asio::io_context& context, const std::string& source, const asio::ip::address& to) {
    const auto from = asio::ip::make_address(source);
    udp::socket s{context};
    sys::error_code ec;
    s.open(from.is_v4() ? udp::v4() : udp::v6(), ec);
    if (!ec) {
        s.bind({from, 0}, ec);
    }
    if (ec == sys::errc::address_not_available) {
        return not_ours(source);
    }
    if (!ec) {
        s.connect({from, any_port}, ec); // refused where binding is not: a broadcast address
        if (ec) {
            return not_ours(source);
        }
        s.connect({to, any_port}, ec);
    }
    if (ec) {
        return make_error(
            errc::bad_input, "'" + source + "' cannot reach " + to.to_string() + ": " + ec.message()
        );
    }
    return {};
}

} // namespace

util::result<void> try_sources(const util::address_ranges& sources, const std::string& host) {
    asio::io_context context;
    const auto to = first_address(context, host, asio::ip::make_address(sources.nth(0)));
    if (!to) {
        return to.error();
    }
    const auto count = sources.count();
    const auto tries = std::min(count, most_tries);
    for (std::uint64_t i = 0; i < tries; ++i) {
        // The first and the last one are among them.
        const auto which = tries > 1 ? i * (count - 1) / (tries - 1) : 0;
        if (const auto tried = try_source(context, sources.nth(which), *to); !tried) {
            return tried.error();
        }
    }
    return {};
}

} // namespace vsim::net
