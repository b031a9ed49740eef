#pragma once
// Registering a server and speaking as its agent.

#include "fixture.hpp"
#include "proto/decode.hpp"

#include <string>

namespace vsim::test {

inline net::task<proto::register_reply> enrol(running& s, std::string name = "one") {
    const auto made =
        co_await s.http("POST", "/api/agent/register", R"({"name":")" + name + R"("})");
    CHECK(made.status == 200);
    co_return proto::decode<proto::register_reply>(made.body).value();
}

inline std::string auth_of(const proto::register_reply& r) {
    return R"({"type":"auth","server_id":")" + r.id + R"(","token":")" + r.token + R"("})";
}

// A connection whose agent has introduced itself.
inline net::task<socket> join(running& s, proto::register_reply who) {
    auto link = co_await s.connect("/ws/agent");
    const auto welcome = co_await link.ask(auth_of(who));
    CHECK(welcome.find(R"("status":"ok")") != std::string::npos);
    co_return link;
}

inline std::string now_text(std::int64_t ago = 0) {
    return util::format_rfc3339(std::chrono::system_clock::now() - std::chrono::seconds{ago});
}

inline std::string metrics_of(float cpu, const std::string& more = {}) {
    return R"({"type":"metrics","metrics":{"timestamp":")" + now_text() +
           R"(","ip_addresses":[""],"cpu":{"usage":)" + std::to_string(cpu) + "}" + more + "}}";
}

} // namespace vsim::test
