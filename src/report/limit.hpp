#pragma once
// The limits of thresholds as people type them: "50ms", "0.1%", "1600/s", "64MB". Reentrant.

#include "report/metric.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace vsim::report {

struct amount {
    double value = 0;     // in the unit of the dimension
    std::string unit{};   // as typed
    double unit_size = 1; // what one of it is in the unit of the dimension
};

// How a limit of one dimension may be written.
struct limit_form {
    dimension of;
    std::string_view accepted;
    std::optional<amount> (*read)(std::string_view);
};

std::span<const limit_form> limit_forms();
const limit_form& form_of(dimension of);

} // namespace vsim::report
