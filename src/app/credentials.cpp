#include "app/credentials.hpp"

#include "app/option.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <string>
#include <termios.h>
#include <unistd.h>

namespace vsim::app {
namespace {

using util::errc;
using util::make_error;
using util::result;

result<secret> first_line(std::istream& input, std::string_view where) {
    std::string line;
    std::getline(input, line);
    constexpr std::string_view blanks = " \t\r\n";
    line.erase(0, line.find_first_not_of(blanks));
    line.erase(line.find_last_not_of(blanks) + 1);
    if (line.empty()) {
        return make_error(errc::bad_input, fmt::format("{}: the first line is empty", where));
    }
    secret found;
    if (const auto fits = secret_into(found).assign(line); !fits) {
        return make_error(errc::bad_input, fmt::format("{}: {}", where, fits.error().message));
    }
    return found;
}

// Keyboard input without echo and without signals, for as long as it lives: a Ctrl-C arrives as a
// character, so that it cannot end the program with the terminal still mute.
class mute_terminal {
public:
    explicit mute_terminal(int fd) : fd_{fd}, changed_{::tcgetattr(fd, &before_) == 0} {
        if (changed_) {
            auto mute = before_;
            mute.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
            mute.c_cc[VMIN] = 1;
            mute.c_cc[VTIME] = 0;
            changed_ = ::tcsetattr(fd, TCSAFLUSH, &mute) == 0;
        }
    }
    ~mute_terminal() {
        if (changed_) {
            ::tcsetattr(fd_, TCSAFLUSH, &before_);
        }
    }
    mute_terminal(const mute_terminal&) = delete;
    mute_terminal& operator=(const mute_terminal&) = delete;

    bool is_mute() const { return changed_; }

private:
    int fd_;
    termios before_{};
    bool changed_;
};

} // namespace

result<secret> read_secret_file(std::string_view flag, const std::string& path) {
    std::ifstream file{path};
    if (!file) {
        return make_error(errc::io, fmt::format("{}: cannot read '{}'", flag, path));
    }
    return first_line(file, fmt::format("{} '{}'", flag, path));
}

result<secret> ask_hidden(int fd, std::string_view prompt) {
    constexpr char interrupt = 3;
    constexpr char end_of_input = 4;
    constexpr char backspace = 8;
    constexpr char erase_line = 21;
    constexpr char del = 127;

    const mute_terminal mute{fd};
    if (!mute.is_mute()) {
        return make_error(errc::io, "cannot turn off the terminal's echo");
    }
    const auto say = [](std::string_view text) { std::cerr << text << std::flush; };
    say(prompt);
    std::string typed;
    for (;;) {
        char c = 0;
        const auto n = ::read(fd, &c, 1);
        if (n <= 0 || c == interrupt || (c == end_of_input && typed.empty())) {
            say("\n");
            return make_error(errc::cancelled, "no token was entered");
        }
        if (c == '\n' || c == '\r') {
            say("\n");
            break;
        }
        if (c == backspace || c == del) {
            typed.resize(typed.empty() ? 0 : typed.size() - 1);
        } else if (c == erase_line) {
            typed.clear();
        } else {
            typed += c;
        }
    }
    secret found;
    if (const auto fits = secret_into(found).assign(typed); !fits) {
        return make_error(errc::bad_input, "token: " + fits.error().message);
    }
    return found;
}

secret_sources secret_sources::of_process() {
    secret_sources sources{&std::cin, {}};
    if (::isatty(STDIN_FILENO) == 1) {
        sources.ask = [] { return ask_hidden(STDIN_FILENO, "Admin token (hidden): "); };
    }
    return sources;
}

result<credentials> find_credentials(const access_config& access, const secret_sources& from) {
    using enum credentials::kind;
    const auto as = [](credentials::kind what, result<secret> found) -> result<credentials> {
        if (!found) {
            return found.error();
        }
        return credentials{what, *std::move(found)};
    };
    if (access.token.reveal() == "-") {
        return as(token, first_line(*from.input, "--token -"));
    }
    if (!access.token.empty()) {
        return credentials{token, access.token};
    }
    if (!access.token_file.empty()) {
        return as(token, read_secret_file("--token-file", access.token_file));
    }
    if (!access.password.empty()) {
        return credentials{password, access.password};
    }
    if (!access.password_file.empty()) {
        return as(password, read_secret_file("--password-file", access.password_file));
    }
    if (from.ask) {
        return as(token, from.ask());
    }
    return make_error(
        errc::bad_input,
        "no admin token, and no terminal to ask on (accepted: --token T, --token - for standard "
        "input, --token-file FILE, VSTATS_TOKEN, --password-file FILE, VSTATS_PASSWORD)"
    );
}

} // namespace vsim::app
