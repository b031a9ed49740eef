#include "app/access.hpp"
#include "app/capacity_fleet.hpp"
#include "app/capacity_outcome.hpp"
#include "app/capacity_plan.hpp"
#include "app/capacity_search.hpp"
#include "app/capacity_state.hpp"
#include "app/command.hpp"
#include "app/log.hpp"
#include "app/main_loop.hpp"
#include "app/preflight.hpp"
#include "app/run.hpp"
#include "app/run_outcome.hpp"
#include "app/run_outputs.hpp"
#include "app/run_watch.hpp"
#include "report/console_capacity.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <optional>
#include <unistd.h>
#include <utility>

namespace vsim::app {
namespace {

using report::capacity_end;
using kind = step_outcome::kind;

class search {
public:
    search(
        const capacity_config& c,
        std::string command_line,
        capacity_fleet& fleet,
        run_outputs& outputs
    )
        : c_{c}, command_line_{std::move(command_line)}, fleet_{fleet}, outputs_{outputs},
          next_{c.from, c.to, c.resolution} {
        const bool is_taken = outputs.owns_stdout();
        to_ = is_taken ? stderr : stdout;
        has_color_ =
            wants_color(c.run.console, output_traits::of(is_taken ? STDERR_FILENO : STDOUT_FILENO));
        facts_.from = c.from;
        facts_.to = c.to;
        facts_.resolution = c.resolution;
        facts_.step_duration = c.step_duration;
    }

    // What an earlier start has measured.
    void resume(std::vector<report::capacity_step> steps) {
        for (auto& s : steps) {
            const auto expected = next_.next();
            if (!expected || expected->agents != s.agents) {
                break; // cannot come of the same arguments
            }
            next_.record(s.said == report::capacity_step::verdict::accepted, s.is_borderline);
            facts_.steps.push_back(std::move(s));
        }
        resumed_ = facts_.steps.size();
        if (resumed_ > 0) {
            print(fmt::format("{} steps of {} are taken over\n", resumed_, c_.state_file));
        }
    }

    bool is_over() const { return !next_.next(); }

    void work() {
        std::optional<capacity_search::step> step;
        for (step = next_.next(); step && !is_over_; step = next_.next()) {
            if (made_ > 0 && !c_.run.embedded && rest_until_signal(c_.settle)) {
                end(capacity_end::interrupted);
                return;
            }
            take(*step);
        }
        if (!is_over_) {
            conclude();
        }
    }

    void conclude() {
        end(!next_.largest_accepted()    ? capacity_end::none_good
            : !next_.smallest_rejected() ? capacity_end::all_good
                                         : capacity_end::found);
    }

    // The last accepted run, else the last one made, as the run of this search.
    report::run_result result() {
        facts_.largest_accepted = next_.largest_accepted();
        facts_.smallest_rejected = next_.smallest_rejected();
        if (!run_) {
            run_ = begin_result(
                step_of(c_, c_.from),
                c_.run.access.server,
                command_line_,
                util::clock_anchor::now().wall
            );
            run_->run.ended_at = run_->run.started_at;
            run_->run.stopped_by = "nothing left to do";
        }
        run_->findings.clear();
        if (code_ != exit_code::ok) {
            run_->findings.push_back({to_int(code_), finding_});
        }
        settle_exit_code(*run_);
        run_->capacity = facts_;
        return *std::move(run_);
    }

private:
    void print(const std::string& text) const {
        std::fwrite(text.data(), 1, text.size(), to_);
        std::fflush(to_);
    }

    void end(capacity_end how, std::string reason = {}) {
        is_over_ = true;
        facts_.end = how;
        facts_.end_reason = std::move(reason);
        switch (how) {
        case capacity_end::found:
        case capacity_end::all_good:
            break;
        case capacity_end::none_good:
            code_ = exit_code::threshold;
            finding_ = "the smallest fleet was too large already";
            break;
        case capacity_end::generator:
            code_ = exit_code::invalid_run;
            finding_ = "the generator is the limit, not the server: " + facts_.end_reason;
            break;
        case capacity_end::interrupted:
            code_ = exit_code::failed;
            finding_ = "stopped by a signal before there was an answer";
            break;
        case capacity_end::failed:
            finding_ = "a step could not be run: " + facts_.end_reason;
            break;
        }
        const bool can_go_on = how == capacity_end::interrupted || how == capacity_end::failed ||
                               how == capacity_end::generator;
        if (can_go_on) {
            facts_.how_to_resume =
                c_.state_file.empty()
                    ? "with --state FILE a search can be gone on with; this one begins anew"
                    : "the same command again goes on after the last complete step, from " +
                          c_.state_file;
        }
    }

