// Messages to text and back.

#include "micro.hpp"
#include "model/message.hpp"
#include "model/metrics.hpp"
#include "proto/decode.hpp"
#include "proto/encode.hpp"

#include <benchmark/benchmark.h>
#include <cstddef>
#include <string_view>
#include <vector>

namespace vsim::bench {
namespace {

constexpr std::string_view hostname = "Debug-Server-000";

// The general encoder, which is the oracle of the writer below.
void encode_metrics(benchmark::State& state) {
    std::vector<proto::metrics_message> messages;
    for (samples s; messages.size() < 64; s.next()) {
        messages.emplace_back().metrics =
            model::to_metrics(s.machine().sample(s.time(), interval), hostname);
    }
    std::size_t next = 0;
    std::size_t bytes = 0;
    for (auto _ : state) {
        const auto text = proto::to_json(messages[next]);
        bytes += text.size();
        next = (next + 1) % messages.size();
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(encode_metrics)->Name("encode a sample (proto::to_json)");

// What an agent does for each message.
void sample_and_write(benchmark::State& state) {
    samples s;
    std::vector<char> text(model::message_bound(s.machine().sample(s.time(), interval), hostname));
    std::size_t bytes = 0;
    for (auto _ : state) {
        const auto sample = s.machine().sample(s.time(), interval);
        const auto* end = model::write_message(text.data(), sample, hostname);
        benchmark::ClobberMemory();
        bytes += static_cast<std::size_t>(end - text.data());
        s.next();
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(sample_and_write)->Name("realtime message: sample and write");

void decode_auth_reply(benchmark::State& state) {
    proto::auth_reply reply;
    reply.status = "ok";
    reply.ping_targets.emplace();
    for (const auto& t : model::machine{seed, 0}.targets()) {
        auto& target = reply.ping_targets->emplace_back();
        target.name = t.name;
        target.host = t.host;
        target.type = "icmp";
    }
    reply.last_seen = util::zoned_instant{begin};
    reply.last_buckets = {{"5sec", 359'080'000}, {"2min", 14'961'666}, {"15min", 1'994'888}};
    const auto text = proto::to_json(reply);
    for (auto _ : state) {
        benchmark::DoNotOptimize(proto::decode_server_message(text));
    }
}
BENCHMARK(decode_auth_reply)->Name("decode an auth reply");

} // namespace
} // namespace vsim::bench
