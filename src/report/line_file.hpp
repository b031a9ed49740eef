#pragma once
// A file that grows by lines while a run goes on, readable with tail -f; what is written stays,
// whatever happens to us. Opened before the run starts, so that a path that cannot be written is
// refused; an old content goes with the first line. A reader that is slow costs memory up to a
// limit, never time. Thread-bound.

#include "util/error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace vsim::report {

class line_file {
public:
    // "-" is standard output. errc::io: the path cannot be written.
    static util::result<line_file> open(const std::string& path);

    line_file(line_file&& other) noexcept;
    line_file& operator=(line_file&& other) noexcept;
    ~line_file(); // without a line a file that was not there is not there again

    void add(std::string_view line); // newline included; writes what can be written at once
    // Waits some seconds for a slow reader. The first error of this and every earlier line.
    util::result<void> finish();

private:
    line_file(std::string path, int fd, bool is_regular, bool is_new);
    void flush(int patience_ms);

    std::string path_;
    int fd_ = -1; // owned unless it is stdout
    bool is_regular_;
    bool is_new_;
    bool has_begun_ = false;
    std::string pending_;
    std::optional<util::error> failed_{};
};

} // namespace vsim::report
