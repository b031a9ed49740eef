#include "app/option.hpp"

#include "util/parse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>

namespace vsim::app {
namespace {

using util::errc;
using util::error;
using util::make_error;
using util::result;

error bad(std::string message) {
    return make_error(errc::bad_input, std::move(message));
}

error out_of_range(std::string_view text, std::string_view accepted) {
    return bad(fmt::format("'{}' is out of range (accepted: {})", text, accepted));
}

constexpr std::size_t longest_prefix = 64;
constexpr double most_hours = 9600; // the longest retention is 400 days

bool is_printable(unsigned char c) {
    return c >= 0x20 && c != 0x7f;
}

template <class Number>
std::optional<Number> whole_text_as(std::string_view text) {
    Number n{};
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (failed != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return n;
}

} // namespace

util::error not_accepted(std::string_view text, const std::vector<std::string>& accepted) {
    return bad(
        fmt::format("'{}' is not accepted here (accepted: {})", text, fmt::join(accepted, ", "))
    );
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (!is_printable(static_cast<unsigned char>(c))) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string quoted_list(const std::vector<std::string>& items) {
    std::vector<std::string> texts;
    for (const auto& item : items) {
        texts.push_back(quoted(item));
    }
    return texts.empty() ? std::string{} : fmt::format("[{}]", fmt::join(texts, ", "));
}

util::result<double> share_above_zero(std::string_view text) {
    const auto share = util::parse_share(text);
    if (share && *share == 0) {
        return out_of_range(text, "more than 0%, at most 100%");
    }
    return share;
}

binding text_into(std::string& target) {
    return {
        .assign = [&target](std::string_view text) -> result<void> {
            if (text.empty()) {
                return bad("needs a value");
            }
            target = text;
            return {};
        },
        .show = [&target] { return target.empty() ? std::string{} : quoted(target); },
    };
}

binding secret_into(secret& target) {
    return {
        .assign = [&target](std::string_view text) -> result<void> {
            const auto fits_a_header = [](char c) { return c > 0x20 && c < 0x7f; };
            if (text.empty() || !std::ranges::all_of(text, fits_a_header)) {
                return bad(
                    "has characters that cannot be sent (accepted: printable ASCII, no blanks)"
                );
            }
            target = secret{std::string{text}};
            return {};
        },
        .show = [] { return std::string{}; },
    };
}

binding flag_into(bool& target) {
    return {
        .assign = [&target](std::string_view text) -> result<void> {
            if (text != "true" && text != "false") {
                return not_accepted(text, {"true", "false"});
            }
            target = text == "true";
            return {};
        },
        .show = [&target] { return std::string{target ? "true" : "false"}; },
    };
}

binding counter_into(unsigned& target) {
    return {
        .assign = [&target](std::string_view text) -> result<void> {
            bool yes = false;
            const auto assigned = flag_into(yes).assign(text);
            target += yes ? 1 : 0;
            return assigned;
        },
        .show = [] { return std::string{}; },
    };
}

binding url_into(util::url& target) {
    return {
        .assign = [&target](std::string_view text) -> result<void> {
            // Said here, because the parser's message would repeat the password.
            if (text.find('@') != std::string_view::npos) {
                return bad("a URL with a user name or password is not accepted (use --token, "
                           "--token-file or --password-file)");
            }
            auto parsed = util::parse_url(text);
            if (!parsed) {
                return parsed.error();
            }
            target = *std::move(parsed);
            return {};
        },
        .show = [&target] { return quoted(target.text()); },
    };
}

binding seed_into(std::uint64_t& target) {
    return {
        .assign = [&target](std::string_view text) -> result<void> {
            const auto seed = whole_text_as<std::uint64_t>(text);
            if (!seed) {
                return bad(fmt::format(
                    "'{}' is not a seed (accepted: 0 to {})",
                    text,
                    std::numeric_limits<std::uint64_t>::max()
                ));
            }
            target = *seed;
            return {};
        },
        .show = [&target] { return fmt::to_string(target); },
    };
}

binding rate_into(double& target, double highest) {
    return {
        .assign = [&target, highest](std::string_view text) -> result<void> {
            const auto rate = util::parse_rate(text);
            if (!rate) {
                return rate.error();
            }
            if (*rate > highest) {
                return out_of_range(text, fmt::format("0 to {}/s", highest));
            }
            target = *rate;
            return {};
        },
        .show = [&target] { return quoted(fmt::format("{}/s", target)); },
    };
}

binding prefix_into(std::string& target) {
    return {
        .assign = [&target](std::string_view text) -> result<void> {
            if (text.empty() || text.size() > longest_prefix ||
                !std::ranges::all_of(text, is_printable)) {
                return bad(fmt::format(
                    "{} is not a name prefix (accepted: 1 to {} printable characters)",
                    quoted(text),
                    longest_prefix
                ));
            }
            target = text;
            return {};
        },
        .show = [&target] { return quoted(target); },
    };
}

binding endpoint_into(std::string& host, std::uint16_t& port) {
    return {
        .assign = [&host, &port](std::string_view text) -> result<void> {
            const auto colon = text.rfind(':');
            const auto number = colon == std::string_view::npos
                                    ? std::nullopt
                                    : whole_text_as<std::uint16_t>(text.substr(colon + 1));
            auto address = text.substr(0, colon);
            const bool bracketed = address.starts_with('[') && address.ends_with(']');
            if (bracketed) {
                address = address.substr(1, address.size() - 2);
            }
            const bool ambiguous = !bracketed && address.find(':') != std::string_view::npos;
            if (!number || address.empty() || ambiguous) {
                return bad(fmt::format(
                    "'{}' is not an address and port (accepted: 127.0.0.1:3001, [::1]:3001; port "
                    "0 "
                    "picks one)",
                    text
                ));
            }
            host = address;
            port = *number;
            return {};
        },
        .show =
            [&host, &port] {
                const bool v6 = host.find(':') != std::string::npos;
                return quoted(fmt::format("{}{}{}:{}", v6 ? "[" : "", host, v6 ? "]" : "", port));
            },
    };
}

binding hours_into(util::nanoseconds& target) {
    using hours = std::chrono::duration<double, std::ratio<3600>>;
    return {
        .assign = [&target](std::string_view text) -> result<void> {
            const auto h = whole_text_as<double>(text);
            if (!h) {
                return bad(
                    fmt::format("'{}' is not a number of hours (accepted: 2, 0.5, 168)", text)
                );
            }
            if (!(*h > 0 && *h <= most_hours)) { // also refuses nan
                return out_of_range(text, fmt::format("more than 0, at most {}", most_hours));
            }
            target = std::chrono::round<util::nanoseconds>(hours{*h});
            return {};
        },
        .show = [&target] { return fmt::format("{}", hours{target}.count()); },
    };
}

binding duration_into(std::optional<util::nanoseconds>& target) {
    return {
        .assign = [&target](std::string_view text) -> result<void> {
            const auto d = util::parse_duration(text);
            if (!d) {
                return d.error();
            }
            if (d->count() == 0) {
                return out_of_range(text, "more than 0, such as 30s, 5m, 1h30m");
            }
            target = *d;
            return {};
        },
        .show =
            [&target] { return target ? quoted(util::format_duration(*target)) : std::string{}; },
    };
}

binding addresses_into(util::address_ranges& target) {
    return {
        .assign = [&target](std::string_view text) -> result<void> {
            auto list = util::parse_address_ranges(text);
            if (!list) {
                return list.error();
            }
            target = *std::move(list);
            return {};
        },
        .show = [&target] { return target.empty() ? std::string{} : quoted(target.text()); },
    };
}

binding
millis_into(util::milliseconds& target, util::milliseconds low, util::milliseconds high, zero z) {
    return {
        .assign = [&target, low, high, z](std::string_view text) -> result<void> {
            const auto d = util::parse_duration(text);
            if (!d) {
                return d.error();
            }
            const auto whole = std::chrono::duration_cast<util::milliseconds>(*d);
            const bool in_range = whole >= low && whole <= high;
            const bool is_zero = z == zero::accepted && whole.count() == 0;
            if (whole != *d || !(in_range || is_zero)) {
                return out_of_range(
                    text,
                    fmt::format(
                        "{}{} to {} in whole milliseconds",
                        z == zero::accepted ? "0, or " : "",
                        util::format_duration(low),
                        util::format_duration(high)
                    )
                );
            }
            target = whole;
            return {};
        },
        .show = [&target] { return quoted(util::format_duration(target)); },
    };
}

binding count_into(std::uint32_t& target, std::uint32_t low, std::uint32_t high) {
    return {
        .assign = [&target, low, high](std::string_view text) -> result<void> {
            const auto n = util::parse_count(text);
            if (!n) {
                return n.error();
            }
            if (*n < low || *n > high) {
                return out_of_range(text, fmt::format("{} to {}", low, high));
            }
            target = static_cast<std::uint32_t>(*n);
            return {};
        },
        .show = [&target] { return fmt::to_string(target); },
    };
}

} // namespace vsim::app
