#include "report/line_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace vsim::report {
namespace {

constexpr std::size_t most_pending = 1 << 20; // an hour and more of lines
constexpr int last_patience_ms = 5000;

util::error cannot_write(const std::string& path, std::string_view reason) {
    return util::make_error(util::errc::io, fmt::format("cannot write '{}': {}", path, reason));
}

} // namespace

line_file::line_file(std::string path, int fd, bool is_regular, bool is_new)
    : path_{std::move(path)}, fd_{fd}, is_regular_{is_regular}, is_new_{is_new} {}

line_file::line_file(line_file&& other) noexcept
    : path_{std::move(other.path_)}, fd_{std::exchange(other.fd_, -1)},
      is_regular_{other.is_regular_}, is_new_{std::exchange(other.is_new_, false)},
      has_begun_{other.has_begun_}, pending_{std::move(other.pending_)},
      failed_{std::move(other.failed_)} {}

line_file& line_file::operator=(line_file&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(fd_, other.fd_);
    std::swap(is_regular_, other.is_regular_);
    std::swap(is_new_, other.is_new_);
    std::swap(has_begun_, other.has_begun_);
    std::swap(pending_, other.pending_);
    std::swap(failed_, other.failed_);
    return *this;
}

line_file::~line_file() {
    if (fd_ > STDERR_FILENO) {
        ::close(fd_);
    }
    if (is_new_ && !has_begun_) {
        ::unlink(path_.c_str());
    }
}

util::result<line_file> line_file::open(const std::string& path) {
    const bool is_stdout = path == "-";
    const bool is_new = !is_stdout && ::access(path.c_str(), F_OK) != 0;
    const int fd =
        is_stdout ? STDOUT_FILENO : ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    struct stat facts{};
    if (fd < 0 || ::fstat(fd, &facts) != 0) {
        return cannot_write(path, std::strerror(errno));
    }
    return line_file{path, fd, S_ISREG(facts.st_mode), is_new};
}

void line_file::add(std::string_view line) {
    if (failed_) {
        return;
    }
    if (!has_begun_ && is_regular_ && fd_ != STDOUT_FILENO && ::ftruncate(fd_, 0) != 0) {
        failed_ = cannot_write(path_, std::strerror(errno));
    }
    has_begun_ = true;
    pending_ += line;
    flush(0);
    if (pending_.size() > most_pending && !failed_) {
        failed_ = cannot_write(path_, "its reader does not read");
    }
}

// A pipe that poll() calls writable takes PIPE_BUF bytes without blocking.
void line_file::flush(int patience_ms) {
    while (!pending_.empty() && !failed_) {
        pollfd ready{.fd = fd_, .events = POLLOUT, .revents = 0};
        const int n = is_regular_ ? 1 : ::poll(&ready, 1, patience_ms);
        if (n == 0) {
            return;
        }
        const auto size =
            is_regular_ ? pending_.size() : std::min<std::size_t>(PIPE_BUF, pending_.size());
        const auto written = n < 0 ? -1 : ::write(fd_, pending_.data(), size);
        if (written >= 0) {
            pending_.erase(0, static_cast<std::size_t>(written));
        } else if (errno != EINTR) {
            failed_ = cannot_write(path_, std::strerror(errno));
        }
    }
}

util::result<void> line_file::finish() {
    flush(last_patience_ms);
    if (!pending_.empty() && !failed_) {
        failed_ = cannot_write(path_, "its reader does not read");
    }
    if (failed_) {
        return *failed_;
    }
    return {};
}

} // namespace vsim::report
