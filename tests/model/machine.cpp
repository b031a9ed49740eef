#include "model/machine.hpp"

#include "model/metrics.hpp"
#include "proto/encode.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace vsim;
using namespace vsim::model;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t now_s = 1'795'492'055; // 2026-11-24
util::wall_time at(std::int64_t unix_ms) {
    return util::wall_time{util::milliseconds{unix_ms}};
}
proto::system_metrics
metrics(const machine& m, util::wall_time t, util::nanoseconds interval = 3s) {
    return to_metrics(m.sample(t, interval), "host");
}
std::int64_t hundredths(double v) {
    return std::llround(v * 100);
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
    double ma = 0, mb = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        ma += a[i];
        mb += b[i];
    }
    ma /= static_cast<double>(a.size());
    mb /= static_cast<double>(b.size());
    double ab = 0, aa = 0, bb = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        ab += (a[i] - ma) * (b[i] - mb);
        aa += (a[i] - ma) * (a[i] - ma);
        bb += (b[i] - mb) * (b[i] - mb);
    }
    return ab / std::sqrt(aa * bb);
}

// The first machine of that profile.
machine find_profile(std::string_view name) {
    for (std::uint32_t i = 0;; ++i) {
        const machine m{1, i};
        if (m.profile_name() == name) {
            return m;
        }
    }
}

} // namespace

TEST_CASE("every sample keeps the identities of a machine") {
    for (std::uint32_t index = 0; index < 150; ++index) {
        const machine m{42, index};
        for (std::int64_t k = 0; k < 6; ++k) {
            const auto t = at(now_s * 1000 - k * 7'777'777 - index * 1'234'567);
            const auto s = metrics(m, t);
            const auto r = m.read(t);
            CAPTURE(index);
            CHECK(s.memory.used + s.memory.available == s.memory.total);
            CHECK(
                hundredths(
                    100.0 * static_cast<double>(s.memory.used) / static_cast<double>(s.memory.total)
                ) == hundredths(s.memory.usage_percent)
            );
            CHECK(hundredths(s.memory.usage_percent) == r.memory);
            CHECK(s.memory.swap_used <= s.memory.swap_total);
            std::int64_t sum = 0;
            for (const float core : s.cpu.per_core) {
                CHECK((core >= 0 && core <= 100));
                sum += hundredths(core);
            }
            CHECK(s.cpu.per_core.size() == static_cast<std::size_t>(s.cpu.cores));
            CHECK(sum == hundredths(s.cpu.usage) * s.cpu.cores);
            CHECK(hundredths(s.cpu.usage) == r.cpu);
            CHECK(hundredths(s.disks.at(0).usage_percent) == r.disk);
            for (const auto& d : s.disks) {
                CHECK(
                    hundredths(
                        100.0 * static_cast<double>(d.used) / static_cast<double>(d.total)
                    ) == hundredths(d.usage_percent)
                );
            }
            std::uint64_t rx = 0, tx = 0;
            for (const auto& nic : s.network.interfaces) {
                rx += nic.rx_bytes;
                tx += nic.tx_bytes;
            }
            CHECK(rx == s.network.total_rx);
            CHECK(tx == s.network.total_tx);
            CHECK(s.network.total_rx == r.net_rx);
            CHECK(s.network.total_rx < (std::uint64_t{1} << 62));
            REQUIRE(s.ping);
            CHECK(s.ping->targets.size() == r.target_count);
            for (std::size_t i = 0; i < r.target_count; ++i) {
                CHECK(s.ping->targets[i].latency_ms.has_value() == r.pings[i].answered);
                CHECK((s.ping->targets[i].status == "ok") == r.pings[i].ok);
            }
            CHECK(s.ip_addresses.at(0).empty());
        }
    }
}

