#include "app/words.hpp"

#include "util/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace vsim::app {
namespace {

// A word that begins an option of the table: "--count", "-count", "-count=5".
struct option_word {
    const option* which;
    std::optional<std::string_view> value; // after "="
};

std::optional<option_word> as_option(std::string_view word, const option_list& options) {
    if (!word.starts_with('-')) {
        return std::nullopt;
    }
    word.remove_prefix(word.starts_with("--") ? 2 : 1);
    const auto equals = word.find('=');
    const auto name = word.substr(0, equals);
    const auto found =
        std::ranges::find_if(options, [&](const option& o) { return o.in_args && o.name == name; });
    if (found == options.end()) {
        return std::nullopt;
    }
    if (equals == std::string_view::npos) {
        return option_word{&*found, std::nullopt};
    }
    return option_word{&*found, word.substr(equals + 1)};
}

bool takes_value(const option& o) {
    return o.kind == arity::value || o.kind == arity::list;
}

std::string shell_quoted(std::string_view word) {
    constexpr std::string_view harmless = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789-_=./:,@%+*";
    if (!word.empty() && word.find_first_not_of(harmless) == std::string_view::npos) {
        return std::string{word};
    }
    std::string out = "'";
    for (const char c : word) {
        out += c == '\'' ? std::string{"'\\''"} : std::string{c};
    }
    return out + "'";
}

} // namespace

util::result<std::vector<std::string>>
joined_words(const std::vector<std::string>& args, const option_list& options) {
    std::vector<std::string> words;
    for (std::size_t i = 0; i < args.size(); ++i) {
        const auto found = as_option(args[i], options);
        if (!found) {
            words.push_back(args[i]);
            continue;
        }
        const auto& option = *found->which;
        auto value = found->value;
        if (takes_value(option) && !value && i + 1 < args.size() &&
            !as_option(args[i + 1], options)) {
            value = args[++i];
        }
        if (takes_value(option) && (!value || value->empty())) {
            return util::make_error(
                util::errc::bad_input, fmt::format("--{}: needs a value", option.name)
            );
        }
        words.push_back("--" + option.name);
        if (value) {
            words.back().append("=").append(*value);
        }
    }
    return words;
}

std::string nearest(std::string_view wrong, const std::vector<std::string>& names) {
    std::string best;
    auto fewest = std::max<std::size_t>(2, wrong.size() / 3) + 1;
    for (const auto& name : names) {
        const auto n = util::edit_distance(wrong, name);
        if (n < fewest && n < name.size()) {
            fewest = n;
            best = name;
        }
    }
    return best;
}

std::string command_line_text(const std::vector<std::string>& args, const option_list& options) {
    std::string text = "vstats-sim";
    bool hide_next = false;
    for (const auto& arg : args) {
        auto shown = hide_next ? "***" : arg;
        const auto found = hide_next ? std::nullopt : as_option(arg, options);
        hide_next = found && found->which->is_secret && !found->value;
        if (found && found->which->is_secret && found->value) {
            shown = arg.substr(0, arg.find('=') + 1) + "***";
        }
        text += ' ';
        text += shell_quoted(shown);
    }
    return text;
}

void hide_secrets(int argc, char** argv) {
    const auto overwrite = [](char* text) { std::memset(text, '*', std::strlen(text)); };
    const option_list secrets{{.name = "token", .is_secret = true}};
    for (int i = 1; i < argc; ++i) {
        const auto found = as_option(argv[i], secrets);
        if (!found) {
            continue;
        }
        if (found->value) {
            overwrite(std::strchr(argv[i], '=') + 1);
        } else if (i + 1 < argc) {
            overwrite(argv[++i]);
        }
    }
}

} // namespace vsim::app
