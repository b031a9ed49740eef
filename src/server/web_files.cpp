#include "server/web_files.hpp"

#include "server/target.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sys/stat.h>
#include <utility>

namespace vsim::server {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t most_bytes = 512ULL << 20; // a build has a few MB, with all maps 30 MB

constexpr std::pair<std::string_view, std::string_view> types[] = {
    {".avif", "image/avif"},
    {".css", "text/css; charset=utf-8"},
    {".gif", "image/gif"},
    {".htm", "text/html; charset=utf-8"},
    {".html", "text/html; charset=utf-8"},
    {".ico", "image/x-icon"},
    {".jpeg", "image/jpeg"},
    {".jpg", "image/jpeg"},
    {".js", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".md", "text/markdown; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".otf", "font/otf"},
    {".pdf", "application/pdf"},
    {".png", "image/png"},
    {".svg", "image/svg+xml"},
    {".ttf", "font/ttf"},
    {".txt", "text/plain; charset=utf-8"},
    {".wasm", "application/wasm"},
    {".webmanifest", "application/manifest+json"},
    {".webp", "image/webp"},
    {".woff", "font/woff"},
    {".woff2", "font/woff2"},
    {".xml", "text/xml; charset=utf-8"},
};

std::string_view type_of(const fs::path& p) {
    const auto extension = p.extension().string();
    const auto* const found =
        std::ranges::find(types, std::string_view{extension}, [](const auto& t) {
            return t.first;
        });
    return found == std::end(types) ? "application/octet-stream" : found->second;
}

std::string http_date(std::time_t t) {
    std::tm utc{};
    ::gmtime_r(&t, &utc);
    std::array<char, 64> text{};
    const auto size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %T GMT", &utc);
    return {text.data(), size};
}

std::optional<std::string> content_of(const fs::path& p) {
    std::ifstream in{p, std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{in}, {}};
    if (!in.good() && !in.eof()) {
        return {};
    }
    return text;
}

util::error cannot(const std::string& folder, const std::string& why) {
    return util::make_error(
        util::errc::bad_input, "'" + folder + "' " + why + " (accepted: a folder with index.html)"
    );
}

bool is_inside(const fs::path& inner, const fs::path& outer) {
    return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first ==
           outer.end();
}

// The parts of the server that are no pages, and folders whose missing files are missing.
bool has_no_page(std::string_view path) {
    constexpr std::string_view others[] = {
        "/api",
        "/ws",
        "/agent.sh",
        "/agent.ps1",
        "/agent-upgrade.ps1",
        "/agent-uninstall.ps1",
        "/assets",
        "/logos",
        "/textures/",
    };
    return std::ranges::any_of(others, [&](auto prefix) { return path.starts_with(prefix); });
}

bool climbs(std::string_view path) {
    for (std::size_t at = 0; (at = path.find("..", at)) != std::string_view::npos; ++at) {
        const auto is_end = [&](std::size_t i) {
            return i >= path.size() || path[i] == '/' || path[i] == '\\';
        };
        if (is_end(at + 2) && (at == 0 || is_end(at - 1))) {
            return true;
        }
    }
    return false;
}

net::http_response text_reply(unsigned status, std::string_view type, std::string text) {
    return {status, std::string{type}, std::move(text), {}};
}

} // namespace

util::result<web_files> web_files::load(const std::string& folder) {
    std::error_code ec;
    const auto root = fs::canonical(folder, ec);
    if (ec || !fs::is_directory(root, ec)) {
        return cannot(folder, "is no folder");
    }
    web_files all;
    for (auto at = fs::recursive_directory_iterator{root, ec}; !ec && at != fs::end(at);
         at.increment(ec)) {
        const auto& path = at->path();
        const auto name = "/" + path.lexically_relative(root).generic_string();
        const auto target = fs::canonical(path, ec);
        if (ec || !is_inside(target, root) || (at->is_symlink() && !fs::is_regular_file(target))) {
            all.left_out_.push_back(name.substr(1));
            ec.clear();
            continue;
        }
        struct ::stat facts{};
        if (!fs::is_regular_file(target) || ::stat(target.c_str(), &facts) != 0) {
            continue;
        }
        all.size_bytes_ += static_cast<std::uintmax_t>(facts.st_size);
        if (all.size_bytes_ > most_bytes) {
            return cannot(folder, "holds more than the 512 MiB that are kept in memory");
        }
        auto body = content_of(target);
        if (!body) {
            return cannot(folder, "holds '" + name.substr(1) + "', which cannot be read");
        }
        file f{std::move(*body), std::string{type_of(path)}, http_date(facts.st_mtime)};
        all.files_.emplace(name, std::move(f));
    }
    if (ec) {
        return cannot(folder, "cannot be read: " + ec.message());
    }
    if (!all.files_.contains("/index.html")) {
        return cannot(folder, "has no index.html");
    }
    return all;
}

net::http_response web_files::answer(const net::http_request& r, std::string_view sent) const {
    const auto path = decode_path(sent);
    if (climbs(path)) {
        return text_reply(400, "text/plain; charset=utf-8", "invalid URL path\n");
    }
    const bool reads = r.method == "GET" || r.method == "HEAD";
    const auto found = reads ? files_.find(path) : files_.end();
    if (found == files_.end() && has_no_page(path)) {
        return text_reply(404, "text/plain", "404 page not found");
    }
    if (path.ends_with("/index.html")) {
        auto reply = text_reply(301, "", "");
        reply.headers.emplace_back("Location", "./");
        return reply;
    }
    const auto& f = found == files_.end() ? index() : found->second;
    net::http_response reply;
    reply.headers.emplace_back("Last-Modified", f.last_modified);
    if (reads && net::header(r, "If-Modified-Since") == f.last_modified) {
        reply.status = 304;
        return reply;
    }
    reply.content_type = f.content_type;
    reply.body = f.body;
    return reply;
}

} // namespace vsim::server
