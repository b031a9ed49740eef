#include "app/run_servers.hpp"

#include "app/access.hpp"
#include "fleet/registration.hpp"
#include "report/units.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace vsim::app {

using report::grouped;
using stats::counter;

void run_servers::use(fleet::admin& a, std::string url) {
    admin_ = &a;
    url_ = std::move(url);
}

admin_job run_servers::job() const {
    auto* pace = &p_.pace;
    return {
        {admin_,
         &p_.counts,
         [pace] { return pace->is_stopped(); },
         [pace](util::nanoseconds d) { return rest(*pace, d); }},
        &p_.monitor
    };
}

void run_servers::blame(exit_code code, std::string text) {
    p_.result.findings.push_back({to_int(code), std::move(text)});
}

net::task<bool> run_servers::delete_earlier() {
    auto found = co_await fleet::with_prefix(*admin_, p_.config.prefix);
    if (!found) {
        blame(exit_code_of(found.error()), found.error().message);
        co_return false;
    }
    const auto removed = co_await remove_shown(job(), *std::move(found));
    if (!removed) {
        blame(exit_code_of(removed.error()), removed.error().message);
        co_return false;
    }
    if (removed->stopped) {
        p_.result.run.stopped_by = "signal";
        co_return false;
    }
    if (removed->remaining > 0) {
        blame(
            exit_code::failed,
            fmt::format("{} earlier servers could not be deleted", removed->remaining)
        );
    }
    co_return removed->remaining == 0;
}

net::task<std::optional<std::vector<agent::identity>>> run_servers::enrol() {
    const auto& c = p_.config;
    if (!c.keep) {
        const auto cleared = co_await delete_earlier();
        if (!cleared) {
            co_return std::nullopt;
        }
    }
    may_have_created_ = !c.embedded;
    auto done = co_await register_shown(job(), c.seed, c.count, c.prefix);
    if (!done) {
        blame(exit_code_of(done.error()), done.error().message);
        co_return std::nullopt;
    }
    created_ = std::move(done->created);
    note_change(std::chrono::steady_clock::now());
    p_.result.fleet.registered = std::max(done->agents.size(), created_.size());
    if (done->refused) {
        blame(exit_code::auth, done->refused->message);
    }
    if (done->stopped) {
        p_.result.run.stopped_by = "signal";
    }
    if (done->stopped || done->refused) {
        co_return std::nullopt;
    }
    if (done->agents.size() < c.count) {
        blame(
            exit_code::failed,
            fmt::format(
                "{} of {} servers were all that could be registered",
                grouped(done->agents.size()),
                grouped(c.count)
            )
        );
    }
    if (done->agents.empty()) {
        co_return std::nullopt;
    }
    co_return std::move(done->agents);
}

net::task<> run_servers::wind_up(bool is_signalled) {
    if (created_.empty()) {
        co_return;
    }
    if (p_.config.cleanup_after) {
        co_await delete_created(is_signalled);
    } else if (!p_.config.embedded) {
        say_what_stays(is_signalled);
    }
}

net::task<> run_servers::delete_created(bool is_signalled) {
    auto& after = p_.after;
    if (created_.size() > fleet::delete_pace::few_servers && !p_.config.embedded) {
        co_await after.sleep_until(changed_at_ + fleet::delete_pace::save_is_over);
    }
    const auto before = p_.counts.total(counter::servers_deleted);
    p_.monitor.begin(
        "cleanup",
        report::phase_progress::unit::items,
        created_.size(),
        [counts = &p_.counts, before] { return counts->total(counter::servers_deleted) - before; }
    );
    auto work = job().job;
    work.is_stopped = [] { return false; };
    work.sleep = [&after](util::nanoseconds d) { return rest(after, d); };
    const auto removed = co_await fleet::remove_servers(std::move(work), created_);
    p_.monitor.end(!removed || removed->remaining > 0);
    if (!removed) {
        blame(exit_code_of(removed.error()), "--cleanup-after: " + removed.error().message);
    } else if (removed->remaining > 0) {
        blame(
            exit_code::failed,
            fmt::format("{} servers of this run could not be deleted", removed->remaining)
        );
    }
    if (!removed || removed->remaining > 0) {
        say_what_stays(is_signalled);
    }
}

std::string run_servers::how_to_delete() const {
    return fmt::format(
        "`vstats-sim cleanup --server {} --prefix {}` deletes them", url_, p_.config.prefix
    );
}

void run_servers::say_what_stays(bool is_signalled) const {
    spdlog::log(
        is_signalled ? spdlog::level::warn : spdlog::level::info,
        "{} servers named {}... stay on {}; {}",
        grouped(created_.size()),
        p_.config.prefix,
        url_,
        how_to_delete()
    );
}

} // namespace vsim::app
