#pragma once
// A sample → SystemMetrics as the wire's struct: for reading and comparing, and the oracle of the
// text in message.hpp. Reentrant.

#include "model/sample.hpp"
#include "proto/metrics.hpp"

#include <string_view>

namespace vsim::model {

proto::system_metrics to_metrics(const sample& s, std::string_view hostname);

} // namespace vsim::model
