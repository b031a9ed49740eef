#include "app/config.hpp"

namespace vsim::app {

std::string_view name(run_mode m) {
    switch (m) {
    case run_mode::history:
        return "history";
    case run_mode::realtime:
        return "realtime";
    case run_mode::both:
        break;
    }
    return "both";
}

} // namespace vsim::app
