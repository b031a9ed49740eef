#pragma once
// One instant of a machine, whole: integers as exact as the wire shows them, names by reference to
// constant tables and to the machine's targets. No text, no heap; message.hpp makes both forms of
// the wire from it. Reentrant.

#include "agg/fold.hpp"
#include "model/profile.hpp"
#include "model/targets.hpp"
#include "proto/text_cursor.hpp"
#include "util/clock.hpp"
#include "util/random.hpp"

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>

namespace vsim::model {

// Up to N, in place. What lies behind `count` is not initialised.
template <class T, std::size_t N>
struct few {
    std::size_t count = 0;
    std::array<T, N> items;

    T& add() {
        assert(count < N);
        return items[count++];
    }
    const T* begin() const { return items.data(); }
    const T* end() const { return items.data() + count; }
};

inline constexpr std::size_t max_modules = 4;
inline constexpr std::size_t max_interfaces = 2;
inline constexpr std::size_t max_gpus = 2;

using short_text = proto::fixed_text<16>;
using long_text = proto::fixed_text<32>;

// The same in all that have it.
inline constexpr short_text module_type{"DDR4"};
inline constexpr std::uint32_t module_mhz = 3200;
inline constexpr short_text gpu_name{"NVIDIA A10"};
inline constexpr short_text gpu_vendor{"NVIDIA"};
inline constexpr std::uint64_t gpu_memory = std::uint64_t{24} << 30;
inline constexpr std::uint32_t gpu_watts = 150;
inline constexpr std::uint32_t gpu_memory_mhz = 6251;
inline constexpr short_text gpu_driver{"550.127.05"};
inline constexpr short_text gpu_cuda{"12.4"};

struct os_facts {
    short_text name, version;
    long_text kernel;
    short_text arch;
};

struct cpu_facts {
    proto::fixed_text<48> brand;
    std::uint64_t mhz;
};

struct cpu_sample {
    const cpu_facts* facts;
    std::uint32_t usage;                    // 0.01 %, the mean of all cores
    few<std::uint32_t, max_cores> per_core; // 0.01 %
};

struct memory_module {
    const short_text *slot, *manufacturer;
    std::uint64_t size;
};

struct memory_sample {
    std::uint64_t total, used, available, swap_total, swap_used;
    std::uint32_t usage; // 0.01 %
    few<memory_module, max_modules> modules;
};

struct disk_sample {
    const short_text *name, *type, *mount_point;
    const long_text* model;
    std::uint64_t serial; // behind an S
    std::uint64_t total, used;
    std::uint64_t read_speed, write_speed; // bytes/s
    std::uint32_t usage;                   // 0.01 %
};

struct interface_sample {
    const short_text* name;
    std::uint64_t mac;   // six bytes, the first one lowest
    std::uint32_t speed; // Mbit/s
    std::uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets;
};

// Locally administered, unicast.
constexpr std::uint64_t mac_of(std::uint64_t draw) {
    return (draw & ~std::uint64_t{3}) | 2;
}

// Behind the interfaces that carry something come `idle_count` that never do: virtual ones tap0,
// tap1 ... with their counters at zero, as many as the payload of its traits asks for.
struct network_sample {
    few<interface_sample, max_interfaces> interfaces;
    std::uint32_t idle_count;
    std::uint64_t idle_key;
    std::uint64_t idle_mac(std::uint64_t n) const { return mac_of(util::mix(idle_key + n)); }
    std::uint64_t total_rx, total_tx;
    std::uint64_t rx_speed, tx_speed; // bytes/s
    std::uint64_t daily_rx, daily_tx;
};

inline constexpr std::uint32_t idle_mbit_s = 10; // what Linux says of a tap

struct ping_sample {
    std::uint32_t slot; // of the targets
    agg::ping_reading reading;
    std::uint32_t packet_loss; // 0.01 %
};

struct gpu_sample {
    const short_text* bus;
    std::uint64_t memory_used;
    std::uint32_t memory;                                                      // 0.01 %
    std::uint32_t utilization, temperature, fan_speed, power_draw, clock_core; // %, °C, %, W, MHz
};

struct sample {
    util::wall_time at;
    const os_facts* os;
    cpu_sample cpu;
    memory_sample memory;
    few<disk_sample, max_disks> disks;
    network_sample network;
    std::uint64_t uptime;                  // seconds
    std::uint32_t load_1, load_5, load_15; // hundredths
    const target_set* targets;
    few<ping_sample, agg::max_targets> pings; // of the active ones
    few<gpu_sample, max_gpus> gpus;
    std::uint32_t address; // IPv4, the first byte highest
};

} // namespace vsim::model
