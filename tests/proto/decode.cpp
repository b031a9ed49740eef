#include "proto/decode.hpp"

#include "proto/encode.hpp"
#include "support/random_value.hpp"

#include <doctest/doctest.h>

using namespace vsim;
using namespace vsim::proto;

namespace {

template <class T, class Decode>
void check_round_trip(Decode decode_text) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const auto value = test::random_value{seed}.make<T>();
        const auto text = to_json(value);
        CAPTURE(text);
        const auto back = decode_text(text);
        REQUIRE(back.has_value());
        CHECK(*back == value);
    }
}

template <class T>
void check_body() {
    check_round_trip<T>([](const std::string& text) { return decode<T>(text); });
}

template <class Message, class T, auto Decode>
void check_message() {
    check_round_trip<T>([](const std::string& text) -> util::result<T> {
        auto m = Decode(text);
        if (m.has_error()) {
            return m.error();
        }
        return std::get<T>(*m);
    });
}

// A metrics message with one more field, or a field replaced.
std::string metrics_with(const std::string& field) {
    return R"({"type":"metrics","metrics":{"timestamp":"2026-11-24T03:46:33Z",)" + field + "}}";
}
bool is_dropped(const std::string& text) {
    return decode_agent_message(text).has_error();
}

} // namespace

TEST_CASE("every agent message survives the wire") {
    check_message<agent_message, auth_request, decode_agent_message>();
    check_message<agent_message, metrics_message, decode_agent_message>();
    check_message<agent_message, aggregated_message, decode_agent_message>();
    check_message<agent_message, batch_message, decode_agent_message>();
}

TEST_CASE("every server message survives the wire") {
    check_message<server_message, error_reply, decode_server_message>();
    check_message<server_message, batch_ack, decode_server_message>();
    check_message<server_message, config_push, decode_server_message>();
    check_message<server_message, command_push, decode_server_message>();
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        auto reply = test::random_value{seed}.make<auth_reply>();
        reply.status = "ok"; // with "error" only the message travels
        reply.message.clear();
        const auto back = decode_server_message(to_json(reply));
        REQUIRE(back.has_value());
        CHECK(std::get<auth_reply>(*back) == reply);
    }
}

TEST_CASE("every dashboard message survives the wire") {
    check_message<dashboard_message, stream_init, decode_dashboard_message>();
    check_message<dashboard_message, stream_server, decode_dashboard_message>();
    check_message<dashboard_message, delta, decode_dashboard_message>();
}

TEST_CASE("every REST body survives the wire") {
    check_body<error_body>();
    check_body<version_reply>();
    check_body<login_request>();
    check_body<login_reply>();
    check_body<verify_reply>();
    check_body<server_fields>();
    check_body<server_object>();
    check_body<server_patch>();
    check_body<import_reply>();
    check_body<register_request>();
    check_body<register_reply>();
    check_body<probe_settings>();
    check_body<history_reply>();
    check_body<online_users_reply>();
    check_body<server_view>();
}

TEST_CASE("one bad field drops the whole message") {
    CHECK(!is_dropped(metrics_with(R"("uptime":1)")));
    for (const char* field :
         {R"("uptime":1.5)",
          R"("uptime":-1)",
          R"("uptime":1.0)",
          R"("uptime":1e3)",
          R"("uptime":"1")",
          R"("network":{"total_rx":-1})",
          R"("network":{"total_rx":18446744073709551616})",
          R"("network":[])",
          R"("disks":{})",
          R"("hostname":7)",
          R"("cpu":{"usage":1e39})",
          R"("cpu":{"cores":1.0})",
          R"("memory":{"modules":[{"speed":4294967296}]})",
          R"("ping":{"targets":[{"latency_ms":"1"}]})",
          R"("ip_addresses":["a",1])"}) {
        CAPTURE(field);
        CHECK(is_dropped(metrics_with(field)));
    }
    CHECK(is_dropped(
        R"({"type":"aggregated_metrics","granularities":[{"metrics":[{"bucket":1.0}]}]})"
    ));
    CHECK(is_dropped(R"({"type":"aggregated_metrics","granularities":{}})"));
}

TEST_CASE("a field that the type does not use still drops the message when it does not fit") {
    CHECK(is_dropped(R"({"type":"auth","server_id":"a","token":"b","metrics":[]})"));
    // What the real agent's batch looks like to the server (protocol.md 2.8).
    CHECK(is_dropped(R"({"type":"batch_metrics","batch_id":"b","metrics":[{}]})"));
}

