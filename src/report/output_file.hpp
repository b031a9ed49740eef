#pragma once
// A result file that is either whole or not there: written beside its place under another name and
// moved into it. It is opened when the run starts, so that a path that cannot be written is refused
// before anything happens. Thread-bound.

#include "util/error.hpp"

#include <string>
#include <string_view>

namespace vsim::report {

class output_file {
public:
    // "-" is standard output; what is no regular file (a pipe, /dev/null) is written directly.
    // errc::io: the path cannot be written.
    static util::result<output_file> open(const std::string& path);

    output_file(output_file&& other) noexcept;
    output_file& operator=(output_file&& other) noexcept;
    ~output_file(); // without a commit nothing remains

    // Once. The old content, if any, is there until the new one is complete.
    util::result<void> commit(std::string_view content);
    void discard(); // nothing remains, whatever else happens to this object
    const std::string& path() const { return path_; }

private:
    output_file(std::string path, std::string temporary, int fd);

    std::string path_;
    std::string temporary_; // "" = `fd_` is the place itself
    int fd_ = -1;           // owned unless it is stdout
};

} // namespace vsim::report