    void take(capacity_search::step tried) {
        const auto iteration = static_cast<std::uint32_t>(facts_.steps.size() + 1);
        print(report::render_step_start(
            {.iteration = iteration, .agents = tried.agents, .is_repeat = tried.is_repeat},
            c_.step_duration,
            has_color_
        ));
        auto parts = fleet_.parts_for(tried.agents);
        if (auto watched = watch_server(c_.run)) {
            parts.watched = *std::move(watched);
        } else {
            spdlog::warn("{}", watched.error().message); // it has ended since the last step
        }
        parts.outputs = &outputs_;
        parts.on_stop = [this] { is_signalled_ = true; };
        parts.before_exit = [&] {
            outputs_.discard();
            fleet_.say_what_stays();
        };
        parts.holds_signals_on = true;
        report::reset_memory_peak();
        const auto before = report::process_usage::now();
        auto run = perform(step_of(c_, tried.agents), std::move(parts), command_line_);
        run.process.cpu_user -= before.cpu_user; // of the steps before
        run.process.cpu_system -= before.cpu_system;
        ++made_;
        auto outcome = outcome_of(run, iteration, tried);
        for (const auto& f : run.findings) {
            spdlog::debug("step of {} agents: {} ({})", tried.agents, f.text, f.exit_code);
        }
        const bool is_judged = outcome.what == kind::judged;
        bool is_accepted = outcome.step.said == report::capacity_step::verdict::accepted;
        if (is_judged) {
            const bool is_decided = next_.record(is_accepted, outcome.step.is_borderline);
            is_accepted = is_accepted && is_decided;
        }
        if (is_accepted || !has_accepted_run_) {
            run_ = std::move(run);
            has_accepted_run_ = is_accepted;
        }
        if (is_judged || outcome.what == kind::generator) {
            print(report::render_step_end(outcome.step, has_color_));
            facts_.steps.push_back(outcome.step);
        }
        if (is_judged) {
            keep();
        }
        if (outcome.what == kind::generator) {
            end(capacity_end::generator, outcome.why);
        } else if (outcome.what == kind::failed) {
            code_ = outcome.code;
            end(capacity_end::failed, outcome.why);
        } else if (outcome.what == kind::interrupted || (is_signalled_ && next_.next())) {
            end(capacity_end::interrupted);
        }
    }

    void keep() {
        if (c_.state_file.empty()) {
            return;
        }
        if (const auto kept = save_state(c_.state_file, {c_.arguments, facts_.steps}); !kept) {
            complain(kept.error().message); // the search itself can go on
        }
    }

    const capacity_config& c_;
    const std::string command_line_;
    capacity_fleet& fleet_;
    run_outputs& outputs_;
    capacity_search next_;
    report::capacity_facts facts_;
    std::optional<report::run_result> run_;
    bool has_accepted_run_ = false;
    std::atomic<bool> is_signalled_ = false;
    bool is_over_ = false;
    std::size_t resumed_ = 0, made_ = 0;
    exit_code code_ = exit_code::ok;
    std::string finding_;
    std::FILE* to_ = stdout;
    bool has_color_ = false;
};

std::string render_table(const report::run_result& r, bool color) {
    return report::render_capacity(*r.capacity, color);
}

// The advice of a machine that is too small names run's option.
util::error in_words_of_capacity(util::error e) {
    constexpr std::string_view theirs = "--count";
    if (const auto at = e.message.find(theirs); at != std::string::npos) {
        e.message.replace(at, theirs.size(), "--to");
    }
    return e;
}

} // namespace

exit_code execute(const capacity_config& wanted, const std::string& command_line) {
    auto c = with_criteria(wanted);
    capacity_fleet fleet{c};
    const auto size = fleet.read_file();
    if (!size) {
        return refuse(size.error());
    }
    c.to = size->value_or(c.to);
    c.run.count = c.to;
    const auto machine = check_machine(step_of(c, c.to));
    if (c.run.dry_run) {
        for (const auto& line : plan_of(c)) {
            fmt::print("{}\n", line);
        }
    }
    if (!machine) {
        return refuse(in_words_of_capacity(machine.error()));
    }
    for (const auto& line : machine->lines) {
        c.run.dry_run ? fmt::print("{}\n", line) : spdlog::debug(line);
    }
    if (c.run.dry_run) {
        return exit_code::ok;
    }
    if (const auto watched = watch_server(c.run); !watched) {
        return refuse(watched.error());
    }
    auto outputs = run_outputs::open(c.run.outputs);
    if (!outputs) {
        return refuse(outputs.error());
    }
    search s{c, command_line, fleet, *outputs};
    bool is_resumed = false;
    if (!c.state_file.empty()) {
        auto state = load_state(c.state_file);
        if (!state) {
            return refuse(state.error());
        }
        if (*state) {
            const auto same = check_same_arguments((*state)->arguments, c.arguments);
            if (!same) {
                return refuse(
                    {same.error().code,
                     fmt::format("--state '{}': {}", c.state_file, same.error().message)}
                );
            }
            is_resumed = true;
            s.resume(std::move((*state)->steps));
        } else if (const auto kept = save_state(c.state_file, {c.arguments, {}}); !kept) {
            return refuse(kept.error());
        }
    }
    if (s.is_over()) {
        s.conclude();
        return publish(c.run.console, s.result(), *outputs, render_table);
    }
    if (const auto ready = fleet.prepare(); !ready) {
        return refuse(ready.error());
    }
    hold_signals();
    if (const auto enrolled = fleet.enrol(is_resumed); enrolled != exit_code::ok) {
        fleet.say_what_stays();
        return enrolled;
    }
    hold_signals();
    if (const auto served = outputs->serve_metrics(c.run.prometheus); !served) {
        return worse(refuse(served.error()), fleet.wind_up());
    }
    s.work();
    const auto published = publish(c.run.console, s.result(), *outputs, render_table);
    return worse(published, fleet.wind_up());
}

} // namespace vsim::app
