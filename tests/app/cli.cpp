#include "app/cli.hpp"

#include "support.hpp"

#include <thread>

using namespace vsim;
using namespace vsim::test;
using namespace std::chrono_literals;
using app::cleanup_config;
using app::register_config;
using app::run_config;
using app::run_mode;
using app::serve_config;

TEST_CASE("without arguments a run has the predecessor's defaults") {
    const auto c = config_of({});
    CHECK(c.access.server.text() == "http://localhost:3001");
    CHECK(c.count == 100);
    CHECK(c.hours == 2h);
    CHECK(c.interval == 3s);
    CHECK(c.agg_interval == 60s);
    CHECK(c.mode == run_mode::both);
    CHECK(c.access.token.empty());
    CHECK_FALSE(c.embedded);
    CHECK_FALSE(c.duration);
    CHECK(c.connect_rate == 1000);
    CHECK(c.source_ip.empty());
    CHECK(c.tick == 5ms);
    CHECK(c.threads == std::max(1U, std::thread::hardware_concurrency()));
    CHECK(c.io_contexts == 1);
    CHECK(c.seed == 1);
    CHECK(c.prefix == "Debug-Server-");
    CHECK(c.outputs.empty());
    CHECK(c.console.verbosity == 0);
}

TEST_CASE("every flag of a run reaches its place") {
    const auto c = config_of({
        "run",
        "--server",
        "https://stats.example:8443/vs",
        "--count",
        "5k",
        "--hours",
        "0.5",
        "--interval",
        "500ms",
        "--agg-interval",
        "2m",
        "--token",
        "abc",
        "--mode",
        "realtime",
        "--duration",
        "1h30m",
        "--connect-rate",
        "60/m",
        "--source-ip",
        "127.0.0.2-127.0.0.9,10.0.0.5",
        "--tick",
        "20ms",
        "--threads",
        "4",
        "--io-contexts",
        "2",
        "--seed",
        "18446744073709551615",
        "--prefix",
        "Load-",
        "--keep",
        "--cacert",
        "ca.pem",
        "--out",
        "json=a.json",
        "--out=json=-",
        "-vv",
        "--no-color",
        "--log-format",
        "json",
        "--dry-run",
    });
    CHECK(c.access.server == util::url{true, "stats.example", 8443, "/vs"});
    CHECK(c.count == 5000);
    CHECK(c.hours == 30min);
    CHECK(c.interval == 500ms);
    CHECK(c.agg_interval == 2min);
    CHECK(c.access.token.reveal() == "abc");
    CHECK(c.mode == run_mode::realtime);
    CHECK(c.duration == std::optional<util::nanoseconds>{90min});
    CHECK(c.connect_rate == doctest::Approx(1));
    CHECK(c.source_ip.count() == 9);
    CHECK(c.source_ip.nth(8) == "10.0.0.5");
    CHECK(c.tick == 20ms);
    CHECK(c.threads == 4);
    CHECK(c.io_contexts == 2);
    CHECK(c.seed == UINT64_MAX);
    CHECK(c.prefix == "Load-");
    CHECK(c.keep);
    CHECK(config_of({"--fleet", "fleet.json"}).fleet_file == "fleet.json");
    CHECK(config_of({"--cleanup-after"}).cleanup_after);
    CHECK_FALSE(c.cleanup_after);
    CHECK(c.access.ca_file == "ca.pem");
    REQUIRE(c.outputs.size() == 2);
    CHECK(c.outputs[0].path == "a.json");
    CHECK(c.outputs[1].path == "-");
    CHECK(c.console.verbosity == 2);
    CHECK(c.console.no_color);
    CHECK(c.console.format == app::log_format::json);
    CHECK(c.dry_run);
}

