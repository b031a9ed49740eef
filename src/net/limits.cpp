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

std::uint32_t ports_in_range(const std::string& text) {
    std::istringstream in{text};
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    if (!(in >> first >> last) || last < first || last > 65535) {
        return 0;
    }
    return last - first + 1;
}

std::uint32_t ports_per_source() {
    std::ifstream file{"/proc/sys/net/ipv4/ip_local_port_range"};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    const auto count = ports_in_range(text);
    return count > 0 ? count : 28232; // the kernel's default range
}

} // namespace vsim::net
