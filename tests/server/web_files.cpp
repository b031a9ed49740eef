#include "server/web_files.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

using namespace vsim;
namespace fs = std::filesystem;

namespace {

// A folder with a build in it, and a secret beside it.
class build {
public:
    build() {
        auto pattern = (fs::temp_directory_path() / "vsim-web-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        top_ = pattern;
        write("secret.txt", "secret");
        write("web/index.html", "<index>");
        write("web/assets/app-1.js", "js");
        write("web/logos/a b.svg", "<svg>");
        write("web/favicon.ico", "icon");
    }
    ~build() {
        std::error_code ignored;
        fs::remove_all(top_, ignored);
    }
    build(const build&) = delete;
    build& operator=(const build&) = delete;

    void write(const std::string& name, const std::string& text) {
        fs::create_directories((top_ / name).parent_path());
        std::ofstream{top_ / name} << text;
    }
    fs::path at(const std::string& name) const { return top_ / name; }
    server::web_files load() const {
        auto made = server::web_files::load(at("web").string());
        REQUIRE_MESSAGE(made.has_value(), made.error().message);
        return *std::move(made);
    }

private:
    fs::path top_;
};

net::http_response
get(const server::web_files& web, const std::string& path, const std::string& method = "GET") {
    net::http_request r;
    r.method = method;
    return web.answer(r, path);
}

std::string header_of(const net::http_response& r, std::string_view name) {
    const auto found =
        std::ranges::find_if(r.headers, [&](const auto& h) { return h.first == name; });
    return found == r.headers.end() ? "" : found->second;
}

} // namespace

TEST_CASE("files have their types, pages get the index, and the server's own paths are missing") {
    const std::string html = "text/html; charset=utf-8";
    struct expected {
        const char *method, *path;
        unsigned status;
        std::string type, body;
    };
    const std::string missing = "404 page not found";
    const expected cases[] = {
        {"GET", "/", 200, html, "<index>"},
        {"HEAD", "/", 200, html, "<index>"}, // the body is cut off below
        {"POST", "/", 200, html, "<index>"},
        {"GET", "/assets/app-1.js", 200, "text/javascript; charset=utf-8", "js"},
        {"GET", "/logos/a%20b.svg", 200, "image/svg+xml", "<svg>"},
        {"GET", "/favicon.ico", 200, "image/x-icon", "icon"},
        {"POST", "/favicon.ico", 200, html, "<index>"},
        {"GET", "/server/0712", 200, html, "<index>"},
        {"GET", "/settings", 200, html, "<index>"},
        {"GET", "//etc/passwd", 200, html, "<index>"},
        {"GET", "/assets/app-2.js", 404, "text/plain", missing},
        {"GET", "/logos/none.svg", 404, "text/plain", missing},
        {"GET", "/api", 404, "text/plain", missing},
        {"GET", "/api/none", 404, "text/plain", missing},
        {"GET", "/apis", 404, "text/plain", missing}, // a prefix is enough
        {"GET", "/ws/none", 404, "text/plain", missing},
        {"GET", "/agent.sh", 404, "text/plain", missing},
        {"GET", "/index.html", 301, "", ""},
    };
    const build b;
    const auto web = b.load();
    for (const auto& c : cases) {
        CAPTURE(c.method);
        CAPTURE(c.path);
        const auto got = get(web, c.path, c.method);
        CHECK(got.status == c.status);
        CHECK(got.content_type == c.type);
        CHECK(got.body == c.body);
    }
    CHECK(header_of(get(web, "/index.html"), "Location") == "./");
    CHECK(web.size_bytes() == 7 + 2 + 5 + 4);
}

TEST_CASE("no path leads out of the folder") {
    const build b;
    const auto web = b.load();
    for (const char* path :
         {"/../secret.txt",
          "/assets/../../secret.txt",
          "/%2e%2e/secret.txt",
          "/..%2fsecret.txt",
          "/%2e%2e%2fsecret.txt",
          "/..\\secret.txt",
          "/assets/..",
          ".."}) {
        CAPTURE(path);
        const auto got = get(web, path);
        CHECK(got.status == 400);
        CHECK(got.body == "invalid URL path\n");
    }
    for (const char* path : {"/...", "/a..b", "/%252e%252e/secret.txt", "/./secret.txt"}) {
        CAPTURE(path);
        CHECK(get(web, path).body == "<index>");
    }
}

TEST_CASE("links inside the folder are followed, others are left out and told") {
    const build b;
    fs::create_symlink(b.at("secret.txt"), b.at("web/out.txt"));
    fs::create_symlink("../../secret.txt", b.at("web/assets/out.txt"));
    fs::create_symlink(b.at(""), b.at("web/logos/up"));
    fs::create_symlink("nowhere", b.at("web/broken.txt"));
    fs::create_symlink("assets/app-1.js", b.at("web/in.js"));
    const auto web = b.load();
    CHECK(get(web, "/in.js").body == "js");
    CHECK(get(web, "/out.txt").body == "<index>");
    CHECK(get(web, "/assets/out.txt").status == 404);
    CHECK(get(web, "/logos/up/secret.txt").status == 404);
    auto left_out = web.left_out();
    std::ranges::sort(left_out);
    CHECK(
        left_out == std::vector<std::string>{"assets/out.txt", "broken.txt", "logos/up", "out.txt"}
    );
}

TEST_CASE("a file is not sent again to who has it") {
    const build b;
    const auto web = b.load();
    const auto first = get(web, "/favicon.ico");
    const auto date = header_of(first, "Last-Modified");
    CHECK(date.size() == std::string_view{"Tue, 24 Nov 2026 03:47:35 GMT"}.size());
    net::http_request again;
    again.headers.emplace_back("If-Modified-Since", date);
    const auto got = web.answer(again, "/favicon.ico");
    CHECK(got.status == 304);
    CHECK(got.body.empty());
    CHECK(got.content_type.empty());
    again.headers.front().second = "Tue, 24 Nov 2020 03:47:35 GMT";
    CHECK(web.answer(again, "/favicon.ico").status == 200);
}

TEST_CASE("a folder that is none, or has no index, is named") {
    const build b;
    fs::remove(b.at("web/index.html"));
    for (const auto& [name, why] :
         {std::pair{"none", "is no folder"}, {"secret.txt", "is no folder"}, {"web", "index.html"}
         }) {
        CAPTURE(name);
        const auto got = server::web_files::load(b.at(name).string());
        REQUIRE(got.has_error());
        CHECK(got.error().code == util::errc::bad_input);
        CHECK(got.error().message.find(b.at(name).string()) != std::string::npos);
        CHECK(got.error().message.find(why) != std::string::npos);
    }
}
