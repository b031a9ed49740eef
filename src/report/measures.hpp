#pragma once
// Numbers as files hold them, in the units of the JSON summary. Reentrant.

#include "util/clock.hpp"

#include <cmath>

namespace vsim::report {

// Latencies and times are known to the microsecond; more digits would be made up.
inline double in_ms(double ns) {
    return std::round(ns / 1e3) / 1e3;
}
inline double in_ms(util::nanoseconds d) {
    return in_ms(static_cast<double>(d.count()));
}
inline double in_s(util::nanoseconds d) {
    return std::round(static_cast<double>(d.count()) / 1e3) / 1e6;
}
inline double in_hundredths(double x) {
    return std::round(x * 100) / 100;
}

} // namespace vsim::report
