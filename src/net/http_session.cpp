#include "net/http_session.hpp"

#include "net/handshake.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <utility>

namespace vsim::net {

namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using request_parser = http::request_parser<http::string_body>;
using response_message = http::response<http::string_body>;

constexpr std::uint64_t body_limit = 1ULL << 30;
constexpr std::uint32_t head_limit = 1 << 20; // as Go's server
constexpr std::size_t kept_buffer = 64 * 1024;

std::string_view path_of(std::string_view target) {
    return target.substr(0, target.find('?'));
}

std::string remote_address(const tcp::socket& s) {
    error_code ec;
    const auto ip = s.remote_endpoint(ec).address();
    if (ip.is_v6() && ip.to_v6().is_v4_mapped()) { // a client of [::]
        return asio::ip::make_address_v4(asio::ip::v4_mapped, ip.to_v6()).to_string();
    }
    return ip.to_string();
}

http_request to_plain(http::request<http::string_body>&& r, const std::string& remote_ip) {
    http_request out;
    out.method = std::string{r.method_string()};
    out.target = std::string{r.target()};
    for (const auto& field : r) {
        out.headers.emplace_back(field.name_string(), field.value());
    }
    out.body = std::move(r.body());
    out.remote_ip = remote_ip;
    return out;
}

// How a request wants to be answered.
struct answer_form {
    unsigned version = 11;
    bool keep_alive = false;
    bool is_head = false; // the length of the body, but not the body
};

response_message to_message(http_response&& r, const answer_form& form) {
    response_message out;
    out.version(form.version);
    out.result(r.status);
    out.keep_alive(form.keep_alive);
    if (!r.content_type.empty()) {
        out.set(http::field::content_type, r.content_type);
    }
    for (const auto& [name, value] : r.headers) {
        out.set(name, value);
    }
    out.set(http::field::access_control_allow_origin, "*");
    out.set(http::field::access_control_allow_methods, "GET, POST, PUT, DELETE, OPTIONS");
    out.set(http::field::access_control_allow_headers, "*");
    out.body() = std::move(r.body);
    out.prepare_payload();
    if (form.is_head) {
        out.body().clear();
    }
    if (out.result() == http::status::no_content || out.result() == http::status::not_modified) {
        out.erase(http::field::content_length); // RFC 9110 8.6
    }
    return out;
}

bool is_upgrade(const http::request<http::string_body>& r) {
    return r.version() == 11 && r.method() == http::verb::get &&
           http::token_list{r[http::field::connection]}.exists("upgrade") &&
           http::token_list{r[http::field::upgrade]}.exists("websocket") &&
           r[http::field::sec_websocket_version] == "13" &&
           !r[http::field::sec_websocket_key].empty();
}

http_response plain(unsigned status, std::string text) {
    http_response r;
    r.status = status;
    r.content_type = "text/plain; charset=utf-8";
    r.body = std::move(text);
    return r;
}

http_response not_an_upgrade() {
    auto r = plain(400, "Bad Request\n");
    r.headers.emplace_back("Sec-Websocket-Version", "13");
    return r;
}

// True when all was sent.
task<bool> respond(stream& s, http_response r, answer_form form) {
    auto message = to_message(std::move(r), form);
    auto [ec, n] = co_await http::async_write(s, message, asio::as_tuple(asio::deferred));
    static_cast<void>(n);
    co_return !ec;
}

task<bool> send_raw(stream& s, std::string text) {
    auto [ec, n] =
        co_await asio::async_write(s, asio::buffer(text), asio::as_tuple(asio::deferred));
    static_cast<void>(n);
    co_return !ec;
}

// Reads one request; a curl with a large body waits for the 100 before it sends that.
task<error_code> read_request(stream& s, beast::flat_buffer& buffer, request_parser& parser) {
    auto [head_ec, head_size] =
        co_await http::async_read_header(s, buffer, parser, asio::as_tuple(asio::deferred));
    static_cast<void>(head_size);
    if (head_ec || parser.is_done()) {
        co_return head_ec;
    }
    if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        const auto sent = co_await send_raw(s, "HTTP/1.1 100 Continue\r\n\r\n");
        if (!sent) {
            co_return asio::error::broken_pipe;
        }
    }
    auto [ec, n] = co_await http::async_read(s, buffer, parser, asio::as_tuple(asio::deferred));
    static_cast<void>(n);
    co_return ec;
}

} // namespace

task<std::optional<upgraded>> serve_http(stream& s, const listener_handlers& handlers) {
    error_code ec;
    const auto remote_ip = remote_address(s.socket());
    beast::flat_buffer buffer;
    for (;;) {
        request_parser parser;
        parser.body_limit(body_limit);
        parser.header_limit(head_limit);
        ec = co_await read_request(s, buffer, parser);
        if (ec) {
            if (parser.got_some() &&
                ec.category() == make_error_code(http::error::bad_version).category()) {
                co_await respond(s, plain(400, "400 Bad Request"), answer_form());
            }
            co_return std::nullopt;
        }
        answer_form form;
        form.version = parser.get().version();
        form.keep_alive = parser.keep_alive();
        form.is_head = parser.get().method() == http::verb::head;
        const bool upgrades = is_upgrade(parser.get());
        const auto accept = websocket_accept(parser.get()[http::field::sec_websocket_key]);
        auto request = to_plain(parser.release(), remote_ip);

        http_response response;
        if (request.method == "OPTIONS") {
            response.status = 204;
        } else if (request.method == "GET" && handlers.is_websocket &&
                   handlers.is_websocket(path_of(request.target))) {
            if (upgrades) {
                const auto sent = co_await send_raw(
                    s,
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Accept: " +
                        accept + "\r\n\r\n"
                );
                if (!sent) {
                    co_return std::nullopt;
                }
                co_return upgraded{std::move(request), beast::buffers_to_string(buffer.data())};
            }
            response = not_an_upgrade();
        } else {
            response = co_await handlers.on_request(std::move(request));
        }
        const auto sent = co_await respond(s, std::move(response), form);
        if (!sent || !form.keep_alive) {
            co_return std::nullopt;
        }
        if (buffer.capacity() > kept_buffer) {
            buffer.shrink_to_fit();
        }
    }
}

} // namespace vsim::net
