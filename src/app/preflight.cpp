#include "app/preflight.hpp"

#include "agent/sync.hpp"
#include "app/fleet_mix.hpp"
#include "app/option_hardship.hpp"
#include "fleet/fleet.hpp"
#include "net/limits.hpp"
#include "net/source.hpp"
#include "report/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace vsim::app {
namespace {

using report::grouped;

// Besides all sockets: libraries' files, REST connections, outputs, the database.
constexpr std::uint64_t other_files = 64;
// Of net.ipv4.ip_local_port_range="1024 65535".
constexpr std::uint64_t most_ports = 64'512;

struct shortage {
    std::uint64_t fits; // agents
    std::string text;   // what is short and what lifts it
};

std::uint64_t source_count(const run_config& c) {
    return std::max<std::uint64_t>(c.source_ip.count(), 1);
}

std::string sources_text(const run_config& c) {
    const auto n = source_count(c);
    return n == 1 ? "one source address" : grouped(n) + " source addresses";
}

std::string server_host(const run_config& c) {
    return c.embedded ? "127.0.0.1" : c.access.server.host;
}

// A value for --source-ip that brings so many addresses.
std::string enough_sources(const run_config& c, std::uint64_t wanted) {
    const auto host = server_host(c);
    const auto loopback = util::parse_address_ranges("127.0.0.2-127.0.255.254").value();
    if ((host == "localhost" || host.starts_with("127.")) && wanted <= loopback.count()) {
        return "127.0.0.2-" + loopback.nth(wanted - 1);
    }
    return fmt::format("with {} addresses of this machine", grouped(wanted));
}

// Beside the agents' connections.
std::uint64_t audience(const run_config& c) {
    return c.mode == run_mode::history ? 0 : std::uint64_t{c.viewers} + c.readers;
}

shortage files_shortage(std::uint64_t needed, const machine_limits& have, const run_config& c) {
    const auto per_agent = c.embedded ? 2U : 1U;
    const auto others = other_files + per_agent * audience(c);
    const auto spare = std::max(have.open_files, others) - others;
    return {
        spare / per_agent,
        fmt::format(
            "{} open files are needed{} and {} are allowed: raise the hard limit (ulimit -Hn, "
            "/etc/security/limits.conf) to {}",
            grouped(needed),
            c.embedded ? ", two an agent with --embedded," : "",
            grouped(have.open_files),
            needed
        )
    };
}

shortage ports_shortage(std::uint64_t needed, const machine_limits& have, const run_config& c) {
    const auto ports = have.ports * source_count(c);
    const auto wanted = (needed + have.ports - 1) / have.ports;
    auto text = fmt::format(
        "{} local ports are needed and {} in the range of {}: use --source-ip {}",
        grouped(needed),
        grouped(ports),
        sources_text(c),
        enough_sources(c, wanted)
    );
    if (most_ports * source_count(c) >= needed) {
        text += ", or widen the range (sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\")";
    }
    const auto others = c.source_ip.empty() ? audience(c) : 0;
    return {ports - std::min(others, ports), std::move(text)};
}

// Some agents have a second connection: who logs in twice, and who comes back while the server has
// not heard that the first one is gone.
std::uint64_t connections_at_once(const run_config& c) {
    if (c.mode == run_mode::history) {
        return std::min<std::size_t>(c.count, fleet::histories_at_once);
    }
    double twice = 0;
    for (const auto& g : c.fleet_mix.groups) {
        twice += g.logs_in_twice ? g.share : 0;
    }
    for (const auto& o : c.outages) {
        twice = std::max(twice, o.how == agent::cut::half_open ? o.share : 0);
    }
    return c.count + static_cast<std::uint64_t>(std::ceil(c.count * std::min(twice, 1.0)));
}

util::error too_many(const run_config& c, std::uint64_t at_once, std::vector<shortage> all) {
    std::ranges::sort(all, {}, &shortage::fits);
    auto fits = all.front().fits;
    if (at_once > c.count) {
        fits = fits * c.count / at_once;
    }
    std::vector<std::string> texts;
    for (auto& s : all) {
        texts.push_back(std::move(s.text));
    }
    return util::make_error(
        util::errc::limit,
        fmt::format(
            "{} agents are more than this machine allows{}: {}",
            grouped(c.count),
            fits > 0 ? fmt::format(" (use --count {})", fits) : "",
            fmt::join(texts, "; ")
        )
    );
}

std::string samples_text(const run_config& c) {
    if (c.interval.count() == 0) {
        return "samples as fast as each socket takes them, no aggregates";
    }
    double rate = 0; // a second, of the whole fleet
    bool is_mixed = false;
    const auto kinds = mix_of(c.fleet_mix);
    for (const auto& g : kinds.groups()) {
        const auto interval = std::chrono::duration<double>(g.interval.value_or(c.interval));
        rate += g.share * c.count / interval.count();
        is_mixed = is_mixed || g.interval;
    }
    return fmt::format(
        "a sample every {}{} ({} in all), aggregates every {}",
        util::format_duration(c.interval),
        is_mixed ? " or as the mix says" : "",
        report::rate_text(rate),
        util::format_duration(c.agg_interval)
    );
}

// How many agents keep what they measured, and so have a history to send.
std::uint64_t keeping(const run_config& c) {
    double share = 0;
    const auto kinds = mix_of(c.fleet_mix);
    for (const auto& g : kinds.groups()) {
        share += g.has_store ? g.share : 0;
    }
    return static_cast<std::uint64_t>(std::llround(share * c.count));
}

util::result<void> try_source_ip(const run_config& c) {
    if (c.source_ip.empty()) {
        return {};
    }
    const auto tried = net::try_sources(c.source_ip, server_host(c));
    if (tried || tried.error().code != util::errc::bad_input) {
        return tried;
    }
    return util::make_error(tried.error().code, "--source-ip: " + tried.error().message);
}

template <class Things>
std::string texts_of(const Things& things) {
    std::vector<std::string> texts;
    for (const auto& t : things) {
        texts.push_back(text_of(t));
    }
    return fmt::format("{}", fmt::join(texts, "; "));
}

// Who differs, and what is to befall whom.
void add_script(std::vector<std::string>& lines, const run_config& c) {
    if (!c.fleet_mix.groups.empty() || c.fleet_mix.rest_is_real) {
        auto groups = texts_of(c.fleet_mix.groups);
        groups += groups.empty() ? "" : "; ";
        lines.push_back(
            "mix: " + groups + (c.fleet_mix.rest_is_real ? "the rest real" : "the rest plain")
        );
    }
    if (!c.outages.empty()) {
        lines.push_back("outages: " + texts_of(c.outages));
    }
    if (!c.incidents.empty()) {
        lines.push_back("incidents: " + texts_of(c.incidents));
    }
    if (c.churn.is_any()) {
        lines.push_back(fmt::format(
            "churn: {:.3g} connections dropped a minute", c.churn.of_each(c.count) * c.count
        ));
    }
}

} // namespace

