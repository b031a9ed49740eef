#include "model/metrics.hpp"

#include "model/machine.hpp"

#include <array>
#include <cstdio>
#include <string>

namespace vsim::model {

namespace {

float percent(std::uint32_t hundredths) {
    return static_cast<float>(hundredths / 100.0);
}

template <std::size_t N>
std::string string_of(const proto::fixed_text<N>& text) {
    return std::string{text.view()};
}

std::string mac_address(std::uint64_t h) {
    std::array<char, 18> text{};
    const auto byte = [h](int n) { return static_cast<unsigned>(h >> (8 * n) & 255); };
    std::snprintf(
        text.data(),
        text.size(),
        "%02X:%02X:%02X:%02X:%02X:%02X",
        byte(0),
        byte(1),
        byte(2),
        byte(3),
        byte(4),
        byte(5)
    );
    return text.data();
}

std::string ip_address(std::uint32_t a) {
    return std::to_string(a >> 24) + "." + std::to_string(a >> 16 & 255) + "." +
           std::to_string(a >> 8 & 255) + "." + std::to_string(a & 255);
}

proto::cpu_info cpu_info(const cpu_sample& cpu) {
    proto::cpu_info out;
    out.brand = cpu.facts->brand.view();
    out.cores = static_cast<std::int64_t>(cpu.per_core.count);
    out.usage = percent(cpu.usage);
    out.frequency = cpu.facts->mhz;
    for (const auto core : cpu.per_core) {
        out.per_core.push_back(percent(core));
    }
    return out;
}

proto::memory_info memory_info(const memory_sample& memory) {
    proto::memory_info out;
    out.total = memory.total;
    out.used = memory.used;
    out.available = memory.available;
    out.swap_total = memory.swap_total;
    out.swap_used = memory.swap_used;
    out.usage_percent = percent(memory.usage);
    for (const auto& m : memory.modules) {
        out.modules.push_back(
            {string_of(*m.slot),
             m.size,
             string_of(module_type),
             module_mhz,
             string_of(*m.manufacturer)}
        );
    }
    return out;
}

proto::disk_info disk_info(const disk_sample& d) {
    proto::disk_info out;
    out.name = d.name->view();
    out.model = d.model->view();
    out.serial = "S" + std::to_string(d.serial);
    out.total = d.total;
    out.disk_type = d.type->view();
    out.mount_points = {string_of(*d.mount_point)};
    out.usage_percent = percent(d.usage);
    out.used = d.used;
    out.read_speed = d.read_speed;
    out.write_speed = d.write_speed;
    return out;
}

proto::network_info network_info(const network_sample& net) {
    proto::network_info out;
    for (const auto& nic : net.interfaces) {
        out.interfaces.push_back(
            {string_of(*nic.name),
             mac_address(nic.mac),
             nic.speed,
             nic.rx_bytes,
             nic.tx_bytes,
             nic.rx_packets,
             nic.tx_packets}
        );
    }
    for (std::uint64_t n = 0; n < net.idle_count; ++n) {
        auto& nic = out.interfaces.emplace_back();
        nic.name = "tap" + std::to_string(n);
        nic.mac = mac_address(net.idle_mac(n));
        nic.speed = idle_mbit_s;
    }
    out.total_rx = net.total_rx;
    out.total_tx = net.total_tx;
    out.rx_speed = net.rx_speed;
    out.tx_speed = net.tx_speed;
    out.daily_rx = net.daily_rx;
    out.daily_tx = net.daily_tx;
    return out;
}

proto::ping_info ping_info(const sample& s) {
    proto::ping_info out;
    out.timestamp = util::unix_seconds(s.at);
    for (const auto& p : s.pings) {
        const auto& slot = s.targets->slots()[p.slot];
        auto& t = out.targets.emplace_back();
        t.name = s.targets->names()[p.slot].name;
        t.host = s.targets->names()[p.slot].host;
        t.type = name_of(slot.type);
        t.port = slot.port;
        if (p.reading.answered) {
            t.latency_ms = p.reading.latency / 100.0;
        }
        t.packet_loss = p.packet_loss / 100.0;
        t.status = p.reading.ok ? "ok" : slot.type == probe_type::tcp ? "error" : "timeout";
    }
    return out;
}

proto::gpu_info gpu_info(const sample& s) {
    proto::gpu_info out;
    for (const auto& g : s.gpus) {
        auto& to = out.gpus.emplace_back();
        to.index = static_cast<std::int64_t>(out.gpus.size()) - 1;
        to.name = gpu_name.view();
        to.vendor = gpu_vendor.view();
        to.memory_total = gpu_memory;
        to.memory_used = g.memory_used;
        to.memory_percent = percent(g.memory);
        to.utilization = static_cast<float>(g.utilization);
        to.temperature = g.temperature;
        to.fan_speed = g.fan_speed;
        to.power_draw = static_cast<float>(g.power_draw);
        to.power_limit = gpu_watts;
        to.clock_core = g.clock_core;
        to.clock_memory = gpu_memory_mhz;
        to.driver_version = gpu_driver.view();
        to.cuda_version = gpu_cuda.view();
        to.pci_bus = g.bus->view();
    }
    return out;
}

} // namespace

proto::system_metrics to_metrics(const sample& s, std::string_view hostname) {
    proto::system_metrics m;
    m.timestamp.at = s.at;
    m.hostname = hostname;
    m.os = {
        string_of(s.os->name),
        string_of(s.os->version),
        string_of(s.os->kernel),
        string_of(s.os->arch)
    };
    m.cpu = cpu_info(s.cpu);
    m.memory = memory_info(s.memory);
    for (const auto& d : s.disks) {
        m.disks.push_back(disk_info(d));
    }
    m.network = network_info(s.network);
    m.uptime = s.uptime;
    m.load = {s.load_1 / 100.0, s.load_5 / 100.0, s.load_15 / 100.0};
    if (s.pings.count > 0) {
        m.ping = ping_info(s);
    }
    if (s.gpus.count > 0) {
        m.gpu = gpu_info(s);
    }
    m.version = agent_version;
    // "" first: the server then has no address to look up (protocol.md 9.5).
    m.ip_addresses = {"", ip_address(s.address)};
    return m;
}

} // namespace vsim::model
