#pragma once
// What users type for what a run leaves behind. Reentrant.

#include "app/config.hpp"
#include "app/option.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace vsim::app {

std::string_view name(output_config::kind k); // as users type it

binding output_into(std::vector<output_config>& target); // KIND=PATH
binding endpoint_into(std::string& target);              // HOST:PORT

} // namespace vsim::app