TEST_CASE("Go's way of writing flags works") {
    const std::vector<words> same{
        {"--count", "5"},
        {"--count=5"},
        {"-count", "5"},
        {"-count=5"},
        {"run", "-count", "5"},
        {"--count", "9", "-count", "5"}, // the last one counts
    };
    for (const auto& args : same) {
        CAPTURE(args.front());
        CHECK(config_of(args).count == 5);
    }
    CHECK(config_of({"-agg-interval", "30"}).agg_interval == 30s);
    CHECK(config_of({"-keep=true"}).keep);
    CHECK_FALSE(config_of({"-keep=false"}).keep);
    CHECK(config_of({"-token", "-abc"}).access.token.reveal() == "-abc");
    CHECK(config_of({"-v", "-v"}).console.verbosity == 2);
    CHECK(config_of({"-q"}).console.quiet);
}

TEST_CASE("values keep characters a parser might take for its own") {
    CHECK(config_of({"--prefix", "[a,b]"}).prefix == "[a,b]");
    CHECK(config_of({"--prefix", "a b\"c'#"}).prefix == "a b\"c'#");
    CHECK(config_of({"--fleet=-odd=name"}).fleet_file == "-odd=name");
    CHECK(config_of({"--out", "json=[x,y]"}).outputs[0].path == "[x,y]");
}

