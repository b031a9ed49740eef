// The floor: what it costs to get the bytes of a fleet into the kernel, and nothing else. One
// thread, blocking sockets, frames made beforehand, one send() a message, on an absolute tick like
// the simulator's. Whatever the simulator costs above that is its own.

#include "fleet/roster.hpp"
#include "floor_sockets.hpp"
#include "model/machine.hpp"
#include "model/message.hpp"
#include "model/schedule.hpp"
#include "stats/histogram.hpp"
#include "util/parse.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace vsim::bench {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr std::uint64_t seed = 1;
constexpr nanoseconds tick = std::chrono::milliseconds{5};
constexpr std::chrono::seconds longest{600};
constexpr unsigned longest_connecting = 120; // s
constexpr std::uint64_t largest_payload = 16 << 20;

constexpr auto usage = "usage: floor --server http://127.0.0.1:PORT --fleet FILE [--count N] "
                       "[--interval 3s] [--duration 10s] [--payload BYTES]";

struct options {
    std::string server, fleet;
    nanoseconds interval = std::chrono::seconds{3}; // 0 = as fast as send() takes it
    nanoseconds duration = std::chrono::seconds{10};
    std::size_t count = 0;   // 0 = all of the fleet file
    std::size_t payload = 0; // bytes of a message; 0 = a real metrics message
};

struct socket {
    int fd = -1;
    std::string frame;
    steady_clock::time_point due;
};

struct result {
    std::uint64_t messages = 0, bytes = 0;
    stats::histogram lag;
};

// --- Options

template <class T>
T value_of(std::string_view flag, const util::result<T>& parsed) {
    if (!parsed) {
        die(std::string{flag} + ": " + parsed.error().message);
    }
    return *parsed;
}

options parse(int argc, char** argv) {
    options o;
    if (argc % 2 == 0) { // every option takes a value
        die(usage);
    }
    for (int i = 1; i < argc; i += 2) {
        const std::string_view flag = argv[i];
        const std::string value = argv[i + 1];
        if (flag == "--server") {
            o.server = value;
        } else if (flag == "--fleet") {
            o.fleet = value;
        } else if (flag == "--interval") {
            o.interval = value_of(flag, util::parse_duration(value));
        } else if (flag == "--duration") {
            o.duration = value_of(flag, util::parse_duration(value));
        } else if (flag == "--count") {
            o.count = value_of(flag, util::parse_count(value));
        } else if (flag == "--payload") {
            o.payload = value_of(flag, util::parse_count(value));
        } else {
            die(usage);
        }
    }
    const auto least = std::chrono::milliseconds{1};
    if (o.interval.count() > 0 && o.interval < least) {
        die("--interval: 0, or at least 1 ms");
    }
    if (o.duration > longest || o.payload > largest_payload) {
        die("longer than 600 s, or messages larger than 16 MB");
    }
    return o;
}

// --- Before

void use_all_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

// Whatever hangs: the program ends.
void limit_life(nanoseconds duration) {
    std::signal(SIGALRM, [](int) {
        constexpr std::string_view why = "floor: still not done; given up\n";
        [[maybe_unused]] const auto n = ::write(STDERR_FILENO, why.data(), why.size());
        ::_exit(1);
    });
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(duration).count();
    ::alarm(longest_connecting + static_cast<unsigned>(seconds));
}

std::string message_of(const agent::identity& who, const options& o) {
    if (o.payload > 0) {
        return std::string(o.payload, 'x');
    }
    const auto now = std::chrono::system_clock::now();
    const auto interval = std::max<nanoseconds>(o.interval, std::chrono::seconds{1});
    const model::machine machine{seed, who.index};
    std::string text;
    model::append_message(text, machine.sample(now, interval), who.name);
    return text;
}

std::vector<socket> connect(const options& o) {
    const auto to = loopback_address(o.server);
    auto fleet = value_of("--fleet", fleet::load_roster(o.fleet));
    if (o.count > fleet.size()) {
        die("--count: more than the fleet file holds");
    }
    if (o.count > 0) {
        fleet.resize(o.count);
    }
    std::vector<socket> sockets;
    sockets.reserve(fleet.size());
    for (const auto& who : fleet) {
        sockets.push_back({join(to, who), frame_of(message_of(who, o)), {}});
    }
    return sockets;
}

