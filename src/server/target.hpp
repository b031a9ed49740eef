#pragma once
// The target of an HTTP request, taken apart. Reentrant.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vsim::server {

struct target {
    std::string path;                         // as sent, without the query
    std::map<std::string, std::string> query; // decoded; of a repeated name the first

    // The value of a parameter, or `otherwise` when it is absent.
    std::string value(const std::string& name, std::string otherwise = {}) const;
    // The number it begins with, as vStats reads it; 0 when it is absent or begins with none.
    std::int64_t number(const std::string& name) const;
};
target parse_target(std::string_view text);

// With its %-escapes resolved; a broken one stays as it is.
std::string decode_path(std::string_view path);

// `path` against "/api/servers/:id/update": true, and the decoded values of the :parts in order.
bool match_path(std::string_view pattern, std::string_view path, std::vector<std::string>& values);

} // namespace vsim::server
