#include "report/watched.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace vsim;
using namespace std::chrono_literals;
using report::process_watch;

namespace {

constexpr std::uint32_t pid = 4711;

// A folder like /proc with one process in it, who changes as a test wants.
struct made_up_proc {
    std::filesystem::path root;
    std::filesystem::path process;

    made_up_proc() {
        std::string name = "/tmp/vstats-sim-proc-XXXXXX";
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        root = name;
        process = root / std::to_string(pid);
        std::filesystem::create_directories(process / "fd");
        stat(100, 50);
        status(1000, 4000);
        io(4096, 8192);
        files(3);
    }
    made_up_proc(const made_up_proc&) = delete;
    made_up_proc& operator=(const made_up_proc&) = delete;
    ~made_up_proc() { std::filesystem::remove_all(root); }

    void write(const char* file, const std::string& text) const {
        std::ofstream{process / file} << text;
    }
    void stat(int user, int system, char state = 'S', int threads = 7, int started = 99) const {
        write(
            "stat",
            "4711 (vstats server) " + std::string{state} + " 1 2 3 4 5 6 7 8 9 10 " +
                std::to_string(user) + " " + std::to_string(system) + " 13 14 20 0 " +
                std::to_string(threads) + " 0 " + std::to_string(started) + " 1000000 250\n"
        );
    }
    void status(int rss_kib, int peak_kib) const {
        write(
            "status",
            "Name:\tx\nTgid:\t4711\nVmHWM:\t  " + std::to_string(peak_kib) + " kB\nVmRSS:\t  " +
                std::to_string(rss_kib) + " kB\n"
        );
    }
    void io(int read, int written) const {
        write(
            "io",
            "rchar: 1\nwchar: 2\nread_bytes: " + std::to_string(read) +
                "\nwrite_bytes: " + std::to_string(written) + "\ncancelled_write_bytes: 5\n"
        );
    }
    void files(int n) const {
        for (int i = 0; i < n; ++i) {
            std::ofstream{process / "fd" / std::to_string(i)};
        }
    }
};

constexpr util::steady_time at(util::nanoseconds since) {
    return util::steady_time{} + std::chrono::duration_cast<util::steady_time::duration>(since);
}

struct watched {
    std::vector<std::string> warnings;
    std::unique_ptr<process_watch> watch;

    explicit watched(const made_up_proc& proc) {
        auto begun = process_watch::begin(
            pid, at(0s), [this](const std::string& w) { warnings.push_back(w); }, proc.root
        );
        REQUIRE(begun.has_value());
        watch = *std::move(begun);
    }
};

} // namespace

TEST_CASE("the name of a process may hold blanks, brackets and whole fields") {
    const std::string names[]{
        "plain", "two words", ") R 1 (", "a) b", "((", "", "tmux: server", "\n", "x)\n(y"
    };
    for (const auto& name : names) {
        CAPTURE(name);
        const auto s = report::parse_proc_stat(
            "12 (" + name +
                ") S 1 2 3 0 -1 4194560 81 0 2 0 250 75 9 8 20 0 11 0 987654321 1 2 3\n",
            100
        );
        REQUIRE(s);
        CHECK(s->name == name);
        CHECK(s->state == 'S');
        CHECK(s->cpu == 3250ms);
        CHECK(s->threads == 11);
        CHECK(s->started == 987'654'321);
        CHECK_FALSE(s->has_ended());
    }
}

TEST_CASE("what is not a stat file is not taken for one") {
    for (const auto* text :
         {"",
          "12 (x)",
          "12 (x) S 1 2 3",
          "12 x S 1 2 3 0 -1 4194560 81 0 2 0 250 75 9 8 20 0 11 0 9 1 2 3",
          "12 )x( S 1 2 3 0 -1 4194560 81 0 2 0 250 75 9 8 20 0 11 0 9 1 2 3",
          "12 (x) S 1 2 3 0 -1 4194560 81 0 2 0 many 75 9 8 20 0 11 0 9 1 2 3",
          "12 (x) SS 1 2 3 0 -1 4194560 81 0 2 0 250 75 9 8 20 0 11 0 9 1 2 3"}) {
        CAPTURE(text);
        CHECK_FALSE(report::parse_proc_stat(text, 100));
    }
    CHECK(report::parse_proc_stat("1 (x) Z 1 2 3 0 -1 4 8 0 2 0 2 7 9 8 20 0 11 0 9 1", 100)
              .value()
              .has_ended());
}

