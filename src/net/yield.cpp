#include "net/yield.hpp"

#include "net/waiter.hpp"

#include <utility>

namespace vsim::net {

task<> yield() {
    return wait_for([](waiter w) { resume(std::move(w)); });
}

} // namespace vsim::net
