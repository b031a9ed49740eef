// Prints an output of a made-up run for tests/report/check_outputs.py to read: KIND ["failed"].
#include "example_full.hpp"
#include "report/csv.hpp"
#include "report/hdr_log.hpp"
#include "report/html.hpp"
#include "report/json.hpp"
#include "report/prometheus.hpp"

#include <cstdio>
#include <string>
#include <string_view>

using namespace vsim;

namespace {

std::string output(std::string_view kind, const report::run_result& r) {
    if (kind == "csv") {
        return report::to_csv(r);
    }
    if (kind == "hdr") {
        return report::to_hdr_log(r);
    }
    if (kind == "html") {
        return report::to_html(r);
    }
    if (kind == "prometheus") {
        report::live_facts live;
        live.tool = r.tool;
        live.stats = r.stats;
        return report::to_prometheus(live);
    }
    return report::to_json(r);
}

} // namespace

int main(int argc, char** argv) {
    const bool failed = argc > 2 && std::string_view{argv[2]} == "failed";
    const auto run = failed ? test::failed_run() : test::sliced_run();
    std::fputs(output(argc > 1 ? argv[1] : "json", run).c_str(), stdout);
}
