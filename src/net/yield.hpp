#pragma once
// Lets others on the same executor go first. Reentrant.

#include "net/task.hpp"

namespace vsim::net {

// Goes on after everything that waits for the caller's executor already.
task<> yield();

} // namespace vsim::net
