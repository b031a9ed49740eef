#pragma once
// What the administrator set for all servers, in the forms it is told and saved in. Thread-safe.

#include "proto/admin.hpp"
#include "proto/rest.hpp"

#include <mutex>
#include <utility>
#include <vector>

namespace vsim::server {

// As a fresh vStats server has it.
proto::site_settings default_site();
proto::geoip_settings default_geoip();
std::vector<proto::group_dimension> default_dimensions();

// One value that is read and replaced as a whole, or edited in place under the lock.
template <class T>
class setting {
public:
    explicit setting(T value) : value_{std::move(value)} {}

    T get() const {
        const std::lock_guard lock{mutex_};
        return value_;
    }
    void set(T value) {
        const std::lock_guard lock{mutex_};
        value_ = std::move(value);
    }
    // The result of `change`, which is given the value by reference.
    template <class Change>
    auto edit(Change&& change) {
        const std::lock_guard lock{mutex_};
        return change(value_);
    }

private:
    mutable std::mutex mutex_;
    T value_;
};

class settings {
public:
    proto::probe_settings probe() const { return probe_.get(); }
    void set_probe(proto::probe_settings p) { probe_.set(std::move(p)); }

    setting<proto::site_settings> site{default_site()};
    setting<proto::geoip_settings> geoip{default_geoip()};
    setting<std::vector<proto::named_item>> groups{{}};
    setting<std::vector<proto::group_dimension>> dimensions{default_dimensions()};
    // The limits that alerts know of: those that were put as a batch.
    setting<std::vector<proto::traffic_limit>> traffic_limits{{}};

private:
    setting<proto::probe_settings> probe_{{std::vector<proto::probe_target>{}}};
};

} // namespace vsim::server
