#include "support.hpp"

using namespace vsim;
using namespace vsim::test;
using namespace std::chrono_literals;

TEST_CASE("without words about them all agents are alike and nothing befalls them") {
    const auto c = config_of({});
    CHECK(c.fleet_mix.groups.empty());
    CHECK_FALSE(c.fleet_mix.rest_is_real);
    CHECK(c.outages.empty());
    CHECK(c.incidents.empty());
    CHECK_FALSE(c.churn.is_any());
    CHECK(c.reconnect == agent::reconnect::spread);
    CHECK(c.agg_sync == agent::sync_scope::window);
    CHECK(c.backlog == agent::backlog::aggregates);
    CHECK_FALSE(c.clock);
}

TEST_CASE("what is said about agents arrives, reads back from a file, and a flag replaces it") {
    const words args{
        "--fleet-mix",
        "60%:no-store,interval=5s",
        "--fleet-mix=2%:skew=-90s",
        "-fleet-mix",
        "real",
        "--outage",
        "30s:10s:50%:silent",
        "--outage",
        "1m:5s",
        "--incident",
        "10s:30s:cpu:5%",
        "--churn",
        "5%",
        "--reconnect",
        "storm",
        "--agg-sync",
        "full",
        "--backlog",
        "batch",
        "--clock",
        "2026-03-01T12:00:00Z",
    };
    auto asking = args;
    asking.push_back("--print-config");
    const auto printed = text_of(asking);
    CAPTURE(printed);
    CHECK(
        printed.find("fleet-mix = [\"60%:no-store,interval=5s\", \"2%:skew=-1m30s\", \"real\"]\n"
        ) != std::string::npos
    );
    const temporary_file file{printed};
    CHECK(text_of({"--config", file.path(), "--print-config"}) == printed);
    for (const auto& c : {config_of(args), config_of({"--config", file.path()})}) {
        REQUIRE(c.fleet_mix.groups.size() == 2);
        CHECK(c.fleet_mix.groups[0].interval == 5s);
        CHECK(c.fleet_mix.groups[1].clock_skew == -90s);
        CHECK(c.fleet_mix.rest_is_real);
        REQUIRE(c.outages.size() == 2);
        CHECK(c.outages[0] == agent::outage{30s, 10s, 0.5, agent::cut::silent});
        REQUIRE(c.incidents.size() == 1);
        CHECK(c.incidents[0].length == 30s);
        CHECK(c.churn.share == 0.05);
        CHECK(c.reconnect == agent::reconnect::storm);
        CHECK(c.agg_sync == agent::sync_scope::full);
        CHECK(c.backlog == agent::backlog::batch);
        CHECK(c.clock == util::from_unix_seconds(1772366400));
    }
    const auto other = config_of({"--config", file.path(), "--outage", "0:1s", "--churn", "3"});
    CHECK(other.outages.size() == 1);
    CHECK(other.churn.agents == 3);
    CHECK(other.churn.share == 0);
}

TEST_CASE("a bad word about agents is refused with its flag, and with its line in a file") {
    const std::vector<std::pair<words, words>> table{
        {{"--fleet-mix", "60%:foo"}, {"--fleet-mix: '60%:foo'", "'foo' is not a key"}},
        {{"--fleet-mix", "60%:gpu", "--fleet-mix", "60%:gpu"}, {"--fleet-mix: '60%:gpu'", "120%"}},
        {{"--outage", "30s"}, {"--outage: '30s'", "AT:LEN"}},
        {{"--incident", "30s:10s"}, {"--incident: '30s:10s'", "cpu|memory|disk|ping|silent"}},
        {{"--churn", "often"}, {"--churn: 'often'", "5%"}},
        {{"--churn", "101"}, {"--churn: 101", "--count 100"}},
        {{"--reconnect", "fast"}, {"--reconnect: 'fast'", "spread, storm"}},
        {{"--agg-sync", "all"}, {"--agg-sync: 'all'", "window, full"}},
        {{"--backlog", "none"}, {"--backlog: 'none'", "aggregates, batch"}},
        {{"--clock", "noon"}, {"--clock: 'noon'", "RFC 3339"}},
        {{"register", "--fleet-mix", "real"}, {"--fleet-mix", "not an option of register"}},
    };
    for (const auto& [args, named] : table) {
        const auto message = refusal(args);
        CAPTURE(message);
        for (const auto& part : named) {
            CHECK_MESSAGE(message.find(part) != std::string::npos, part);
        }
    }
    const temporary_file file{"seed = 1\noutage = [\"1s:1s\", \"1s:0\"]\n"};
    CHECK(refusal({"--config", file.path()}).find(":2: outage: '1s:0'") != std::string::npos);
}

