// The parts of a full sample that history does not keep: names, sizes, per-core and per-device
// figures.

#include "model/machine.hpp"
#include "model/signal.hpp"
#include "util/random.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace vsim::model {

namespace {

struct os_choice {
    std::string_view name, version, kernel;
};
constexpr os_choice systems[]{
    {"ubuntu", "22.04", "5.15.0-126-generic"},
    {"ubuntu", "24.04", "6.8.0-49-generic"},
    {"debian", "12.8", "6.1.0-28-amd64"},
    {"debian", "11.11", "5.10.0-33-amd64"},
    {"rocky", "9.4", "5.14.0-427.el9.x86_64"},
    {"almalinux", "9.4", "5.14.0-427.el9.x86_64"},
    {"alpine", "3.20.3", "6.6.58-0-lts"},
    {"centos", "7.9.2009", "3.10.0-1160.el7.x86_64"},
};
constexpr os_choice arm_systems[]{
    {"debian", "12.8", "6.1.0-28-arm64"},
    {"ubuntu", "24.04", "6.8.0-1017-raspi"},
};

struct cpu_choice {
    std::string_view brand;
    std::uint64_t mhz;
};
constexpr cpu_choice cpus[]{
    {"Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz", 2000},
    {"Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz", 2800},
    {"AMD EPYC 7763 64-Core Processor", 2445},
    {"AMD EPYC 9554 64-Core Processor", 3100},
    {"Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz", 2400},
};
constexpr cpu_choice arm_cpus[]{{"Cortex-A76", 2400}, {"Neoverse-N1", 3000}};

struct disk_facts_of_kind {
    std::string_view type, prefix;
    std::array<std::string_view, 2> models;
    double read_mb_s, write_mb_s; // at full load
};
constexpr std::array<disk_facts_of_kind, 3> disk_kinds{{
    {"NVMe", "nvme", {"Samsung SSD 980 PRO", "Micron 7450 MTFD"}, 900, 500},
    {"SSD", "sd", {"INTEL SSDSC2KB", "Samsung SSD 870 EVO"}, 180, 120},
    {"HDD", "sd", {"ST4000NM0035", "WDC WUS721"}, 70, 55},
}};

std::string mac_address(std::uint64_t h) {
    // Locally administered, unicast.
    std::array<char, 18> text{};
    std::snprintf(
        text.data(),
        text.size(),
        "%02X:%02X:%02X:%02X:%02X:%02X",
        static_cast<unsigned>((h & 0xfc) | 0x02),
        static_cast<unsigned>(h >> 8 & 255),
        static_cast<unsigned>(h >> 16 & 255),
        static_cast<unsigned>(h >> 24 & 255),
        static_cast<unsigned>(h >> 32 & 255),
        static_cast<unsigned>(h >> 40 & 255)
    );
    return text.data();
}

float percent(std::uint32_t hundredths) {
    return static_cast<float>(static_cast<double>(hundredths) / 100);
}

// total × hundredths of a percent, rounded down; the percentage of the result rounds back.
std::uint64_t part_of(std::uint64_t total, std::uint32_t hundredths) {
    return total / 10'000 * hundredths + total % 10'000 * hundredths / 10'000;
}

} // namespace

proto::os_info machine::os_facts() const {
    const auto h = draw(util::stream("os"));
    const auto& os = profile_->is_arm ? arm_systems[util::below(h, std::size(arm_systems))]
                                      : systems[util::below(h, std::size(systems))];
    return {
        std::string{os.name},
        std::string{os.version},
        std::string{os.kernel},
        profile_->is_arm ? "arm64" : "amd64"
    };
}

