#pragma once
// A vStats web build, held in memory: read once before the server starts, so that no loop ever
// waits for a disk and no path can lead out of the folder. Answers as vStats does with a web folder
// (protocol.md 1.0). Thread-safe after loading.

#include "net/http.hpp"
#include "util/error.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vsim::server {

class web_files {
public:
    // Errors (bad_input) say what is wrong with the folder. Links that lead out of it, and links to
    // folders, are left out.
    static util::result<web_files> load(const std::string& folder);

    // `path` as sent, without the query. What is no file and might be a page of the application
    // gets the index.
    net::http_response answer(const net::http_request& r, std::string_view path) const;

    const std::vector<std::string>& left_out() const { return left_out_; }
    std::uintmax_t size_bytes() const { return size_bytes_; }

private:
    struct file {
        std::string body, content_type, last_modified;
    };
    const file& index() const { return files_.find("/index.html")->second; }

    std::map<std::string, file, std::less<>> files_; // by path, with a slash in front
    std::vector<std::string> left_out_;
    std::uintmax_t size_bytes_ = 0;
};

} // namespace vsim::server
