#include "fleet/roster.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

using namespace vsim;

namespace {

namespace fs = std::filesystem;

// A folder of its own, gone with the object.
class folder {
public:
    folder() {
        auto name = (fs::temp_directory_path() / "vsim-roster-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~folder() { fs::remove_all(path_); }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;

    std::string at(const std::string& name) const { return (path_ / name).string(); }
    std::size_t entries() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator{path_}, fs::directory_iterator{})
        );
    }

private:
    fs::path path_;
};

std::vector<agent::identity> three() {
    return {
        {0, "P000", "id-0", "token-0"},
        {1, "P \"001\"\n", "id-1", "token-1"},
        {2, "", "id-2", "token-2"},
    };
}

unsigned mode_of(const std::string& path) {
    struct stat s{};
    REQUIRE(::stat(path.c_str(), &s) == 0);
    return s.st_mode & 07777U;
}

void write(const std::string& path, const std::string& text) {
    std::ofstream{path} << text;
}

std::string read(const std::string& path) {
    std::ifstream in{path};
    return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace

TEST_CASE("a fleet file gives back what was saved") {
    const folder f;
    const auto path = f.at("fleet.json");
    REQUIRE(fleet::save_roster(path, three()).has_value());
    const auto read_back = fleet::load_roster(path);
    REQUIRE_MESSAGE(read_back.has_value(), (read_back ? "" : read_back.error().message));
    CHECK(*read_back == three());
}

TEST_CASE("a fleet file is for its owner only, also in place of one that was not") {
    const folder f;
    const auto path = f.at("fleet.json");
    write(path, "old");
    REQUIRE(::chmod(path.c_str(), 0644) == 0);
    const auto before = ::umask(0);
    CHECK(fleet::save_roster(path, three()).has_value());
    ::umask(before);
    CHECK(mode_of(path) == 0600);
    CHECK(f.entries() == 1); // nothing temporary remains
}

TEST_CASE("a link to a fleet file remains one") {
    const folder f;
    fs::create_directory(f.at("real"));
    write(f.at("real/fleet.json"), "old");
    fs::create_symlink(f.at("real/fleet.json"), f.at("link"));
    CHECK(fleet::save_roster(f.at("link"), three()).has_value());
    CHECK(fs::is_symlink(f.at("link")));
    CHECK(fleet::load_roster(f.at("real/fleet.json")).has_value());
}

TEST_CASE("a fleet file that cannot be written names its path and leaves nothing behind") {
    const folder f;
    fs::create_directory(f.at("taken"));
    for (const auto& path : {f.at("missing/fleet.json"), f.at("taken"), std::string{"/dev/null"}}) {
        CAPTURE(path);
        const auto saved = fleet::save_roster(path, three());
        REQUIRE(saved.has_error());
        CHECK(saved.error().code == util::errc::io);
        CHECK(saved.error().message.find("cannot write '" + path + "'") == 0);
    }
    CHECK(f.entries() == 1);
}

TEST_CASE("a fleet file that cannot be read names its path") {
    const folder f;
    for (const auto& path : {f.at("missing"), f.at("")}) {
        CAPTURE(path);
        const auto loaded = fleet::load_roster(path);
        REQUIRE(loaded.has_error());
        CHECK(loaded.error().code == util::errc::io);
        CHECK(loaded.error().message.find("cannot read '" + path + "'") == 0);
    }
}

TEST_CASE("what is no fleet file is refused with one message that says why") {
    struct row {
        const char* text;
        const char* why;
    };
    const row rows[] = {
        {"", "not JSON"},
        {"<html>", "not JSON"},
        {"[{\"id\":\"a\",\"token\":\"b\"", "not JSON"},
        {"{\"id\":\"a\",\"token\":\"b\"}", "expected"},
        {"[1]", "expected"},
        {"[{\"id\":7,\"token\":\"b\"}]", "expected"},
        {"[]", "it holds no agent"},
        {"[{\"id\":\"a\",\"token\":\"b\"},{\"token\":\"b\"}]", "entry 2 has no id"},
        {"[{\"id\":\"a\",\"name\":\"P000\"}]", "entry 1 has no token"},
    };
    const folder f;
    const auto path = f.at("fleet.json");
    for (const auto& r : rows) {
        CAPTURE(r.text);
        write(path, r.text);
        const auto loaded = fleet::load_roster(path);
        REQUIRE(loaded.has_error());
        const auto& e = loaded.error();
        CHECK(e.code == util::errc::bad_input);
        CHECK(e.message.find("'" + path + "' is not a fleet file: ") == 0);
        CHECK(e.message.find(r.why) != std::string::npos);
        CHECK(e.message.find('\n') == std::string::npos);
    }
}

TEST_CASE("a fleet file may be what GET /api/servers answered") {
    const folder f;
    const auto path = f.at("fleet.json");
    write(
        path,
        R"([{"id":"a","name":"x","url":"","location":"Tokyo","provider":"AWS","tag":"",)"
        R"("token":"b","version":"","ip":"","geoip":{"country_code":"JP"}}])"
    );
    const auto loaded = fleet::load_roster(path);
    REQUIRE(loaded.has_value());
    const std::vector<agent::identity> expected{{0, "x", "a", "b"}};
    CHECK(*loaded == expected);
    CHECK(read(path).find("geoip") != std::string::npos); // reading changes nothing
}
