#include "app/credentials.hpp"

#include "support.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <sstream>
#include <termios.h>
#include <thread>

using namespace vsim;
using app::access_config;
using app::credentials;
using app::secret;
using test::temporary_file;
using util::errc;

namespace {

util::result<credentials> find(const access_config& access, const std::string& input = "") {
    std::istringstream stream{input};
    return app::find_credentials(access, {&stream, {}});
}

// The two ends of a pseudo-terminal.
struct pseudo_terminal {
    int keyboard = -1;
    int program = -1;

    pseudo_terminal() {
        keyboard = ::posix_openpt(O_RDWR | O_NOCTTY);
        REQUIRE(keyboard >= 0);
        REQUIRE(::grantpt(keyboard) == 0);
        REQUIRE(::unlockpt(keyboard) == 0);
        program = ::open(::ptsname(keyboard), O_RDWR | O_NOCTTY);
        REQUIRE(program >= 0);
    }
    ~pseudo_terminal() {
        ::close(keyboard);
        ::close(program);
    }
    pseudo_terminal(const pseudo_terminal&) = delete;
    pseudo_terminal& operator=(const pseudo_terminal&) = delete;

    tcflag_t local_flags() const {
        termios t{};
        REQUIRE(::tcgetattr(program, &t) == 0);
        return t.c_lflag;
    }

    // Types once the prompt has muted the terminal: what came before would be thrown away.
    util::result<secret> type(std::string_view keys) {
        std::thread typist{[this, keys] {
            termios t{};
            do {
                std::this_thread::yield();
                ::tcgetattr(program, &t);
            } while ((t.c_lflag & ECHO) != 0);
            [[maybe_unused]] const auto written = ::write(keyboard, keys.data(), keys.size());
        }};
        auto typed = app::ask_hidden(program, "");
        typist.join();
        return typed;
    }
};

} // namespace

TEST_CASE("a token or password is found where the configuration says") {
    const temporary_file file{"  from-file \nsecond line\n"};
    access_config access;

    access.token = secret{"given"};
    auto found = find(access);
    REQUIRE(found.has_value());
    CHECK(found->what == credentials::kind::token);
    CHECK(found->value.reveal() == "given");

    access.token = secret{"-"};
    found = find(access, "from-stdin\r\nrest");
    REQUIRE(found.has_value());
    CHECK(found->value.reveal() == "from-stdin");

    access = {};
    access.token_file = file.path();
    found = find(access);
    REQUIRE(found.has_value());
    CHECK(found->what == credentials::kind::token);
    CHECK(found->value.reveal() == "from-file");

    access = {};
    access.password_file = file.path();
    found = find(access);
    REQUIRE(found.has_value());
    CHECK(found->what == credentials::kind::password);
    CHECK(found->value.reveal() == "from-file");

    access = {};
    access.password = secret{"word"};
    found = find(access);
    REQUIRE(found.has_value());
    CHECK(found->what == credentials::kind::password);
}

TEST_CASE("without any way and without a terminal the message lists the ways") {
    const auto found = find({});
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().code == errc::bad_input);
    for (const auto* way :
         {"--token T",
          "--token -",
          "--token-file",
          "VSTATS_TOKEN",
          "--password-file",
          "VSTATS_PASSWORD"}) {
        CHECK(found.error().message.find(way) != std::string::npos);
    }
}

TEST_CASE("on a terminal the token is asked for") {
    std::istringstream unused;
    const auto found = app::find_credentials({}, {&unused, []() -> util::result<secret> {
                                                      return secret{"typed"};
                                                  }});
    REQUIRE(found.has_value());
    CHECK(found->value.reveal() == "typed");
}

TEST_CASE("a secret file that is missing, empty or odd is refused without showing it") {
    access_config access;
    access.token_file = "/nonexistent/token";
    CHECK(find(access).error().code == errc::io);
    CHECK(find(access).error().message.find("--token-file") == 0);

    const temporary_file empty{" \n"};
    access.token_file = empty.path();
    CHECK(find(access).error().code == errc::bad_input);

    const temporary_file odd{"two words\n"};
    access.token_file = odd.path();
    CHECK(find(access).error().code == errc::bad_input);
    CHECK(find(access).error().message.find("two words") == std::string::npos);

    access = {};
    access.token = secret{"-"};
    CHECK(find(access, "").error().message.find("--token -") == 0);
}

TEST_CASE("what is typed at the prompt is not echoed and the terminal is restored") {
    pseudo_terminal terminal;
    const auto before = terminal.local_flags();
    const auto typed = terminal.type("wrong\x15tokeX\x7fn\r");
    REQUIRE(typed.has_value());
    CHECK(typed->reveal() == "token");
    CHECK(terminal.local_flags() == before);

    ::fcntl(terminal.keyboard, F_SETFL, O_NONBLOCK);
    char echoed[16];
    CHECK(::read(terminal.keyboard, echoed, sizeof echoed) <= 0);
}

TEST_CASE("Ctrl-C at the prompt cancels and restores the terminal") {
    pseudo_terminal terminal;
    const auto before = terminal.local_flags();
    const auto typed = terminal.type("tok\x03");
    REQUIRE_FALSE(typed.has_value());
    CHECK(typed.error().code == errc::cancelled);
    CHECK(terminal.local_flags() == before);
}
