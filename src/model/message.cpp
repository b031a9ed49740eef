#include "model/message.hpp"

#include "model/location.hpp"
#include "model/machine.hpp"
#include "proto/json_writer.hpp"

#include <cassert>
#include <span>
#include <utility>
#include <vector>

namespace vsim::model {

namespace {

using proto::text_cursor;

// What a target's results begin with, escaped once a process.
using ping_head = proto::fixed_text<96>;
std::span<const ping_head> ping_heads() {
    static const auto heads = [] {
        std::vector<ping_head> all;
        for (const auto& target : ping_targets()) {
            std::string head = all.empty() ? R"({"name":)" : R"(,{"name":)";
            proto::json::write(head, target.name);
            head += R"(,"host":)";
            proto::json::write(head, target.host);
            head += R"(,"type":")";
            head += ping_type.view();
            head += R"(","latency_ms":)";
            all.push_back(ping_head::from(head));
        }
        return all;
    }();
    return heads;
}

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

void write_network(text_cursor& out, const network_sample& net) {
    out.text(R"(],"network":{"interfaces":)");
    char before = '[';
    for (const auto& nic : net.interfaces) {
        out.character(std::exchange(before, ','));
        write_interface(out, nic);
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

void write_pings(text_cursor& out, const sample& s) {
    out.text(R"(},"ping":{"targets":[)");
    const auto heads = ping_heads();
    assert(s.pings.count <= heads.size());
    for (std::size_t i = 0; i < s.pings.count; ++i) {
        const auto& p = s.pings.items[i];
        out.text(heads[i]);
        if (p.reading.answered) {
            out.hundredths(p.reading.latency);
        } else {
            out.text("null");
        }
        out.text(R"(,"packet_loss":)");
        out.hundredths(p.packet_loss);
        out.text(R"(,"status":")");
        out.text(p.reading.ok ? ok : timeout);
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
    write_pings(out, s);
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
    assert(out.end() + 64 <= to + message_bound(hostname));
    return out.end();
}

std::string_view render_message(const sample& s, std::string_view hostname) {
    thread_local std::vector<char> buffer;
    if (const auto bound = message_bound(hostname); buffer.size() < bound) {
        buffer.resize(bound);
    }
    const char* const end = write_message(buffer.data(), s, hostname);
    return {buffer.data(), end};
}

void append_message(std::string& out, const sample& s, std::string_view hostname) {
    out.append(render_message(s, hostname));
}

} // namespace vsim::model
