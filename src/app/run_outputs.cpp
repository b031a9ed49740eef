#include "app/run_outputs.hpp"

#include "report/csv.hpp"
#include "report/hdr_log.hpp"
#include "report/html.hpp"
#include "report/json.hpp"
#include "report/ndjson.hpp"
#include "report/prometheus.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>

namespace vsim::app {
namespace {

using kind = output_config::kind;

std::string text_of(kind what, const report::run_result& r) {
    switch (what) {
    case kind::csv:
        return report::to_csv(r);
    case kind::hdr:
        return report::to_hdr_log(r);
    case kind::html:
        return report::to_html(r);
    case kind::json:
    case kind::ndjson:
        break;
    }
    return report::to_json(r);
}

std::string phase_of(const report::progress_state& state) {
    const bool none = state.phases.empty() || state.phases.back().finished;
    return none ? "" : state.phases.back().name;
}

} // namespace

util::result<run_outputs> run_outputs::open(const std::vector<output_config>& wanted) {
    run_outputs all;
    for (const auto& o : wanted) {
        all.owns_stdout_ = all.owns_stdout_ || o.path == "-";
        if (o.what == kind::ndjson) {
            auto file = report::line_file::open(o.path);
            if (!file) {
                return util::make_error(file.error().code, "--out: " + file.error().message);
            }
            all.lines_.push_back(*std::move(file));
        } else {
            auto file = report::output_file::open(o.path);
            if (!file) {
                return util::make_error(file.error().code, "--out: " + file.error().message);
            }
            all.files_.emplace_back(o.what, *std::move(file));
        }
    }
    return all;
}

util::result<void> run_outputs::serve_metrics(const std::string& address) {
    if (address.empty()) {
        return {};
    }
    auto opened = metrics_endpoint::open(address);
    if (!opened) {
        return util::make_error(opened.error().code, "--prometheus: " + opened.error().message);
    }
    endpoint_ = *std::move(opened);
    spdlog::info("metrics of the run at http://{}/metrics", endpoint_->address());
    return {};
}

void run_outputs::begin(
    const report::run_result& r, const stats::recorder& counts, run_monitor& monitor
) {
    for (auto& l : lines_) {
        l.add(report::ndjson_start(r));
    }
    if (std::ranges::any_of(files_, [](const auto& f) { return f.first == kind::hdr; })) {
        slices_.emplace(counts);
    }
    if (endpoint_) {
        report::live_facts live{
            .tool = r.tool,
            .started_at = r.run.started_at,
            .agents_requested = r.fleet.requested,
        };
        endpoint_->show([live = std::move(live), &counts, &monitor]() mutable {
            const auto state = monitor.state(std::chrono::steady_clock::now());
            live.phase = phase_of(state);
            live.agents_online = state.live ? state.live->connected : 0;
            live.usage = report::process_usage::now();
            live.stats = counts.take();
            return to_prometheus(live);
        });
    }
}

void run_outputs::follow(const stats::timeline_point& p, bool is_last) {
    for (auto& l : lines_) {
        l.add(report::ndjson_point(p));
    }
    if (slices_) {
        slices_->sample(p.t, is_last);
    }
}

void run_outputs::end(report::run_result& r) {
    if (endpoint_) {
        endpoint_->show({});
    }
    if (slices_) {
        r.slices = slices_->all();
        slices_.reset();
    }
}

std::vector<std::string> run_outputs::write(const report::run_result& r) {
    std::vector<std::string> failures;
    const auto check = [&failures](const util::result<void>& done) {
        if (!done) {
            failures.push_back(done.error().message);
        }
    };
    for (auto& l : lines_) {
        l.add(report::ndjson_end(r));
        check(l.finish());
    }
    for (auto& [what, file] : files_) {
        check(file.commit(text_of(what, r)));
    }
    return failures;
}

void run_outputs::discard() {
    for (auto& [what, file] : files_) {
        file.discard();
    }
}

} // namespace vsim::app