util::result<preflight> judge(const run_config& c, const machine_limits& have) {
    const auto at_once = connections_at_once(c);
    const auto files = (at_once + audience(c)) * (c.embedded ? 2 : 1) + other_files;
    const auto from_one = at_once + (c.source_ip.empty() ? audience(c) : 0);
    const auto ports = have.ports * source_count(c);
    std::vector<shortage> shortages;
    if (files > have.open_files) {
        shortages.push_back(files_shortage(files, have, c));
    }
    if (from_one > ports) {
        shortages.push_back(ports_shortage(from_one, have, c));
    }
    if (!shortages.empty()) {
        return too_many(c, at_once, std::move(shortages));
    }
    preflight found;
    found.lines.push_back(fmt::format(
        "open files: {} needed, {} allowed (hard limit {})",
        grouped(files),
        grouped(have.open_files),
        grouped(have.most_open_files)
    ));
    found.lines.push_back(fmt::format(
        "local ports: {} needed, {} in the range of {}",
        grouped(from_one),
        grouped(ports),
        sources_text(c)
    ));
    if (!c.source_ip.empty()) {
        const auto last = c.source_ip.nth(c.source_ip.count() - 1);
        found.lines.push_back(fmt::format(
            "source addresses: {}, from {} to {}",
            grouped(c.source_ip.count()),
            c.source_ip.nth(0),
            last
        ));
    }
    return found;
}

util::result<preflight> check_machine(const run_config& c) {
    if (const auto tried = try_source_ip(c); !tried) {
        return tried.error();
    }
    const auto files = net::raise_fd_limit();
    if (!files) {
        return files.error();
    }
    return judge(c, {files->soft, files->hard, net::local_ports().count()});
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
            grouped(agent::expected_buckets(c.hours) * keeping(c))
        ));
    }
    if (c.mode != run_mode::history) {
        lines.push_back(fmt::format(
            "realtime: {}, {}",
            samples_text(c),
            c.duration ? "for " + util::format_duration(*c.duration) : "until Ctrl-C"
        ));
        lines.push_back(
            c.connect_rate > 0
                ? fmt::format("ramp: {} new connections", report::rate_text(c.connect_rate))
                : std::string{"ramp: as fast as the server takes connections"}
        );
    }
    add_script(lines, c);
    if (audience(c) > 0) {
        lines.push_back(
            fmt::format("audience: {} viewers, {} readers", grouped(c.viewers), grouped(c.readers))
        );
    }
    lines.push_back(fmt::format(
        "threads: {}, io_contexts: {}, tick: {}",
        c.threads,
        c.io_contexts,
        util::format_duration(c.tick)
    ));
    return lines;
}

} // namespace vsim::app
