#pragma once
// Who a simulated agent is on the server. A plain value.

#include <cstdint>
#include <string>

namespace vsim::agent {

struct identity {
    std::uint32_t index = 0; // which machine of the seed it is
    std::string name;        // of the server entry, and its host name
    std::string id, token;   // what it authenticates with
    bool operator==(const identity&) const = default;
};

} // namespace vsim::agent
