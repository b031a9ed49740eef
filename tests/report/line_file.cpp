#include "report/line_file.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

using namespace vsim;
namespace fs = std::filesystem;

namespace {

// A folder of its own, gone at the end.
struct folder {
    fs::path path;

    folder() {
        std::string name = (fs::temp_directory_path() / "vsim-line-file-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~folder() { fs::remove_all(path); }
    std::string file(const char* name) const { return (path / name).string(); }
};

std::string content(const std::string& path) {
    std::ifstream in{path};
    return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace

TEST_CASE("a line is in the file as soon as it is added") {
    const folder f;
    const auto path = f.file("a.ndjson");
    auto opened = report::line_file::open(path);
    REQUIRE(opened.has_value());
    opened->add("one\n");
    CHECK(content(path) == "one\n");
    opened->add("two\n");
    CHECK(content(path) == "one\ntwo\n");
    CHECK(opened->finish().has_value());
}

TEST_CASE("what was there stays until there is a first line") {
    const folder f;
    const auto path = f.file("a.ndjson");
    std::ofstream{path} << "a longer line of an earlier run\n";
    {
        auto unused = report::line_file::open(path);
        REQUIRE(unused.has_value());
    }
    CHECK(content(path) == "a longer line of an earlier run\n");
    auto used = report::line_file::open(path);
    REQUIRE(used.has_value());
    used->add("new\n");
    CHECK(content(path) == "new\n");
}

TEST_CASE("a new file that got no line is not left behind") {
    const folder f;
    const auto path = f.file("a.ndjson");
    {
        auto unused = report::line_file::open(path);
        REQUIRE(unused.has_value());
        const auto moved = *std::move(unused);
    }
    CHECK_FALSE(fs::exists(path));
}

TEST_CASE("a path that cannot be written is refused, a full disk is told at the end") {
    const folder f;
    const auto refused = report::line_file::open(f.file("no/such/folder"));
    REQUIRE(refused.has_error());
    CHECK(refused.error().message.find("no/such/folder") != std::string::npos);
    CHECK(report::line_file::open(f.path.string()).has_error());

    auto full = report::line_file::open("/dev/full");
    REQUIRE(full.has_value());
    full->add("one\n");
    full->add("two\n");
    const auto finished = full->finish();
    REQUIRE(finished.has_error());
    CHECK(finished.error().message == "cannot write '/dev/full': No space left on device");
}

TEST_CASE("a reader that does not read holds nobody up and costs bounded memory") {
    const folder f;
    const auto path = f.file("pipe");
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
    auto opened = report::line_file::open(path);
    REQUIRE(opened.has_value());
    const auto line = std::string(999, 'x') + "\n";
    for (int i = 0; i < 3000; ++i) {
        opened->add(line); // more than the pipe and the file hold
    }
    const auto finished = opened->finish();
    REQUIRE(finished.has_error());
    CHECK(finished.error().message.find("its reader does not read") != std::string::npos);
    ::close(reader);
}
