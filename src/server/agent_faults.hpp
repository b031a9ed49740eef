#pragma once
// The faults of a plan that meet an agent's messages, decided message by message. Thread-safe.

#include "net/task.hpp"
#include "server/fault.hpp"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

namespace vsim::server {

class agent_faults {
public:
    explicit agent_faults(const fault_plan& plan)
        : drop_writes_{plan.drop_writes}, read_rate_{plan.read_rate} {}

    // Whether the next message of the server of this name is to be lost instead of stored. Which
    // ones depends on the name and the number of messages it stored or lost before, and on nothing
    // else: the same load loses the same messages again.
    bool drops_next(const std::string& name);

    // The rest to take after that many bytes of a connection, before more of it is read: 10 s at
    // most, since nobody notices meanwhile that the agent has gone.
    util::nanoseconds rest_for(std::size_t bytes) const;
    net::task<> rest_after(std::size_t bytes);

private:
    const double drop_writes_;
    const double read_rate_;
    std::mutex mutex_;
    std::unordered_map<std::string, std::uint64_t> counts_; // of messages, by name
};

} // namespace vsim::server
