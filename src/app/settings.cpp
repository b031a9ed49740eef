#include "app/settings.hpp"

#include "app/flat_toml.hpp"
#include "app/options.hpp"
#include "app/words.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

namespace vsim::app {
namespace {

using util::result;
using values = std::map<std::string, given>;

util::error bad(std::string message) {
    return util::make_error(util::errc::bad_input, std::move(message));
}

const option* find(const option_list& options, std::string_view name) {
    const auto found = std::ranges::find(options, name, &option::name);
    return found == options.end() ? nullptr : &*found;
}

// Help and tokens; the values stay text, because where they came from decides the message.
std::unique_ptr<CLI::App>
make_parser(std::string_view command, std::string_view summary, const option_list& options) {
    auto parser = std::make_unique<CLI::App>(std::string{summary});
    parser->name(command == "run" ? "vstats-sim" : fmt::format("vstats-sim {}", command));
    parser->set_help_flag();
    parser->allow_extras();
    parser->get_formatter()->column_width(28);
    parser->get_formatter()->label("OPTIONS", "OPTIONS");
    for (const auto& o : options) {
        if (!o.in_args) {
            continue;
        }
        const auto names =
            o.letter == 0 ? "--" + o.name : fmt::format("-{},--{}", o.letter, o.name);
        const bool is_flag = o.kind == arity::flag || o.kind == arity::counter;
        auto* added = is_flag ? parser->add_flag(names) : parser->add_option(names);
        const bool keeps_all = o.kind == arity::list || o.kind == arity::counter;
        added->multi_option_policy(
            keeps_all ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::TakeLast
        );
        auto text = o.help;
        if (auto value = o.to.show(); !is_flag && !value.empty()) {
            std::erase(value, '"');
            text += fmt::format(" [{}]", value);
        }
        added->description(text)->group(o.group);
        if (!is_flag) {
            added->type_name(o.metavar);
        }
    }
    return parser;
}

result<void> reject_extra(
    const std::string& word,
    std::string_view command,
    const option_list& options,
    const option_list& known
) {
    if (!word.starts_with('-') || word == "-") {
        return bad(fmt::format("unexpected argument '{}' (a command comes first)", word));
    }
    // Without its value, which may be a secret behind a misspelt name.
    const auto flag = word.substr(0, word.find('='));
    const auto name = flag.substr(std::min(flag.find_first_not_of('-'), flag.size()));
    if (const auto* other = find(known, name); other != nullptr && other->in_args) {
        return bad(fmt::format("{}: is not an option of {}", flag, command));
    }
    std::vector<std::string> names;
    for (const auto& o : options) {
        if (o.in_args) {
            names.push_back(o.name);
        }
    }
    const auto near = nearest(name, names);
    return bad(fmt::format(
        "{}: unknown flag{}",
        flag,
        near.empty() ? " (--help lists them)" : fmt::format(", did you mean --{}?", near)
    ));
}

result<void> read_args(
    std::string_view command,
    const std::vector<std::string>& args,
    const option_list& options,
    const option_list& known,
    values& out
) {
    auto words = joined_words(args, options);
    if (!words) {
        return words.error();
    }
    const auto parser = make_parser(command, {}, options);
    std::ranges::reverse(*words); // what CLI11 wants from a vector
    try {
        parser->parse(*words);
    } catch (const CLI::ParseError& e) {
        return bad(e.what());
    }
    if (const auto extra = parser->remaining(); !extra.empty()) {
        return reject_extra(extra.front(), command, options, known);
    }
    for (const auto& o : options) {
        if (!o.in_args) {
            continue;
        }
        const auto* parsed = parser->get_option("--" + o.name);
        if (parsed->count() > 0) {
            out[o.name] = {place::args, "--" + o.name, parsed->reduced_results()};
        }
    }
    return {};
}

void read_environment(const environment& env, const option_list& options, values& out) {
    for (const auto& o : options) {
        if (o.env.empty() || out.contains(o.name)) {
            continue;
        }
        if (auto value = env(o.env)) {
            out[o.name] = {place::env, o.env, {*std::move(value)}};
        }
    }
}

result<void> read_file(
    const std::string& path, const option_list& options, const option_list& known, values& out
) {
    std::ifstream file{path};
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) {
        return bad(fmt::format("--config: cannot read '{}'", path));
    }
    const auto entries = parse_flat_toml(text.str());
    if (!entries) {
        return bad(fmt::format("{}: {}", path, entries.error().message));
    }
    for (const auto& entry : *entries) {
        const auto label = fmt::format("{}:{}: {}", path, entry.line, entry.key);
        const auto* ours = find(options, entry.key);
        const auto* any = ours != nullptr ? ours : find(known, entry.key);
        if (any == nullptr || !any->in_file) {
            std::vector<std::string> names;
            for (const auto& o : options) {
                if (o.in_file) {
                    names.push_back(o.name);
                }
            }
            const auto near = any == nullptr ? nearest(entry.key, names) : "";
            return bad(fmt::format(
                "{}: {}{}",
                label,
                any == nullptr ? "unknown key" : "cannot be set in a file",
                near.empty() ? "" : fmt::format(", did you mean {}?", near)
            ));
        }
        if (entry.is_array && any->kind != arity::list) {
            return bad(label + ": takes one value, not an array");
        }
        if (ours != nullptr && !out.contains(entry.key)) {
            out[entry.key] = {place::file, label, entry.values};
        }
    }
    return {};
}

result<void> settle_contradictions(values& given) {
    const auto is_set = [&](std::string_view name) {
        const auto found = given.find(std::string{name});
        return found != given.end() && found->second.values != std::vector<std::string>{"false"};
    };
    for (const auto& [one, other] : contradictions()) {
        if (!is_set(one) || !is_set(other)) {
            continue;
        }
        const auto& a = given.at(std::string{one});
        const auto& b = given.at(std::string{other});
        if (a.from == b.from) {
            return bad(fmt::format("{}: cannot be given together with {}", a.label, b.label));
        }
        given.erase(std::string{a.from < b.from ? one : other});
    }
    return {};
}

} // namespace

