// The whole sample: what read() has, and names, sizes, per-core and per-device figures.

#include "model/machine.hpp"
#include "model/message.hpp"
#include "model/reading_track.hpp"
#include "model/signal.hpp"
#include "util/random.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

namespace vsim::model {

namespace {

constexpr os_facts systems[]{
    {"ubuntu", "22.04", "5.15.0-126-generic", "amd64"},
    {"ubuntu", "24.04", "6.8.0-49-generic", "amd64"},
    {"debian", "12.8", "6.1.0-28-amd64", "amd64"},
    {"debian", "11.11", "5.10.0-33-amd64", "amd64"},
    {"rocky", "9.4", "5.14.0-427.el9.x86_64", "amd64"},
    {"almalinux", "9.4", "5.14.0-427.el9.x86_64", "amd64"},
    {"alpine", "3.20.3", "6.6.58-0-lts", "amd64"},
    {"centos", "7.9.2009", "3.10.0-1160.el7.x86_64", "amd64"},
};
constexpr os_facts arm_systems[]{
    {"debian", "12.8", "6.1.0-28-arm64", "arm64"},
    {"ubuntu", "24.04", "6.8.0-1017-raspi", "arm64"},
};

constexpr cpu_facts cpus[]{
    {"Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz", 2000},
    {"Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz", 2800},
    {"AMD EPYC 7763 64-Core Processor", 2445},
    {"AMD EPYC 9554 64-Core Processor", 3100},
    {"Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz", 2400},
};
constexpr cpu_facts arm_cpus[]{{"Cortex-A76", 2400}, {"Neoverse-N1", 3000}};

using disk_names = std::array<short_text, max_disks>;
constexpr disk_names nvme_names{{{"nvme0n1"}, {"nvme1n1"}, {"nvme2n1"}, {"nvme3n1"}}};
constexpr disk_names sd_names{{{"sda"}, {"sdb"}, {"sdc"}, {"sdd"}}};
constexpr disk_names mount_points{{{"/"}, {"/data1"}, {"/data2"}, {"/data3"}}};

struct facts_of_kind {
    short_text type;
    const disk_names& names;
    std::array<long_text, 2> models;
    double read_mb_s, write_mb_s; // at full load
};
constexpr std::array<facts_of_kind, 3> disk_kinds{{
    {"NVMe", nvme_names, {{{"Samsung SSD 980 PRO"}, {"Micron 7450 MTFD"}}}, 900, 500},
    {"SSD", sd_names, {{{"INTEL SSDSC2KB"}, {"Samsung SSD 870 EVO"}}}, 180, 120},
    {"HDD", sd_names, {{{"ST4000NM0035"}, {"WDC WUS721"}}}, 70, 55},
}};

constexpr std::array<short_text, max_modules> module_slots{
    "DIMM_A1", "DIMM_B1", "DIMM_C1", "DIMM_D1"
};
constexpr short_text module_manufacturers[]{"Samsung", "Micron"};
constexpr std::array<short_text, max_interfaces> interface_names{"ens3", "ens4"};
constexpr std::array<short_text, max_interfaces> arm_interface_names{"eth0", "eth1"};
constexpr std::array<short_text, max_gpus> gpu_buses{"0000:41:00.0", "0000:42:00.0"};

template <class Table>
const auto& pick(const Table& choices, std::uint64_t draw) {
    return choices[util::below(draw, std::size(choices))];
}

// Precondition: x >= 0.
std::uint32_t rounded(double x) {
    return static_cast<std::uint32_t>(x + 0.5);
}

// total × hundredths of a percent, rounded down; the percentage of the result rounds back.
std::uint64_t part_of(std::uint64_t total, std::uint32_t hundredths) {
    return total / 10'000 * hundredths + total % 10'000 * hundredths / 10'000;
}

} // namespace

model::sample machine::sample(util::wall_time t, util::nanoseconds interval) const {
    const auto ms = std::chrono::floor<util::milliseconds>(t).time_since_epoch().count();
    const auto step =
        std::max<std::int64_t>(std::chrono::duration_cast<util::milliseconds>(interval).count(), 1);
    // The earlier instant first: from there it is not far to the later one.
    reading_track track{*this};
    const auto before = track.traffic(ms - step);
    agg::reading now;
    track.read(t, now);
    const double load = track.activity();
    model::sample s;
    s.at = t;
    const auto system = draw(util::stream("os"));
    s.os = profile_->is_arm ? &pick(arm_systems, system) : &pick(systems, system);
    s.cpu.usage = now.cpu;
    add_cores(s.cpu, ms);
    s.memory.usage = now.memory;
    add_memory(s.memory);
    add_disks(s, now, ms, load);
    add_network(s.network, now, before, track.midnight(), static_cast<std::uint64_t>(step));
    // Up since a day between July 2024 and August 2025: longer than any history reaches back.
    const auto boot = std::int64_t{1'719'792'000} +
                      static_cast<std::int64_t>(draw(util::stream("boot")) % (400 * 86'400));
    s.uptime = static_cast<std::uint64_t>(std::max<std::int64_t>(now.unix_seconds - boot, 0));
    add_load(s, ms, load, track.incidents());
    add_pings(s, now);
    add_gpus(s, ms, load);
    s.address = 10U << 24 | (index_ & 0xff'ffffU);
    return s;
}

void machine::add_cores(cpu_sample& to, std::int64_t unix_ms) const {
    const auto h = draw(util::stream("cpu.brand"));
    to.facts = profile_->is_arm ? &pick(arm_cpus, h) : &pick(cpus, h);
    // Cores differ in pairs, one as much above the mean as the other below: the mean stays exact.
    const auto room = std::min({to.usage, 10'000 - to.usage, 1500U});
    for (std::size_t i = 0; i + 1 < hardware_->cores; i += 2) {
        const double spread = 0.5 + 0.5 * noise(key_ + 300 + i, unix_ms, 15'000);
        const auto step = static_cast<std::uint32_t>(room * spread);
        to.per_core.add() = to.usage + step;
        to.per_core.add() = to.usage - step;
    }
    if (hardware_->cores % 2 == 1) {
        to.per_core.add() = to.usage;
    }
}

void machine::add_memory(memory_sample& to) const {
    to.total = std::uint64_t{hardware_->memory_gib} << 30;
    to.used = part_of(to.total, to.usage);
    to.available = to.total - to.used;
    to.swap_total = 0;
    to.swap_used = 0;
    if (draw(util::stream("swap")) % 3 != 0) {
        to.swap_total = std::min<std::uint64_t>(to.total / 2, std::uint64_t{8} << 30);
        to.swap_used = to.usage > 7'500 ? part_of(to.swap_total, (to.usage - 7'500) * 2) : 0;
    }
    // Modules are only seen on real hardware, and only by root: on some machines.
    if (hardware_->memory_gib >= 32 && draw(util::stream("dmi")) % 2 == 0) {
        const std::size_t count = hardware_->memory_gib >= 128 ? 4 : 2;
        const auto& manufacturer = module_manufacturers[draw(util::stream("dimm")) % 2];
        for (std::size_t i = 0; i < count; ++i) {
            to.modules.add() = {&module_slots[i], &manufacturer, to.total / count};
        }
    }
}

void machine::add_disks(
    model::sample& to, const agg::reading& now, std::int64_t unix_ms, double activity
) const {
    const auto& layout = hardware_->disk;
    const auto& kind = disk_kinds[static_cast<std::size_t>(layout.kind)];
    for (std::size_t i = 0; i < layout.count; ++i) {
        const auto h = draw(util::stream("disk"), i);
        auto& d = to.disks.add();
        d.name = &kind.names[i];
        d.type = &kind.type;
        d.mount_point = &mount_points[i];
        d.model = &kind.models[h % kind.models.size()];
        d.serial = 1'000'000'000 + h % 9'000'000'000;
        d.total = std::uint64_t{layout.size_gb} * 1'000'000'000;
        d.usage = i == 0 ? now.disk : disk(unix_ms, i);
        d.used = part_of(d.total, d.usage);
        const double wave = 0.3 + 0.7 * std::abs(noise(h, unix_ms, 40'000));
        d.read_speed = static_cast<std::uint64_t>(kind.read_mb_s * 1e6 * 0.1 * activity * wave);
        d.write_speed =
            static_cast<std::uint64_t>(kind.write_mb_s * 1e6 * 0.12 * activity * (1.3 - wave));
    }
}

void machine::add_network(
    network_sample& to,
    const agg::reading& now,
    const traffic_state& before,
    const traffic_volume& midnight,
    std::uint64_t step_ms
) const {
    const auto per_second = [&](std::uint64_t bytes) { return bytes * 1000 / step_ms; };
    to.total_rx = now.net_rx;
    to.total_tx = now.net_tx;
    to.rx_speed = per_second(to.total_rx - before.rx);
    to.tx_speed = per_second(to.total_tx - before.tx);
    to.daily_rx = to.total_rx - midnight.rx;
    to.daily_tx = to.total_tx - midnight.tx;
    // The first interface carries all but a fixed share of what a second one carries.
    const bool is_large = hardware_->cores >= 16;
    const std::size_t count = is_large ? 2 : 1;
    auto rx_left = to.total_rx;
    auto tx_left = to.total_tx;
    for (std::size_t i = 0; i < count; ++i) {
        const bool is_last = i + 1 == count;
        auto& nic = to.interfaces.add();
        nic.name = profile_->is_arm ? &arm_interface_names[i] : &interface_names[i];
        nic.mac = mac_of(draw(util::stream("mac"), i));
        nic.speed = is_large ? 10'000 : 1'000;
        nic.rx_bytes = is_last ? rx_left : to.total_rx / 8 * 7;
        nic.tx_bytes = is_last ? tx_left : to.total_tx / 8 * 7;
        rx_left -= nic.rx_bytes;
        tx_left -= nic.tx_bytes;
        nic.rx_packets = nic.rx_bytes / 820;
        nic.tx_packets = nic.tx_bytes / 760;
    }
    to.idle_count = idle_interfaces(traits_->payload);
    to.idle_key = to.idle_count == 0 ? 0 : draw(util::stream("idle"));
}

// One minute's load follows what cpu shows; five and fifteen forget more slowly. An incident is
// told by all three.
void machine::add_load(
    model::sample& to, std::int64_t unix_ms, double activity, incident_kinds incidents
) const {
    const auto queue = [&](double slow_load, double weight_now) {
        const double now = to.cpu.usage / 10'000.0;
        const double slow = (profile_->cpu_idle + profile_->cpu_busy * slow_load) / 100.0;
        return rounded(hardware_->cores * (weight_now * now + (1 - weight_now) * slow) * 110);
    };
    const double daily = daily_load(*profile_, local_ms(unix_ms));
    const bool is_overrun = incidents.holds(incident_kind::cpu);
    to.load_1 = queue(activity, is_overrun ? 0.95 : 0.7);
    to.load_5 = queue((activity + daily) / 2, is_overrun ? 0.8 : 0.3);
    to.load_15 = queue(daily, is_overrun ? 0.5 : 0.1);
}

void machine::add_pings(model::sample& to, const agg::reading& now) const {
    to.targets = targets_;
    const auto slots = targets_->slots();
    for (std::uint32_t i = 0; i < slots.size(); ++i) {
        const auto& slot = slots[i];
        if (!slot.is_active) {
            continue;
        }
        const auto& r = now.pings[i];
        // One of three echo requests lost is no failure (protocol.md 5.6).
        const bool one_lost = r.answered && slot.type == probe_type::icmp &&
                              util::mix(r.latency + slot.key) % 97 == 0;
        to.pings.add() = {i, r, !r.answered ? 10'000U : one_lost ? 3'333U : 0U};
    }
}

void machine::add_gpus(model::sample& to, std::int64_t unix_ms, double activity) const {
    const bool has_any = traits_->has_gpu.value_or(profile_->has_gpu);
    const std::size_t count = !has_any ? 0 : hardware_->cores >= 32 ? 2 : 1;
    for (std::size_t i = 0; i < count; ++i) {
        const auto h = draw(util::stream("gpu"), i);
        const double busy =
            std::clamp(activity * (60 + 45 * noise(h, unix_ms, 50'000)), 0.0, 100.0);
        auto& g = to.gpus.add();
        g.bus = &gpu_buses[i];
        g.memory =
            static_cast<std::uint32_t>(2'000 + 6'500 * util::unit(h) + 10 * std::floor(busy));
        g.memory_used = part_of(gpu_memory, g.memory);
        g.utilization = rounded(busy);
        g.temperature = static_cast<std::uint32_t>(38 + 0.4 * busy);
        g.fan_speed = static_cast<std::uint32_t>(30 + 0.5 * busy);
        g.power_draw = rounded(28 + 1.2 * busy);
        g.clock_core = static_cast<std::uint32_t>(210 + 14.8 * busy);
    }
}

} // namespace vsim::model
