#include "app/capacity_state.hpp"

#include "report/json_capacity.hpp"
#include "report/json_writer.hpp"
#include "report/output_file.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string_view>
#include <system_error>

namespace vsim::app {
namespace {

using report::capacity_step;
using simdjson::dom::element;
using util::result;

constexpr std::int64_t version = 1;

util::error bad(std::string message) {
    return util::make_error(util::errc::bad_input, std::move(message));
}

template <class T>
std::optional<T> optional_member(element from, const char* key) {
    T value{};
    return from[key].get(value) == simdjson::SUCCESS ? std::optional{value} : std::nullopt;
}

// Any number: a whole one is written without a point.
std::optional<double> number(element from, const char* key) {
    return optional_member<double>(from, key);
}

std::string text(element from, const char* key) {
    return std::string{optional_member<std::string_view>(from, key).value_or("")};
}

// The rest throws simdjson_error where a member is missing or of another type.
report::threshold_result threshold_of(element e) {
    return {
        .expression = std::string{std::string_view{e["expr"]}},
        .value = number(e, "value"),
        .limit = double{e["limit"]},
        .unit = text(e, "unit"),
        .is_ok = bool{e["ok"]},
        .note = text(e, "note"),
    };
}

capacity_step step_of(element e) {
    const auto said = std::string_view{e["verdict"]};
    const auto began = util::parse_rfc3339(text(e, "started_at"));
    capacity_step s{
        .iteration = static_cast<std::uint32_t>(std::uint64_t{e["iteration"]}),
        .agents = static_cast<std::uint32_t>(std::uint64_t{e["agents"]}),
        .is_repeat = bool{e["repeat"]},
        .is_borderline = bool{e["borderline"]},
        .said = said == name(capacity_step::verdict::accepted) ? capacity_step::verdict::accepted
                                                               : capacity_step::verdict::rejected,
        .reason = text(e, "reason"),
        .criteria = {},
        .started_at = began ? began->at : util::wall_time{},
        .took = util::nanoseconds{std::llround(double{e["took_s"]} * 1e9)},
        .messages_per_second = double{e["messages_per_s"]},
        .fence_p50_ms = number(e, "fence_p50_ms"),
        .fence_p99_ms = number(e, "fence_p99_ms"),
        .freshness_p95_ms = number(e, "freshness_p95_ms"),
        .send_lag_p99_ms = number(e, "send_lag_p99_ms"),
        .missing = optional_member<std::uint64_t>(e, "missing"),
        .server_cpu_pct = number(e, "server_cpu_pct"),
    };
    for (const element t : e["criteria"].get_array()) {
        s.criteria.push_back(threshold_of(t));
    }
    return s;
}

// By key; comments and what only concerns output left out.
std::map<std::string, std::string> settings_of(const std::string& toml) {
    constexpr std::array<std::string_view, 7> about_output{
        "out", "state", "quiet", "no-color", "log-format", "prometheus", "watch-pid"
    };
    std::map<std::string, std::string> all;
    std::istringstream lines{toml};
    for (std::string line; std::getline(lines, line);) {
        const auto equals = line.find(" = ");
        const auto key = line.substr(0, equals);
        if (!line.starts_with('#') && equals != line.npos &&
            std::ranges::find(about_output, key) == about_output.end()) {
            all[key] = line.substr(equals + 3);
        }
    }
    return all;
}

} // namespace

std::string state_text(const capacity_state& state) {
    report::json_writer j{2};
    j.begin_object();
    j.member("capacity_state", version);
    j.member("arguments", state.arguments);
    write_steps(j, state.steps);
    j.end_object();
    return j.text() + "\n";
}

result<capacity_state> parse_state(const std::string& content) {
    try {
        simdjson::dom::parser parser;
        const element root = parser.parse(content);
        if (std::int64_t{root["capacity_state"]} != version) {
            return bad("it is of another version");
        }
        capacity_state state;
        state.arguments = std::string_view{root["arguments"]};
        for (const element s : root["steps"].get_array()) {
            state.steps.push_back(step_of(s));
        }
        return state;
    } catch (const simdjson::simdjson_error& e) {
        return bad(fmt::format("it is not what a search writes ({})", e.what()));
    }
}

result<std::optional<capacity_state>> load_state(const std::string& path) {
    std::error_code failed;
    if (!std::filesystem::exists(path, failed) && !failed) {
        return std::optional<capacity_state>{};
    }
    std::ifstream file{path};
    std::ostringstream content;
    if (file.peek() != std::ifstream::traits_type::eof()) {
        content << file.rdbuf();
    } else if (file.is_open()) {
        return std::optional<capacity_state>{};
    }
    if (!file || failed) {
        return util::make_error(util::errc::io, fmt::format("--state: cannot read '{}'", path));
    }
    auto state = parse_state(content.str());
    if (!state) {
        return bad(fmt::format("--state '{}': {}", path, state.error().message));
    }
    return std::optional{*std::move(state)};
}

result<void> save_state(const std::string& path, const capacity_state& state) {
    auto file = report::output_file::open(path);
    if (!file) {
        return util::make_error(file.error().code, "--state: " + file.error().message);
    }
    const auto written = file->commit(state_text(state));
    if (!written) {
        return util::make_error(written.error().code, "--state: " + written.error().message);
    }
    return {};
}

result<void> check_same_arguments(const std::string& saved, const std::string& now) {
    const auto before = settings_of(saved);
    const auto after = settings_of(now);
    const auto differ = [](const std::string& key, const std::string& was, const std::string& is) {
        return bad(fmt::format(
            "the search was begun with {} = {}, now it is {} (accepted: the same arguments, or "
            "another file)",
            key,
            was,
            is
        ));
    };
    constexpr auto absent = "not set";
    for (const auto& [key, was] : before) {
        const auto found = after.find(key);
        if (found == after.end() || found->second != was) {
            return differ(key, was, found == after.end() ? absent : found->second);
        }
    }
    for (const auto& [key, is] : after) {
        if (!before.contains(key)) {
            return differ(key, absent, is);
        }
    }
    return {};
}

} // namespace vsim::app