// In the order of their phases, which are the simulator's: so each is due once an interval, in
// turn.
void assign_phases(std::vector<socket>& sockets, nanoseconds interval, steady_clock::time_point t) {
    const auto whole = std::chrono::duration_cast<util::milliseconds>(interval);
    for (std::uint32_t i = 0; i < sockets.size(); ++i) {
        const model::schedule when{seed, i, whole};
        sockets[i].due = t + when.at_or_after(util::wall_time{}).time_since_epoch();
    }
    std::ranges::sort(sockets, {}, &socket::due);
}

// --- The sending

void sleep_until(steady_clock::time_point t) {
    const auto since = t.time_since_epoch().count(); // steady_clock is CLOCK_MONOTONIC
    timespec at{};
    at.tv_sec = static_cast<time_t>(since / 1'000'000'000);
    at.tv_nsec = static_cast<long>(since % 1'000'000'000);
    while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr) == EINTR) {
    }
}

void send_one(const socket& s, result& r) {
    send_all(s.fd, s.frame);
    ++r.messages;
    r.bytes += s.frame.size();
}

// The first tick that is not before `due`: like the simulator, nobody wakes where nothing is due.
steady_clock::time_point tick_of(steady_clock::time_point due, steady_clock::time_point begin) {
    return begin + (due - begin + tick - nanoseconds{1}) / tick * tick;
}

void pace(
    std::vector<socket>& sockets, const options& o, steady_clock::time_point begin, result& r
) {
    const auto end = begin + o.duration;
    auto now = begin; // a server that is too slow makes it pass `end` before what is due does
    std::size_t next = 0;
    for (auto t = tick_of(sockets[0].due, begin); std::max(t, now) <= end;
         t = tick_of(sockets[next].due, begin)) {
        sleep_until(t);
        now = steady_clock::now();
        while (sockets[next].due <= now) {
            auto& s = sockets[next];
            send_one(s, r);
            r.lag.record(steady_clock::now() - s.due);
            s.due += o.interval;
            next = (next + 1) % sockets.size();
        }
    }
}

void saturate(const std::vector<socket>& sockets, const options& o, result& r) {
    const auto end = steady_clock::now() + o.duration;
    for (std::size_t next = 0; steady_clock::now() < end; next = (next + 1) % sockets.size()) {
        send_one(sockets[next], r);
    }
}

double cpu_seconds() {
    rusage u{};
    ::getrusage(RUSAGE_SELF, &u);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(u.ru_utime) + seconds(u.ru_stime);
}

void print(const result& r, std::size_t sockets, double cpu, double wall) {
    const auto ms = [&](double q) { return static_cast<double>(r.lag.quantile(q).count()) / 1e6; };
    std::printf(
        "{\"sockets\": %zu, \"messages\": %ju, \"bytes\": %ju, \"wall_s\": %.6f, \"cpu_s\": %.6f, "
        "\"cpu_us_per_message\": %.4f",
        sockets,
        static_cast<std::uintmax_t>(r.messages),
        static_cast<std::uintmax_t>(r.bytes),
        wall,
        cpu,
        cpu / static_cast<double>(r.messages) * 1e6
    );
    if (r.lag.count() > 0) {
        std::printf(
            ", \"lag_ms\": {\"p50\": %.4f, \"p99\": %.4f, \"p999\": %.4f}",
            ms(0.5),
            ms(0.99),
            ms(0.999)
        );
    }
    std::printf("}\n");
}

int run(const options& o) {
    limit_life(o.duration);
    use_all_descriptors();
    auto sockets = connect(o);
    ::sleep(1); // the server is done with what connecting made it do
    result r;
    const auto begin = steady_clock::now();
    if (o.interval.count() > 0) {
        assign_phases(sockets, o.interval, begin);
    }
    const auto cpu = cpu_seconds();
    if (o.interval.count() > 0) {
        pace(sockets, o, begin, r);
    } else {
        saturate(sockets, o, r);
    }
    const auto used = cpu_seconds() - cpu;
    if (r.messages == 0) {
        die("nothing was due: the duration is too short");
    }
    const std::chrono::duration<double> wall = steady_clock::now() - begin;
    print(r, sockets.size(), used, wall.count());
    return 0;
}

} // namespace
} // namespace vsim::bench

int main(int argc, char** argv) {
    return vsim::bench::run(vsim::bench::parse(argc, argv));
}