settings::settings(const option_list& options, std::map<std::string, given> values)
    : options_{&options}, values_{values.begin(), values.end()} {}

bool settings::is_on(std::string_view flag) const {
    const auto found = values_.find(flag);
    return found != values_.end() && found->second.values.back() == "true";
}

bool settings::is_given(std::string_view name) const {
    return values_.find(name) != values_.end();
}

result<void> settings::apply() const {
    for (const auto& o : *options_) {
        const auto found = values_.find(o.name);
        if (found == values_.end()) {
            continue;
        }
        for (const auto& value : found->second.values) {
            if (const auto assigned = o.to.assign(value); !assigned) {
                const auto& error = assigned.error();
                return util::error{
                    error.code, fmt::format("{}: {}", found->second.label, error.message)
                };
            }
        }
    }
    return {};
}

std::string settings::as_toml() const {
    std::string text;
    for (const auto& o : *options_) {
        if (o.is_secret) {
            if (const auto found = values_.find(o.name); found != values_.end()) {
                text += fmt::format("# {}: given by {}, not shown\n", o.name, found->second.label);
            }
        } else if (const auto value = o.to.show(); o.in_file && !value.empty()) {
            text += fmt::format("{} = {}\n", o.name, value);
        }
    }
    return text;
}

result<settings> read_settings(
    std::string_view command,
    const std::vector<std::string>& args,
    const environment& env,
    const option_list& options,
    const option_list& known
) {
    values given;
    if (const auto read = read_args(command, args, options, known, given); !read) {
        return read.error();
    }
    read_environment(env, options, given);
    if (const auto file = given.find("config"); file != given.end()) {
        const auto read = read_file(file->second.values.back(), options, known, given);
        if (!read) {
            return read.error();
        }
    }
    if (const auto settled = settle_contradictions(given); !settled) {
        return settled.error();
    }
    return settings{options, std::move(given)};
}

std::string
help_text(std::string_view command, std::string_view summary, const option_list& options) {
    auto text = make_parser(command, summary, options)->help();
    // CLI11 separates groups by two empty lines and ends with some.
    for (auto at = text.find("\n\n\n"); at != std::string::npos; at = text.find("\n\n\n", at)) {
        text.erase(at, 1);
    }
    text.erase(text.find_last_not_of('\n') + 2);
    std::vector<std::string> variables;
    for (const auto& o : options) {
        if (!o.env.empty()) {
            variables.push_back(o.env);
        }
    }
    if (!variables.empty()) {
        text += "\nEnvironment (a flag is stronger):\n";
        for (std::size_t i = 0; i < variables.size(); i += 3) {
            const auto end = std::min(i + 3, variables.size());
            text += fmt::format(
                "  {}\n",
                fmt::join(
                    variables.begin() + static_cast<std::ptrdiff_t>(i),
                    variables.begin() + static_cast<std::ptrdiff_t>(end),
                    " "
                )
            );
        }
    }
    return text;
}

} // namespace vsim::app
