#include "app/run_watch.hpp"

#include "support.hpp"

#include <unistd.h>

using namespace vsim;
using namespace vsim::test;

TEST_CASE("--watch-pid takes a process id and nothing else") {
    CHECK_FALSE(config_of({}).watch_pid);
    CHECK(config_of({"--watch-pid", "4711"}).watch_pid == 4711U);
    CHECK(
        text_of({"--watch-pid=4711", "--print-config"}).find("watch-pid = 4711\n") !=
        std::string::npos
    );
    for (const auto* bad : {"0", "-1", "4k", "12 ", "1.5", "init", "4194305", "99999999999"}) {
        const auto message = refusal({std::string{"--watch-pid="} + bad});
        CAPTURE(message);
        CHECK(message.find("--watch-pid") != std::string::npos);
        CHECK(message.find(bad) != std::string::npos);
        CHECK(message.find("1 to 4194304") != std::string::npos);
    }
}

TEST_CASE("an embedded server has no process of its own to watch") {
    for (const words& args :
         {words{"--embedded", "--watch-pid", "1"}, {"--embedded-db", "f", "--watch-pid", "1"}}) {
        const auto message = refusal(args);
        CAPTURE(message);
        CHECK(message.find(args[0]) != std::string::npos);
        CHECK(message.find("--watch-pid") != std::string::npos);
        CHECK(message.find("together") != std::string::npos);
    }
}

TEST_CASE("a process that cannot be watched is refused by flag and value") {
    app::run_config c;
    const auto none = app::watch_server(c);
    REQUIRE(none.has_value());
    CHECK(*none == nullptr);
    c.watch_pid = static_cast<std::uint32_t>(::getpid());
    const auto self = app::watch_server(c);
    REQUIRE_FALSE(self.has_value());
    CHECK(self.error().code == util::errc::bad_input);
    CHECK(
        self.error().message.find("--watch-pid: " + std::to_string(::getpid()) + " is this") == 0
    );
    c.watch_pid = 4'194'304;
    const auto gone = app::watch_server(c);
    REQUIRE_FALSE(gone.has_value());
    CHECK(gone.error().message.find("--watch-pid: 4194304 is no process") == 0);
    c.watch_pid = 1;
    const auto init = app::watch_server(c);
    REQUIRE(init.has_value());
    CHECK(*init != nullptr);
}
