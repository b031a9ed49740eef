#include "app/run.hpp"

#include "app/access.hpp"
#include "app/command.hpp"
#include "app/embedded.hpp"
#include "app/fleet_mix.hpp"
#include "app/live_display.hpp"
#include "app/main_loop.hpp"
#include "app/run_monitor.hpp"
#include "app/run_outcome.hpp"
#include "app/run_outputs.hpp"
#include "app/run_script.hpp"
#include "app/run_servers.hpp"
#include "app/run_verify.hpp"
#include "app/run_viewers.hpp"
#include "fleet/fleet.hpp"
#include "report/units.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>

namespace vsim::app {
namespace {

using report::grouped;
using stats::counter;
using unit = report::phase_progress::unit;

constexpr std::size_t home_key = 0;

util::steady_time now() {
    return std::chrono::steady_clock::now();
}

class run {
public:
    run(const run_config& c, run_parts parts, const std::string& command_line)
        : c_{c}, parts_{std::move(parts)}, clock_{util::clock_anchor::now()},
          result_{begin_result(c, parts_.server.url, command_line, clock_.wall)},
          kinds_{mix_of(c.fleet_mix)}, agents_clock_{c.clock.value_or(clock_.wall), clock_.steady},
          counts_{c.threads}, monitor_{counts_, c.count, std::move(parts_.watched)},
          pool_{c.threads, c.io_contexts} {}

    report::run_result execute() {
        if (parts_.outputs) {
            parts_.outputs->begin(result_, counts_, monitor_);
        }
        {
            live_display display{c_.console};
            run_main_loop(
                pool_,
                work(),
                {
                    .on_tick =
                        [&] {
                            sample();
                            windows_.sample(now());
                            display.show(monitor_);
                        },
                    .on_stop = [this] { stop_by_signal(); },
                    .before_exit =
                        [&] {
                            display.leave();
                            leave_at_once();
                        },
                    .holds_on = parts_.holds_signals_on,
                }
            );
            sample(true);
            display.show(monitor_);
        }
        if (is_signalled_ && result_.findings.empty() && result_.run.stopped_by == "error") {
            result_.run.stopped_by = "signal"; // before there was anything to stop
        }
        finish_result(result_, monitor_, counts_, trust_, now());
        if (parts_.outputs) {
            parts_.outputs->end(result_);
        }
        judge_thresholds(c_.thresholds, windows_, result_); // the last word
        return std::move(result_);
    }

private:
    // --- What the main thread does

    void sample(bool is_last = false) {
        const auto point = monitor_.sample(now(), is_last);
        if (point && parts_.outputs) {
            parts_.outputs->follow(*point, is_last);
        }
    }

    void stop_by_signal() {
        is_signalled_ = true;
        spdlog::warn("stopping: what is under way is brought to an end; press Ctrl-C again to stop "
                     "at once");
        pace_.stop();
        if (parts_.on_stop) {
            parts_.on_stop();
        }
    }

    void leave_at_once() {
        embedded_.remove_temporary_files();
        if (parts_.before_exit) {
            parts_.before_exit();
        }
        if (servers_.may_have_created()) {
            complain("servers of this run may stay; " + servers_.how_to_delete());
        }
    }

    // --- The work, on the pool

    void blame(exit_code code, std::string text) {
        result_.findings.push_back({to_int(code), std::move(text)});
    }

    void blame_some(std::uint64_t some, std::uint64_t all, std::string_view what) {
        blame(exit_code::failed, fmt::format("{} of {} {}", grouped(some), grouped(all), what));
    }

    net::task<> work() {
        const bool is_open = co_await open();
        if (is_open) {
            co_await on_server();
        }
        co_await servers_.wind_up(is_signalled_);
        if (embedded_.is_running()) {
            const auto refused = co_await embedded_.stop();
            if (refused) {
                blame(exit_code::failed, *refused);
            }
        }
        pace_.stop(); // nobody sleeps any more; their timers must not keep the pool running
        after_.stop();
    }

