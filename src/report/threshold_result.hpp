#pragma once
// A threshold, judged. A plain value.

#include <optional>
#include <string>

namespace vsim::report {

// An absent value was not measured, which is not ok.
struct threshold_result {
    std::string expression; // as typed
    std::optional<double> value{};
    double limit = 0;
    std::string unit{}; // of both, as typed: "ms", "%", "/s", "" = a number
    bool is_ok = false;
    std::string note{}; // why there is no value, or what it does not cover; "" = nothing to say

    bool operator==(const threshold_result&) const = default;
};

} // namespace vsim::report