TEST_CASE(
    "bad input is refused with one message that names the flag, the value and what is accepted"
) {
    struct refused {
        words args;
        words named;
    };
    const std::vector<refused> table{
        {{"--count", "0"}, {"--count", "'0'", "1 to 1000000"}},
        {{"--count", "-1"}, {"--count", "'-1'"}},
        {{"--count", "abc"}, {"--count", "'abc'", "5k"}},
        {{"--count", "1e9"}, {"--count", "'1e9'"}},
        {{"--count", "2m"}, {"--count", "'2m'", "1 to 1000000"}},
        {{"--count", ""}, {"--count", "needs a value"}},
        {{"--count="}, {"--count", "needs a value"}},
        {{"--count"}, {"--count", "needs a value"}},
        {{"--count", "--mode", "both"}, {"--count", "needs a value"}},
        {{"--interval", "9ms"}, {"--interval", "'9ms'", "0, or 10ms to 1h"}},
        {{"--interval", "1us"}, {"--interval", "'1us'"}},
        {{"--interval", "0"}, {"--interval", "--mode both", "realtime"}},
        {{"--interval", "-3s"}, {"--interval", "'-3s'"}},
        {{"--interval", "1.5ms"}, {"--interval", "'1.5ms'"}},
        {{"--interval", "10500us"}, {"--interval", "10500us"}},
        {{"--interval", "2h"}, {"--interval", "'2h'", "10ms to 1h"}},
        {{"--agg-interval", "0"}, {"--agg-interval", "'0'", "accepted: 1s to"}},
        {{"--agg-interval", "0.5"}, {"--agg-interval", "'0.5'", "1s to"}},
        {{"--hours", "-1"}, {"--hours", "'-1'", "more than 0, at most 9600"}},
        {{"--hours", "0"}, {"--hours", "'0'"}},
        {{"--hours", "9601"}, {"--hours", "'9601'", "at most 9600"}},
        {{"--hours", "nan"}, {"--hours", "nan"}},
        {{"--hours", "two"}, {"--hours", "'two'", "0.5"}},
        {{"--server", "ftp://host"}, {"--server", "ftp", "http"}},
        {{"--server", "not a url"}, {"--server", "not a url"}},
        {{"--server", "http://host:99999"}, {"--server", "99999"}},
        {{"--mode", "sideways"}, {"--mode", "'sideways'", "history, realtime, both"}},
        {{"--duration", "0"}, {"--duration", "'0'"}},
        {{"--duration", "soon"}, {"--duration", "'soon'"}},
        {{"--duration", "5m", "--mode", "history"}, {"--duration", "--mode history"}},
        {{"--connect-rate", "-5"}, {"--connect-rate", "'-5'"}},
        {{"--connect-rate", "9m"}, {"--connect-rate", "9m"}},
        {{"--source-ip", ""}, {"--source-ip", "needs a value"}},
        {{"--source-ip", "eth0"}, {"--source-ip", "'eth0'", "127.0.0.2-127.0.0.9"}},
        {{"--source-ip", "127.0.0.9-127.0.0.2"}, {"--source-ip", "'127.0.0.9-127.0.0.2'", "ends"}},
        {{"--source-ip", "10.0.0.1,::1"}, {"--source-ip", "'::1'", "mixes"}},
        {{"--source-ip", "10.0.0.0-10.255.255.255"}, {"--source-ip", "65,536"}},
        {{"--tick", "0"}, {"--tick", "'0'", "1ms to 1s"}},
        {{"--tick", "2s"}, {"--tick", "'2s'", "1ms to 1s"}},
        {{"--tick", "1500us"}, {"--tick", "'1500us'", "whole milliseconds"}},
        {{"register", "--source-ip", "127.0.0.2"}, {"--source-ip", "register"}},
        {{"--threads", "0"}, {"--threads", "'0'", "1 to 1024"}},
        {{"--threads", "2", "--io-contexts", "3"}, {"--io-contexts", "3", "--threads 2"}},
        {{"--seed", "-1"}, {"--seed", "'-1'", "18446744073709551615"}},
        {{"--seed", "18446744073709551616"}, {"--seed", "18446744073709551616"}},
        {{"--prefix", ""}, {"--prefix", "needs a value"}},
        {{"--prefix", std::string(65, 'x')}, {"--prefix", "1 to 64"}},
        {{"--prefix", "a\nb"}, {"--prefix", "a\\u000ab"}},
        {{"--out", "a.json"}, {"--out", "'a.json'", "json=PATH"}},
        {{"--out", "pdf=a"}, {"--out", "'pdf=a'", "html=PATH"}},
        {{"--out", "json="}, {"--out", "'json='"}},
        {{"--out", "json=a", "--out", "json=a"}, {"--out", "json=a", "twice"}},
        {{"--log-format", "xml"}, {"--log-format", "'xml'", "text, json"}},
        {{"--keep=perhaps"}, {"--keep"}},
        {{"--token", "a b"}, {"--token", "printable"}},
        {{"--yes"}, {"--yes", "--cleanup"}},
        {{"--cuont", "5"}, {"--cuont", "did you mean --count?"}},
        {{"--agg_interval", "5"}, {"--agg_interval", "did you mean --agg-interval?"}},
        {{"--xyzzy"}, {"--xyzzy", "unknown", "--help"}},
        {{"-x"}, {"-x", "unknown"}},
        {{"--listen", "x"}, {"--listen", "run"}},
        {{"--spectators", "3"}, {"--spectators", "unknown"}},
        {{"--count", "5", "extra"}, {"'extra'"}},
        {{"--count", "5", "cleanup"}, {"'cleanup'", "command comes first"}},
        {{"frobnicate"},
         {"'frobnicate'", "run, capacity, serve, register, cleanup, verify, version"}},
        {{"clenup"}, {"'clenup'", "did you mean cleanup?"}},
        {{"verify"}, {"verify", "needs the ledger"}},
        {{"version", "now"}, {"version", "'now'"}},
        {{"--config", "/nonexistent/x.toml"}, {"--config", "/nonexistent/x.toml"}},
        {{"serve", "--listen", "3001"}, {"--listen", "'3001'", "127.0.0.1:3001"}},
        {{"serve", "--listen", "::1:3001"}, {"--listen", "[::1]:3001"}},
        {{"serve", "--listen", "host:70000"}, {"--listen", "host:70000"}},
        {{"serve", "--fault", "drop-write:1%"}, {"--fault", "'drop-write:1%'", "drop-writes:SHARE"}
        },
        {{"serve", "--fault", "kill@30s"}, {"--fault", "kill@30s", "--db"}},
        {{"serve", "--count", "5"}, {"--count", "serve"}},
        {{"register"}, {"--fleet", "register"}},
        {{"cleanup", "--prefix="}, {"--prefix"}},
    };
    for (const auto& [args, named] : table) {
        std::string typed;
        for (const auto& word : args) {
            typed += word + " ";
        }
        CAPTURE(typed);
        const auto parsed = parse(args);
        REQUIRE_FALSE(parsed.has_value());
        const auto& error = parsed.error();
        CHECK(error.code == util::errc::bad_input);
        CHECK(error.message.find('\n') == std::string::npos);
        for (const auto& part : named) {
            CAPTURE(error.message);
            CHECK_MESSAGE(error.message.find(part) != std::string::npos, part);
        }
    }
}

