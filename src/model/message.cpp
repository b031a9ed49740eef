#include "model/message.hpp"

#include "model/machine.hpp"
#include "proto/json_writer.hpp"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <utility>
#include <vector>

namespace vsim::model {

namespace {

using proto::text_cursor;

void write_name(text_cursor& out, std::string_view name) {
    if (proto::is_plain(name)) {
        out.character('"');
        out.text(name);
        out.character('"');
    } else {
        std::string escaped;
        proto::json::write(escaped, name);
        out.text(escaped);
    }
}

void write_os(text_cursor& out, const os_facts& os) {
    out.text(R"(,"os":{"name":")");
    out.text(os.name);
    out.text(R"(","version":")");
    out.text(os.version);
    out.text(R"(","kernel":")");
    out.text(os.kernel);
    out.text(R"(","arch":")");
    out.text(os.arch);
}

void write_cpu(text_cursor& out, const cpu_sample& cpu) {
    out.text(R"("},"cpu":{"brand":")");
    out.text(cpu.facts->brand);
    out.text(R"(","cores":)");
    out.integer(std::uint64_t{cpu.per_core.count});
    out.text(R"(,"usage":)");
    out.hundredths(cpu.usage);
    out.text(R"(,"frequency":)");
    out.integer(cpu.facts->mhz);
    out.text(R"(,"per_core":)");
    char before = '[';
    for (const auto core : cpu.per_core) {
        out.character(std::exchange(before, ','));
        out.hundredths(core);
    }
}

void write_memory(text_cursor& out, const memory_sample& memory) {
    out.text(R"(]},"memory":{"total":)");
    out.integer(memory.total);
    out.text(R"(,"used":)");
    out.integer(memory.used);
    out.text(R"(,"available":)");
    out.integer(memory.available);
    out.text(R"(,"swap_total":)");
    out.integer(memory.swap_total);
    out.text(R"(,"swap_used":)");
    out.integer(memory.swap_used);
    out.text(R"(,"usage_percent":)");
    out.hundredths(memory.usage);
    if (memory.modules.count > 0) {
        out.text(R"(,"modules":)");
        char before = '[';
        for (const auto& m : memory.modules) {
            out.character(std::exchange(before, ','));
            out.text(R"({"slot":")");
            out.text(*m.slot);
            out.text(R"(","size":)");
            out.integer(m.size);
            out.text(R"(,"mem_type":")");
            out.text(module_type);
            out.text(R"(","speed":)");
            out.integer(std::uint64_t{module_mhz});
            out.text(R"(,"manufacturer":")");
            out.text(*m.manufacturer);
            out.text(R"("})");
        }
        out.character(']');
    }
}

void write_if_any(text_cursor& out, std::string_view key, std::uint64_t value) {
    if (value != 0) {
        out.text(key);
        out.integer(value);
    }
}

void write_disk(text_cursor& out, const disk_sample& d) {
    out.text(R"({"name":")");
    out.text(*d.name);
    out.text(R"(","model":")");
    out.text(*d.model);
    out.text(R"(","serial":"S)");
    out.integer(d.serial);
    out.text(R"(","total":)");
    out.integer(d.total);
    out.text(R"(,"disk_type":")");
    out.text(*d.type);
    out.text(R"(","mount_points":[")");
    out.text(*d.mount_point);
    out.text(R"("],"usage_percent":)");
    out.hundredths(d.usage);
    out.text(R"(,"used":)");
    out.integer(d.used);
    write_if_any(out, R"(,"read_speed":)", d.read_speed);
    write_if_any(out, R"(,"write_speed":)", d.write_speed);
    out.character('}');
}

void write_interface(text_cursor& out, const interface_sample& nic) {
    out.text(R"({"name":")");
    out.text(*nic.name);
    out.text(R"(","mac":")");
    out.mac_address(nic.mac);
    out.text(R"(","speed":)");
    out.integer(std::uint64_t{nic.speed});
    out.text(R"(,"rx_bytes":)");
    out.integer(nic.rx_bytes);
    out.text(R"(,"tx_bytes":)");
    out.integer(nic.tx_bytes);
    out.text(R"(,"rx_packets":)");
    out.integer(nic.rx_packets);
    out.text(R"(,"tx_packets":)");
    out.integer(nic.tx_packets);
    out.character('}');
}

constexpr std::string_view idle_start = R"(,{"name":"tap)";
constexpr std::string_view idle_middle = R"(","mac":")";
constexpr std::string_view idle_end =
    R"(","speed":10,"rx_bytes":0,"tx_bytes":0,"rx_packets":0,"tx_packets":0})";
