#include "report/output_file.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

using namespace vsim;
namespace fs = std::filesystem;
using report::output_file;

namespace {

class temporary_folder {
public:
    temporary_folder() {
        std::string pattern = fs::temp_directory_path() / "vsim-test-XXXXXX";
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~temporary_folder() { fs::remove_all(path_); }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;

    std::string file(const char* name) const { return path_ / name; }
    std::ptrdiff_t entries() const {
        return std::distance(fs::directory_iterator{path_}, fs::directory_iterator{});
    }

private:
    fs::path path_;
};

std::string content(const std::string& path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace

TEST_CASE("a result file appears whole, and only then replaces the old one") {
    const temporary_folder folder;
    const auto path = folder.file("out.json");
    std::ofstream{path} << "old";
    {
        auto out = output_file::open(path);
        REQUIRE(out.has_value());
        CHECK(content(path) == "old");
        REQUIRE(out->commit("new").has_value());
        CHECK(content(path) == "new");
    }
    CHECK(content(path) == "new");
    CHECK(folder.entries() == 1);
}

TEST_CASE("without a commit the old file stays and nothing is left behind") {
    const temporary_folder folder;
    const auto path = folder.file("out.json");
    std::ofstream{path} << "old";
    {
        auto out = output_file::open(path);
        REQUIRE(out.has_value());
        auto moved = std::move(*out);
        CHECK(folder.entries() == 2);
    }
    CHECK(content(path) == "old");
    CHECK(folder.entries() == 1);
}

TEST_CASE("a path that cannot be written is refused when it is opened") {
    const temporary_folder folder;
    for (const auto& path : {folder.file("no/such/folder.json"), folder.file("."), std::string{}}) {
        const auto out = output_file::open(path);
        REQUIRE_FALSE(out.has_value());
        CHECK(out.error().code == util::errc::io);
        CHECK(out.error().message.find("'" + path + "'") != std::string::npos);
    }
}

TEST_CASE("permissions and links of an existing file are kept") {
    const temporary_folder folder;
    const auto path = folder.file("real.json");
    const auto link = folder.file("link.json");
    std::ofstream{path} << "old";
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    fs::create_symlink(path, link);
    auto out = output_file::open(link);
    REQUIRE(out.has_value());
    REQUIRE(out->commit("new").has_value());
    CHECK(fs::is_symlink(link));
    CHECK(content(path) == "new");
    CHECK(fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("what is no regular file is written in place") {
    auto out = output_file::open("/dev/null");
    REQUIRE(out.has_value());
    CHECK(out->commit("gone").has_value());
    CHECK(fs::is_character_file("/dev/null"));

    auto full = output_file::open("/dev/full");
    REQUIRE(full.has_value());
    const auto written = full->commit("no room");
    REQUIRE_FALSE(written.has_value());
    CHECK(written.error().code == util::errc::io);
}
