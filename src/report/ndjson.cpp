#include "report/ndjson.hpp"

#include "report/json_point.hpp"
#include "report/json_writer.hpp"
#include "report/measures.hpp"

namespace vsim::report {
namespace {

using stats::counter;

json_writer begin_line(std::string_view type) {
    json_writer j;
    j.begin_object();
    j.member("type", type);
    return j;
}

std::string end_line(json_writer& j) {
    j.end_object();
    return j.text() + "\n";
}

} // namespace

std::string ndjson_start(const run_result& r) {
    auto j = begin_line("start");
    j.member("schema", 1);
    j.member("tool", "vstats-sim");
    j.member("version", r.tool.version);
    j.member("build", r.tool.build);
    j.member("started_at", util::format_rfc3339(r.run.started_at, 3));
    j.member("mode", r.run.mode);
    j.member("embedded", r.run.embedded);
    if (!r.run.embedded) { // that one has no address yet
        j.member("server", r.run.server);
    }
    j.member("count", r.run.count);
    j.member("interval_s", in_s(r.run.interval));
    j.member("agg_interval_s", in_s(r.run.agg_interval));
    if (r.run.history.count() > 0) {
        j.member("history_s", in_s(r.run.history));
    }
    j.member("seed", r.run.seed);
    j.member("threads", r.run.threads);
    j.member("shard", r.run.shard);
    j.member("command_line", r.run.command_line);
    return end_line(j);
}

std::string ndjson_point(const stats::timeline_point& p) {
    auto j = begin_line("point");
    write_point(j, p);
    return end_line(j);
}

std::string ndjson_end(const run_result& r) {
    auto j = begin_line("end");
    j.member("verdict", r.verdict());
    j.member("exit_code", r.exit_code);
    j.member("ended_at", util::format_rfc3339(r.run.ended_at, 3));
    j.member("duration_s", in_s(r.run.duration));
    j.member("stopped_by", r.run.stopped_by);
    j.begin_array("findings");
    for (const auto& f : r.findings) {
        j.item(f.text);
    }
    j.end_array();
    j.member("metrics_sent", r.stats[counter::metrics_sent]);
    j.member(
        "bytes_sent",
        r.stats[counter::metrics_bytes] + r.stats[counter::aggregated_bytes] +
            r.stats[counter::batch_bytes] + r.stats[counter::history_bytes]
    );
    j.member("missed", r.stats[counter::metrics_missed]);
    j.member("errors", r.stats.error_total());
    return end_line(j);
}

} // namespace vsim::report