TEST_CASE("status and io are read by their keys") {
    const auto s = report::parse_proc_status("Name:\tVmRSS: 9 kB\nTgid:\t77\nVmHWM:\t 20 kB\n"
                                             "VmRSSx:\t1 kB\nVmRSS:\t 12 kB\n");
    REQUIRE(s);
    CHECK(s->process == 77);
    CHECK(s->rss_bytes == 12 * 1024);
    CHECK(s->rss_peak_bytes == 20 * 1024);
    CHECK(report::parse_proc_status("Tgid:\t2\n").value().rss_bytes == 0); // of the kernel
    CHECK_FALSE(report::parse_proc_status(""));

    const auto io = report::parse_proc_io("rchar: 1\nread_bytes: 22\nwrite_bytes: 33\n");
    REQUIRE(io);
    CHECK(io->read_bytes == 22);
    CHECK(io->written_bytes == 33);
    CHECK_FALSE(report::parse_proc_io(""));
    CHECK_FALSE(report::parse_proc_io("read_bytes: 22\n"));
}

TEST_CASE("a watched process gives a point a second, and sums") {
    const made_up_proc proc;
    watched w{proc};
    proc.stat(150, 50, 'R', 9);
    proc.status(3000, 4000);
    proc.io(4096, 8192 + 1'000'000);
    proc.files(5);
    const auto first = w.watch->next(at(2s));
    REQUIRE(first);
    CHECK(first->cpu_pct == doctest::Approx(25));
    CHECK(first->rss_bytes == 3000 * 1024);
    CHECK(first->threads == 9);
    CHECK(first->fds == 5);
    CHECK(first->read_bytes_per_s == 0);
    CHECK(first->written_bytes_per_s == 500'000);

    w.watch->begin_life();
    proc.stat(250, 150, 'S', 8);
    proc.status(2000, 5000); // was higher meanwhile, and never so high before
    CHECK(w.watch->next(at(3s)).value().cpu_pct == doctest::Approx(200));
    w.watch->end_life();
    proc.stat(260, 150);
    // Too soon for a rate: the last one stands.
    CHECK(w.watch->next(at(3001ms)).value().cpu_pct == doctest::Approx(200));

    auto f = w.watch->facts();
    CHECK(f.pid == pid);
    CHECK(f.name == "vstats server");
    CHECK_FALSE(f.has_ended);
    CHECK(f.cpu == 2600ms);
    CHECK(f.cpu_live == 2000ms);
    CHECK(f.rss_start_bytes == 1000 * 1024);
    CHECK(f.rss_peak_bytes == 5000 * 1024);
    CHECK(f.threads_peak == 9);
    CHECK(f.fds_peak == 5);
    CHECK(f.read_bytes == 0);
    CHECK(f.written_bytes == 1'000'000);
    CHECK(w.warnings.empty());

    CHECK_FALSE(f.cpu_us_per_message);
    report::relate(f, 20'000, 64);
    CHECK(f.cpu_us_per_message.value() == doctest::Approx(100));
    CHECK(f.rss_per_agent_bytes == 4000 * 1024 / 64);
    auto none = w.watch->facts();
    report::relate(none, 0, 0);
    CHECK_FALSE(none.cpu_us_per_message);
    CHECK_FALSE(none.rss_per_agent_bytes);
}

TEST_CASE("a peak from before the watch is not the run's") {
    const made_up_proc proc;
    const watched w{proc};
    proc.status(1500, 4000);
    REQUIRE(w.watch->next(at(1s)));
    CHECK(w.watch->facts().rss_peak_bytes == 1500 * 1024);
}

TEST_CASE("a process that ends is missed once, whatever way it goes") {
    const made_up_proc proc;
    watched w{proc};
    SUBCASE("as a zombie, who still tells what it used") {
        proc.stat(300, 50, 'Z');
        CHECK_FALSE(w.watch->next(at(1s)));
        CHECK(w.watch->facts().cpu == 2s);
    }
    SUBCASE("another one has its pid") {
        proc.stat(900, 900, 'S', 1, 100);
        CHECK_FALSE(w.watch->next(at(1s)));
        CHECK(w.watch->facts().cpu == 0s);
    }
    SUBCASE("at all") {
        std::filesystem::remove_all(proc.process);
        CHECK_FALSE(w.watch->next(at(1s)));
    }
    w.watch->end_life();
    CHECK_FALSE(w.watch->next(at(2s)));
    auto f = w.watch->facts();
    CHECK(f.has_ended);
    REQUIRE(w.warnings.size() == 1);
    CHECK(w.warnings[0] == "process 4711 (vstats server) has ended");
    report::relate(f, 10, 10);
    CHECK_FALSE(f.cpu_us_per_message);
    CHECK_FALSE(f.rss_per_agent_bytes);
}

TEST_CASE("what is not ours to see is absent, and said once") {
    const made_up_proc proc;
    std::filesystem::remove(proc.process / "io");
    std::filesystem::remove_all(proc.process / "fd");
    const watched w{proc};
    proc.stat(200, 50);
    for (int i = 1; i < 4; ++i) {
        const auto p = w.watch->next(at(i * 1s));
        REQUIRE(p);
        CHECK(p->rss_bytes > 0);
        CHECK_FALSE(p->fds);
        CHECK_FALSE(p->read_bytes_per_s);
        CHECK_FALSE(p->written_bytes_per_s);
    }
    const auto f = w.watch->facts();
    CHECK(f.cpu == 1s);
    CHECK_FALSE(f.fds_peak);
    CHECK_FALSE(f.read_bytes);
    REQUIRE(w.warnings.size() == 1);
    CHECK(
        w.warnings[0] == "process 4711 (vstats server) is not ours to look into: its open files, "
                         "reads and writes will be missing"
    );
}

TEST_CASE("a process that cannot be watched is refused") {
    const auto refusal = [](std::uint32_t who, std::string root = "/proc") {
        const auto w = process_watch::begin(who, at(0s), [](const auto&) {}, std::move(root));
        REQUIRE_FALSE(w.has_value());
        CHECK(w.error().code == util::errc::bad_input);
        return w.error().message;
    };
    CHECK(refusal(4'194'304).find("4194304 is no process") == 0);
    const auto self = static_cast<std::uint32_t>(::getpid());
    CHECK(refusal(self).find(std::to_string(self) + " is this process itself") == 0);
    const made_up_proc proc;
    proc.stat(1, 1, 'Z');
    CHECK(refusal(pid, proc.root).find("4711 has ended already") == 0);
}

TEST_CASE("a child process is watched while it works, and its end is seen") {
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::alarm(60);
        for (volatile bool goes_on = true; goes_on;) {
        }
    }
    std::vector<std::string> warnings;
    auto begun = process_watch::begin(
        static_cast<std::uint32_t>(child),
        std::chrono::steady_clock::now(),
        [&](const std::string& w) { warnings.push_back(w); }
    );
    std::optional<stats::watched_point> p;
    if (begun) {
        (*begun)->begin_life();
        for (int i = 0; i < 600 && (!p || p->cpu_pct == 0); ++i) {
            std::this_thread::sleep_for(100ms);
            p = (*begun)->next(std::chrono::steady_clock::now());
        }
        (*begun)->end_life();
    }
    ::kill(child, SIGKILL);
    siginfo_t how{};
    CHECK(::waitid(P_PID, static_cast<id_t>(child), &how, WEXITED | WNOWAIT) == 0); // a zombie now
    REQUIRE(begun.has_value());
    CHECK(p.value_or(stats::watched_point{}).cpu_pct > 0);
    CHECK_FALSE((*begun)->next(std::chrono::steady_clock::now()));
    ::waitpid(child, nullptr, 0);
    CHECK_FALSE((*begun)->next(std::chrono::steady_clock::now()));
    const auto f = (*begun)->facts();
    CHECK(f.cpu_live > 0s);
    CHECK(f.rss_peak_bytes > 0);
    CHECK(f.threads_peak >= 1);
    CHECK(f.threads_peak <= 2); // TSan adds one of its own
    CHECK(f.fds_peak.value_or(0) > 0);
    CHECK(warnings.size() == 1);
}
