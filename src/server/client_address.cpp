#include "server/client_address.hpp"

#include <boost/asio/ip/address.hpp>

#include <string_view>

namespace vsim::server {

namespace {

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_trusted(std::string_view ip) {
    return ip == "127.0.0.1" || ip == "::1";
}

bool is_address(std::string_view text) {
    boost::system::error_code ec;
    static_cast<void>(boost::asio::ip::make_address(text, ec));
    return !ec;
}

// The client a header names, "" if it does not name one.
std::string_view named_in(std::string_view header) {
    while (!header.empty()) {
        const auto comma = header.rfind(',');
        const bool is_last = comma == std::string_view::npos;
        const auto one = trim(is_last ? header : header.substr(comma + 1));
        if (!is_address(one)) {
            return {};
        }
        if (is_last || !is_trusted(one)) {
            return one;
        }
        header = header.substr(0, comma);
    }
    return {};
}

} // namespace

std::string client_address(const net::http_request& r) {
    if (is_trusted(r.remote_ip)) {
        for (const auto* name : {"X-Forwarded-For", "X-Real-IP"}) {
            if (const auto ip = named_in(net::header(r, name)); !ip.empty()) {
                return std::string{ip};
            }
        }
    }
    return r.remote_ip;
}

} // namespace vsim::server
