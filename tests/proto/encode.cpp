#include "proto/encode.hpp"

#include "proto/decode.hpp"

#include <doctest/doctest.h>

using namespace vsim;
using namespace vsim::proto;

namespace {

const std::string minimal_metrics =
    R"({"type":"metrics","metrics":{"timestamp":"2026-11-24T03:46:33.12Z","hostname":"sim-1",)"
    R"("os":{"name":"ubuntu","version":"22.04","kernel":"5.15.0","arch":"amd64"},)"
    R"("cpu":{"brand":"Sim CPU","cores":2,"usage":12.5,"frequency":2400,"per_core":[10,15]},)"
    R"("memory":{"total":8589934592,"used":4294967296,"available":4294967296,"swap_total":0,"swap_used":0,"usage_percent":50},)"
    R"("disks":[{"name":"vda","total":42949672960,"disk_type":"SSD","mount_points":["/"],"usage_percent":30.5,"used":13099650252}],)"
    R"("network":{"interfaces":[{"name":"eth0","rx_bytes":1000,"tx_bytes":500,"rx_packets":10,"tx_packets":5}],)"
    R"("total_rx":1000,"total_tx":500,"rx_speed":10,"tx_speed":5},)"
    R"("uptime":1000,"load_average":{"one":0.1,"five":0.2,"fifteen":0.3},)"
    R"("ping":{"targets":[{"name":"CF","host":"1.1.1.1","type":"icmp","latency_ms":11.2,"packet_loss":0,"status":"ok"}],"timestamp":1795491993},)"
    R"("version":"v1","ip_addresses":[""]}})";

} // namespace

TEST_CASE("the minimal metrics message of the protocol survives decoding and encoding to the byte"
) {
    const auto message = decode_agent_message(minimal_metrics).value();
    const auto& m = std::get<metrics_message>(message);
    REQUIRE(m.metrics);
    CHECK(m.metrics->cpu.per_core == std::vector<float>{10, 15});
    CHECK(m.metrics->ping->targets.at(0).latency_ms == 11.2);
    CHECK(to_json(m) == minimal_metrics);
}

TEST_CASE("a time that was never set is Go's zero time") {
    CHECK(to_json(system_metrics{}).starts_with(R"({"timestamp":"0001-01-01T00:00:00Z",)"));
}

TEST_CASE("an unanswered ping is null, never left out") {
    ping_target_result r{.name = "n", .host = "h", .packet_loss = 100, .status = "timeout"};
    const metrics_message m{system_metrics{.ping = ping_info{.targets = {r}}}};
    CHECK(
        to_json(m).find(
            R"({"name":"n","host":"h","latency_ms":null,"packet_loss":100,"status":"timeout"})"
        ) != std::string::npos
    );
}

TEST_CASE("auth is written as the agents write it") {
    CHECK(
        to_json(auth_request{"386671fc", "801d407d", "v0.0.0-debug"}) ==
        R"({"type":"auth","server_id":"386671fc","token":"801d407d","version":"v0.0.0-debug"})"
    );
    CHECK(to_json(auth_request{"a", "b", ""}) == R"({"type":"auth","server_id":"a","token":"b"})");
}

TEST_CASE("aggregated metrics are written as in the protocol's example") {
    aggregated_message m;
    m.granularities.push_back(
        {"2min",
         120,
         {{14962433, 300, 20, 1200, 51, 732, 1000, 500, 264, 24, 24}},
         {{14962433, "CF", "1.1.1.1", 264, 14.5, 24, 24, 0}}}
    );
    CHECK(
        to_json(m) ==
        R"({"type":"aggregated_metrics","granularities":[{"granularity":"2min","interval":120,)"
        R"("metrics":[{"bucket":14962433,"cpu_sum":300,"cpu_max":20,"memory_sum":1200,"memory_max":51,"disk_sum":732,"net_rx":1000,"net_tx":500,"ping_sum":264,"ping_count":24,"sample_count":24}],)"
        R"("ping":[{"bucket":14962433,"target_name":"CF","target_host":"1.1.1.1","latency_sum":264,"latency_max":14.5,"latency_count":24,"ok_count":24,"fail_count":0}]}]})"
    );
}

