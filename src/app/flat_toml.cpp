#include "app/flat_toml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace vsim::app {
namespace {

constexpr std::string_view blanks = " \t\r";
constexpr std::string_view bare =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

// Reads one line from left to right; nullopt means the line is wrong and `why` says how.
class line_reader {
public:
    explicit line_reader(std::string_view rest) : rest_{rest} {}

    std::string why = "is not of the form key = value";

    bool at_end() {
        skip_blanks();
        return rest_.empty() || rest_.front() == '#';
    }

    bool take(char c) {
        skip_blanks();
        if (!rest_.starts_with(c)) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }

    std::optional<std::string> key() {
        skip_blanks();
        if (rest_.starts_with('"') || rest_.starts_with('\'')) {
            return scalar();
        }
        if (rest_.starts_with('[')) {
            why = "starts a table; settings are top-level keys";
            return std::nullopt;
        }
        return bare_word(bare);
    }

    std::optional<std::string> scalar() {
        skip_blanks();
        if (take('\'')) {
            return until_quote();
        }
        if (take('"')) {
            return escaped_string();
        }
        auto word = bare_word("+-._0123456789abcdefghijklmnopqrstuvwxyz").value_or("");
        if (word == "true" || word == "false") {
            return word;
        }
        std::erase(word, '_'); // digit groups: 5_000
        double number = 0;
        const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (failed == std::errc{} && end == word.data() + word.size()) {
            return word;
        }
        why = "has a value that is no string, number or boolean (strings need quotes)";
        return std::nullopt;
    }

    std::optional<std::vector<std::string>> array_after_bracket() {
        std::vector<std::string> items;
        while (!take(']')) {
            auto item = scalar();
            if (!item) {
                return std::nullopt;
            }
            items.push_back(*std::move(item));
            if (!take(',') && !rest_.starts_with(']')) {
                why = "has an array that does not end on the same line";
                return std::nullopt;
            }
        }
        return items;
    }

private:
    void skip_blanks() {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size()));
    }

    std::optional<std::string> bare_word(std::string_view allowed) {
        const auto n = std::min(rest_.find_first_not_of(allowed), rest_.size());
        if (n == 0) {
            return std::nullopt;
        }
        std::string word{rest_.substr(0, n)};
        rest_.remove_prefix(n);
        return word;
    }

    std::optional<std::string> until_quote() {
        const auto n = rest_.find('\'');
        if (n == std::string_view::npos) {
            why = "has a string without an end";
            return std::nullopt;
        }
        std::string text{rest_.substr(0, n)};
        rest_.remove_prefix(n + 1);
        return text;
    }

    std::optional<std::string> escaped_string() {
        std::string text;
        for (std::size_t i = 0; i < rest_.size(); ++i) {
            if (rest_[i] == '"') {
                rest_.remove_prefix(i + 1);
                return text;
            }
            if (rest_[i] != '\\') {
                text += rest_[i];
                continue;
            }
            constexpr std::string_view codes = "\"\\tnr";
            constexpr std::string_view meant = "\"\\\t\n\r";
            const auto code = ++i < rest_.size() ? codes.find(rest_[i]) : std::string_view::npos;
            if (code == std::string_view::npos) {
                why =
                    "has an escape in a string that is not known (accepted: \\\" \\\\ \\t \\n \\r)";
                return std::nullopt;
            }
            text += meant[code];
        }
        why = "has a string without an end";
        return std::nullopt;
    }

    std::string_view rest_;
};

} // namespace

util::result<std::vector<toml_entry>> parse_flat_toml(std::string_view text) {
    std::vector<toml_entry> entries;
    unsigned number = 0;
    const auto wrong = [&number](std::string_view why) {
        return util::make_error(util::errc::bad_input, fmt::format("line {}: {}", number, why));
    };
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        line_reader line{text.substr(0, end)};
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (line.at_end()) {
            continue;
        }
        auto key = line.key();
        if (!key || !line.take('=')) {
            return wrong(line.why);
        }
        toml_entry entry{
            .key = *std::move(key), .line = number, .is_array = line.take('['), .values = {}
        };
        if (entry.is_array) {
            auto items = line.array_after_bracket();
            if (!items) {
                return wrong(line.why);
            }
            entry.values = *std::move(items);
        } else {
            auto value = line.scalar();
            if (!value) {
                return wrong(line.why);
            }
            entry.values.push_back(*std::move(value));
        }
        if (!line.at_end()) {
            return wrong("has text after its value");
        }
        if (std::ranges::find(entries, entry.key, &toml_entry::key) != entries.end()) {
            return wrong("sets '" + entry.key + "' a second time");
        }
        entries.push_back(std::move(entry));
    }
    return entries;
}

} // namespace vsim::app
