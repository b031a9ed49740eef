#pragma once
// SystemMetrics, the realtime sample of protocol.md 2.5, as it stands on the wire. Units are in the
// field table there: bytes, percent 0..100, bytes per second, milliseconds, MHz, Mbit/s. "opt" =
// left out when empty or zero. Reentrant.

#include "util/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vsim::proto {

struct os_info {
    std::string name, version, kernel, arch;
    bool operator==(const os_info&) const = default;
};

struct cpu_info {
    std::string brand;
    std::int64_t cores = 0;
    float usage = 0;             // mean of per_core
    std::uint64_t frequency = 0; // MHz
    std::vector<float> per_core;
    bool operator==(const cpu_info&) const = default;
};

struct memory_module {
    std::string slot; // opt
    std::uint64_t size = 0;
    std::string mem_type;     // opt, "DDR4"
    std::uint32_t speed = 0;  // opt, MHz
    std::string manufacturer; // opt
    bool operator==(const memory_module&) const = default;
};

struct memory_info {
    std::uint64_t total = 0, used = 0, available = 0;
    std::uint64_t swap_total = 0, swap_used = 0;
    float usage_percent = 0;
    std::vector<memory_module> modules; // opt
    bool operator==(const memory_info&) const = default;
};

struct disk_info {
    std::string name;
    std::string model;  // opt
    std::string serial; // opt
    std::uint64_t total = 0;
    std::string disk_type;                 // opt, "SSD", "HDD", "NVMe"
    std::vector<std::string> mount_points; // opt
    float usage_percent = 0;
    std::uint64_t used = 0;
    std::uint64_t read_speed = 0, write_speed = 0; // opt
    bool operator==(const disk_info&) const = default;
};

struct interface_info {
    std::string name;
    std::string mac;         // opt, upper case
    std::uint32_t speed = 0; // opt, Mbit/s
    std::uint64_t rx_bytes = 0, tx_bytes = 0, rx_packets = 0, tx_packets = 0;
    bool operator==(const interface_info&) const = default;
};

struct network_info {
    std::vector<interface_info> interfaces;
    std::uint64_t total_rx = 0, total_tx = 0; // cumulative, below 2^63
    std::uint64_t rx_speed = 0, tx_speed = 0;
    std::uint64_t daily_rx = 0, daily_tx = 0; // opt, since midnight
    bool operator==(const network_info&) const = default;
};

struct load_average {
    double one = 0, five = 0, fifteen = 0;
    bool operator==(const load_average&) const = default;
};

struct ping_target_result {
    std::string name, host;
    std::string type;                 // opt, "icmp" or "tcp"
    std::int64_t port = 0;            // opt
    std::optional<double> latency_ms; // null on the wire when there was no answer
    double packet_loss = 0;
    std::string status; // "ok", else a failure: "timeout", "error"
    bool operator==(const ping_target_result&) const = default;
};

// A running total of one target in one bucket, as realtime messages carry it (agg_2min ...).
struct ping_aggregate {
    std::string name, host;
    std::int64_t bucket = 0;
    double latency_sum = 0, latency_max = 0;
    std::int64_t latency_count = 0, ok_count = 0, fail_count = 0;
    bool operator==(const ping_aggregate&) const = default;
};

struct ping_info {
    std::vector<ping_target_result> targets;
    std::int64_t timestamp = 0;                                             // opt, unix seconds
    std::vector<ping_aggregate> agg_2min, agg_15min, agg_hourly, agg_daily; // opt
    bool operator==(const ping_info&) const = default;
};

struct gpu_device {
    std::int64_t index = 0;
    std::string name, vendor; // "NVIDIA", "AMD", "Intel"
    std::uint64_t memory_total = 0, memory_used = 0;
    float memory_percent = 0, utilization = 0;
    std::int64_t temperature = 0;                      // opt, °C
    std::int64_t fan_speed = 0;                        // opt, %
    float power_draw = 0, power_limit = 0;             // opt, W
    std::uint32_t clock_core = 0, clock_memory = 0;    // opt, MHz
    std::string driver_version, cuda_version, pci_bus; // opt
    float encoder_util = 0, decoder_util = 0;          // opt, %
    bool operator==(const gpu_device&) const = default;
};

struct gpu_info {
    std::vector<gpu_device> gpus;
    bool operator==(const gpu_info&) const = default;
};

struct system_metrics {
    util::zoned_instant
        timestamp; // always sent as UTC by us; a zone survives decoding (protocol.md 3.5)
    std::string hostname;
    os_info os;
    cpu_info cpu;
    memory_info memory;
    std::vector<disk_info> disks; // the first one's percentage is "disk" everywhere in vStats
    network_info network;
    std::uint64_t uptime = 0; // seconds
    load_average load;        // "load_average" on the wire
    std::optional<ping_info> ping;
    std::optional<gpu_info> gpu;
    std::string version; // opt
    std::vector<std::string>
        ip_addresses; // opt; the first becomes the server's "ip" (protocol.md 9.5)
    bool operator==(const system_metrics&) const = default;
};

} // namespace vsim::proto
