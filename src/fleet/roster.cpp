#include "fleet/roster.hpp"

#include "proto/decode.hpp"
#include "proto/encode.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace vsim::fleet {

namespace {

using util::errc;
using util::make_error;

util::error cannot(const char* what, const std::string& path, const std::string& why) {
    return make_error(errc::io, std::string{"cannot "} + what + " '" + path + "': " + why);
}

util::error cannot(const char* what, const std::string& path, int reason) {
    return cannot(what, path, std::string{std::strerror(reason)});
}

util::error no_fleet_file(const std::string& path, const std::string& why) {
    return make_error(errc::bad_input, "'" + path + "' is not a fleet file: " + why);
}

class descriptor {
public:
    explicit descriptor(int fd) : fd_{fd} {}
    ~descriptor() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;

    int get() const { return fd_; }

private:
    int fd_;
};

// 0 or errno.
int write_all(int fd, std::string_view content) {
    while (!content.empty()) {
        const auto written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno != EINTR) {
            return errno;
        }
        content.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return ::fsync(fd) == 0 ? 0 : errno;
}

// 0 or errno.
int read_all(int fd, std::string& content) {
    constexpr std::size_t piece = 64 * 1024;
    for (;;) {
        const auto before = content.size();
        content.resize(before + piece);
        const auto n = ::read(fd, content.data() + before, piece);
        content.resize(before + (n < 0 ? 0 : static_cast<std::size_t>(n)));
        if (n == 0) {
            return 0;
        }
        if (n < 0 && errno != EINTR) {
            return errno;
        }
    }
}

} // namespace

util::result<void> save_roster(const std::string& path, const std::vector<agent::identity>& fleet) {
    struct stat existing{};
    const bool exists = ::stat(path.c_str(), &existing) == 0;
    if (exists && !S_ISREG(existing.st_mode)) {
        return cannot("write", path, "it is not a regular file"); // the move would replace it
    }
    // Beside the file itself, also when the path is a link to it.
    auto target = path;
    std::error_code ec;
    if (auto real = std::filesystem::canonical(path, ec); !ec) {
        target = real.string();
    }
    std::vector<proto::server_object> list(fleet.size());
    for (std::size_t i = 0; i < fleet.size(); ++i) {
        list[i].id = fleet[i].id;
        list[i].fields.name = fleet[i].name;
        list[i].token = fleet[i].token;
    }
    auto content = proto::to_json(list);
    content += '\n';

    auto temporary = target + ".XXXXXX";
    const descriptor file{::mkostemp(temporary.data(), O_CLOEXEC)}; // mode 0600 from the start
    if (file.get() < 0) {
        return cannot("write", path, errno);
    }
    auto reason = write_all(file.get(), content);
    if (reason == 0 && std::rename(temporary.c_str(), target.c_str()) != 0) {
        reason = errno;
    }
    if (reason != 0) {
        ::unlink(temporary.c_str());
        return cannot("write", path, reason);
    }
    return {};
}

util::result<std::vector<agent::identity>> load_roster(const std::string& path) {
    const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (file.get() < 0) {
        return cannot("read", path, errno);
    }
    std::string content;
    if (const auto reason = read_all(file.get(), content); reason != 0) {
        return cannot("read", path, reason);
    }
    auto list = proto::decode<std::vector<proto::server_object>>(content);
    if (!list) {
        return no_fleet_file(path, list.error().message);
    }
    if (list->empty()) {
        return no_fleet_file(path, "it holds no agent");
    }
    std::vector<agent::identity> fleet;
    fleet.reserve(list->size());
    for (auto& entry : *list) {
        if (entry.id.empty() || entry.token.empty()) {
            return no_fleet_file(
                path,
                "entry " + std::to_string(fleet.size() + 1) + " has no " +
                    (entry.id.empty() ? "id" : "token")
            );
        }
        agent::identity one;
        one.index = static_cast<std::uint32_t>(fleet.size());
        one.name = std::move(entry.fields.name);
        one.id = std::move(entry.id);
        one.token = std::move(entry.token);
        fleet.push_back(std::move(one));
    }
    return fleet;
}

} // namespace vsim::fleet
