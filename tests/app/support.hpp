#pragma once
// Parsing a command line in one expression, without this process's environment.

#include "app/cli.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace vsim::test {

using words = std::vector<std::string>;
using variables = std::map<std::string, std::string>;

inline app::environment environment_of(variables set) {
    return [set = std::move(set)](std::string_view name) -> std::optional<std::string> {
        const auto found = set.find(std::string{name});
        return found == set.end() ? std::nullopt : std::optional{found->second};
    };
}

inline util::result<app::command_line> parse(const words& args, const variables& set = {}) {
    return app::parse_command_line(args, environment_of(set));
}

// The message of a refusal; "" when it was accepted.
inline std::string refusal(const words& args, const variables& set = {}) {
    const auto parsed = parse(args, set);
    return parsed ? "" : parsed.error().message;
}

template <class Config = app::run_config>
Config config_of(const words& args, const variables& set = {}) {
    const auto parsed = parse(args, set);
    REQUIRE_MESSAGE(parsed.has_value(), (parsed ? "" : parsed.error().message));
    const auto* config = std::get_if<Config>(&parsed->what);
    REQUIRE(config != nullptr);
    return *config;
}

inline std::string text_of(const words& args, const variables& set = {}) {
    return config_of<app::show_text>(args, set).text;
}

// A file that exists as long as this does.
class temporary_file {
public:
    explicit temporary_file(std::string_view content) {
        std::string pattern = std::filesystem::temp_directory_path() / "vsim-test-XXXXXX";
        const int fd = ::mkstemp(pattern.data());
        REQUIRE(fd >= 0);
        ::close(fd);
        path_ = pattern;
        std::ofstream{path_} << content;
    }
    ~temporary_file() { std::filesystem::remove(path_); }
    temporary_file(const temporary_file&) = delete;
    temporary_file& operator=(const temporary_file&) = delete;

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

} // namespace vsim::test