TEST_CASE("the difference of two counters is the speed times the interval") {
    for (std::uint32_t index = 0; index < 40; ++index) {
        const machine m{7, index};
        for (const auto interval : {1000ms, 2500ms, 3000ms, 60'000ms}) {
            auto before = metrics(m, at(now_s * 1000), interval);
            for (int k = 1; k <= 20; ++k) {
                const auto s = metrics(m, at(now_s * 1000) + k * interval, interval);
                const auto step = static_cast<std::uint64_t>(interval.count());
                CHECK(
                    s.network.rx_speed ==
                    (s.network.total_rx - before.network.total_rx) * 1000 / step
                );
                CHECK(
                    s.network.tx_speed ==
                    (s.network.total_tx - before.network.total_tx) * 1000 / step
                );
                CHECK(s.uptime >= before.uptime);
                before = s;
            }
        }
    }
}

TEST_CASE("a day's traffic starts at nothing, once a day, and is what the counters gained since") {
    for (std::uint32_t index = 0; index < 20; ++index) {
        const machine m{5, index};
        // Ten minutes apart: local midnights are among them.
        const auto start = at(now_s / 600 * 600'000);
        const auto rx_at_midnight = [](const proto::network_info& n) {
            return n.total_rx - n.daily_rx;
        };
        const auto tx_at_midnight = [](const proto::network_info& n) {
            return n.total_tx - n.daily_tx;
        };
        auto before = metrics(m, start).network;
        int midnights = 0;
        for (int k = 1; k <= 3 * 144; ++k) {
            const auto n = metrics(m, start + k * 10min).network;
            if (n.daily_rx == 0 && n.daily_tx == 0) {
                ++midnights;
            } else {
                CHECK(rx_at_midnight(n) == rx_at_midnight(before));
                CHECK(tx_at_midnight(n) == tx_at_midnight(before));
            }
            before = n;
        }
        CHECK(midnights == 3);
    }
}

TEST_CASE("counters never fall over 400 days, nor across hours, days and weeks") {
    for (std::uint32_t index = 0; index < 20; ++index) {
        const machine m{3, index};
        std::uint64_t rx = 0, tx = 0;
        for (std::int64_t s = now_s - 400 * 86'400; s <= now_s; s += 4'999) {
            const auto r = m.read(at(s * 1000));
            CHECK((r.net_rx >= rx && r.net_tx >= tx));
            rx = r.net_rx;
            tx = r.net_tx;
        }
        // Every 100 ms around a Monday's midnight.
        const std::int64_t monday_ms = (now_s / 604'800 * 604'800 + 4 * 86'400) * 1000LL;
        rx = tx = 0;
        for (std::int64_t ms = monday_ms - 60'000; ms < monday_ms + 60'000; ms += 100) {
            const auto r = m.read(at(ms));
            CHECK((r.net_rx >= rx && r.net_tx >= tx));
            rx = r.net_rx;
            tx = r.net_tx;
        }
    }
}

TEST_CASE("a sample needs no earlier one: any order gives the same bytes") {
    const auto text = [](std::uint32_t index, std::int64_t ms) {
        return proto::to_json(metrics(machine{5, index}, at(ms)));
    };
    const auto first = text(9, now_s * 1000);
    (void)text(8, now_s * 1000 - 5'000);
    CHECK(text(9, now_s * 1000) == first);
    CHECK(text(9, now_s * 1000 + 3'000) != first);
    CHECK(text(10, now_s * 1000) != first);
    CHECK(proto::to_json(metrics(machine{6, 9}, at(now_s * 1000))) != first);
}

TEST_CASE("machines differ, and each keeps its addresses") {
    std::set<std::string> macs;
    std::map<std::string, int> kinds;
    std::set<std::string> places;
    for (std::uint32_t i = 0; i < 500; ++i) {
        const machine m{1, i};
        const auto a = metrics(m, at(now_s * 1000));
        const auto b = metrics(m, at(now_s * 1000 - 86'400'000));
        CHECK(a.network.interfaces[0].mac == b.network.interfaces[0].mac);
        CHECK(a.ip_addresses == b.ip_addresses);
        CHECK(a.disks[0].serial == b.disks[0].serial);
        macs.insert(a.network.interfaces[0].mac);
        kinds[std::string{m.profile_name()}]++;
        places.insert(std::string{m.location_name()});
    }
    CHECK(macs.size() == 500);
    CHECK(kinds.size() == profiles().size());
    CHECK(places.size() >= 15);
}

TEST_CASE("days and nights show, and noise has a memory") {
    const machine m = find_profile("web");
    std::map<std::int64_t, double> by_hour;
    std::vector<double> now, later, cpu, traffic;
    std::uint64_t last = 0;
    for (std::int64_t minute = 0; minute < 14 * 1440; ++minute) {
        const auto r = m.read(at((now_s - 20 * 86'400 + minute * 60) * 1000));
        by_hour[minute / 60 % 24] += r.cpu;
        if (minute > 0) {
            later.push_back(r.cpu);
            cpu.push_back(r.cpu);
            traffic.push_back(static_cast<double>(r.net_tx - last));
        }
        if (minute + 1 < 14 * 1440) {
            now.push_back(r.cpu);
        }
        last = r.net_tx;
    }
    double low = 1e18, high = 0;
    for (const auto& [hour, sum] : by_hour) {
        low = std::min(low, sum);
        high = std::max(high, sum);
    }
    CHECK(high > 1.8 * low);
    CHECK(correlation(now, later) > 0.5);
    CHECK(correlation(cpu, traffic) > 0.4);
}

TEST_CASE("pings mostly answer, sometimes fail, and depend on the place") {
    std::size_t answered = 0, all = 0;
    std::set<std::uint32_t> first;
    for (std::uint32_t i = 0; i < 60; ++i) {
        const machine m{1, i};
        for (std::int64_t k = 0; k < 400; ++k) {
            const auto r = m.read(at((now_s - k * 333) * 1000));
            for (std::size_t t = 0; t < r.target_count; ++t) {
                ++all;
                answered += r.pings[t].answered ? 1 : 0;
                if (r.pings[t].answered) {
                    CHECK((r.pings[t].latency >= 50 && r.pings[t].latency < 30'000));
                }
            }
        }
        first.insert(m.read(at(now_s * 1000)).pings[0].latency);
    }
    const double share = static_cast<double>(answered) / static_cast<double>(all);
    CHECK(share > 0.98);
    CHECK(share < 0.9995);
    CHECK(first.size() > 40);
}

TEST_CASE("hardware fits the profile") {
    const auto now = at(now_s * 1000);
    CHECK(metrics(find_profile("gpu"), now).gpu.has_value());
    CHECK(!metrics(find_profile("web"), now).gpu);
    CHECK(metrics(find_profile("storage"), now).disks.size() == 4);
    CHECK(metrics(find_profile("storage"), now).disks[0].disk_type == "HDD");
    CHECK(metrics(find_profile("edge"), now).os.arch == "arm64");
}
