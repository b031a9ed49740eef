#include "net/handshake.hpp"

#include "net/connect.hpp"
#include "net/watchdog.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>

namespace vsim::net {

namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using util::errc;
using util::make_error;

std::string base64(const unsigned char* bytes, std::size_t size) {
    std::string text(4 * ((size + 2) / 3) + 1, '\0'); // EVP ends it with a zero
    const auto n = EVP_EncodeBlock(
        reinterpret_cast<unsigned char*>(text.data()), bytes, static_cast<int>(size)
    );
    text.resize(static_cast<std::size_t>(n));
    return text;
}

// nullopt: a proper 101.
std::optional<util::error>
check(const http::response_header<>& answer, const std::string& key, const std::string& target) {
    const auto refuse = [&](const std::string& what) {
        return make_error(errc::protocol, "GET " + target + " answered " + what);
    };
    if (answer.result() != http::status::switching_protocols) {
        auto what = std::to_string(answer.result_int());
        if (const std::string type = answer[http::field::content_type]; !type.empty()) {
            what += " (" + type.substr(0, type.find(';')) + ")";
        }
        return refuse(what + ", not a WebSocket upgrade");
    }
    if (!beast::iequals(answer[http::field::upgrade], "websocket") ||
        !http::token_list{answer[http::field::connection]}.exists("upgrade")) {
        return refuse("101, but to something else than a WebSocket");
    }
    if (answer[http::field::sec_websocket_accept] != websocket_accept(key)) {
        return refuse("101 with a wrong Sec-WebSocket-Accept");
    }
    if (answer.count(http::field::sec_websocket_extensions) > 0 ||
        answer.count(http::field::sec_websocket_protocol) > 0) {
        return refuse("101 with an extension or subprotocol nobody asked for");
    }
    return std::nullopt;
}

util::error read_error(
    const error_code& ec, bool got_some, const std::string& peer, const std::string& target
) {
    if (ec == http::error::end_of_stream) {
        return make_error(errc::closed, peer + " closed the connection during the handshake");
    }
    if (ec == http::error::partial_message) {
        return make_error(
            errc::protocol, peer + " ended in the middle of its answer to GET " + target
        );
    }
    if (ec.category() == make_error_code(http::error::bad_version).category()) {
        return make_error(errc::protocol, peer + " answered something that is not HTTP");
    }
    auto e = talk_error(ec, peer, false, false, {});
    e.message += got_some ? " in the middle of the handshake" : " during the handshake";
    return e;
}

} // namespace

std::string make_websocket_key() {
    std::array<unsigned char, 16> bytes{};
    RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
    return base64(bytes.data(), bytes.size());
}

std::string websocket_accept(std::string_view key) {
    std::string text{key};
    text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
    return base64(digest.data(), size);
}

task_result<std::string>
request_upgrade(stream& s, std::string peer, std::string target, util::steady_time deadline) {
    const auto start = std::chrono::steady_clock::now();
    const auto key = make_websocket_key();
    const auto request =
        "GET " + target + " HTTP/1.1\r\nHost: " + peer +
        "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key +
        "\r\nSec-WebSocket-Version: 13\r\n\r\n";
    const watchdog dog{s.socket(), deadline};
    auto [write_ec, written] =
        co_await asio::async_write(s, asio::buffer(request), asio::as_tuple(asio::deferred));
    static_cast<void>(written);
    beast::flat_buffer buffer;
    http::response_parser<http::empty_body> parser;
    auto ec = write_ec;
    if (!ec) {
        auto [read_ec, n] =
            co_await http::async_read_header(s, buffer, parser, asio::as_tuple(asio::deferred));
        static_cast<void>(n);
        ec = read_ec;
    }
    if (ec == asio::error::operation_aborted) {
        const auto state = co_await asio::this_coro::cancellation_state;
        co_return talk_error(
            ec,
            peer,
            dog.has_fired(),
            state.cancelled() != asio::cancellation_type::none,
            within(start, deadline)
        );
    }
    if (ec) {
        co_return read_error(ec, parser.got_some(), peer, target);
    }
    if (auto wrong = check(parser.get().base(), key, target)) {
        co_return *wrong;
    }
    co_return beast::buffers_to_string(buffer.data());
}

} // namespace vsim::net
