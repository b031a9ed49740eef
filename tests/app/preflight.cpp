#include "app/preflight.hpp"

#include "agent/sync.hpp"
#include "report/units.hpp"
#include "support.hpp"

#include <algorithm>

using namespace vsim;
using namespace vsim::test;
using namespace std::chrono_literals;

namespace {

constexpr app::machine_limits usual{20'000, 20'000, 28'232};

// The message; "" when the fleet fits.
std::string judged(const words& args, const app::machine_limits& have = usual) {
    const auto found = app::judge(config_of(args), have);
    if (found) {
        return "";
    }
    CHECK(found.error().code == util::errc::limit);
    CHECK(found.error().message.find('\n') == std::string::npos);
    return found.error().message;
}

bool holds(const std::vector<std::string>& lines, std::string_view text) {
    return std::ranges::any_of(lines, [&](const std::string& line) {
        return line.find(text) != std::string::npos;
    });
}

} // namespace

TEST_CASE("a fleet fits up to the last open file and the last port, and not beyond") {
    const app::machine_limits files{1064, 1064, 30'000};
    CHECK(judged({"--count", "1000"}, files) == "");
    CHECK(judged({"--count", "1001"}, files) != "");
    CHECK(judged({"--count", "500", "--embedded"}, files) == "");
    CHECK(judged({"--count", "501", "--embedded"}, files) != "");
    const app::machine_limits ports{100'000, 100'000, 1000};
    CHECK(judged({"--count", "1000"}, ports) == "");
    CHECK(judged({"--count", "1001"}, ports) != "");
    CHECK(judged({"--count", "1000", "--embedded"}, ports) == "");
    CHECK(judged({"--count", "4000", "--source-ip", "127.0.0.2-127.0.0.5"}, ports) == "");
    CHECK(judged({"--count", "4001", "--source-ip", "127.0.0.2-127.0.0.5"}, ports) != "");
    CHECK(judged({"--count", "100k", "--mode", "history"}) == ""); // few at a time
}

TEST_CASE("who has a second connection needs a second file and port") {
    const app::machine_limits files{1064, 1064, 30'000};
    const words twice{"--fleet-mix", "50%:double-login"};
    const words half_open{"--outage", "1s:1s:25%:half-open"};
    const auto with = [](words more, const char* count) {
        more.insert(more.end(), {"--count", count});
        return more;
    };
    CHECK(judged(with(twice, "666"), files) == "");
    CHECK(judged(with(twice, "667"), files).find("--count 666") != std::string::npos);
    CHECK(judged(with(half_open, "800"), files) == "");
    CHECK(judged(with(half_open, "801"), files) != "");
}

TEST_CASE("viewers and readers need files, and ports where agents have no addresses of their own") {
    const app::machine_limits files{1064, 1064, 30'000};
    const words audience{"--viewers", "3", "--readers", "7"};
    const auto with = [&](words more) {
        more.insert(more.end(), audience.begin(), audience.end());
        return more;
    };
    CHECK(judged(with({"--count", "990"}), files) == "");
    CHECK(judged(with({"--count", "991"}), files).find("--count 990") != std::string::npos);
    CHECK(judged(with({"--count", "490", "--embedded"}), files) == "");
    CHECK(judged(with({"--count", "491", "--embedded"}), files) != "");
    const app::machine_limits ports{100'000, 100'000, 1000};
    CHECK(judged(with({"--count", "990"}), ports) == "");
    CHECK(judged(with({"--count", "991"}), ports).find("--count 990") != std::string::npos);
    CHECK(judged(with({"--count", "2000", "--source-ip", "127.0.0.2-127.0.0.3"}), ports) == "");
    CHECK(holds(app::plan_of(config_of(audience)), "audience: 3 viewers, 7 readers"));
}

TEST_CASE("the plan counts histories and samples as the mix has them") {
    const auto lines = app::plan_of(config_of(
        {"--count",
         "1000",
         "--hours",
         "1",
         "--interval",
         "2s",
         "--fleet-mix",
         "50%:no-store,interval=1s"}
    ));
    CHECK(holds(lines, "history: 1h, about " + report::grouped(agent::expected_buckets(1h) * 500)));
    CHECK(holds(lines, "a sample every 2s or as the mix says (750/s in all)"));
}

TEST_CASE("the plan names who differs and what is to happen") {
    const auto lines = app::plan_of(config_of(
        {"--fleet-mix",
         "30%:no-store,interval=5s",
         "--churn",
         "10%",
         "--outage",
         "30s:10s:50%",
         "--incident",
         "1m:10s:cpu:5%",
         "--duration",
         "2m"}
    ));
    CHECK(holds(lines, "mix: 30%:no-store,interval=5s; the rest plain"));
    CHECK(holds(lines, "outages: 30s:10s:50%"));
    CHECK(holds(lines, "incidents: 1m:10s:cpu:5%"));
    CHECK(holds(lines, "churn: 10 connections dropped a minute"));
}

TEST_CASE("what is short is said with the count that fits and what lifts it") {
    struct row {
        words args;
        app::machine_limits have;
        words named;
    };
    const std::vector<row> table{
        {{"--count", "30k"},
         {100'000, 100'000, 28'232},
         {"30,000 agents",
          "(use --count 28232): 30,000 local ports are needed and 28,232 in the range of one",
          "--source-ip 127.0.0.2-127.0.0.3",
          "ip_local_port_range"}},
        {{"--count", "50k"},
         usual,
         {"(use --count 19936): 50,064 open files are needed and 20,000 are allowed",
          "to 50064; 50,000 local ports",
          "--source-ip 127.0.0.2-127.0.0.3"}},
        {{"--count", "50k"},
         {40'000, 40'000, 28'232},
         {"(use --count 28232): 50,000 local ports", "; 50,064 open files are needed"}},
        {{"--count", "60k", "--source-ip", "127.0.0.2-127.0.0.3"},
         {100'000, 100'000, 28'232},
         {"(use --count 56464)", "56,464 in the range of 2 source addresses", "127.0.0.4"}},
        {{"--count", "100k", "--server", "http://10.0.0.9"},
         {200'000, 200'000, 28'232},
         {"--source-ip with 4 addresses of this machine"}},
        {{"--count", "10k", "--embedded"},
         usual,
         {"(use --count 9968): 20,064 open files are needed, two an agent with --embedded,"}},
    };
    for (const auto& [args, have, named] : table) {
        const auto message = judged(args, have);
        CAPTURE(message);
        for (const auto& part : named) {
            CHECK_MESSAGE(message.find(part) != std::string::npos, part);
        }
    }
    // What would not help, or is enough, is not mentioned.
    CHECK(
        judged({"--count", "100k"}, {200'000, 200'000, 28'232}).find("ip_local_port_range") ==
        std::string::npos
    );
    CHECK(
        judged({"--count", "50k", "--source-ip", "127.0.0.2-127.0.0.3"}).find("ports") ==
        std::string::npos
    );
    CHECK(judged({}, {64, 64, 28'232}).find("--count") == std::string::npos);
}

TEST_CASE("every machine has the count that is recommended") {
    for (const auto& args : std::vector<words>{
             {"--count", "1m"},
             {"--count", "1m", "--embedded"},
             {"--count", "1m", "--source-ip", "127.0.0.2-127.0.0.9"}
         }) {
        for (const std::uint64_t files : {1000U, 20'000U, 65'536U}) {
            const auto message = judged(args, {files, files, 28'232});
            const std::string mark = "(use --count ";
            const auto begin = message.find(mark) + mark.size();
            const auto fits = std::stoul(message.substr(begin));
            auto fewer = args;
            fewer[1] = std::to_string(fits);
            CHECK(judged(fewer, {files, files, 28'232}) == "");
            fewer[1] = std::to_string(fits + 1);
            CHECK(judged(fewer, {files, files, 28'232}) != "");
        }
    }
}

TEST_CASE("what was found is said line by line") {
    const auto found = app::judge(
        config_of({"--count", "50k", "--source-ip", "127.0.0.2-127.0.0.5"}),
        {100'000, 200'000, 28'232}
    );
    REQUIRE(found.has_value());
    CHECK(holds(found->lines, "open files: 50,064 needed, 100,000 allowed (hard limit 200,000)"));
    CHECK(holds(
        found->lines, "local ports: 50,000 needed, 112,928 in the range of 4 source addresses"
    ));
    CHECK(holds(found->lines, "source addresses: 4, from 127.0.0.2 to 127.0.0.5"));
    const auto plain = app::judge(config_of({}), usual);
    REQUIRE(plain.has_value());
    CHECK(holds(plain->lines, "28,232 in the range of one source address"));
    CHECK_FALSE(holds(plain->lines, "source addresses:"));
}

TEST_CASE("source addresses that cannot be used are bad input of --source-ip") {
    const auto refusal_of = [](const words& args) {
        const auto found = app::check_machine(config_of(args));
        return found ? util::error{util::errc::io, ""} : found.error();
    };
    CHECK(refusal_of({"--embedded", "--source-ip", "127.0.0.2-127.0.0.5"}).message == "");
    CHECK(refusal_of({"--source-ip", "127.0.0.2"}).message == ""); // http://localhost:3001
    const auto foreign = refusal_of({"--embedded", "--source-ip", "127.0.0.2,192.0.2.1"});
    CHECK(foreign.code == util::errc::bad_input);
    CHECK(foreign.message.starts_with("--source-ip: '192.0.2.1' is not an address of this machine")
    );
    const auto family = refusal_of({"--embedded", "--source-ip", "::1"});
    CHECK(family.code == util::errc::bad_input);
    CHECK(family.message.starts_with("--source-ip: '::1' is IPv6"));
    const std::string name = std::string(64, 'x') + ".invalid"; // too long for a question to DNS
    const auto unknown = refusal_of({"--server", "http://" + name, "--source-ip", "127.0.0.2"});
    CHECK(unknown.code == util::errc::unreachable);
    CHECK(unknown.message.starts_with("cannot resolve " + name));
}

TEST_CASE("the plan says how samples are paced") {
    CHECK(holds(
        app::plan_of(config_of({"--count", "300"})), "a sample every 3s (100/s in all), aggregates"
    ));
    const auto fast =
        app::plan_of(config_of({"--interval", "0", "--mode", "realtime", "--tick", "1ms"}));
    CHECK(holds(fast, "realtime: samples as fast as each socket takes them, no aggregates"));
    CHECK(holds(fast, "tick: 1ms"));
}
