#pragma once
// One row of a command's option table: what it is called in every place it may come from, and what
// its text is written into. Help, parsing, the environment, the configuration file and
// --print-config all read this one table. Thread-bound.

#include "app/config.hpp"
#include "util/error.hpp"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vsim::app {

// Where the text goes. References into the configuration live as long as the table.
struct binding {
    // The message of an error names the value and what is accepted, not the option.
    std::function<util::result<void>(std::string_view)> assign{};
    // The present value as TOML; "" = none.
    std::function<std::string()> show{};
};

enum class arity {
    flag,    // --keep, --keep=false
    counter, // -v -v
    value,   // the last one given counts
    list,    // every one given counts
};

struct option {
    std::string name; // --name, and the key in the configuration file
    char letter = 0;  // -l
    std::string env{};
    std::string metavar{};
    std::string group{};
    std::string help{};
    arity kind = arity::value;
    bool is_secret = false; // never echoed
    bool in_args = true;
    bool in_file = true;
    binding to{};
};
using option_list = std::vector<option>;

// Text in TOML's quotes.
std::string quoted(std::string_view text);
// An array of such texts; "" when there are none.
std::string quoted_list(const std::vector<std::string>& items);

binding text_into(std::string& target); // not empty
binding secret_into(secret& target);    // not empty, printable ASCII
binding flag_into(bool& target);        // true, false
binding counter_into(unsigned& target); // each time `true` counts one
binding url_into(util::url& target);
binding seed_into(std::uint64_t& target);          // 0 .. 2^64 - 1
binding rate_into(double& target, double highest); // 0 .. highest per second
binding prefix_into(std::string& target);          // 1 .. 64 printable characters
binding endpoint_into(std::string& host, std::uint16_t& port);
binding hours_into(util::nanoseconds& target);                   // more than 0, at most 9600 hours
binding duration_into(std::optional<util::nanoseconds>& target); // more than 0
binding addresses_into(util::address_ranges& target);            // never empty
enum class zero { refused, accepted };                           // below the lowest
binding millis_into(
    util::milliseconds& target,
    util::milliseconds low,
    util::milliseconds high,
    zero z = zero::refused
);
binding count_into(std::uint32_t& target, std::uint32_t low, std::uint32_t high); // unsigned, too

binding verify_into(std::optional<std::uint32_t>& target); // true: 0 = all; N; false: absent

// "5%", but not 0.
util::result<double> share_above_zero(std::string_view text);

// "'sideways' is not accepted here (accepted: both, history, realtime)"
util::error not_accepted(std::string_view text, const std::vector<std::string>& accepted);

// Each time one more. `parse` reads what `text` writes; its message names what it was given.
template <class T>
binding list_into(
    std::vector<T>& target,
    util::result<T> (*parse)(std::string_view),
    std::string (*text)(const T&)
) {
    return {
        .assign = [&target, parse](std::string_view typed) -> util::result<void> {
            const auto item = parse(typed);
            if (!item) {
                return item.error();
            }
            target.push_back(*item);
            return {};
        },
        .show =
            [&target, text] {
                std::vector<std::string> items;
                for (const auto& item : target) {
                    items.push_back(text(item));
                }
                return quoted_list(items);
            },
    };
}

// One of a few words.
template <class Enum>
binding
choice_into(Enum& target, std::initializer_list<std::pair<std::string_view, Enum>> accepted) {
    const std::vector<std::pair<std::string, Enum>> words{accepted.begin(), accepted.end()};
    return {
        .assign = [&target, words](std::string_view text) -> util::result<void> {
            std::vector<std::string> names;
            for (const auto& [word, value] : words) {
                if (text == word) {
                    target = value;
                    return {};
                }
                names.push_back(word);
            }
            return not_accepted(text, names);
        },
        .show =
            [&target, words] {
                for (const auto& [word, value] : words) {
                    if (target == value) {
                        return quoted(word);
                    }
                }
                return std::string{};
            },
    };
}

} // namespace vsim::app
