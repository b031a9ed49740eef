#pragma once
// Another process of this machine as /proc shows it: what it uses from second to second, and in all
// while it was watched. Made for the server that a run loads. The parsers are reentrant, the watch
// is thread-safe.

#include "report/run_result.hpp"
#include "stats/timeline.hpp"
#include "util/clock.hpp"
#include "util/error.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace vsim::report {

struct proc_stat {
    std::string name; // of the program, at most 15 characters; may hold anything
    char state = '?';
    util::nanoseconds cpu{0}; // user and system, of all its threads
    std::uint32_t threads = 0;
    std::uint64_t started = 0; // ticks since boot: tells it from a later one with the same pid

    bool has_ended() const { return state == 'Z' || state == 'X'; }
};
struct proc_status {
    std::uint32_t process = 0; // the pid, also when asked about one of its threads
    std::uint64_t rss_bytes = 0;
    std::uint64_t rss_peak_bytes = 0; // since it began
};
struct proc_io { // from and to the disk
    std::uint64_t read_bytes = 0;
    std::uint64_t written_bytes = 0;
};
// The texts of /proc/PID/stat, status and io; absent if it is not that.
std::optional<proc_stat> parse_proc_stat(std::string_view text, std::uint32_t ticks_per_second);
std::optional<proc_status> parse_proc_status(std::string_view text);
std::optional<proc_io> parse_proc_io(std::string_view text);

class process_watch {
public:
    using warning = std::function<void(const std::string&)>; // one sentence

    // errc::bad_input for a process that is not there or is this one; the message begins with the
    // pid. `warn` hears, once each, that something cannot be read and that the process has ended.
    static util::result<std::unique_ptr<process_watch>>
    begin(std::uint32_t pid, util::steady_time now, warning warn, std::string proc = "/proc");

    // Since the call before; absent once the process has ended. Where the kernel does not count its
    // open files they are walked: 5 ms for 5000 of them.
    std::optional<stats::watched_point> next(util::steady_time now);

    // Between the two, agents live. Cheap.
    void begin_life();
    void end_life();

    watched_process facts() const; // without what relates it to messages and agents

private:
    process_watch(std::uint32_t pid, util::steady_time now, warning warn, std::string proc);

    std::string text_of(std::string_view file) const; // "" if it cannot be read
    std::optional<proc_stat> stat() const;            // absent: it is not the process any more
    void note_end();
    void note_unreadable(bool has_io, bool has_files);
    void read_cpu();
    // All with the lock held.

    const std::uint32_t pid_;
    const std::string folder_;
    const warning warn_;
    mutable std::mutex mutex_; // guards what follows
    watched_process facts_;
    std::uint64_t started_ = 0;
    std::uint64_t peak_before_ = 0;   // its own peak when watching began
    util::nanoseconds cpu_before_{0}; // what it had used by then
    std::optional<util::nanoseconds> cpu_at_life_{};
    std::optional<proc_io> io_before_{}, last_io_{};
    util::nanoseconds last_cpu_{0};
    util::steady_time last_at_;
    std::optional<stats::watched_point> last_{};
    bool said_unreadable_ = false;
};

// What the server spent on each of `messages`, and grew by for each of `agents`. Not told of a
// process that ended before the run did.
void relate(watched_process& p, std::uint64_t messages, std::uint64_t agents);

} // namespace vsim::report
