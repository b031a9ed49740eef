#include "report/output_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace vsim::report {
namespace {

util::error cannot_write(const std::string& path, int reason) {
    return util::make_error(
        util::errc::io, fmt::format("cannot write '{}': {}", path, std::strerror(reason))
    );
}

} // namespace

output_file::output_file(std::string path, std::string temporary, int fd)
    : path_{std::move(path)}, temporary_{std::move(temporary)}, fd_{fd} {}

output_file::output_file(output_file&& other) noexcept
    : path_{std::move(other.path_)}, temporary_{std::exchange(other.temporary_, {})},
      fd_{std::exchange(other.fd_, -1)} {}

output_file& output_file::operator=(output_file&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(temporary_, other.temporary_);
    std::swap(fd_, other.fd_);
    return *this;
}

output_file::~output_file() {
    if (fd_ > STDERR_FILENO) {
        ::close(fd_);
    }
    discard();
}

void output_file::discard() {
    if (!temporary_.empty()) {
        ::unlink(temporary_.c_str());
    }
}

util::result<output_file> output_file::open(const std::string& path) {
    if (path == "-") {
        return output_file{path, {}, STDOUT_FILENO};
    }
    if (path.empty()) {
        return cannot_write(path, ENOENT);
    }
    struct stat existing{};
    const bool exists = ::stat(path.c_str(), &existing) == 0;
    if (exists && !S_ISREG(existing.st_mode)) {
        const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
        if (fd < 0) {
            return cannot_write(path, errno);
        }
        return output_file{path, {}, fd};
    }
    if (exists && ::access(path.c_str(), W_OK) != 0) {
        return cannot_write(path, errno);
    }
    // Beside the file itself, also when the path is a link to it.
    const auto target = exists ? std::filesystem::canonical(path).string() : path;
    auto temporary = fmt::format("{}.{}.tmp", target, ::getpid());
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) {
        return cannot_write(path, errno);
    }
    if (exists) {
        ::fchmod(fd, existing.st_mode & 07777);
    }
    return output_file{target, std::move(temporary), fd};
}

util::result<void> output_file::commit(std::string_view content) {
    while (!content.empty()) {
        const auto written = ::write(fd_, content.data(), content.size());
        if (written < 0 && errno != EINTR) {
            return cannot_write(path_, errno);
        }
        content.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    if (temporary_.empty()) {
        return {};
    }
    if (::fsync(fd_) != 0 || std::rename(temporary_.c_str(), path_.c_str()) != 0) {
        return cannot_write(path_, errno);
    }
    temporary_.clear();
    return {};
}

} // namespace vsim::report