    net::task<> on_server() {
        if (!parts_.known_fleet) {
            auto enrolled = co_await servers_.enrol();
            if (!enrolled) {
                co_return;
            }
            parts_.known_fleet = std::move(enrolled);
        }
        const auto size = static_cast<std::uint32_t>(parts_.known_fleet->size());
        script_ = script_of(c_, size);
        auto around = surroundings();
        around.reported = viewers_.prepare(*parts_.known_fleet, kinds_);
        agents_.emplace(pool_, std::move(around), *std::move(parts_.known_fleet));
        result_.fleet.registered = agents_->size();
        if (c_.mode != run_mode::realtime) {
            co_await history();
            note_end("history");
        }
        if (c_.mode != run_mode::history && !pace_.is_stopped()) {
            co_await live();
        }
        if (c_.verify || parts_.ledger) {
            co_await account();
        }
    }

    net::task<> account() {
        const run_account parts{
            .config = c_,
            .server = parts_.server,
            .write_ledger = parts_.ledger,
            .agents = *agents_,
            .kinds = kinds_,
            .played = script_.get(),
            .embedded = embedded_,
            .result = result_,
            .monitor = monitor_,
            .pool = pool_,
            .after = after_,
        };
        co_await account_for(parts);
    }

    agent::surroundings surroundings() {
        return {
            .seed = c_.seed,
            .interval = c_.interval,
            .agg_interval = c_.agg_interval,
            .scope = c_.agg_sync,
            .coming_back = c_.reconnect,
            .kept = c_.backlog,
            .has_fences = c_.has_fences,
            .tick = c_.tick,
            .history = c_.hours,
            .starts_anew = c_.starts_anew,
            .server = parts_.server,
            .sources = c_.source_ip,
            .clock = agents_clock_,
            .kinds = &kinds_,
            .played = script_.get(),
            .counts = &counts_,
            .pace = &pace_,
            .after = &after_,
        };
    }

    net::task<bool> open() {
        std::string token;
        if (c_.embedded) {
            const auto started = embedded_.start(c_.threads, c_.embedded_db);
            if (!started) {
                blame(exit_code::failed, "--embedded: " + started.error().message);
                co_return false;
            }
            parts_.server.url = util::parse_url(embedded_.url()).value();
            parts_.server.tls.reset();
            result_.run.server = embedded_.url();
            token = embedded_.admin_token();
        } else if (parts_.who && parts_.who->what == credentials::kind::token) {
            token = parts_.who->value.reveal();
        }
        admin_.emplace(pool_.serial_executor(home_key), parts_.server, std::move(token));
        servers_.use(*admin_, parts_.server.url.text());
        const auto opened = co_await open_admin(*admin_, parts_.who);
        if (!opened) {
            blame(exit_code_of(opened.error()), opened.error().message);
            co_return false;
        }
        co_return true;
    }

    net::task<> history() {
        const auto keeping = std::ranges::count_if(agents_->agents(), [this](const auto& a) {
            return kinds_.of(c_.seed, a.who().index).has_store;
        });
        const auto all = agent::expected_buckets(c_.hours) * static_cast<std::uint64_t>(keeping);
        begin("history", all, counter::history_buckets);
        co_await agents_->send_history();
        const auto done = counts_.total(counter::history_agents_done);
        const auto failed = counts_.total(counter::history_agents_failed);
        monitor_.end(done < agents_->size());
        if (failed > 0) {
            blame_some(failed, agents_->size(), "agents could not send their history");
        }
    }

