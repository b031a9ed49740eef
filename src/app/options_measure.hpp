#pragma once
// The rows of `run` about what is measured, and how far it is to be trusted. Reentrant.

#include "app/option.hpp"

namespace vsim::app {

inline constexpr auto on_measuring = "Measuring";

option_list measure_options(run_config& c);

} // namespace vsim::app
