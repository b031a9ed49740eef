#include "app/preflight.hpp"

#include "agent/sync.hpp"
#include "fleet/fleet.hpp"
#include "net/limits.hpp"
#include "report/units.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace vsim::app {
namespace {

using report::grouped;

// Besides the agents' sockets: libraries' files, REST connections, outputs, the database.
constexpr std::uint64_t other_files = 64;

util::error too_few_files(std::uint64_t needed, const net::fd_limit& have, const run_config& c) {
    const auto per_agent = c.embedded ? 2U : 1U;
    const auto fits = have.soft > other_files ? (have.soft - other_files) / per_agent : 0;
    return util::make_error(
        util::errc::limit,
        fmt::format(
            "{} agents{} need {} open files, and this process may have {}: use --count "
            "{}, "
            "or raise the hard limit (ulimit -Hn, /etc/security/limits.conf) to {}",
            grouped(c.count),
            c.embedded ? " with --embedded" : "",
            grouped(needed),
            grouped(have.soft),
            fits,
            needed
        )
    );
}

util::error too_few_ports(std::uint64_t ports, const run_config& c) {
    return util::make_error(
        util::errc::limit,
        fmt::format(
            "{} agents need as many local ports, and there are {}: use --count {}, or "
            "widen "
            "the range (sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\")",
            grouped(c.count),
            grouped(ports),
            ports
        )
    );
}

} // namespace

util::result<preflight> check_machine(const run_config& c) {
    preflight found;
    const auto files = net::raise_fd_limit();
    if (!files) {
        return files.error();
    }
    const std::uint64_t at_once = c.mode == run_mode::history
                                      ? std::min<std::size_t>(c.count, fleet::histories_at_once)
                                      : c.count;
    const auto needed = at_once * (c.embedded ? 2 : 1) + other_files;
    if (needed > files->soft) {
        return too_few_files(needed, *files, c);
    }
    found.lines.push_back(fmt::format(
        "open files: {} needed, {} allowed (hard limit {})",
        grouped(needed),
        grouped(files->soft),
        grouped(files->hard)
    ));
    const auto ports = net::ports_per_source();
    if (at_once > ports) {
        return too_few_ports(ports, c);
    }
    found.lines.push_back(
        fmt::format("local ports: {} needed, {} in the range", grouped(at_once), grouped(ports))
    );
    return found;
}

std::vector<std::string> plan_of(const run_config& c) {
    std::vector<std::string> lines{fmt::format(
        "server: {}",
        c.embedded ? std::string{"the reference server, in this process"} : c.access.server.text()
    )};
    if (!c.fleet_file.empty()) {
        lines.push_back(fmt::format("fleet: {} agents of {}", grouped(c.count), c.fleet_file));
    } else {
        lines.push_back(fmt::format(
            "fleet: {} agents named {}000 and on, seed {}; earlier servers with this prefix are {}",
            grouped(c.count),
            c.prefix,
            c.seed,
            c.keep ? "kept" : "deleted"
        ));
    }
    if (c.mode != run_mode::realtime) {
        lines.push_back(fmt::format(
            "history: {}, about {} buckets in all",
            util::format_duration(c.hours),
            grouped(agent::expected_buckets(c.hours) * c.count)
        ));
    }
    if (c.mode != run_mode::history) {
        const auto interval = std::chrono::duration<double>(c.interval).count();
        lines.push_back(fmt::format(
            "realtime: a sample every {} ({} in all), aggregates every {}, {}",
            util::format_duration(c.interval),
            report::rate_text(c.count / interval),
            util::format_duration(c.agg_interval),
            c.duration ? "for " + util::format_duration(*c.duration) : "until Ctrl-C"
        ));
        lines.push_back(
            c.connect_rate > 0
                ? fmt::format("ramp: {} new connections", report::rate_text(c.connect_rate))
                : std::string{"ramp: as fast as the server takes connections"}
        );
    }
    lines.push_back(fmt::format("threads: {}, io_contexts: {}", c.threads, c.io_contexts));
    return lines;
}

} // namespace vsim::app