TEST_CASE("the server's messages have the server's key order") {
    auth_reply ok{.status = "ok"};
    CHECK(to_json(ok) == R"({"status":"ok","type":"auth"})");
    ok.ping_targets = {{"CF", "1.1.1.1", "", 0}};
    ok.last_seen = util::zoned_instant{util::from_unix_seconds(1795492055)};
    ok.last_buckets = {{"5sec", 359098411}, {"2min", 14962433}, {"15min", 1994991}};
    CHECK(
        to_json(ok) ==
        R"({"last_buckets":{"15min":1994991,"2min":14962433,"5sec":359098411},"last_seen":"2026-11-24T03:47:35Z",)"
        R"("ping_targets":[{"name":"CF","host":"1.1.1.1"}],"status":"ok","type":"auth"})"
    );
    CHECK(
        to_json(auth_reply{.status = "error", .message = "Invalid token"}) ==
        R"({"type":"auth","status":"error","message":"Invalid token"})"
    );
    CHECK(
        to_json(error_reply{"Not authenticated"}) ==
        R"({"type":"error","message":"Not authenticated"})"
    );
    CHECK(
        to_json(batch_ack{"b-1", 3, 3}) ==
        R"({"accepted":3,"batch_id":"b-1","rejected":3,"type":"batch_ack"})"
    );
    CHECK(
        to_json(config_push{.traffic = traffic_config{5.5, 1, "sum"}}) ==
        R"({"traffic_config":{"monthly_limit_gb":5.5,"reset_day":1,"threshold_type":"sum"},"type":"config"})"
    );
    CHECK(
        to_json(config_push{.ping_targets = std::vector<probe_target>{{"W", "h", "tcp", 443}}}) ==
        R"({"ping_targets":[{"name":"W","host":"h","type":"tcp","port":443}],"type":"config"})"
    );
    CHECK(
        to_json(command_push{"update", "", true}) ==
        R"({"type":"command","command":"update","force":true})"
    );
}

TEST_CASE("REST bodies match the protocol's examples") {
    server_object o;
    o.id = "386671fc-898f-4dba-8299-99c68a584b5d";
    o.fields.name = "Debug-Server-007";
    o.fields.location = "Tokyo";
    o.fields.provider = "AWS";
    o.fields.group_values = {{"purpose", "testing"}};
    o.token = "801d407d-178e-43bd-9a56-f86a892186c1";
    CHECK(
        to_json(o) ==
        R"({"id":"386671fc-898f-4dba-8299-99c68a584b5d","name":"Debug-Server-007","url":"","location":"Tokyo","provider":"AWS",)"
        R"("tag":"","token":"801d407d-178e-43bd-9a56-f86a892186c1","version":"","ip":"","group_values":{"purpose":"testing"}})"
    );
    CHECK(
        to_json(import_reply{1, 1, {"Row 2: name is required"}, {"2710c482"}}) ==
        R"({"success":1,"failed":1,"errors":["Row 2: name is required"],"server_ids":["2710c482"]})"
    );
    CHECK(
        to_json(history_reply{.server_id = "x", .range = "7d"}) ==
        R"({"server_id":"x","range":"7d","data":null})"
    );
    history_reply h{.server_id = "0712", .range = "1h", .last_bucket = 359098411};
    h.data = {{"2026-11-24T03:47:35Z", 10, 5, 3, 1000, 500, 10.0}};
    h.ping_targets = {{"CF", "1.1.1.1", {{"2026-11-24T03:47:35Z", 10.0, "ok"}}}};
    CHECK(
        to_json(h) ==
        R"({"server_id":"0712","range":"1h","data":[{"timestamp":"2026-11-24T03:47:35Z","cpu":10,"memory":5,"disk":3,"net_rx":1000,"net_tx":500,"ping_ms":10}],)"
        R"("ping_targets":[{"name":"CF","host":"1.1.1.1","data":[{"timestamp":"2026-11-24T03:47:35Z","latency_ms":10,"status":"ok"}]}],"last_bucket":359098411})"
    );
}

TEST_CASE("the dashboard's messages match the protocol's examples") {
    delta d{1795492127, {{"7a4976e5", true, delta_metrics{12, 50, 30, 10, 5}}}};
    CHECK(
        to_json(d) ==
        R"({"type":"delta","ts":1795492127,"d":[{"id":"7a4976e5","on":true,"m":{"c":12,"m":50,"d":30,"rx":10,"tx":5}}]})"
    );
    CHECK(to_json(stream_end{}) == R"({"type":"stream_end"})");
    CHECK(
        to_json(stream_init{3, {}, {}, {"vStats", "all of them", {}, {}}}) ==
        R"({"type":"stream_init","total_servers":3,"site_settings":{"site_name":"vStats","site_description":"all of them","social_links":null}})"
    );
}

TEST_CASE("numbers are written in their shortest form, without an exponent where people read them"
) {
    const auto text = [](double v) {
        return to_json(config_push{.traffic = traffic_config{v, 1, ""}});
    };
    CHECK(text(0.1).find(":0.1,") != std::string::npos);
    CHECK(text(12.34).find(":12.34,") != std::string::npos);
    CHECK(text(1e15).find(":1000000000000000,") != std::string::npos);
    CHECK(text(1e22).find(":1e+22,") != std::string::npos);
}
