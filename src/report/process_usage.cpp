#include "report/process_usage.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sched.h>
#include <string_view>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <system_error>
#include <unistd.h>

namespace vsim::report {
namespace {

util::nanoseconds duration_of(const timeval& t) {
    return std::chrono::seconds{t.tv_sec} + std::chrono::microseconds{t.tv_usec};
}

// The text behind "key<blanks>:<blanks>" in a file of /proc.
std::string field(const char* path, std::string_view key) {
    std::ifstream file{path};
    for (std::string line; std::getline(file, line);) {
        const auto colon = line.find(':');
        if (line.starts_with(key) && colon != std::string::npos &&
            line.find_first_not_of(" \t", key.size()) == colon) {
            const auto begin = line.find_first_not_of(" \t", colon + 1);
            return begin == std::string::npos ? "" : line.substr(begin);
        }
    }
    return {};
}

std::uint64_t kib_field(const char* path, std::string_view key) {
    return std::strtoull(field(path, key).c_str(), nullptr, 10) * 1024;
}

} // namespace

process_usage process_usage::now() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return {
        .cpu_user = duration_of(usage.ru_utime),
        .cpu_system = duration_of(usage.ru_stime),
        .rss_bytes = kib_field("/proc/self/status", "VmRSS"),
        .rss_peak_bytes = kib_field("/proc/self/status", "VmHWM"),
    };
}

void reset_memory_peak() {
    std::ofstream{"/proc/self/clear_refs"} << "5\n";
}

std::uint64_t count_open_fds() {
    std::error_code failed;
    std::uint64_t n = 0;
    for (std::filesystem::directory_iterator i{"/proc/self/fd", failed}, end; !failed && i != end;
         i.increment(failed)) {
        ++n;
    }
    return n > 0 ? n - 1 : 0; // not the one this walk uses
}

machine machine::now() {
    machine m;
    m.cpu_model = field("/proc/cpuinfo", "model name");
    m.memory_bytes = kib_field("/proc/meminfo", "MemTotal");
    cpu_set_t allowed;
    if (::sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
        m.cores = static_cast<unsigned>(CPU_COUNT(&allowed));
    }
    utsname system{};
    if (::uname(&system) == 0) {
        m.kernel = std::string{system.sysname} + " " + system.release;
    }
    std::array<double, 3> load{};
    if (::getloadavg(load.data(), 3) == 3) {
        m.load_average = load;
    }
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        m.fd_soft_limit = files.rlim_cur;
        m.fd_hard_limit = files.rlim_max;
    }
    return m;
}

} // namespace vsim::report