TEST_CASE("flags that contradict each other are refused together") {
    const std::vector<std::pair<words, words>> table{
        {{"--embedded", "--server", "http://x"}, {"--embedded", "--server"}},
        {{"--embedded", "--token", "t"}, {"--embedded", "--token"}},
        {{"--embedded", "--insecure"}, {"--embedded", "--insecure"}},
        {{"--token", "t", "--token-file", "f"}, {"--token", "--token-file"}},
        {{"--token", "t", "--password-file", "f"}, {"--token", "--password-file"}},
        {{"--insecure", "--cacert", "f"}, {"--insecure", "--cacert"}},
        {{"--quiet", "-v"}, {"--quiet", "--verbose"}},
        {{"--cleanup", "--embedded"}, {"--cleanup", "--embedded"}},
        {{"--cleanup", "--dry-run"}, {"--cleanup", "--dry-run"}},
    };
    for (const auto& [args, named] : table) {
        const auto message = refusal(args);
        CAPTURE(message);
        for (const auto& part : named) {
            CHECK_MESSAGE(message.find(part) != std::string::npos, part);
        }
        CHECK(message.find("together") != std::string::npos);
    }
    CHECK_FALSE(config_of({"--embedded=false", "--server", "http://x"}).embedded);
}

TEST_CASE("a flag beats the contradicting value of a weaker place") {
    const auto c =
        config_of({"--embedded"}, {{"VSTATS_SERVER_URL", "http://x"}, {"VSTATS_TOKEN", "t"}});
    CHECK(c.embedded);
    CHECK(c.access.token.empty());

    const auto d = config_of({"--token-file", "f"}, {{"VSTATS_TOKEN", "t"}});
    CHECK(d.access.token.empty());
    CHECK(d.access.token_file == "f");

    CHECK(refusal({}, {{"VSTATS_TOKEN", "t"}, {"VSTATS_PASSWORD", "p"}}).find("VSTATS_TOKEN") == 0);
}

TEST_CASE("flag beats environment beats file beats default") {
    const temporary_file file{"count = 7\nseed = 7\n"};
    const variables env{{"VSTATS_SERVER_COUNT", "8"}};
    CHECK(config_of({}).count == 100);
    CHECK(config_of({"--config", file.path()}).count == 7);
    CHECK(config_of({"--config", file.path()}, env).count == 8);
    CHECK(config_of({"--config", file.path(), "--count", "9"}, env).count == 9);
    CHECK(config_of({"--config", file.path()}, env).seed == 7);
}

TEST_CASE("every variable of the interface is read, and a bad one is named") {
    const auto c = config_of(
        {},
        {{"VSTATS_SERVER_URL", "http://host:1"},
         {"VSTATS_SERVER_COUNT", "2k"},
         {"VSTATS_HISTORY_HOURS", "1.5"},
         {"VSTATS_INTERVAL", "5"},
         {"VSTATS_AGG_INTERVAL", "2m"},
         {"VSTATS_TOKEN", "t"},
         {"VSTATS_MODE", "history"}}
    );
    CHECK(c.access.server.text() == "http://host:1");
    CHECK(c.count == 2000);
    CHECK(c.hours == 90min);
    CHECK(c.interval == 5s);
    CHECK(c.agg_interval == 2min);
    CHECK(c.access.token.reveal() == "t");
    CHECK(c.mode == run_mode::history);
    CHECK(config_of({}, {{"VSTATS_PASSWORD", "p"}}).access.password.reveal() == "p");

    CHECK(refusal({}, {{"VSTATS_SERVER_COUNT", "many"}}).starts_with("VSTATS_SERVER_COUNT: 'many'")
    );
    CHECK(refusal({}, {{"VSTATS_MODE", "none"}}).starts_with("VSTATS_MODE: 'none'"));
}