TEST_CASE("what befalls agents needs a realtime phase that is long enough") {
    const std::vector<std::pair<words, words>> refused{
        {{"--outage", "1s:1s", "--mode", "history"}, {"--outage", "--mode history"}},
        {{"--incident", "1s:1s:cpu", "--mode", "history"}, {"--incident", "--mode history"}},
        {{"--churn", "5%", "--mode", "history"}, {"--churn", "--mode history"}},
        {{"--outage", "1s:1s", "--outage", "55s:6s:5%", "--duration", "60s"},
         {"--outage: '55s:6s:5%' ends after the run: --duration 1m"}},
        {{"--incident", "2m:1s:cpu", "--duration", "60s"},
         {"--incident: '2m:1s:cpu' ends after the run: --duration 1m"}},
    };
    for (const auto& [args, named] : refused) {
        const auto message = refusal(args);
        CAPTURE(message);
        for (const auto& part : named) {
            CHECK_MESSAGE(message.find(part) != std::string::npos, part);
        }
    }
    CHECK(config_of({"--outage", "50s:10s", "--duration", "60s"}).outages.size() == 1);
    CHECK(config_of({"--outage", "50d:10s"}).outages.size() == 1);
    CHECK(config_of({"--churn", "5k", "--fleet", "f.json"}).churn.agents == 5000);
    CHECK_FALSE(config_of({"--churn", "0", "--mode", "history"}).churn.is_any());
}

TEST_CASE("agents that send as fast as they can do nothing else") {
    const auto with = [](words args) {
        args.insert(args.end(), {"--interval", "0", "--mode", "realtime"});
        return refusal(args);
    };
    CHECK(with({"--agg-sync", "full"}).find("--agg-sync: 'full'") == 0);
    CHECK(with({"--backlog", "batch"}).find("--backlog: 'batch'") == 0);
    CHECK(with({"--fleet-mix", "5%:shuffle"}).find("--fleet-mix: '5%:shuffle'") == 0);
    CHECK(with({"--fleet-mix", "5%:repeat"}).find("--interval 0") != std::string::npos);
    CHECK(with({"--fleet-mix", "5%:repeat,interval=1s"}).empty());
    CHECK(with({"--fleet-mix", "5%:double-login"}).find("--fleet-mix: '5%:double-login'") == 0);
    CHECK(with({"--fleet-mix", "real"}).empty());
    CHECK(with({"--outage", "1s:1s"}).find("--outage: '1s:1s") == 0);
    CHECK(with({"--incident", "1s:1s:cpu"}).find("--incident: '1s:1s:cpu") == 0);
    CHECK(with({"--churn", "5%"}).find("--churn: ") == 0);
}

TEST_CASE("the help of a run explains the keys and the preset of --fleet-mix") {
    const auto help = text_of({"--help"});
    for (const auto& part :
         {"--fleet-mix SPEC",
          "no-store",
          "payload=SIZE",
          "48%:no-store,interval=5s,targets=0",
          "--outage",
          "--incident",
          "--churn",
          "--reconnect",
          "--agg-sync",
          "--backlog",
          "--clock"}) {
        CHECK_MESSAGE(help.find(part) != std::string::npos, part);
    }
    CHECK(text_of({"serve", "--help"}).find("fleet-mix") == std::string::npos);
}

TEST_CASE("viewers and readers look at a realtime phase of samples on a schedule") {
    CHECK(config_of({}).viewers == 0);
    CHECK(config_of({}).readers == 0);
    const auto c = config_of({"--viewers", "3", "--readers", "1k"});
    CHECK(c.viewers == 3);
    CHECK(c.readers == 1000);
    const auto refused = [](const words& args, std::string_view named) {
        return refusal(args).find(named) != std::string::npos;
    };
    CHECK(refused({"--viewers", "1001"}, "--viewers: '1001'"));
    CHECK(refused({"--readers", "10001"}, "--readers: '10001'"));
    CHECK(refused({"--viewers", "1", "--mode", "history"}, "--viewers: has no meaning with --mode")
    );
    CHECK(refused({"--readers", "1", "--mode", "history"}, "--readers: has no meaning with --mode")
    );
    const words saturated{"--mode", "realtime", "--interval", "0", "--readers", "1"};
    CHECK(refusal(saturated) == "");
    CHECK(refused(
        {"--mode", "realtime", "--interval", "0", "--viewers", "1"},
        "--viewers: '1' has no meaning with --interval 0"
    ));
}
