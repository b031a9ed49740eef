#pragma once
// The words of a command line before any option table's parser sees them: Go's way of writing flags
// turned into GNU's, values glued to their names, the nearest name for a misspelt one. Reentrant.

#include "app/option.hpp"
#include "util/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace vsim::app {

// "-count 5", "--count 5" and "-count=5" all become "--count=5", so that a value may begin with a
// dash ("--hours -1" is a bad number of hours, not a flag). A value that is itself the name of an
// option means the value was forgotten: an error.
util::result<std::vector<std::string>>
joined_words(const std::vector<std::string>& args, const option_list& options);

// The name of `names` that `wrong` was probably meant to be; "" when none is near.
std::string nearest(std::string_view wrong, const std::vector<std::string>& names);

// The command line for people: quoted for a shell, secrets replaced by ***.
std::string command_line_text(const std::vector<std::string>& args, const option_list& options);

// Overwrites the values of secret options in the process's own arguments, so that no process list
// shows them. Call it after parsing, with what main() was given.
void hide_secrets(int argc, char** argv);

} // namespace vsim::app
