#include "report/console_thresholds.hpp"

#include "report/threshold.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace vsim::report {

std::string render_thresholds(const std::vector<threshold_result>& all, const palette& ink) {
    if (all.empty()) {
        return {};
    }
    std::size_t widest = 0;
    for (const auto& t : all) {
        widest = std::max(widest, columns(t.expression));
    }
    auto text = "\n" + ink.bold("Thresholds") + "\n";
    for (const auto& t : all) {
        const auto start =
            fmt::format("  {}  {:<{}}  ", t.is_ok ? "PASS" : "FAIL", t.expression, widest);
        constexpr std::size_t width = 80, least = 30;
        const auto room = width - std::min(columns(start), width - least);
        auto label = t.is_ok ? ink.green(start) : ink.red(start);
        for (const auto& part : wrapped(value_text(t), room)) {
            text += label + part + "\n";
            label = std::string(columns(start), ' ');
        }
    }
    return text;
}

} // namespace vsim::report
