#pragma once
// Kinds of machine: what hardware fits them and how they behave. Constant tables. Reentrant.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace vsim::model {

enum class disk_kind : std::uint8_t { nvme, ssd, hdd };

struct disk_layout {
    disk_kind kind;
    std::uint32_t size_gb; // decimal, as sold
    std::uint8_t count;    // of this kind in one machine
};

// One size of machine of a profile: what goes together.
struct hardware {
    std::uint16_t cores;
    std::uint32_t memory_gib;
    disk_layout disk;
};

// The most of any size of any profile.
inline constexpr std::size_t max_cores = 64;
inline constexpr std::size_t max_disks = 4;

// Share of a day's load in each local hour, any unit.
using day_shape = std::array<std::uint16_t, 24>;

struct profile {
    std::string_view name;
    std::uint16_t weight; // share of the fleet, parts of the sum
    std::span<const hardware> sizes;
    const day_shape* day;
    double weekend;       // load on Saturday and Sunday, 1 = as on other days
    double cpu_idle;      // % with nothing to do
    double cpu_busy;      // % added at full daily load
    double burstiness;    // 0..1, how unevenly traffic and cpu come
    double memory_base;   // % used after a fresh start
    double memory_climb;  // % added before a restart drops it
    double disk_base;     // % used
    double disk_growth;   // % added before a clean-up
    double bytes_per_s;   // mean traffic of one core, both directions
    double receive_share; // of that traffic
    bool has_gpu;
    bool is_arm;
};

std::span<const profile> profiles();
const profile& pick_profile(std::uint64_t draw); // by weight

} // namespace vsim::model
