#include "app/fleet_mix.hpp"

#include "model/profile.hpp"
#include "support.hpp"

using namespace vsim;
using namespace vsim::test;
using namespace std::chrono_literals;
using app::fleet_mix_config;
using app::parse_group;
using app::text_of;

namespace {

// The message that the last of `specs` is refused with, the others accepted; "" if all are.
std::string refusal_of(const words& specs) {
    fleet_mix_config c;
    const auto to = app::mix_into(c);
    for (std::size_t i = 0; i < specs.size(); ++i) {
        const auto assigned = to.assign(specs[i]);
        if (!assigned) {
            CHECK(i + 1 == specs.size());
            return assigned.error().message;
        }
    }
    return "";
}

} // namespace

TEST_CASE("every key of a group reaches its place") {
    const auto g = parse_group("10%:store,interval=500ms,profile=db,targets=8,gpu,payload=8KB,"
                               "skew=-90s,slow-reader,double-login,shuffle,repeat")
                       .value();
    CHECK(g.share == 0.1);
    CHECK(g.has_store);
    CHECK(g.interval == 500ms);
    REQUIRE(g.machine.kind != nullptr);
    CHECK(g.machine.kind->name == "db");
    CHECK(g.machine.targets == 8);
    CHECK(g.machine.has_gpu == true);
    CHECK(g.machine.payload == 8192);
    CHECK(g.clock_skew == -90s);
    CHECK_FALSE(g.reads);
    CHECK(g.logs_in_twice);
    CHECK(g.shuffles);
    CHECK(g.repeats);

    const auto other = parse_group("0.5%:no-store,no-gpu,targets=0,skew=24h").value();
    CHECK(other.share == 0.005);
    CHECK_FALSE(other.has_store);
    CHECK(other.machine.has_gpu == false);
    CHECK(other.machine.targets == 0);
    CHECK(other.clock_skew == 24h);
    CHECK_FALSE(other.interval);
    CHECK(other.reads);
}

TEST_CASE("a group is written as what reads back as the same") {
    for (const char* text :
         {"100%:store",
          "60%:no-store,interval=5s",
          "33.3%:interval=10ms,profile=gpu,targets=0,no-gpu,payload=256KB,skew=1h30m",
          "0.001%:payload=1000B,skew=-500ms,slow-reader,double-login,shuffle,repeat"}) {
        CHECK(text_of(parse_group(text).value()) == text);
    }
    CHECK(text_of(parse_group("5%:skew=0,targets=5").value()) == "5%:store");
}

