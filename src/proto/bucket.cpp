#include "proto/bucket.hpp"

namespace vsim::proto {

std::optional<granularity> granularity_from_name(std::string_view name) {
    for (const auto& g : granularities) {
        if (g.name == name) {
            return g.id;
        }
    }
    return std::nullopt;
}

} // namespace vsim::proto
