#include "agent/sample_fence.hpp"

#include <chrono>
#include <cstdint>
#include <cstring>

namespace vsim::agent {
namespace {

constexpr auto half = sizeof(std::int64_t); // in our own byte order: it comes back to us

std::int64_t count(util::wall_time t) {
    return t.time_since_epoch().count();
}

util::wall_time time_at(std::string_view payload, std::size_t offset) {
    std::int64_t ns = 0;
    std::memcpy(&ns, payload.data() + offset, half);
    return util::wall_time{util::nanoseconds{ns}};
}

} // namespace

fence_payload pack(const sample_fence& f) {
    const std::array times{count(f.scheduled), count(f.sent)};
    fence_payload payload;
    static_assert(sizeof times == sizeof payload);
    std::memcpy(payload.data(), times.data(), payload.size());
    return payload;
}

std::optional<sample_fence> unpack_fence(std::string_view payload) {
    if (payload.size() != sizeof(fence_payload)) {
        return std::nullopt;
    }
    return sample_fence{time_at(payload, 0), time_at(payload, half)};
}

} // namespace vsim::agent
