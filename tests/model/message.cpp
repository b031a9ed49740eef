#include "model/message.hpp"

#include "model/machine.hpp"
#include "model/metrics.hpp"
#include "proto/decode.hpp"
#include "proto/encode.hpp"
#include "util/random.hpp"

#include <doctest/doctest.h>

#include <array>
#include <limits>
#include <set>
#include <string>
#include <variant>
#include <vector>

using namespace vsim;
using namespace vsim::model;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t now_s = 1'795'492'055; // 2026-11-24

// Into memory of just the size that is asked for.
std::string text_of(const sample& s, std::string_view hostname) {
    std::vector<char> memory(message_bound(s, hostname));
    return {memory.data(), write_message(memory.data(), s, hostname)};
}

proto::metrics_message oracle(const sample& s, std::string_view hostname) {
    return {to_metrics(s, hostname)};
}

// What the random samples below must have come across, or they prove too little.
struct coverage {
    std::set<std::string_view> profiles, systems, brands, disk_models;
    std::set<std::size_t> cores, disks, modules, interfaces, gpus;
    std::size_t unanswered = 0, one_lost = 0, swapping = 0;

    void add(const machine& m, const sample& s) {
        profiles.insert(m.profile_name());
        systems.insert(s.os->kernel.view());
        brands.insert(s.cpu.facts->brand.view());
        cores.insert(s.cpu.per_core.count);
        disks.insert(s.disks.count);
        for (const auto& d : s.disks) {
            disk_models.insert(d.model->view());
        }
        modules.insert(s.memory.modules.count);
        interfaces.insert(s.network.interfaces.count);
        gpus.insert(s.gpus.count);
        swapping += s.memory.swap_used > 0 ? 1 : 0;
        for (const auto& p : s.pings) {
            unanswered += p.reading.answered ? 0 : 1;
            one_lost += p.packet_loss == 3'333 ? 1 : 0;
        }
    }
};

const std::array<std::string, 6> names{
    "sim-1", "", "web 🇩🇪", "a \"quoted\" \\ one", "tab\tline\n", "\x01\x1f"
};

} // namespace

TEST_CASE("the text equals that of the generic encoder to the byte") {
    coverage seen;
    for (std::uint64_t n = 0; n < 6'000; ++n) {
        const auto h = util::mix(n);
        const machine m{h % 5, static_cast<std::uint32_t>(util::mix(h) >> (32 + n % 32))};
        // Three years around now, to the nanosecond; intervals of 1 ms to 17 minutes.
        const auto t = util::from_unix_seconds(now_s) +
                       util::nanoseconds{
                           static_cast<std::int64_t>(util::mix(h + 1) % 100'000'000) * 1'000'000'007
                       };
        const auto s =
            m.sample(t - 400 * 24h, util::milliseconds{1 + (util::mix(h + 2) >> (44 + n % 20))});
        const auto& name = names[n % names.size()];
        CAPTURE(n);
        CHECK(text_of(s, name) == proto::to_json(oracle(s, name)));
        seen.add(m, s);
    }
    CHECK(seen.profiles.size() == profiles().size());
    CHECK(seen.systems.size() == 9); // two share a kernel
    CHECK(seen.brands.size() == 7);
    CHECK(seen.disk_models.size() == 6);
    CHECK(*seen.cores.rbegin() == max_cores);
    CHECK(seen.cores.contains(1));
    CHECK(*seen.disks.rbegin() == max_disks);
    CHECK(seen.modules == std::set<std::size_t>{0, 2, max_modules});
    CHECK(seen.interfaces == std::set<std::size_t>{1, max_interfaces});
    CHECK(seen.gpus == std::set<std::size_t>{0, 1, max_gpus});
    CHECK(seen.unanswered > 0);
    CHECK(seen.one_lost > 0);
    CHECK(seen.swapping > 0);
}