TEST_CASE("a configuration file is refused by line") {
    const std::vector<std::pair<std::string, std::string>> table{
        {"seed = 1\ncuont = 5\n", ":2: cuont: unknown key, did you mean count?"},
        {"count = 0\n", ":1: count: '0' is out of range"},
        {"count = [1, 2]\n", ":1: count: takes one value"},
        {"count 5\n", "line 1: "},
        {"[run]\ncount = 5\n", "line 1: starts a table"},
        {"config = \"x\"\n", ":1: config: cannot be set in a file"},
        {"cleanup = true\n", ":1: cleanup: cannot be set in a file"},
        {"keep = \"yes\"\n", ":1: keep: "},
        {"source-ip = \"127.0.0.2-\"\n", ":1: source-ip: '127.0.0.2-' is not"},
        {"embedded = true\nserver = \"http://x\"\n", "together with"},
    };
    for (const auto& [text, expected] : table) {
        CAPTURE(text);
        const temporary_file file{text};
        const auto message = refusal({"--config", file.path()});
        CAPTURE(message);
        CHECK(message.starts_with(file.path()));
        CHECK(message.find(expected) != std::string::npos);
    }
}

TEST_CASE("one configuration file serves several commands") {
    const temporary_file file{"prefix = \"Load-\"\nhours = 4\nlisten = \"127.0.0.1:0\"\n"};
    CHECK(config_of<cleanup_config>({"cleanup", "--config", file.path()}).prefix == "Load-");
    CHECK(config_of<serve_config>({"serve", "--config", file.path()}).port == 0);
    CHECK(config_of({"--config", file.path()}).hours == 4h);
}

TEST_CASE("a server is asked to be strict and to misbehave") {
    const temporary_file file{
        "strict = true\ndb = \"x.db\"\nfault = [\"kill@30s\", \"stall:5s@20s\"]\n"
    };
    const auto c = config_of<serve_config>({"serve", "--config", file.path()});
    CHECK(c.strict);
    CHECK(c.faults.specs == std::vector<std::string>{"kill@30s", "stall:5s@20s"});
}

TEST_CASE("the effective configuration reads back as the same configuration") {
    const words args{
        "--count",
        "5k",
        "--prefix",
        "a\"b\\c",
        "--out",
        "json=x.json",
        "--connect-rate",
        "2.5/s",
        "--hours",
        "0.1",
        "--keep",
        "--duration",
        "90s",
        "--source-ip",
        "fd00::1-fd00::4,fd00::9",
        "--interval",
        "0",
        "--mode",
        "realtime",
        "--tick",
        "1ms"
    };
    auto asking = args;
    asking.push_back("--print-config");
    const auto printed = text_of(asking);
    const temporary_file file{printed};
    CAPTURE(printed);
    CHECK(text_of({"--config", file.path(), "--print-config"}) == printed);
    const auto c = config_of({"--config", file.path()});
    CHECK(c.count == 5000);
    CHECK(c.prefix == "a\"b\\c");
    CHECK(c.outputs.size() == 1);
    CHECK(c.connect_rate == doctest::Approx(2.5));
    CHECK(c.hours == 6min);
    CHECK(c.keep);
    CHECK(c.source_ip.text() == "fd00::1-fd00::4,fd00::9");
    CHECK(c.interval == 0ms);
    CHECK(c.tick == 1ms);
}

