#include "fleet/admin.hpp"

#include "proto/decode.hpp"
#include "proto/encode.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <chrono>
#include <utility>

namespace vsim::fleet {

namespace {

using util::errc;
using util::make_error;

constexpr std::string_view version_path = "/api/version";
constexpr std::string_view servers_path = "/api/servers";
constexpr std::string_view import_path = "/api/servers/import";

bool is_success(unsigned status) {
    return status >= 200 && status < 300;
}

net::http_request request(std::string method, std::string_view target, std::string body = {}) {
    net::http_request r;
    r.method = std::move(method);
    r.target = target;
    if (!body.empty()) {
        r.headers.emplace_back("Content-Type", "application/json");
    }
    r.body = std::move(body);
    return r;
}

// A path segment out of any text: an id comes from outside and must not end the request line.
std::string segment(std::string_view text) {
    constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                       "0123456789-._~";
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        if (plain.find(c) != std::string_view::npos) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15U];
        }
    }
    return out;
}

std::string_view header_of(const net::http_response& r, std::string_view name) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    for (const auto& [key, value] : r.headers) {
        if (std::ranges::equal(key, name, {}, lower, lower)) {
            return value;
        }
    }
    return {};
}

std::optional<int> digits(std::string_view text) {
    int value = 0;
    const auto* const end = text.data() + text.size();
    const auto [last, ec] = std::from_chars(text.data(), end, value);
    if (ec != std::errc{} || last != end || value < 0) {
        return std::nullopt;
    }
    return value;
}

// IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT": the only form RFC 9110 lets a server send. strptime
// would read it by the locale's month names.
std::optional<util::wall_time> parse_http_date(std::string_view text) {
    using namespace std::chrono;
    constexpr std::string_view names = "JanFebMarAprMayJunJulAugSepOctNovDec";
    constexpr std::string_view shape = "???, ?? ??? ???? ??:??:?? GMT";
    const auto fits = [](char c, char s) { return s == '?' || c == s; };
    if (!std::ranges::equal(text, shape, fits)) {
        return std::nullopt;
    }
    const auto name = names.find(text.substr(8, 3));
    const auto d = digits(text.substr(5, 2));
    const auto y = digits(text.substr(12, 4));
    const auto h = digits(text.substr(17, 2));
    const auto mi = digits(text.substr(20, 2));
    const auto s = digits(text.substr(23, 2));
    if (name == std::string_view::npos || name % 3 != 0 || !d || !y || !h || !mi || !s) {
        return std::nullopt;
    }
    const year_month_day date{
        year{*y}, month{static_cast<unsigned>(name / 3 + 1)}, day{static_cast<unsigned>(*d)}
    };
    // 64-bit nanoseconds reach from 1678 to 2261; a minute may have a leap second.
    if (!date.ok() || *y < 1679 || *y > 2261 || *h > 23 || *mi > 59 || *s > 60) {
        return std::nullopt;
    }
    return sys_days{date} + hours{*h} + minutes{*mi} + seconds{*s};
}

// The header cuts the fraction off: half a second on average, so that equal clocks give zero.
std::optional<util::nanoseconds> offset_from(std::string_view date, util::wall_time now) {
    const auto theirs = parse_http_date(date);
    if (!theirs) {
        return std::nullopt;
    }
    const auto difference = *theirs + util::milliseconds{500} - now;
    return std::chrono::round<util::seconds>(difference);
}

std::string kind_of(const net::http_response& r) {
    return std::to_string(r.status) + " " +
           (r.content_type.empty() ? std::string{"without a content type"} : r.content_type);
}

} // namespace

admin::admin(net::asio::any_io_executor where, net::endpoint to, std::string token)
    : where_{std::move(where)}, to_{std::move(to)}, client_{where_, to_},
      peer_{to_.url.authority()}, token_{std::move(token)} {}

std::string admin::shown(std::string_view foreign) const {
    return util::one_line(foreign, token_);
}

util::error admin::unexpected(std::string_view what, const net::http_response& r) const {
    auto message = peer_ + " answered " + std::string{what} + " with ";
    const auto told = proto::decode<proto::error_body>(r.body);
    if (told && !told->error.empty()) {
        message += std::to_string(r.status) + " (" + shown(told->error) + ")";
    } else {
        message += shown(kind_of(r));
    }
    return make_error(errc::protocol, std::move(message));
}

util::error
admin::undecodable(std::string_view what, const net::http_response& r, std::string_view why) const {
    return make_error(
        errc::protocol,
        peer_ + " answered " + std::string{what} + " with " + shown(kind_of(r)) +
            " that is not what vStats sends: " + std::string{why}
    );
}

void admin::use_fresh_connection() {
    client_ = net::http_client{where_, to_};
}

// Only calls that need the token carry it: whoever answers the others may be no vStats server.
net::http_request admin::as_admin(std::string method, std::string target, std::string body) const {
    auto r = request(std::move(method), target, std::move(body));
    if (!token_.empty()) {
        r.headers.emplace_back("Authorization", "Bearer " + token_);
    }
    return r;
}

net::task_result<net::http_response> admin::call(net::http_request r) {
    status_ = 0;
    const auto deadline = std::chrono::steady_clock::now() + rest_deadline;
    auto got = co_await client_.send(std::move(r), deadline);
    if (!got) {
        co_return got.error();
    }
    status_ = got->status;
    if (status_ == 401) {
        co_return make_error(
            errc::auth,
            (token_.empty() ? peer_ + " wants an admin token"
                            : "the admin token was refused by " + peer_) +
                " (accepted: a token of POST /api/auth/login, see --password-file)"
        );
    }
    co_return std::move(*got);
}

