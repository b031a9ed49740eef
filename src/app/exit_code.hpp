#pragma once
// How the process ends (interface.md 3). Scripts depend on every number. Reentrant.

namespace vsim::app {

enum class exit_code : int {
    ok = 0,
    failed = 1, // unreachable, nothing registered, I/O error
    usage = 2,
    auth = 3,
    verification = 97,
    invalid_run = 98, // the generator itself was the bottleneck
    threshold = 99,
    stopped = 130, // second signal: no output was promised any more
};

constexpr int to_int(exit_code code) {
    return static_cast<int>(code);
}

// When several apply, the first of these wins: 1, 3, 97, 98, 99. `ok` yields to everything.
constexpr exit_code worse(exit_code a, exit_code b) {
    if (a == exit_code::ok || b == exit_code::ok) {
        return a == exit_code::ok ? b : a;
    }
    return to_int(a) < to_int(b) ? a : b;
}

} // namespace vsim::app