TEST_CASE("times that the server refuses drop the message") {
    for (const char* t :
         {"\"2026-11-24 03:46:33Z\"",
          "\"2026-11-24t03:46:33z\"",
          "\"2026-11-24T03:46:33\"",
          "\"2026-11-24T03:46:33+0000\"",
          "\"2026-11-24T24:00:00Z\"",
          "1795491993"}) {
        CAPTURE(t);
        CHECK(is_dropped(R"({"type":"metrics","metrics":{"timestamp":)" + std::string{t} + "}}"));
    }
}

TEST_CASE("text that is no JSON object is dropped, not fatal") {
    for (const char* text :
         {"",
          " ",
          "{",
          "[]",
          "null",
          "17",
          "\"metrics\"",
          R"({"type":"metrics")",
          R"({"type":7})",
          "<html></html>",
          R"({"type":"auth",})"}) {
        CAPTURE(text);
        CHECK(is_dropped(text));
        CHECK(decode_server_message(text).has_error());
        CHECK(decode_dashboard_message(text).has_error());
    }
    std::string deep(2000, '[');
    CHECK(is_dropped(deep));
}

TEST_CASE(
    "unknown types, unknown fields, null and other letter cases are taken as the server takes them"
) {
    const auto unknown = decode_agent_message(R"({"type":"hello","x":[1,{"y":2}]})").value();
    CHECK(std::get<unknown_message>(unknown).type == "hello");
    CHECK(std::get<unknown_message>(decode_agent_message("{}").value()).type.empty());
    const auto m = std::get<metrics_message>(
        decode_agent_message(
            R"({"TYPE":"metrics","Metrics":{"UpTime":5,"os":null,"ping":null,"new":1}})"
        )
            .value()
    );
    CHECK(m.metrics->uptime == 5);
    CHECK(!m.metrics->ping);
    const auto none = std::get<metrics_message>(
        decode_agent_message(R"({"type":"metrics","metrics":null})").value()
    );
    CHECK(!none.metrics);
}

TEST_CASE("bytes that are no UTF-8 are replaced in strings, and still drop the message elsewhere") {
    const auto hostname = [](const std::string& bytes) {
        auto m = decode_agent_message(metrics_with("\"hostname\":\"" + bytes + "\""));
        REQUIRE(m.has_value());
        return std::get<metrics_message>(*m).metrics->hostname;
    };
    const std::string mark = "\xef\xbf\xbd"; // U+FFFD
    CHECK(
        hostname("a\xff"
                 "b") == "a" + mark + "b"
    );
    CHECK(hostname("\xed\xa0\x80") == mark + mark + mark); // a surrogate
    CHECK(hostname("\xe2\x82") == mark + mark);            // a character cut short
    CHECK(hostname("\xe2\x82\xac\xf0\x9f\x98\x80\xc0") == "\xe2\x82\xac\xf0\x9f\x98\x80" + mark);
    CHECK(is_dropped("\xff" + metrics_with("\"uptime\":1")));
    CHECK(is_dropped("\xff"));
}

TEST_CASE("the last of two equal names counts") {
    const auto m = std::get<auth_request>(
        decode_agent_message(R"({"type":"auth","token":"a","token":"b"})").value()
    );
    CHECK(m.token == "b");
}

TEST_CASE("a config push tells unchanged from cleared") {
    const auto push = [](const char* text) {
        return std::get<config_push>(decode_server_message(text).value());
    };
    CHECK(!push(R"({"type":"config"})").ping_targets);
    CHECK(push(R"({"type":"config","ping_targets":null})").ping_targets->empty());
    CHECK(push(R"({"type":"config","ping_targets":[]})").ping_targets->empty());
    CHECK(
        push(R"({"type":"config","ping_targets":[{"name":"a","host":"b"}]})")
            .ping_targets->size() == 1
    );
}

TEST_CASE("a refusal names the field and what was expected") {
    const auto r =
        decode_agent_message(R"({"type":"metrics","metrics":{"disks":[{},{"total":-1}]}})");
    REQUIRE(r.has_error());
    CHECK(
        r.error().message ==
        "metrics.disks.1.total: expected a whole number from 0 to 18446744073709551615"
    );
}

TEST_CASE("Go's zero time is none, and written again as it came") {
    const auto read = [](std::string_view time) {
        const auto text =
            R"({"type":"metrics","metrics":{"timestamp":")" + std::string{time} + "\"}}";
        return std::get<proto::metrics_message>(proto::decode_agent_message(text).value());
    };
    const auto zero = read("0001-01-01T00:00:00Z");
    CHECK(zero.metrics->timestamp == util::zoned_instant{});
    const auto written = proto::to_json(zero);
    CHECK(written.find("0001-01-01T00:00:00Z") != std::string::npos);
    CHECK(std::get<proto::metrics_message>(proto::decode_agent_message(written).value()) == zero);
    CHECK(read("2026-11-24T03:46:33Z").metrics->timestamp != util::zoned_instant{});
}
