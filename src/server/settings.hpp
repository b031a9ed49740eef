#pragma once
// What the administrator set for all servers. Thread-safe.

#include "proto/rest.hpp"

#include <mutex>
#include <utility>
#include <vector>

namespace vsim::server {

class settings {
public:
    proto::probe_settings probe() const {
        const std::lock_guard lock{mutex_};
        return probe_;
    }
    void set_probe(proto::probe_settings p) {
        const std::lock_guard lock{mutex_};
        probe_ = std::move(p);
    }

private:
    mutable std::mutex mutex_;
    proto::probe_settings probe_{std::vector<proto::probe_target>{}};
};

} // namespace vsim::server
