#pragma once
// The ping right behind a sample: the server answers it in its turn, so its pong says when the
// sample had been handled. All that is needed to time the pong travels in the ping. Reentrant.

#include "util/clock.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace vsim::agent {

struct sample_fence {
    util::wall_time scheduled; // of the sample, by the agent's clock
    util::wall_time sent;      // when the agent set about sending it, by the same

    bool operator==(const sample_fence&) const = default;
};

// Of a length that no other ping of an agent has.
using fence_payload = std::array<char, 16>;

fence_payload pack(const sample_fence& f);
// None: the payload is that of another ping.
std::optional<sample_fence> unpack_fence(std::string_view payload);

} // namespace vsim::agent