    net::task<> live() {
        const auto before = report::process_usage::now().cpu();
        monitor_.watch([this] { return agents_->figures(); });
        const auto began = now();
        monitor_.begin("ramp", unit::items, agents_->size(), [this] {
            return std::uint64_t{agents_->figures().ever};
        });
        co_await agents_->ramp(c_.connect_rate);
        const bool is_ramp_complete = !pace_.is_stopped();
        servers_.note_change(now());
        result_.process.max_fds = report::count_open_fds();
        monitor_.end(agents_->figures().ever < agents_->size());

        if (script_) {
            script_->begin(agents_clock_.to_wall(now()) + agent::script::lead);
        }
        if (is_ramp_complete) {
            trust_.begin();
        }
        viewers_.begin(parts_.server, agents_clock_);
        const auto start = now();
        const auto length = c_.duration.value_or(util::nanoseconds{0});
        monitor_.begin("run", unit::time, static_cast<std::uint64_t>(length.count()), [start] {
            return static_cast<std::uint64_t>((now() - start).count());
        });
        windows_.begin(start);
        const auto until = c_.duration ? start + *c_.duration : util::steady_time::max();
        co_await pace_.sleep_until(until);
        const auto stopped = now();
        if (is_ramp_complete) {
            trust_.end();
        }
        windows_.end(stopped);
        note_end("duration");
        monitor_.end(pace_.is_stopped() && c_.duration);
        pace_.stop();
        co_await viewers_.end(result_);

        monitor_.begin("drain", unit::items, agents_->size(), [this] {
            return std::uint64_t{agents_->size() - agents_->figures().online};
        });
        co_await agents_->drain();
        monitor_.end(false);
        judge_life(began, is_ramp_complete);
        if (script_) {
            tell_script(*script_, agents_->agents(), agents_clock_.to_wall(stopped), result_);
        }
        monitor_.watch({});
        result_.process.cpu_live = report::process_usage::now().cpu() - before;
    }

    void judge_life(util::steady_time began, bool is_ramp_complete) {
        const auto f = agents_->figures();
        result_.fleet.connected_peak = f.peak;
        result_.fleet.never_connected = agents_->size() - f.ever;
        if (f.complete_since) {
            result_.fleet.time_to_all_connected = *f.complete_since - began;
        }
        if (f.ever < agents_->size() && is_ramp_complete) {
            blame_some(agents_->size() - f.ever, agents_->size(), "agents never connected");
        }
        if (f.goodbyes < f.ever) {
            blame_some(
                f.ever - f.goodbyes,
                f.ever,
                "agents were cut off at the end: their last aggregates may be missing"
            );
        }
    }

    // What ended the part that ends now: a signal, or what it was meant to.
    void note_end(std::string_view otherwise) {
        result_.run.stopped_by = is_signalled_ ? "signal" : otherwise;
    }

    void begin(std::string phase, std::uint64_t total, counter done) {
        monitor_.begin(std::move(phase), unit::items, total, [this, done] {
            return counts_.total(done);
        });
    }

    const run_config& c_;
    run_parts parts_;
    const util::clock_anchor clock_;
    report::run_result result_; // of the work until it ends, then of the main thread
    std::atomic<bool> is_signalled_ = false;
    const agent::mix kinds_;
    util::clock_anchor agents_clock_;
    std::unique_ptr<agent::script> script_; // null: nothing befalls anybody
    stats::recorder counts_;
    run_monitor monitor_;
    report::window_log windows_{counts_, report::windows_of(c_.thresholds)};
    // In the order of their making: whoever comes later uses whoever comes earlier.
    embedded_server embedded_;
    net::pool pool_;
    run_trust trust_{c_, counts_, pool_};
    net::ticker pace_{pool_, c_.tick};  // its stop is the soft stop
    net::ticker after_{pool_, c_.tick}; // for what has to wait then
    run_viewers viewers_{c_, pool_, counts_, pace_};
    std::optional<fleet::admin> admin_;
    run_servers servers_{{c_, counts_, monitor_, result_, pace_, after_}};
    std::optional<fleet::fleet> agents_;
};

} // namespace

report::run_result perform(const run_config& c, run_parts parts, const std::string& command_line) {
    run whole{c, std::move(parts), command_line};
    return whole.execute();
}

} // namespace vsim::app