static_assert(idle_mbit_s == 10);
constexpr std::size_t idle_least = // one digit, and a MAC address
    idle_start.size() + 1 + idle_middle.size() + 17 + idle_end.size();

void write_idle_interface(text_cursor& out, std::uint64_t n, std::uint64_t mac) {
    out.text(idle_start);
    out.integer(n);
    out.text(idle_middle);
    out.mac_address(mac);
    out.text(idle_end);
}

void write_network(text_cursor& out, const network_sample& net) {
    out.text(R"(],"network":{"interfaces":)");
    char before = '[';
    for (const auto& nic : net.interfaces) {
        out.character(std::exchange(before, ','));
        write_interface(out, nic);
    }
    for (std::uint64_t n = 0; n < net.idle_count; ++n) {
        write_idle_interface(out, n, net.idle_mac(n));
    }
    out.text(R"(],"total_rx":)");
    out.integer(net.total_rx);
    out.text(R"(,"total_tx":)");
    out.integer(net.total_tx);
    out.text(R"(,"rx_speed":)");
    out.integer(net.rx_speed);
    out.text(R"(,"tx_speed":)");
    out.integer(net.tx_speed);
    write_if_any(out, R"(,"daily_rx":)", net.daily_rx);
    write_if_any(out, R"(,"daily_tx":)", net.daily_tx);
}

constexpr short_text ok{"ok"};
constexpr short_text timeout{"timeout"};
constexpr short_text error{"error"};

const short_text& status_of(const ping_sample& p, const target_set& targets) {
    const bool is_tcp = targets.slots()[p.slot].type == probe_type::tcp;
    return p.reading.ok ? ok : is_tcp ? error : timeout;
}

void write_pings(text_cursor& out, const sample& s) {
    out.text(R"(},"ping":{"targets":)");
    char before = '[';
    for (const auto& p : s.pings) {
        out.character(std::exchange(before, ','));
        out = text_cursor{s.targets->head(p.slot).write(out.end())};
        if (p.reading.answered) {
            out.hundredths(p.reading.latency);
        } else {
            out.text("null");
        }
        out.text(R"(,"packet_loss":)");
        out.hundredths(p.packet_loss);
        out.text(R"(,"status":")");
        out.text(status_of(p, *s.targets));
        out.text(R"("})");
    }
    out.character(']');
    if (const auto second = util::unix_seconds(s.at); second != 0) {
        out.text(R"(,"timestamp":)");
        out.integer(second);
    }
}