TEST_CASE("a bad group is refused with its text, what is wrong and what is accepted") {
    const std::vector<std::pair<std::string, words>> table{
        {"60%", {"'60%'", "SHARE:KEY[=VALUE]"}},
        {"unreal", {"'unreal'", "real"}},
        {"", {"''", "SHARE:KEY"}},
        {"60%:", {"'60%:'", "'' is not a key", "no-store, interval=D"}},
        {"0.6:no-store", {"'0.6' is not a share", "10%"}},
        {"0%:no-store", {"'0%' is out of range", "more than 0%"}},
        {"101%:no-store", {"'101%' is not a share"}},
        {"-5%:no-store", {"'-5%' is not a share"}},
        {"60%:nostore", {"'nostore' is not a key", "store, no-store", "payload=SIZE", "repeat"}},
        {"60%:store,", {"'' is not a key"}},
        {"60%:store,,gpu", {"'' is not a key"}},
        {"60%: store", {"' store' is not a key"}},
        {"60%:store,no-store", {"no-store contradicts store"}},
        {"60%:no-gpu,targets=1,gpu", {"gpu contradicts no-gpu"}},
        {"60%:targets=1,targets=1", {"targets is given twice"}},
        {"60%:repeat,repeat", {"repeat is given twice"}},
        {"60%:repeat=2", {"repeat takes no value"}},
        {"60%:store=", {"store takes no value"}},
        {"60%:interval", {"interval needs a value", "interval=D"}},
        {"60%:interval=", {"interval: '' is not a duration"}},
        {"60%:interval=0", {"interval: '0'", "10ms to 1h"}},
        {"60%:interval=2h", {"interval: '2h'", "10ms to 1h"}},
        {"60%:interval=10500us", {"interval: '10500us'", "whole milliseconds"}},
        {"60%:profile=mail", {"profile: 'mail'", "web, db, cache"}},
        {"60%:targets=9", {"targets: '9'", "0 to 8"}},
        {"60%:targets=two", {"targets: 'two'"}},
        {"60%:payload=257KB", {"payload: '257KB'", "0 to 256KB"}},
        {"60%:payload=8k", {"payload: '8k'", "8KB", "powers of 1024"}},
        {"60%:skew=25h", {"skew: '25h'", "-24h to 24h"}},
        {"60%:skew=-24h1s", {"skew: '-24h1s'", "-24h to 24h"}},
        {"60%:skew=1us", {"skew: '1us'", "whole milliseconds"}},
        {"60%:skew=back", {"skew: 'back'", "-90s"}},
        {"60%:no-store,shuffle", {"without a store", "shuffle"}},
        {"60%:repeat,no-store", {"without a store", "repeat"}},
    };
    for (const auto& [text, named] : table) {
        CAPTURE(text);
        const auto message = refusal_of({text});
        CAPTURE(message);
        CHECK(message.starts_with("'" + text + "'"));
        CHECK(message.find("accepted: ") != std::string::npos);
        CHECK(message.find('\n') == std::string::npos);
        for (const auto& part : named) {
            CHECK_MESSAGE(message.find(part) != std::string::npos, part);
        }
    }
}

TEST_CASE("shares of more than the fleet are refused, and real needs something left") {
    const std::vector<std::pair<words, std::string>> table{
        {{"60%:gpu", "40.1%:gpu"}, "'40.1%:gpu' makes the shares 100.1% in sum"},
        {{"real", "real"}, "'real' is given twice"},
        {{"60%:gpu", "40%:gpu", "real"}, "'real': the other groups leave nothing"},
        {{"real", "100%:gpu"}, "'100%:gpu': the other groups leave nothing"},
        {{"60%:gpu", "30%:gpu", "10%:gpu"}, ""},
        {{"33.3%:gpu", "33.3%:gpu", "33.4%:gpu"}, ""},
        {{"real", "2%:double-login"}, ""},
    };
    for (const auto& [specs, expected] : table) {
        CAPTURE(expected);
        const auto message = refusal_of(specs);
        CAPTURE(message);
        CHECK((expected.empty() ? message.empty() : message.starts_with(expected)));
    }
}

TEST_CASE("the real fleet is whole, has no store for the most part, and few fast agents") {
    const auto mix = app::mix_of({.groups = {}, .rest_is_real = true});
    CHECK(mix.groups().size() == app::real_fleet.size());
    double all = 0;
    double stores = 0;
    double usual = 0;
    for (const auto& g : mix.groups()) {
        all += g.share;
        stores += g.has_store ? g.share : 0;
        usual += g.interval == 5s ? g.share : 0;
        CHECK(g.machine.targets == 0);
    }
    CHECK(all == doctest::Approx(1));
    CHECK(stores < 0.5);
    CHECK(usual > 0.75);
}

TEST_CASE("what the groups leave is plain, or real in proportion") {
    const auto odd = parse_group("10%:double-login").value();
    const auto plain = app::mix_of({.groups = {odd}, .rest_is_real = false});
    REQUIRE(plain.groups().size() == 2);
    CHECK(plain.groups()[1].has_store);
    const auto real = app::mix_of({.groups = {odd}, .rest_is_real = true});
    REQUIRE(real.groups().size() == 1 + app::real_fleet.size());
    CHECK(real.groups()[1].share == doctest::Approx(0.9 * 0.48));
}
