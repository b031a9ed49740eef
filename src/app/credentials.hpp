#pragma once
// Gets hold of the admin token or password a configuration points to. Blocks (files, standard
// input, the keyboard): called before anything runs. Reentrant, but there is only one terminal.

#include "app/config.hpp"
#include "app/secret.hpp"
#include "util/error.hpp"

#include <functional>
#include <istream>

namespace vsim::app {

struct credentials {
    enum class kind { token, password };
    kind what = kind::token;
    secret value; // never empty
};

// Where secrets can come from besides files.
struct secret_sources {
    std::istream* input; // for "--token -": the first line
    // Asks on the terminal without showing what is typed; absent where there is no terminal.
    std::function<util::result<secret>()> ask;

    static secret_sources of_process();
};

// bad_input: no way is given and there is no terminal, or a file does not hold one; io: a file
// cannot be read; cancelled: Ctrl-C or an ended input at the prompt.
util::result<credentials> find_credentials(const access_config& access, const secret_sources& from);

// First line of a file, without surrounding blanks; bad_input if it is empty or not printable
// ASCII. `flag` is named in the message.
util::result<secret> read_secret_file(std::string_view flag, const std::string& path);

// Reads one line from terminal `fd` with the echo off, writes `prompt` to stderr. The terminal is
// as it was afterwards, also after Ctrl-C (cancelled).
util::result<secret> ask_hidden(int fd, std::string_view prompt);

} // namespace vsim::app
