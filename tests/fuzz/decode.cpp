// libFuzzer entry: any bytes to every decoder. Nothing may crash, and what a decoder accepts must
// come back unchanged once it has been written and read again.

#include "proto/decode.hpp"

#include "proto/encode.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <variant>

using namespace vsim::proto;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

template <class Decode>
void check_round_trip(std::string_view text, Decode decode_message) {
    const auto first = decode_message(text);
    if (!first) {
        return;
    }
    const auto write = [](const auto& message) {
        if constexpr (requires { to_json(message); }) {
            return to_json(message);
        } else {
            return std::string{}; // of a type we do not know: nothing to write
        }
    };
    const auto written = std::visit(write, *first);
    if (written.empty()) {
        return;
    }
    const auto second = decode_message(written);
    if (!second || std::visit(write, *second) != written) {
        std::fprintf(stderr, "does not survive a round trip: %s\n", written.c_str());
        std::abort();
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    check_round_trip(text, decode_agent_message);
    check_round_trip(text, decode_server_message);
    check_round_trip(text, decode_dashboard_message);
    (void)decode<login_reply>(text);
    (void)decode<std::vector<server_object>>(text);
    (void)decode<history_reply>(text);
    return 0;
}