proto::cpu_info machine::cpu_facts(std::uint32_t usage, std::int64_t unix_ms) const {
    const auto h = draw(util::stream("cpu.brand"));
    const auto& kind = profile_->is_arm ? arm_cpus[util::below(h, std::size(arm_cpus))]
                                        : cpus[util::below(h, std::size(cpus))];
    proto::cpu_info out;
    out.brand = kind.brand;
    out.cores = hardware_->cores;
    out.usage = percent(usage);
    out.frequency = kind.mhz;
    out.per_core.assign(hardware_->cores, percent(usage));
    // Cores differ in pairs, one as much above the mean as the other below: the mean stays exact.
    const std::uint32_t room = std::min(usage, 10'000 - usage);
    for (std::size_t i = 0; i + 1 < out.per_core.size(); i += 2) {
        const double spread = 0.5 + 0.5 * noise(key_ + 300 + i, unix_ms, 15'000);
        const auto step = static_cast<std::uint32_t>(std::min(room, 1500U) * spread);
        out.per_core[i] = percent(usage + step);
        out.per_core[i + 1] = percent(usage - step);
    }
    return out;
}

proto::memory_info machine::memory_facts(std::uint32_t usage) const {
    proto::memory_info out;
    out.total = std::uint64_t{hardware_->memory_gib} << 30;
    out.used = part_of(out.total, usage);
    out.available = out.total - out.used;
    out.usage_percent = percent(usage);
    if (draw(util::stream("swap")) % 3 != 0) {
        out.swap_total = std::min<std::uint64_t>(out.total / 2, std::uint64_t{8} << 30);
        out.swap_used = usage > 7'500 ? part_of(out.swap_total, (usage - 7'500) * 2) : 0;
    }
    // Modules are only seen on real hardware, and only by root: on some machines.
    if (hardware_->memory_gib >= 32 && draw(util::stream("dmi")) % 2 == 0) {
        const std::size_t count = hardware_->memory_gib >= 128 ? 4 : 2;
        for (std::size_t i = 0; i < count; ++i) {
            out.modules.push_back(
                {"DIMM_" + std::string(1, static_cast<char>('A' + i)) + "1",
                 out.total / count,
                 "DDR4",
                 3200,
                 draw(util::stream("dimm")) % 2 == 0 ? "Samsung" : "Micron"}
            );
        }
    }
    return out;
}

