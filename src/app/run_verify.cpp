#include "app/run_verify.hpp"

#include "app/exit_code.hpp"
#include "app/option_hardship.hpp"
#include "app/version.hpp"
#include "report/units.hpp"
#include "verify/database_source.hpp"
#include "verify/rest_source.hpp"

#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

namespace vsim::app {
namespace {

using report::grouped;

// A worker waits for the disk half of its time; more than that many help no machine.
constexpr unsigned most_database_workers = 8;
// The server reads histories one after the other; these keep it and us busy.
constexpr std::size_t connections_at_once = 4;

report::granularity_check as_check(std::string_view name, const verify::counts& c) {
    return {std::string{name}, c.expected, c.found, c.missing, c.altered, c.foreign};
}

report::difference as_difference(const verify::ledger& l, const verify::example& e) {
    const auto width = proto::width_seconds(e.what.granularity);
    constexpr std::int64_t last_second = INT64_MAX / 1'000'000'000; // that a wall_time can tell
    return {
        .kind = std::string{verify::name(e.what.what)},
        .granularity = e.what.is_raw ? "raw" : std::string{proto::facts(e.what.granularity).name},
        .agent = l.agents[e.agent].name,
        .target = e.target,
        .bucket = e.what.bucket,
        .at = util::from_unix_seconds(std::min(e.what.bucket * width, last_second)),
        .field = std::string{e.what.field.field},
        .expected = e.what.field.expected,
        .found = e.what.field.found,
        .tolerance = e.what.field.tolerance,
        .cause = e.cause,
    };
}

report::verification
as_report(const verify::ledger& l, const verify::outcome& o, std::string source) {
    report::verification v;
    v.source = std::move(source);
    v.agents = o.agents;
    for (const auto& g : proto::granularities) {
        const auto at = proto::position(g.id);
        v.metrics.push_back(as_check(g.name, o.all.metrics[at]));
        v.ping.push_back(as_check(g.name, o.all.pings[at]));
    }
    v.raw = as_check("raw", o.all.raw);
    v.twice = o.all.twice;
    v.late = o.late;
    v.unreadable = o.unreadable;
    v.unjudged = o.unjudged;
    v.agents_with_loss = o.with_loss;
    for (const auto& e : o.examples) {
        v.examples.push_back(as_difference(l, e));
    }
    return v;
}

util::result<std::vector<verify::worker>>
readers_of(const std::string& database, unsigned count, net::asio::thread_pool& threads) {
    std::vector<verify::worker> workers;
    for (unsigned i = 0; i < count; ++i) {
        auto opened = verify::open_database(database);
        if (!opened) {
            return opened.error();
        }
        workers.push_back({net::asio::make_strand(threads), *std::move(opened)});
    }
    return workers;
}

util::result<std::vector<verify::worker>>
connections(const net::endpoint& server, net::pool& pool) {
    std::vector<verify::worker> workers;
    for (std::size_t i = 0; i < connections_at_once; ++i) {
        const auto where = pool.serial_executor(i);
        workers.push_back({where, verify::rest_source(where, server)});
    }
    return workers;
}

std::vector<std::string> events_of(const run_config& c) {
    std::vector<std::string> events;
    for (const auto& o : c.outages) {
        events.push_back("outage " + text_of(o));
    }
    for (const auto& i : c.incidents) {
        events.push_back("incident " + text_of(i));
    }
    if (c.churn.is_any()) {
        events.push_back(
            c.churn.share > 0 ? "churn " + util::format_share(c.churn.share)
                              : fmt::format("churn {}", c.churn.agents)
        );
    }
    return events;
}

} // namespace

verify::ledger ledger_of(
    const run_config& c,
    const report::run_result& so_far,
    const fleet::fleet& agents,
    const agent::mix& kinds,
    const agent::script* played
) {
    verify::ledger l;
    l.run = {
        .tool = std::string{version()},
        .server = so_far.run.server,
        .mode = std::string{name(c.mode)},
        .seed = c.seed,
        .interval = c.interval,
        .agg_interval = c.agg_interval,
        .has_batches = c.backlog == agent::backlog::batch,
        .started = so_far.run.started_at,
        .ended = std::chrono::system_clock::now(),
        .events = events_of(c),
    };
    l.groups.assign(kinds.groups().begin(), kinds.groups().end());
    if (const auto* plan = played != nullptr ? played->incidents() : nullptr) {
        l.incidents = std::make_unique<model::incident_plan>(*plan);
    }
    l.agents.reserve(agents.size());
    for (const auto& a : agents.agents()) {
        const auto* group = &kinds.of(c.seed, a.who().index);
        const auto number = static_cast<std::size_t>(group - kinds.groups().data());
        l.agents.push_back(verify::entry_of(a, number));
    }
    return l;
}

std::string proof_source::text() const {
    return database.empty() ? server.url.text() : database;
}

net::task_result<report::verification> prove(
    const verify::ledger& l,
    proof_source from,
    std::uint32_t how_many,
    unsigned threads,
    net::pool& pool,
    run_monitor& m,
    std::function<net::task<>()> rest
) {
    const auto began = std::chrono::steady_clock::now();
    std::atomic<std::uint64_t> done = 0;
    net::asio::thread_pool readers{std::min(threads, most_database_workers)};
    auto opened =
        from.database.empty()
            ? connections(from.server, pool)
            : readers_of(from.database, std::min(threads, most_database_workers), readers);
    if (!opened) {
        co_return opened.error();
    }
    auto workers = *std::move(opened);
    const auto all = verify::spread(how_many, l.agents.size()).size();
    m.begin("verify", report::phase_progress::unit::items, all, [&done] { return done.load(); });
    verify::check_options options{how_many, std::move(rest), &done};
    auto checked = co_await verify::check(l, std::move(workers), std::move(options));
    m.end(false);
    readers.join();
    if (checked.agents > 0 && checked.unreadable == checked.agents) {
        co_return util::make_error(util::errc::io, checked.error);
    }
    auto v = as_report(l, checked, from.text());
    v.took = std::chrono::steady_clock::now() - began;
    co_return v;
}

std::optional<report::finding> finding_of(const report::verification& v) {
    std::vector<std::string> parts;
    const auto say = [&](std::uint64_t n, std::string_view what) {
        if (n > 0) {
            parts.push_back(fmt::format("{} {}", grouped(n), what));
        }
    };
    say(v.missing(), "missing");
    say(v.altered(), "altered");
    say(v.twice, "there twice");
    say(v.foreign(), "of somebody else");
    std::string text;
    if (!parts.empty()) {
        text = fmt::format(
            "verification: of {} rows of {} agents {}",
            grouped(v.expected()),
            grouped(v.agents),
            fmt::join(parts, ", ")
        );
    }
    if (v.unreadable > 0) {
        text += fmt::format(
            "{}{} agents could not be read",
            text.empty() ? "verification: " : "; ",
            grouped(v.unreadable)
        );
    }
    if (text.empty() && v.expected() + v.found() == 0) {
        text = "verification: there was nothing to compare";
    }
    if (text.empty()) {
        return std::nullopt;
    }
    const auto code = parts.empty() ? exit_code::failed : exit_code::verification;
    return report::finding{to_int(code), std::move(text)};
}

net::task<> account_for(const run_account& a) {
    const auto blame = [&a](const char* flag, const util::error& e) {
        a.result.findings.push_back(
            {to_int(exit_code::failed), fmt::format("{}: {}", flag, e.message)}
        );
    };
    const auto ledger = ledger_of(a.config, a.result, a.agents, a.kinds, a.played);
    if (a.write_ledger) {
        if (const auto written = a.write_ledger(verify::to_text(ledger)); !written) {
            blame("--ledger", written.error());
        }
    }
    if (!a.config.verify) {
        co_return;
    }
    proof_source from{{}, a.server};
    std::function<net::task<>()> rest;
    if (a.embedded.is_running()) {
        co_await a.embedded.flush();
        from.database = a.embedded.db_path();
    } else {
        rest = [&after = a.after]() -> net::task<> {
            const auto until = std::chrono::steady_clock::now() + verify::settling;
            co_await after.sleep_until(until);
        };
        co_await rest();
    }
    const auto how_many = *a.config.verify;
    const auto threads = a.config.threads;
    auto proof =
        co_await prove(ledger, from, how_many, threads, a.pool, a.monitor, std::move(rest));
    if (!proof) {
        blame("--verify", proof.error());
        co_return;
    }
    if (auto bad = finding_of(*proof)) {
        a.result.findings.push_back(*std::move(bad));
    }
    a.result.verified = *std::move(proof);
}

} // namespace vsim::app