TEST_CASE("the text is right at the edges of time") {
    constexpr std::int64_t day = 86'400;
    for (std::uint32_t index = 0; index < 60; ++index) {
        const machine m{11, index};
        for (const std::int64_t second :
             {std::int64_t{0}, // the ping's timestamp is left out
              std::int64_t{-1},
              std::int64_t{1'704'067'200}, // the first bytes
              std::int64_t{1'719'792'000}, // before the start
              now_s / day * day,           // midnight in London: nothing today
              std::int64_t{9'000'000'000}}) {
            for (const auto more : {0ns, 1ns, 999'999'999ns}) {
                const auto at = util::from_unix_seconds(second) + more;
                if (at == util::wall_time{}) {
                    continue; // means "none was sent" to the writer of the oracle
                }
                const auto s = m.sample(at, 3s);
                CAPTURE(index);
                CAPTURE(second);
                CHECK(text_of(s, "h") == proto::to_json(oracle(s, "h")));
            }
        }
    }
}

TEST_CASE("the text is what the server decodes") {
    for (std::uint32_t index = 0; index < 200; ++index) {
        const auto s = machine{3, index}.sample(util::from_unix_seconds(now_s), 3s);
        const auto message = proto::decode_agent_message(text_of(s, "a \"b\""));
        REQUIRE(message.has_value());
        CHECK(std::get<proto::metrics_message>(*message) == oracle(s, "a \"b\""));
    }
}

TEST_CASE("the longest of everything fits") {
    // The largest machine there is, with the largest numbers that its fields hold.
    auto s = machine{1, 0}.sample(util::from_unix_seconds(now_s) + 123'456'789ns, 3s);
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    constexpr auto most_32 = std::numeric_limits<std::uint32_t>::max();
    while (s.cpu.per_core.count < max_cores) {
        s.cpu.per_core.add() = 9'999;
    }
    static constexpr short_text wide{"0123456789abcdef"};
    static constexpr long_text wider{"0123456789abcdef0123456789abcdef"};
    static constexpr os_facts os{
        "0123456789abcdef",
        "0123456789abcdef",
        "0123456789abcdef0123456789abcdef",
        "0123456789abcdef"
    };
    static constexpr cpu_facts cpu{"0123456789abcdef0123456789abcdef0123456789abcdef", most};
    s.os = &os;
    s.cpu.facts = &cpu;
    s.memory.total = s.memory.used = s.memory.available = most;
    s.memory.swap_total = s.memory.swap_used = most;
    s.memory.modules.count = s.disks.count = s.network.interfaces.count = s.gpus.count = 0;
    while (s.memory.modules.count < max_modules) {
        s.memory.modules.add() = {&wide, &wide, most};
    }
    while (s.disks.count < max_disks) {
        s.disks.add() = {&wide, &wide, &wide, &wider, most, most, most, most, most, 9'999};
    }
    while (s.network.interfaces.count < max_interfaces) {
        s.network.interfaces.add() = {&wide, most, most_32, most, most, most, most};
    }
    auto& net = s.network;
    net.total_rx = net.total_tx = net.rx_speed = net.tx_speed = net.daily_rx = net.daily_tx = most;
    s.uptime = most;
    s.load_1 = s.load_5 = s.load_15 = most_32;
    std::vector<proto::probe_target> wanted;
    for (std::size_t i = 0; i < agg::max_targets; ++i) {
        wanted.push_back({std::string(99, '\n') + std::to_string(i), std::to_string(i), "icmp", -9}
        );
    }
    const auto targets = target_set::built_in(0)->followed_by(wanted);
    s.targets = targets.get();
    s.pings.count = 0;
    for (std::uint32_t i = 0; i < agg::max_targets; ++i) {
        s.pings.add() = {i, {most_32, true, true}, 9'999};
    }
    s.network.idle_count = 20'000;
    while (s.gpus.count < max_gpus) {
        s.gpus.add() = {&wide, most, 9'999, most_32, most_32, most_32, most_32, most_32};
    }
    s.address = most_32;
    for (const auto& name : names) {
        // Written past the end, it would not go unseen: the assertion, and the sanitizers.
        CHECK(text_of(s, name).size() + 64 <= message_bound(s, name));
    }
}

TEST_CASE("appending keeps what is there and takes names of any length") {
    const auto s = machine{1, 5}.sample(util::from_unix_seconds(now_s), 3s);
    for (const std::size_t length : {3U, 30'000U, 4U}) {
        const std::string name(length, '\x01');
        std::string text = "kept";
        append_message(text, s, name);
        CHECK(text == "kept" + proto::to_json(oracle(s, name)));
    }
}
