#include "net/limits.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <sys/resource.h>

namespace vsim::net {

util::result<fd_limit> raise_fd_limit() {
    rlimit l{};
    if (::getrlimit(RLIMIT_NOFILE, &l) != 0) {
        return util::make_error(
            util::errc::limit,
            std::string{"cannot read the limit of open files: "} + std::strerror(errno)
        );
    }
    if (l.rlim_cur < l.rlim_max) {
        const auto before = l.rlim_cur;
        l.rlim_cur = l.rlim_max;
        if (::setrlimit(RLIMIT_NOFILE, &l) != 0) {
            l.rlim_cur = before; // an unlimited hard limit may exceed fs.nr_open
        }
    }
    return fd_limit{l.rlim_cur, l.rlim_max};
}

std::optional<port_range> parse_port_range(const std::string& text) {
    std::istringstream in{text};
    port_range r;
    if (!(in >> r.first >> r.last) || r.last < r.first || r.last > 65535) {
        return std::nullopt;
    }
    return r;
}

port_range local_ports() {
    std::ifstream file{"/proc/sys/net/ipv4/ip_local_port_range"};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    return parse_port_range(text).value_or(port_range{});
}

port_range share_of_ports(const port_range& all, std::uint32_t n) {
    constexpr std::uint32_t width = 64;
    const auto shares = all.count() / width;
    if (shares < 2) {
        return all;
    }
    const auto mine = n % shares;
    const auto first = all.first + mine * width;
    return {first, mine + 1 == shares ? all.last : first + width - 1};
}

} // namespace vsim::net