void write_gpu(text_cursor& out, const gpu_sample& g, std::uint64_t index) {
    out.text(R"({"index":)");
    out.integer(index);
    out.text(R"(,"name":")");
    out.text(gpu_name);
    out.text(R"(","vendor":")");
    out.text(gpu_vendor);
    out.text(R"(","memory_total":)");
    out.integer(gpu_memory);
    out.text(R"(,"memory_used":)");
    out.integer(g.memory_used);
    out.text(R"(,"memory_percent":)");
    out.hundredths(g.memory);
    out.text(R"(,"utilization":)");
    out.integer(std::uint64_t{g.utilization});
    out.text(R"(,"temperature":)");
    out.integer(std::uint64_t{g.temperature});
    out.text(R"(,"fan_speed":)");
    out.integer(std::uint64_t{g.fan_speed});
    out.text(R"(,"power_draw":)");
    out.integer(std::uint64_t{g.power_draw});
    out.text(R"(,"power_limit":)");
    out.integer(std::uint64_t{gpu_watts});
    out.text(R"(,"clock_core":)");
    out.integer(std::uint64_t{g.clock_core});
    out.text(R"(,"clock_memory":)");
    out.integer(std::uint64_t{gpu_memory_mhz});
    out.text(R"(,"driver_version":")");
    out.text(gpu_driver);
    out.text(R"(","cuda_version":")");
    out.text(gpu_cuda);
    out.text(R"(","pci_bus":")");
    out.text(*g.bus);
    out.text(R"("})");
}

} // namespace

std::size_t message_bound(const sample& s, std::string_view hostname) {
    constexpr std::size_t parts =
        7 * max_cores + 150 * max_modules + 400 * max_disks + 300 * max_interfaces + 600 * max_gpus;
    const auto pings = 100 * s.pings.count + s.targets->heads_size();
    const auto idle = (idle_least + 10) * s.network.idle_count;
    return 1'500 + parts + pings + idle + 6 * hostname.size(); // a control character takes six
}

std::uint32_t idle_interfaces(std::uint32_t payload_bytes) {
    constexpr std::uint32_t rest = 900; // what no message is shorter than
    auto missing = std::max(payload_bytes, rest) - rest;
    // Ten have a number of one digit, ninety of two ...
    auto each = static_cast<std::uint32_t>(idle_least);
    std::uint32_t count = 0;
    for (std::uint32_t alike = 10; missing > alike * each; alike = 9 * count) {
        missing -= alike * each++;
        count += alike;
    }
    return count + (missing + each - 1) / each;
}

char* write_message(char* to, const sample& s, std::string_view hostname) {
    text_cursor out{to};
    out.text(R"({"type":"metrics","metrics":{"timestamp":")");
    out.instant(s.at);
    out.text(R"(","hostname":)");
    write_name(out, hostname);
    write_os(out, *s.os);
    write_cpu(out, s.cpu);
    write_memory(out, s.memory);
    out.text(R"(},"disks":)");
    char before = '[';
    for (const auto& d : s.disks) {
        out.character(std::exchange(before, ','));
        write_disk(out, d);
    }
    write_network(out, s.network);
    out.text(R"(},"uptime":)");
    out.integer(s.uptime);
    out.text(R"(,"load_average":{"one":)");
    out.hundredths(s.load_1);
    out.text(R"(,"five":)");
    out.hundredths(s.load_5);
    out.text(R"(,"fifteen":)");
    out.hundredths(s.load_15);
    if (s.pings.count > 0) {
        write_pings(out, s);
    }
    if (s.gpus.count > 0) {
        out.text(R"(},"gpu":{"gpus":)");
        before = '[';
        for (std::size_t i = 0; i < s.gpus.count; ++i) {
            out.character(std::exchange(before, ','));
            write_gpu(out, s.gpus.items[i], i);
        }
        out.character(']');
    }
    out.text(R"(},"version":")");
    out.text(agent_version);
    // "" first: the server then has no address to look up (protocol.md 9.5).
    out.text(R"(","ip_addresses":["",")");
    out.ip_address(s.address);
    out.text(R"("]}})");
    assert(out.end() + 64 <= to + message_bound(s, hostname));
    return out.end();
}

std::string_view render_message(const sample& s, std::string_view hostname) {
    thread_local std::vector<char> buffer;
    if (const auto bound = message_bound(s, hostname); buffer.size() < bound) {
        buffer.resize(bound);
    }
    const char* const end = write_message(buffer.data(), s, hostname);
    return {buffer.data(), end};
}

void append_message(std::string& out, const sample& s, std::string_view hostname) {
    out.append(render_message(s, hostname));
}

} // namespace vsim::model
