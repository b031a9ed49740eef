#include "agent/missed_samples.hpp"

#include "model/metrics.hpp"
#include "proto/agent_msg.hpp"
#include "proto/encode.hpp"

#include <algorithm>

namespace vsim::agent {

missed_samples::missed_samples(const model::schedule& s, util::wall_time from, util::wall_time to)
    : schedule_{s}, next_{s.after(std::max({from, to - oldest, to - most_samples * s.interval()}))},
      to_{to} {}

std::string missed_samples::next(
    const subject& who, const past& lived, std::string_view hostname, util::steady_time now
) {
    proto::batch_message m;
    m.batch_id = std::string{hostname} + "-" + std::to_string(++batches_);
    while (!is_empty() && m.metrics_batch.size() < items_a_batch) {
        const auto at = next_;
        next_ = schedule_.after(at);
        const auto machine = who.machine(*lived.targets_at(at));
        if (machine.is_silent(at)) {
            continue;
        }
        const auto sample = machine.sample(at, who.interval);
        proto::batch_item item;
        item.timestamp = util::format_rfc3339(at, 3);
        item.metrics = model::to_metrics(sample, hostname);
        m.metrics_batch.push_back(std::move(item));
    }
    sent_.emplace(m.batch_id, now);
    return proto::to_json(m);
}

std::optional<util::nanoseconds>
missed_samples::acknowledge(const std::string& id, util::steady_time now) {
    const auto found = sent_.find(id);
    if (found == sent_.end()) {
        return std::nullopt;
    }
    const auto took = now - found->second;
    sent_.erase(found);
    return took;
}

} // namespace vsim::agent