std::vector<proto::disk_info> machine::disk_facts(std::int64_t unix_ms, double activity) const {
    const auto& layout = hardware_->disk;
    const auto& kind = disk_kinds[static_cast<std::size_t>(layout.kind)];
    std::vector<proto::disk_info> out;
    for (std::size_t i = 0; i < layout.count; ++i) {
        const auto h = draw(util::stream("disk"), i);
        auto& d = out.emplace_back();
        d.name = layout.kind == disk_kind::nvme ? "nvme" + std::to_string(i) + "n1"
                                                : "sd" + std::string(1, static_cast<char>('a' + i));
        d.model = kind.models[h % kind.models.size()];
        d.serial = "S" + std::to_string(1'000'000'000 + h % 9'000'000'000);
        d.total = std::uint64_t{layout.size_gb} * 1'000'000'000;
        d.disk_type = kind.type;
        d.mount_points = {i == 0 ? std::string{"/"} : "/data" + std::to_string(i)};
        const auto usage = disk(unix_ms, i);
        d.usage_percent = percent(usage);
        d.used = part_of(d.total, usage);
        const double wave = 0.3 + 0.7 * std::abs(noise(h, unix_ms, 40'000));
        d.read_speed = static_cast<std::uint64_t>(kind.read_mb_s * 1e6 * 0.1 * activity * wave);
        d.write_speed =
            static_cast<std::uint64_t>(kind.write_mb_s * 1e6 * 0.12 * activity * (1.3 - wave));
    }
    return out;
}

proto::network_info machine::network_facts(std::int64_t unix_ms, util::nanoseconds interval) const {
    const auto local = local_ms(unix_ms);
    const auto step =
        std::max<std::int64_t>(std::chrono::duration_cast<util::milliseconds>(interval).count(), 1);
    const auto now = traffic_.at(local);
    const auto before = traffic_.at(local - step);
    constexpr std::int64_t day_ms = 86'400'000;
    const auto midnight = traffic_.at(local - local % day_ms);
    const auto per_second = [&](std::uint64_t bytes) {
        return bytes * 1000 / static_cast<std::uint64_t>(step);
    };
    proto::network_info out;
    out.total_rx = now.rx;
    out.total_tx = now.tx;
    out.rx_speed = per_second(now.rx - before.rx);
    out.tx_speed = per_second(now.tx - before.tx);
    out.daily_rx = now.rx - midnight.rx;
    out.daily_tx = now.tx - midnight.tx;
    // The first interface carries all but a fixed share of what a second one carries.
    const std::size_t count = hardware_->cores >= 16 ? 2 : 1;
    std::uint64_t rx_left = now.rx;
    std::uint64_t tx_left = now.tx;
    for (std::size_t i = 0; i < count; ++i) {
        const bool last = i + 1 == count;
        auto& nic = out.interfaces.emplace_back();
        nic.name = profile_->is_arm ? "eth" + std::to_string(i) : "ens" + std::to_string(3 + i);
        nic.mac = mac_address(draw(util::stream("mac"), i));
        nic.speed = hardware_->cores >= 16 ? 10'000 : 1'000;
        nic.rx_bytes = last ? rx_left : now.rx / 8 * 7;
        nic.tx_bytes = last ? tx_left : now.tx / 8 * 7;
        rx_left -= nic.rx_bytes;
        tx_left -= nic.tx_bytes;
        nic.rx_packets = nic.rx_bytes / 820;
        nic.tx_packets = nic.tx_bytes / 760;
    }
    return out;
}

proto::ping_info machine::ping_facts(const agg::reading& r) const {
    proto::ping_info out;
    out.timestamp = r.unix_seconds;
    for (std::size_t i = 0; i < r.target_count; ++i) {
        const auto& p = r.pings[i];
        auto& t = out.targets.emplace_back();
        t.name = targets()[i].name;
        t.host = targets()[i].host;
        t.type = "icmp";
        if (p.answered) {
            t.latency_ms = static_cast<double>(p.latency) / 100;
        }
        // One of three echo requests lost is no failure (protocol.md 5.6).
        const bool one_lost = p.answered && util::mix(p.latency + i) % 97 == 0;
        t.packet_loss = p.answered ? (one_lost ? 33.33 : 0) : 100;
        t.status = p.ok ? "ok" : "timeout";
    }
    return out;
}

proto::gpu_info machine::gpu_facts(std::int64_t unix_ms, double activity) const {
    proto::gpu_info out;
    const std::size_t count = hardware_->cores >= 32 ? 2 : 1;
    for (std::size_t i = 0; i < count; ++i) {
        const auto h = draw(util::stream("gpu"), i);
        const double busy =
            std::clamp(activity * (60 + 45 * noise(h, unix_ms, 50'000)), 0.0, 100.0);
        const auto memory =
            static_cast<std::uint32_t>(2'000 + 6'500 * util::unit(h) + 10 * std::floor(busy));
        auto& g = out.gpus.emplace_back();
        g.index = static_cast<std::int64_t>(i);
        g.name = "NVIDIA A10";
        g.vendor = "NVIDIA";
        g.memory_total = std::uint64_t{24} << 30;
        g.memory_used = part_of(g.memory_total, memory);
        g.memory_percent = percent(memory);
        g.utilization = static_cast<float>(std::round(busy));
        g.temperature = static_cast<std::int64_t>(38 + 0.4 * busy);
        g.fan_speed = static_cast<std::int64_t>(30 + 0.5 * busy);
        g.power_draw = static_cast<float>(std::round(28 + 1.2 * busy));
        g.power_limit = 150;
        g.clock_core = static_cast<std::uint32_t>(210 + 14.8 * busy);
        g.clock_memory = 6251;
        g.driver_version = "550.127.05";
        g.cuda_version = "12.4";
        g.pci_bus = "0000:" + std::to_string(41 + i) + ":00.0";
    }
    return out;
}

} // namespace vsim::model
