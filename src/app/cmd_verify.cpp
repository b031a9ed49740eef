#include "app/cmd_verify.hpp"

#include "app/access.hpp"
#include "app/command.hpp"
#include "app/live_display.hpp"
#include "app/main_loop.hpp"
#include "app/run_outcome.hpp"
#include "app/run_outputs.hpp"
#include "app/run_trust.hpp"
#include "app/run_verify.hpp"
#include "report/verification.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

namespace vsim::app {
namespace {

// The run whose ledger it is, as far as that tells.
run_config run_of(const verify_config& c, const verify::ledger& l) {
    run_config r;
    r.access = c.access;
    r.count = static_cast<std::uint32_t>(l.agents.size());
    for (const auto mode : {run_mode::both, run_mode::history, run_mode::realtime}) {
        r.mode = name(mode) == l.run.mode ? mode : r.mode;
    }
    r.seed = l.run.seed;
    r.interval = l.run.interval;
    r.agg_interval = l.run.agg_interval;
    r.threads = c.threads;
    r.console = c.console;
    return r;
}

class work {
public:
    work(
        const verify_config& c,
        const verify::ledger& l,
        net::endpoint server,
        const std::string& said,
        run_outputs& outputs
    )
        : c_{c}, ledger_{l}, run_{run_of(c, l)}, server_{std::move(server)}, outputs_{outputs},
          result_{begin_result(run_, server_.url, said, std::chrono::system_clock::now())} {}

    report::run_result execute() {
        {
            live_display display{c_.console};
            run_main_loop(
                pool_,
                prove_it(),
                {.on_tick = [&] { display.show(monitor_); },
                 .on_stop = [] { spdlog::warn("press Ctrl-C again to stop at once"); },
                 .before_exit =
                     [&] {
                         display.leave();
                         outputs_.discard();
                     }}
            );
            display.show(monitor_);
        }
        finish_result(result_, monitor_, counts_, trust_, std::chrono::steady_clock::now());
        return std::move(result_);
    }

private:
    net::task<> prove_it() {
        const proof_source from{c_.db, server_};
        std::function<net::task<>()> rest = [this]() -> net::task<> {
            const auto until = std::chrono::steady_clock::now() + verify::settling;
            co_await after_.sleep_until(until);
        };
        const auto threads = c_.threads;
        const auto how_many = c_.agents;
        auto proof =
            co_await prove(ledger_, from, how_many, threads, pool_, monitor_, std::move(rest));
        if (!proof) {
            result_.findings.push_back({to_int(exit_code::failed), proof.error().message});
        } else {
            result_.run.stopped_by = "verify";
            if (auto bad = finding_of(*proof)) {
                result_.findings.push_back(*std::move(bad));
            }
            result_.verified = *std::move(proof);
        }
        after_.stop();
    }

    const verify_config& c_;
    const verify::ledger& ledger_;
    const run_config run_;
    const net::endpoint server_;
    run_outputs& outputs_;
    report::run_result result_;
    stats::recorder counts_{1};
    run_monitor monitor_{counts_, 0};
    net::pool pool_{c_.threads, 1};
    net::ticker after_{pool_};
    const run_trust trust_{run_, counts_, pool_}; // nobody lives, nothing is judged
};

} // namespace

exit_code execute(const verify_config& c, const std::string& command_line) {
    const auto ledger = verify::read_ledger(c.ledger);
    if (!ledger) {
        return refuse(ledger.error());
    }
    auto access = c.access;
    if (!c.has_server && c.db.empty()) {
        const auto url = util::parse_url(ledger->run.server);
        if (!url) {
            return refuse(url.error());
        }
        access.server = *url;
    }
    auto server = endpoint_of(access);
    if (!server) {
        return refuse(server.error());
    }
    auto outputs = run_outputs::open(c.outputs);
    if (!outputs) {
        return refuse(outputs.error());
    }
    hold_signals();
    const auto result = work{c, *ledger, *std::move(server), command_line, *outputs}.execute();
    return publish(c.console, result, *outputs, report::render_proof);
}

} // namespace vsim::app
