#include "model/traits.hpp"

#include "model/machine.hpp"
#include "model/message.hpp"
#include "model/metrics.hpp"
#include "proto/decode.hpp"
#include "proto/encode.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <variant>

using namespace vsim;
using namespace vsim::model;
using namespace std::chrono_literals;

namespace {

const auto now = util::from_unix_seconds(1'795'492'055) + 123ms;

machine with(const traits& t, std::uint32_t index, std::uint64_t seed = 1) {
    return {seed, index, {.traits = &t}};
}

} // namespace

TEST_CASE("default traits change nothing") {
    const traits none;
    for (std::uint32_t i = 0; i < 100; ++i) {
        const machine m{1, i};
        CHECK(with(none, i).read(now) == m.read(now));
        CHECK(to_metrics(with(none, i).sample(now, 3s), "h") == to_metrics(m.sample(now, 3s), "h"));
    }
}

TEST_CASE("traits force a profile, and a machine that has it anyway stays as it is") {
    for (const auto& kind : profiles()) {
        const traits t{.kind = &kind};
        std::set<std::size_t> cores;
        for (std::uint32_t i = 0; i < 200; ++i) {
            const machine m{1, i}, forced = with(t, i);
            CHECK(forced.profile_name() == kind.name);
            CHECK(forced.location_name() == m.location_name());
            CHECK(forced.provider() == m.provider());
            cores.insert(forced.sample(now, 3s).cpu.per_core.count);
            if (m.profile_name() == kind.name) {
                CHECK(forced.read(now) == m.read(now));
            }
        }
        std::set<std::size_t> expected;
        for (const auto& size : kind.sizes) {
            expected.insert(size.cores);
        }
        CHECK(cores == expected);
    }
}

TEST_CASE("traits give any machine a GPU and take any machine's away") {
    for (std::uint32_t i = 0; i < 150; ++i) {
        const machine m{1, i};
        const traits yes{.has_gpu = true}, no{.has_gpu = false};
        CHECK(with(yes, i).sample(now, 3s).gpus.count >= 1);
        CHECK(with(no, i).sample(now, 3s).gpus.count == 0);
        CHECK(with(yes, i).read(now) == m.read(now));
        const bool has_one = m.profile_name() == "gpu";
        CHECK((m.sample(now, 3s).gpus.count > 0) == has_one);
        CHECK(
            to_metrics(with(has_one ? yes : no, i).sample(now, 3s), "h") ==
            to_metrics(m.sample(now, 3s), "h")
        );
    }
}

TEST_CASE("traits say how many built-in targets are pinged, until others are named") {
    for (std::uint8_t n = 0; n <= agg::max_targets; ++n) {
        const traits t{.targets = n};
        const auto r = with(t, 1).read(now);
        CHECK(r.target_count == n);
        CHECK(r.pinged == (1U << n) - 1);
        const auto s = to_metrics(with(t, 1).sample(now, 3s), "h");
        CHECK(s.ping.has_value() == (n > 0));
        CHECK((!s.ping || s.ping->targets.size() == n));
        const auto named =
            target_set::built_in(0)->followed_by(std::vector<proto::probe_target>{{"a", "b", "", 0}}
            );
        const machine other{1, 1, {.traits = &t, .targets = named.get()}};
        CHECK(other.read(now).target_count == 1);
        CHECK(other.targets()[0].name == "a");
    }
}

TEST_CASE("a message is at least as long as its traits say, and what the server decodes") {
    for (const std::uint32_t payload : {0U, 1U, 1'000U, 2'000U, 5'000U, 40'000U, 256U << 10}) {
        const traits t{.targets = 0, .payload = payload};
        std::size_t shortest = SIZE_MAX;
        for (std::uint32_t i = 0; i < 60; ++i) {
            // Where counters, and so numbers, are shortest, too.
            for (const auto at : {now, util::wall_time{std::chrono::seconds{1}}}) {
                const auto s = with(t, i).sample(at, 3s);
                const std::string text{render_message(s, "")};
                shortest = std::min(shortest, text.size());
                if (payload > 6'000 && i % 20 != 0) {
                    continue;
                }
                const proto::metrics_message expected{to_metrics(s, "")};
                CHECK(text == proto::to_json(expected));
                const auto message = proto::decode_agent_message(text);
                REQUIRE(message.has_value());
                const auto& net = std::get<proto::metrics_message>(*message).metrics->network;
                CHECK(net == expected.metrics->network);
                std::uint64_t rx = 0;
                std::set<std::string> names;
                for (const auto& nic : net.interfaces) {
                    rx += nic.rx_bytes;
                    names.insert(nic.name);
                }
                CHECK(rx == net.total_rx);
                CHECK(names.size() == net.interfaces.size());
            }
        }
        CHECK(shortest >= payload);
        CHECK(shortest <= std::max(payload, 900U) + 400);
    }
}

TEST_CASE("a machine's idle interfaces are the same in every sample and others in every machine") {
    const traits t{.payload = 3'000};
    const auto first = to_metrics(with(t, 1).sample(now, 3s), "h").network.interfaces;
    const auto later = to_metrics(with(t, 1).sample(now + 5h, 1s), "h").network.interfaces;
    const auto other = to_metrics(with(t, 2).sample(now, 3s), "h").network.interfaces;
    REQUIRE(first.size() == later.size());
    for (std::size_t i = 0; i < first.size(); ++i) {
        CHECK(first[i].mac == later[i].mac);
    }
    CHECK(first.back().mac != other.back().mac);
    CHECK(first.back().name.starts_with("tap"));
}

TEST_CASE("a large payload and many named targets are written to the byte as by the oracle") {
    std::vector<proto::probe_target> wanted;
    for (int i = 0; i < 8; ++i) {
        wanted.push_back(
            {"name \"" + std::string(static_cast<std::size_t>(20 * i), 'x') + std::to_string(i),
             "host\n" + std::to_string(i),
             i % 2 == 0 ? "tcp" : "icmp",
             i * 1000}
        );
    }
    auto set = target_set::built_in(0)->followed_by(wanted);
    const incident_plan plan{1, {{incident_kind::ping, now, now + 1h, 0.5}}};
    const traits t{.has_gpu = true, .payload = 9'000};
    for (std::uint32_t i = 0; i < 100; ++i) {
        if (i == 50) {
            wanted.erase(wanted.begin(), wanted.begin() + 3);
            set = set->followed_by(wanted);
        }
        const machine m{1, i, {.traits = &t, .targets = set.get(), .incidents = &plan}};
        const auto s = m.sample(now + i * 1s, 3s);
        CHECK(render_message(s, "h") == proto::to_json(proto::metrics_message{to_metrics(s, "h")}));
    }
}
