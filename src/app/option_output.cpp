#include "app/option_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace vsim::app {
namespace {

using util::result;
using kind = output_config::kind;

constexpr std::array kinds{kind::json, kind::csv, kind::ndjson, kind::hdr, kind::html};

std::string text_of(const output_config& o) {
    return fmt::format("{}={}", name(o.what), o.path);
}

util::error bad(std::string message) {
    return util::make_error(util::errc::bad_input, std::move(message));
}

std::optional<output_config> parse(std::string_view text) {
    const auto equals = text.find('=');
    const auto found =
        std::ranges::find(kinds, text.substr(0, equals), [](kind k) { return name(k); });
    if (equals == std::string_view::npos || equals + 1 == text.size() || found == kinds.end()) {
        return std::nullopt;
    }
    return output_config{*found, std::string{text.substr(equals + 1)}};
}

} // namespace

std::string_view name(output_config::kind k) {
    switch (k) {
    case kind::csv:
        return "csv";
    case kind::ndjson:
        return "ndjson";
    case kind::hdr:
        return "hdr";
    case kind::html:
        return "html";
    case kind::json:
        break;
    }
    return "json";
}

binding output_into(std::vector<output_config>& target) {
    return {
        .assign = [&target](std::string_view text) -> result<void> {
            const auto output = parse(text);
            if (!output) {
                return bad(fmt::format(
                    "'{}' is not an output (accepted: json=PATH, csv=PATH, ndjson=PATH, hdr=PATH, "
                    "html=PATH; the path - is standard output)",
                    text
                ));
            }
            const auto same = std::ranges::find(target, output->path, &output_config::path);
            if (same != target.end() && same->what == output->what) {
                return bad(fmt::format("'{}' is given twice", text));
            }
            if (same != target.end()) {
                return bad(fmt::format(
                    "'{}' and '{}' cannot both go to {}",
                    text_of(*same),
                    text,
                    output->path == "-" ? "standard output" : "one file"
                ));
            }
            target.push_back(*output);
            return {};
        },
        .show =
            [&target] {
                std::vector<std::string> items;
                for (const auto& o : target) {
                    items.push_back(text_of(o));
                }
                return quoted_list(items);
            },
    };
}

binding endpoint_into(std::string& target) {
    return {
        .assign = [&target](std::string_view text) -> result<void> {
            std::string host;
            std::uint16_t port = 0;
            auto assigned = endpoint_into(host, port).assign(text);
            if (assigned) {
                target = text;
            }
            return assigned;
        },
        .show = [&target] { return target.empty() ? std::string{} : quoted(target); },
    };
}

} // namespace vsim::app
