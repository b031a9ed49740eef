#include "report/watched.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace vsim::report {
namespace {

using namespace std::chrono_literals;

// The kernel counts CPU time in ticks of 10 ms: a shorter stretch has no rate.
constexpr util::nanoseconds shortest_stretch = 200ms;

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t n = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), n);
    return failed == std::errc{} && end != text.data() ? std::optional{n} : std::nullopt;
}

std::string_view without_blanks(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    return begin == std::string_view::npos ? std::string_view{} : text.substr(begin);
}

// The number behind "key:" at the beginning of a line.
std::optional<std::uint64_t> number_of(std::string_view text, std::string_view key) {
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        if (line.starts_with(key) && line.substr(key.size()).starts_with(':')) {
            return number(without_blanks(line.substr(key.size() + 1)));
        }
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return std::nullopt;
}

// Absent: not ours to see, or gone. Since Linux 6.2 the folder's size is their number, which spares
// a walk that costs 5 ms for 5000 of them.
std::optional<std::uint32_t> count_files(const std::string& folder) {
    struct statfs system{};
    struct stat facts{};
    if (::statfs(folder.c_str(), &system) == 0 && system.f_type == PROC_SUPER_MAGIC &&
        ::stat(folder.c_str(), &facts) == 0 && facts.st_size > 0) {
        return static_cast<std::uint32_t>(facts.st_size);
    }
    std::error_code failed;
    std::uint32_t n = 0;
    for (std::filesystem::directory_iterator i{folder, failed}, end; !failed && i != end;
         i.increment(failed)) {
        ++n;
    }
    return failed ? std::nullopt : std::optional{n};
}

// A name may hold any bytes, and ends up on terminals and in JSON.
std::string printable(std::string name) {
    for (auto& c : name) {
        c = c >= ' ' && c <= '~' ? c : '?';
    }
    return name;
}

std::uint32_t ticks_per_second() {
    static const auto n = static_cast<std::uint32_t>(::sysconf(_SC_CLK_TCK));
    return n;
}

double each_second(std::uint64_t later, std::uint64_t earlier, util::nanoseconds stretch) {
    return later <= earlier
               ? 0
               : static_cast<double>(later - earlier) * 1e9 / static_cast<double>(stretch.count());
}

} // namespace

std::optional<proc_stat> parse_proc_stat(std::string_view text, std::uint32_t ticks_per_second) {
    // "PID (NAME) STATE ...": the name may hold blanks and brackets, so its end is the last one.
    const auto open = text.find('(');
    const auto close = text.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
        return std::nullopt;
    }
    proc_stat s;
    s.name = text.substr(open + 1, close - open - 1);
    std::array<std::string_view, 20> fields; // from the state, the third in proc(5), on
    auto rest = text.substr(close + 1);
    for (auto& f : fields) {
        rest = without_blanks(rest);
        f = rest.substr(0, rest.find_first_of(" \n"));
        rest.remove_prefix(f.size());
    }
    const auto user = number(fields[11]);
    const auto system = number(fields[12]);
    const auto threads = number(fields[17]);
    const auto started = number(fields[19]);
    if (fields[0].size() != 1 || !user || !system || !threads || !started) {
        return std::nullopt;
    }
    s.state = fields[0][0];
    s.cpu = util::nanoseconds{static_cast<std::int64_t>(
        (*user + *system) * (1'000'000'000 / std::max(1U, ticks_per_second))
    )};
    s.threads = static_cast<std::uint32_t>(*threads);
    s.started = *started;
    return s;
}

std::optional<proc_status> parse_proc_status(std::string_view text) {
    const auto process = number_of(text, "Tgid");
    if (!process) {
        return std::nullopt;
    }
    // The kernel's own threads have no memory.
    return proc_status{
        .process = static_cast<std::uint32_t>(*process),
        .rss_bytes = number_of(text, "VmRSS").value_or(0) * 1024,
        .rss_peak_bytes = number_of(text, "VmHWM").value_or(0) * 1024,
    };
}

std::optional<proc_io> parse_proc_io(std::string_view text) {
    const auto read = number_of(text, "read_bytes");
    const auto written = number_of(text, "write_bytes");
    return read && written ? std::optional{proc_io{*read, *written}} : std::nullopt;
}

process_watch::process_watch(
    std::uint32_t pid, util::steady_time now, warning warn, std::string proc
)
    : pid_{pid}, folder_{fmt::format("{}/{}/", proc, pid)}, warn_{std::move(warn)}, last_at_{now} {
    facts_.pid = pid;
}

util::result<std::unique_ptr<process_watch>>
process_watch::begin(std::uint32_t pid, util::steady_time now, warning warn, std::string proc) {
    const auto refused = [pid](std::string_view why) {
        return util::make_error(util::errc::bad_input, fmt::format("{} {}", pid, why));
    };
    std::unique_ptr<process_watch> w{new process_watch{pid, now, std::move(warn), std::move(proc)}};
    const auto stat = parse_proc_stat(w->text_of("stat"), ticks_per_second());
    const auto status = parse_proc_status(w->text_of("status"));
    if (!stat || !status) {
        return refused("is no process of this machine that can be seen (accepted: the pid of the "
                       "server, as `pgrep` or `ss -ltnp` tell it)");
    }
    if (status->process == static_cast<std::uint32_t>(::getpid())) {
        return refused("is this process itself (accepted: the pid of the server)");
    }
    if (stat->has_ended()) {
        return refused("has ended already (accepted: the pid of a server that runs)");
    }
    w->started_ = stat->started;
    w->cpu_before_ = w->last_cpu_ = stat->cpu;
    w->peak_before_ = status->rss_peak_bytes;
    w->io_before_ = w->last_io_ = parse_proc_io(w->text_of("io"));
    auto& f = w->facts_;
    f.name = printable(stat->name);
    f.rss_start_bytes = f.rss_peak_bytes = status->rss_bytes;
    f.threads_peak = stat->threads;
    f.fds_peak = count_files(w->folder_ + "fd");
    w->note_unreadable(w->io_before_.has_value(), f.fds_peak.has_value());
    return w;
}

