#include "app/cli.hpp"
#include "support.hpp"

#include <string>
#include <vector>

using namespace vsim;
using namespace vsim::test;
using app::verify_config;

TEST_CASE("a ledger is named with or without its option, wherever it stands") {
    for (const auto& args : std::vector<std::vector<std::string>>{
             {"verify", "x.ledger", "--db", "y"},
             {"verify", "--db", "y", "x.ledger"},
             {"verify", "--db=y", "--ledger", "x.ledger", "--quiet"}
         }) {
        const auto parsed = parse(args);
        REQUIRE(parsed.has_value());
        const auto& c = std::get<verify_config>(parsed->what);
        CHECK(c.ledger == "x.ledger");
        CHECK(c.db == "y");
        CHECK(!c.has_server);
    }
    CHECK(!config_of({}).verify);
    CHECK(config_of({"--verify"}).verify == 0);
    CHECK(config_of({"--verify=1.5k"}).verify == 1500);
    CHECK(!config_of({"--verify=false"}).verify);
}

TEST_CASE("what makes no sense of a verification is refused, and the message names it") {
    const std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>> table{
        {{"verify", "a", "b"}, {"'b'"}},
        {{"verify", "a", "--db", "x", "--server", "http://b"}, {"--db", "together", "--server"}},
        {{"verify", "a", "--token", "x"}, {"--token", "not an option of verify"}},
        {{"--verify=0"}, {"--verify", "'0'", "true for all"}},
        {{"--verify", "--interval", "0", "--mode", "realtime"}, {"--verify", "--interval 0"}},
    };
    for (const auto& [args, named] : table) {
        CAPTURE(args.front());
        const auto parsed = parse(args);
        REQUIRE(!parsed.has_value());
        CAPTURE(parsed.error().message);
        for (const auto& word : named) {
            CHECK(parsed.error().message.find(word) != std::string::npos);
        }
    }
}
