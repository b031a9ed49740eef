#include "app/version.hpp"

#include <fmt/format.h>

namespace vsim::app {

std::string_view version() {
    return VSIM_VERSION;
}

std::string_view build_kind() {
    return VSIM_BUILD;
}

std::string version_text() {
    return fmt::format("vstats-sim {} ({})\n", version(), build_kind());
}

} // namespace vsim::app