std::string process_watch::text_of(std::string_view file) const {
    // Not a stream: what may be opened and not read (another user's io, the end meanwhile) throws.
    const int fd = ::open((folder_ + std::string{file}).c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return {};
    }
    std::string text;
    std::array<char, 4096> part;
    for (ssize_t n = 0; (n = ::read(fd, part.data(), part.size())) > 0;) {
        text.append(part.data(), static_cast<std::size_t>(n));
    }
    ::close(fd);
    return text;
}

std::optional<proc_stat> process_watch::stat() const {
    auto s = parse_proc_stat(text_of("stat"), ticks_per_second());
    return s && s->started == started_ ? s : std::nullopt;
}

void process_watch::note_end() {
    if (!std::exchange(facts_.has_ended, true)) {
        warn_(fmt::format("process {} ({}) has ended", pid_, facts_.name));
    }
}

void process_watch::note_unreadable(bool has_io, bool has_files) {
    if (has_io && has_files) {
        return;
    }
    if (!std::exchange(said_unreadable_, true)) {
        warn_(fmt::format(
            "process {} ({}) is not ours to look into: its {} will be missing",
            pid_,
            facts_.name,
            has_io      ? "open files"
            : has_files ? "reads and writes"
                        : "open files, reads and writes"
        ));
    }
}

std::optional<stats::watched_point> process_watch::next(util::steady_time now) {
    const std::lock_guard lock{mutex_};
    if (facts_.has_ended) {
        return std::nullopt;
    }
    const auto s = stat();
    if (s) { // a zombie still tells what it used
        facts_.cpu = std::max(facts_.cpu, s->cpu - cpu_before_);
    }
    const auto status = parse_proc_status(text_of("status"));
    if (!s || s->has_ended() || !status) {
        note_end();
        return std::nullopt;
    }
    const auto fds = count_files(folder_ + "fd");
    const auto io = parse_proc_io(text_of("io"));
    note_unreadable(io.has_value(), fds.has_value());
    auto& f = facts_;
    // A peak between two readings shows in the kernel's own figure, if it is the highest ever.
    const auto peak = status->rss_peak_bytes > peak_before_ ? status->rss_peak_bytes : 0;
    f.rss_peak_bytes = std::max({f.rss_peak_bytes, status->rss_bytes, peak});
    f.threads_peak = std::max(f.threads_peak, s->threads);
    f.fds_peak = std::max(f.fds_peak, fds); // absent sorts first
    if (io && io_before_) {
        f.read_bytes = io->read_bytes - std::min(io->read_bytes, io_before_->read_bytes);
        f.written_bytes =
            io->written_bytes - std::min(io->written_bytes, io_before_->written_bytes);
    }
    stats::watched_point p = last_.value_or(stats::watched_point{});
    p.rss_bytes = status->rss_bytes;
    p.threads = s->threads;
    p.fds = fds;
    const util::nanoseconds stretch = now - last_at_;
    if (stretch >= shortest_stretch) {
        p.cpu_pct = 100.0 * static_cast<double>((s->cpu - last_cpu_).count()) /
                    static_cast<double>(stretch.count());
        p.read_bytes_per_s.reset();
        p.written_bytes_per_s.reset();
        if (io && last_io_) {
            p.read_bytes_per_s = each_second(io->read_bytes, last_io_->read_bytes, stretch);
            p.written_bytes_per_s =
                each_second(io->written_bytes, last_io_->written_bytes, stretch);
        }
        last_cpu_ = s->cpu;
        last_io_ = io;
        last_at_ = now;
    }
    last_ = p;
    return p;
}

void process_watch::read_cpu() {
    if (const auto s = facts_.has_ended ? std::nullopt : stat()) {
        facts_.cpu = std::max(facts_.cpu, s->cpu - cpu_before_);
    }
}

void process_watch::begin_life() {
    const std::lock_guard lock{mutex_};
    read_cpu();
    cpu_at_life_ = facts_.cpu;
}

void process_watch::end_life() {
    const std::lock_guard lock{mutex_};
    if (cpu_at_life_) {
        read_cpu();
        facts_.cpu_live += facts_.cpu - *cpu_at_life_;
        cpu_at_life_.reset();
    }
}

watched_process process_watch::facts() const {
    const std::lock_guard lock{mutex_};
    return facts_;
}

void relate(watched_process& p, std::uint64_t messages, std::uint64_t agents) {
    if (p.has_ended) {
        return;
    }
    if (messages > 0) {
        p.cpu_us_per_message =
            static_cast<double>(p.cpu_live.count()) / 1e3 / static_cast<double>(messages);
    }
    if (agents > 0) {
        p.rss_per_agent_bytes = (p.rss_peak_bytes - p.rss_start_bytes) / agents;
    }
}

} // namespace vsim::report
