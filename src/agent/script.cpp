#include "agent/script.hpp"

#include <cassert>
#include <utility>

namespace vsim::agent {

script::script(std::uint64_t seed, hardships h, std::vector<scripted_incident> incidents)
    : seed_{seed}, hardships_{std::move(h)}, incidents_{std::move(incidents)} {}

void script::begin(util::wall_time when) {
    assert(began() == nullptr);
    std::vector<model::incident> absolute;
    for (const auto& i : incidents_) {
        absolute.push_back({i.kind, when + i.at, when + i.at + i.length, i.share});
    }
    times_ =
        std::make_unique<const times>(times{when, model::incident_plan{seed_, std::move(absolute)}}
        );
    began_.store(times_.get(), std::memory_order_release);
}

std::optional<util::wall_time> script::zero() const {
    const auto* known = began();
    return known != nullptr ? std::optional{known->zero} : std::nullopt;
}

const model::incident_plan* script::incidents() const {
    const auto* t = began();
    return t != nullptr && !incidents_.empty() ? &t->plan : nullptr;
}

std::optional<script::event> script::next(std::uint32_t index, util::wall_time t) const {
    const auto* known = began();
    if (known == nullptr) {
        return std::nullopt;
    }
    // "After before the beginning" is what begins with the run, too.
    const auto b =
        hardships_.next(index, t < known->zero ? util::nanoseconds{-1} : t - known->zero);
    if (!b) {
        return std::nullopt;
    }
    return event{known->zero + b->at, known->zero + b->until, b->how, b->is_churn};
}

std::optional<util::wall_time> script::cut_until(std::uint32_t index, util::wall_time t) const {
    const auto* known = began();
    const auto until =
        known != nullptr ? hardships_.cut_until(index, t - known->zero) : std::nullopt;
    if (!until) {
        return std::nullopt;
    }
    return known->zero + *until;
}

} // namespace vsim::agent