TEST_CASE("secrets are shown nowhere") {
    const std::string word = "s3cr3t-value";
    const auto hides = [&](const std::string& text) {
        CAPTURE(text);
        CHECK(text.find(word) == std::string::npos);
        CHECK(text.find("s3cr3t") == std::string::npos);
    };
    const auto printed = text_of({"--token", word, "--print-config"});
    hides(printed);
    CHECK(printed.find("# token: given by --token") != std::string::npos);
    hides(text_of({"--print-config"}, {{"VSTATS_PASSWORD", word}}));
    hides(text_of({"--help"}, {{"VSTATS_TOKEN", word}}));

    hides(refusal({"--token", word + " x"}));
    hides(refusal({"--token", word + "\x01"}));
    hides(refusal({}, {{"VSTATS_TOKEN", word + "\n"}}));
    hides(refusal({"--tokn=" + word}));
    hides(refusal({"--server", "http://admin:" + word + "@host"}));
    hides(refusal({}, {{"VSTATS_SERVER_URL", "http://admin:" + word + "@host"}}));

    for (const auto& args :
         std::vector<words>{{"--token", word}, {"-token", word}, {"--token=" + word}}) {
        const auto parsed = parse(args);
        REQUIRE(parsed.has_value());
        hides(parsed->text);
        CHECK(parsed->text.find("***") != std::string::npos);
    }
}

TEST_CASE("--cleanup is the cleanup command") {
    const auto flat = config_of<cleanup_config>(
        {"--cleanup", "--prefix", "Load-", "--server", "http://h", "--yes"}
    );
    CHECK(flat.prefix == "Load-");
    CHECK(flat.access.server.host == "h");
    CHECK(flat.yes);
    CHECK_FALSE(config_of<cleanup_config>({"cleanup"}).yes);
    CHECK(config_of<cleanup_config>({"cleanup"}).prefix == "Debug-Server-");
    CHECK(config_of({"--cleanup=false"}).count == 100);
}

TEST_CASE("serve and register take their own options") {
    const auto serve = config_of<serve_config>({"serve"});
    CHECK(serve.host == "127.0.0.1");
    CHECK(serve.port == 3001);
    const auto other = config_of<serve_config>({"serve", "-listen", "[::1]:0", "--db", "x.db"});
    CHECK(other.host == "::1");
    CHECK(other.port == 0);
    CHECK(other.db == "x.db");

    const auto reg = config_of<register_config>({"register", "--fleet", "f.json", "--count", "1k"});
    CHECK(reg.fleet_file == "f.json");
    CHECK(reg.count == 1000);
}

TEST_CASE("--embedded-db means --embedded") {
    const auto c = config_of({"--embedded-db", "x.db"});
    CHECK(c.embedded);
    CHECK(c.embedded_db == "x.db");
}

TEST_CASE("help names every flag once and fits 80 columns") {
    for (const auto& command : {"run", "capacity", "serve", "register", "cleanup", "verify"}) {
        const auto help = text_of({command, "--help"});
        CAPTURE(help);
        std::size_t begin = 0;
        while (begin < help.size()) {
            const auto end = help.find('\n', begin);
            CHECK(end - begin <= 80);
            begin = end + 1;
        }
    }
    const auto help = text_of({"-h"});
    for (const auto& flag :
         {"--server",
          "--count",
          "--hours",
          "--interval",
          "--agg-interval",
          "--source-ip",
          "--tick",
          "--token",
          "--mode",
          "--cleanup",
          "--embedded-db",
          "--fleet",
          "--out",
          "--dry-run",
          "serve",
          "register"}) {
        CHECK(help.find(flag) != std::string::npos);
    }
    CHECK(help.find("--help-all") == std::string::npos);
}

TEST_CASE("version is one line") {
    const auto text = text_of({"version"});
    CHECK(text.starts_with("vstats-sim "));
    CHECK(text == text_of({"--version"}));
    CHECK(text.find('\n') == text.size() - 1);
}