net::task_result<admin::identity> admin::identify() {
    auto r = request("GET", version_path);
    const auto got = co_await call(std::move(r));
    if (!got) {
        co_return got.error();
    }
    const auto now = std::chrono::system_clock::now();
    if (got->status >= 500) { // perhaps a vStats server behind a proxy, but in trouble
        co_return unexpected("GET /api/version", *got);
    }
    std::string why;
    const auto reply = proto::decode<proto::version_reply>(got->body);
    if (!is_success(got->status)) {
        why = "";
    } else if (!reply) {
        why = ", " + reply.error().message;
    } else if (reply->version.empty()) {
        why = " without a version";
    } else {
        identity who;
        who.version = reply->version;
        who.clock_offset = offset_from(header_of(*got, "Date"), now);
        co_return who;
    }
    co_return make_error(
        errc::protocol,
        peer_ + " is not a vStats server: GET /api/version was answered with " +
            shown(kind_of(*got)) + why
    );
}

net::task_result<std::string> admin::log_in(std::string password) {
    proto::login_request body;
    body.password = std::move(password);
    auto r = request("POST", "/api/auth/login", proto::to_json(body));
    const auto got = co_await call(std::move(r));
    if (!got && got.error().code == errc::auth) {
        co_return make_error(errc::auth, "the admin password was refused by " + peer_);
    }
    if (!got) {
        co_return got.error();
    }
    if (!is_success(got->status)) {
        // Only the kind of the answer: its text might repeat the password.
        co_return make_error(
            errc::protocol,
            peer_ + " answered POST /api/auth/login with " + std::to_string(got->status)
        );
    }
    auto reply = proto::decode<proto::login_reply>(got->body);
    if (!reply) {
        co_return undecodable("POST /api/auth/login", *got, reply.error().message);
    }
    if (reply->token.empty()) {
        co_return undecodable("POST /api/auth/login", *got, "no token");
    }
    token_ = std::move(reply->token);
    co_return token_;
}

net::task_result<> admin::verify_token() {
    auto r = as_admin("GET", "/api/auth/verify");
    const auto got = co_await call(std::move(r));
    if (!got) {
        co_return got.error();
    }
    if (!is_success(got->status)) {
        co_return unexpected("GET /api/auth/verify", *got);
    }
    const auto reply = proto::decode<proto::verify_reply>(got->body);
    if (!reply) {
        co_return undecodable("GET /api/auth/verify", *got, reply.error().message);
    }
    co_return util::result<void>{};
}

net::task_result<std::vector<proto::server_object>> admin::servers() {
    auto r = request("GET", servers_path);
    const auto got = co_await call(std::move(r));
    if (!got) {
        co_return got.error();
    }
    if (!is_success(got->status)) {
        co_return unexpected("GET /api/servers", *got);
    }
    std::vector<proto::server_object> all;
    if (got->body == "null") { // how Go writes a list that never held anything
        co_return all;
    }
    auto list = proto::decode<std::vector<proto::server_object>>(got->body);
    if (!list) {
        co_return undecodable("GET /api/servers", *got, list.error().message);
    }
    all = std::move(*list);
    co_return all;
}

net::task_result<proto::import_reply> admin::import(std::vector<proto::server_fields> rows) {
    assert(!rows.empty() && rows.size() <= import_limit);
    // On a kept connection the client may send a request twice, which would add the rows twice.
    use_fresh_connection();
    auto r = as_admin("POST", std::string{import_path}, proto::to_json(rows));
    const auto got = co_await call(std::move(r));
    if (!got) {
        co_return got.error();
    }
    if (got->status == 404 || got->status == 405) {
        co_return make_error(errc::not_found, peer_ + " has no POST /api/servers/import");
    }
    if (!is_success(got->status)) {
        co_return unexpected("POST /api/servers/import", *got);
    }
    auto reply = proto::decode<proto::import_reply>(got->body);
    if (!reply) {
        co_return undecodable("POST /api/servers/import", *got, reply.error().message);
    }
    for (auto& why : reply->errors) {
        why = shown(why);
    }
    co_return std::move(*reply);
}

net::task_result<proto::server_object> admin::create(proto::server_fields row) {
    use_fresh_connection(); // as above
    auto r = as_admin("POST", std::string{servers_path}, proto::to_json(row));
    const auto got = co_await call(std::move(r));
    if (!got) {
        co_return got.error();
    }
    if (!is_success(got->status)) {
        co_return unexpected("POST /api/servers", *got);
    }
    auto made = proto::decode<proto::server_object>(got->body);
    if (!made) {
        co_return undecodable("POST /api/servers", *got, made.error().message);
    }
    if (made->id.empty()) {
        co_return undecodable("POST /api/servers", *got, "no id");
    }
    co_return std::move(*made);
}

net::task_result<> admin::remove(std::string id) {
    auto r = as_admin("DELETE", std::string{servers_path} + "/" + segment(id));
    const auto got = co_await call(std::move(r));
    if (!got) {
        co_return got.error();
    }
    if (!is_success(got->status)) {
        co_return unexpected("DELETE /api/servers/" + shown(id), *got);
    }
    co_return util::result<void>{};
}

} // namespace vsim::fleet
