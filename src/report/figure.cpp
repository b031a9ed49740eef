#include "report/figure.hpp"

#include <fmt/format.h>

#include <type_traits>
#include <utility>

namespace vsim::report {
namespace {

using stats::counter;

double in_ns(util::nanoseconds d) {
    return static_cast<double>(d.count());
}

template <class T>
reading known(std::optional<T> value, std::string_view why_not) {
    if (!value) {
        return reading::none(std::string{why_not});
    }
    if constexpr (std::is_same_v<T, util::nanoseconds>) {
        return {in_ns(*value)};
    } else {
        return {static_cast<double>(*value)};
    }
}

// What could have been an error and was none: each of these either counts here or as an error.
std::uint64_t succeeded(const stats::snapshot& s) {
    std::uint64_t sum = 0;
    for (const auto c :
         {counter::servers_registered,
          counter::servers_deleted,
          counter::agents_connected,
          counter::metrics_sent,
          counter::aggregated_sent,
          counter::history_sent,
          counter::batch_sent,
          counter::viewers_connected,
          counter::history_reads}) {
        sum += s[c];
    }
    return sum;
}

constexpr std::string_view no_agent = "no agent connected, or the embedded server's share is in it";
constexpr std::string_view no_server = "--watch-pid is not given";

template <auto Member>
reading of_verification(const figures& f) {
    if (!f.run.verified) {
        return reading::none("--verify is off, or could not be done");
    }
    const auto& v = *f.run.verified;
    if (v.unreadable > 0) {
        return reading::none(fmt::format("{} agents could not be read back", v.unreadable));
    }
    if (v.expected() + v.found() + v.foreign() == 0) {
        return reading::none("there was nothing to compare");
    }
    return {static_cast<double>((v.*Member)())};
}

template <std::uint64_t verification::* Member>
reading of_verified(const figures& f) {
    return f.run.verified ? reading{static_cast<double>((*f.run.verified).*Member)}
                          : reading::none("--verify is off, or could not be done");
}

template <std::uint64_t freshness_facts::* Member>
reading of_freshness(const figures& f) {
    return f.run.freshness ? reading{static_cast<double>((*f.run.freshness).*Member)}
                           : reading::none("--viewers is 0");
}

template <auto Member>
reading of_server(const figures& f) {
    return f.run.server_process ? known(std::optional{(*f.run.server_process).*Member}, no_server)
                                : reading::none(std::string{no_server});
}

template <auto Member>
reading of_server_if_known(const figures& f) {
    return f.run.server_process
               ? known((*f.run.server_process).*Member, "nothing was sent while it was watched")
               : reading::none(std::string{no_server});
}

reading cpu_share(std::optional<util::nanoseconds> cpu, const run_result& r, std::string_view why) {
    const auto live = r.time_in({"ramp", "run", "drain"});
    if (!cpu || !live || live->count() == 0) {
        return reading::none(std::string{why});
    }
    return {100.0 * in_ns(*cpu) / in_ns(*live)};
}

constexpr auto number = dimension::number;
constexpr figure table[]{
    {"errors.count",
     number,
     [](const figures& f) -> reading { return {static_cast<double>(f.stats.error_total())}; },
     true},
    {"errors.rate",
     dimension::share,
     [](const figures& f) { return share_of_attempts(f.stats.error_total(), f.stats); },
     true},
    {"fleet.registered",
     number,
     [](const figures& f) -> reading { return {static_cast<double>(f.run.fleet.registered)}; }},
    {"fleet.connected_peak",
     number,
     [](const figures& f) -> reading { return {static_cast<double>(f.run.fleet.connected_peak)}; }},
    {"fleet.never_connected",
     number,
     [](const figures& f) -> reading {
         // Without a ramp nobody was to connect: 0 would be no merit.
         return f.run.time_in({"ramp"}) ? reading{static_cast<double>(f.run.fleet.never_connected)}
                                        : reading::none("there was no ramp");
     }},
    {"fleet.disconnects",
     number,
     [](const figures& f) -> reading {
         return {static_cast<double>(f.stats[counter::agents_disconnected])};
     },
     true},
    {"fleet.reconnects",
     number,
     [](const figures& f) -> reading {
         return {static_cast<double>(f.stats[counter::reconnects])};
     },
     true},
    {"time_to_all_connected",
     dimension::time,
     [](const figures& f) {
         return known(f.run.fleet.time_to_all_connected, "they never were all connected");
     }},
    {"verify.agents", number, of_verified<&verification::agents>},
    {"verify.expected", number, of_verification<&verification::expected>},
    {"verify.found", number, of_verification<&verification::found>},
    {"verify.missing", number, of_verification<&verification::missing>},
    {"verify.altered", number, of_verification<&verification::altered>},
    {"verify.foreign", number, of_verification<&verification::foreign>},
    {"verify.twice", number, of_verified<&verification::twice>},
    {"verify.late", number, of_verified<&verification::late>},
    {"verify.unreadable", number, of_verified<&verification::unreadable>},
    {"verify.agents_with_loss", number, of_verified<&verification::agents_with_loss>},
    {"freshness.agents", number, of_freshness<&freshness_facts::agents>},
    {"freshness.never_seen", number, of_freshness<&freshness_facts::never_seen>},
    {"process.cpu",
     dimension::share,
     [](const figures& f) { return cpu_share(f.run.process.cpu_live, f.run, "no agents lived"); }},
    {"process.cpu_us_per_message",
     dimension::micros,
     [](const figures& f) {
         return known(
             f.run.cpu_us_per_message(), "nothing was sent, or the embedded server's share is in it"
         );
     }},
    {"process.rss_peak",
     dimension::size,
     [](const figures& f) -> reading { return {static_cast<double>(f.run.process.rss_peak_bytes)}; }
    },
    {"process.rss_per_agent",
     dimension::size,
     [](const figures& f) { return known(f.run.rss_per_agent_bytes(), no_agent); }},
    {"process.max_fds",
     number,
     [](const figures& f) { return known(f.run.process.max_fds, "no agents lived"); }},
    {"machine.steal",
     dimension::share,
     [](const figures& f) { return known(f.run.trust.steal_pct, "this machine does not tell it"); }
    },
    {"server.cpu",
     dimension::share,
     [](const figures& f) {
         return f.run.server_process
                    ? cpu_share(f.run.server_process->cpu_live, f.run, "no agents lived")
                    : reading::none(std::string{no_server});
     }},
    {"server.cpu_us_per_message",
     dimension::micros,
     of_server_if_known<&watched_process::cpu_us_per_message>},
    {"server.rss_peak", dimension::size, of_server<&watched_process::rss_peak_bytes>},
    {"server.rss_per_agent",
     dimension::size,
     of_server_if_known<&watched_process::rss_per_agent_bytes>},
    {"server.threads_peak", number, of_server<&watched_process::threads_peak>},
    {"server.fds_peak", number, of_server<&watched_process::fds_peak>},
};

} // namespace

std::span<const figure> other_figures() {
    return table;
}

reading share_of_attempts(std::uint64_t errors, const stats::snapshot& s) {
    const auto all = s.error_total() + succeeded(s);
    if (all == 0) {
        return reading::none("nothing was attempted");
    }
    return {100.0 * static_cast<double>(errors) / static_cast<double>(all)};
}

} // namespace vsim::report
