#include "net/http.hpp"

#include "net/connect.hpp"
#include "net/watchdog.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <optional>
#include <utility>

namespace vsim::net {

namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using util::errc;
using util::make_error;

constexpr std::uint64_t body_limit = 1ULL << 30;

http::request<http::string_body> to_beast(http_request&& r, const endpoint& to) {
    http::request<http::string_body> out;
    out.version(11);
    out.method_string(r.method);
    out.target(to.url.path + r.target);
    out.set(http::field::host, to.url.authority());
    for (const auto& [name, value] : r.headers) {
        out.set(name, value);
    }
    out.body() = std::move(r.body);
    out.prepare_payload();
    return out;
}

http_response from_beast(http::response<http::string_body>&& r) {
    http_response out;
    out.status = r.result_int();
    out.content_type = std::string{r[http::field::content_type]};
    for (const auto& field : r) {
        out.headers.emplace_back(field.name_string(), field.value());
    }
    out.body = std::move(r.body());
    return out;
}

} // namespace

std::string_view header(const http_request& r, std::string_view name) {
    for (const auto& [key, value] : r.headers) {
        if (beast::iequals(key, name)) {
            return value;
        }
    }
    return {};
}

struct http_client::impl {
    asio::any_io_executor where;
    endpoint to;
    std::optional<stream> connection;
    beast::flat_buffer buffer; // what was read beyond the last response

    // `is_stale`: the kept connection had ended before anything of the response came.
    struct outcome {
        util::result<http_response> response;
        bool is_stale = false;

        outcome(util::error e, bool stale) : response{std::move(e)}, is_stale{stale} {}
        explicit outcome(http_response r) : response{std::move(r)} {}
    };

    void drop() {
        connection.reset();
        buffer.clear();
        buffer.shrink_to_fit();
    }

    util::error explain(const error_code& ec, bool got_some) const {
        const auto peer = to.url.authority();
        if (ec == http::error::partial_message) {
            return make_error(errc::protocol, peer + " ended in the middle of its answer");
        }
        if (ec == http::error::end_of_stream) {
            return make_error(errc::closed, peer + " closed the connection without an answer");
        }
        if (ec == http::error::body_limit) {
            return make_error(errc::protocol, peer + " answered with more than 1 GiB");
        }
        if (ec.category() == make_error_code(http::error::bad_version).category()) {
            return make_error(errc::protocol, peer + " answered something that is not HTTP");
        }
        auto e = talk_error(ec, peer, false, false, {});
        if (got_some) {
            e.message += " in the middle of its answer";
        }
        return e;
    }

    task<outcome> exchange(
        http::request<http::string_body>& request,
        util::steady_time start,
        util::steady_time deadline
    ) {
        const watchdog dog{connection->socket(), deadline};
        auto [write_ec, written] =
            co_await http::async_write(*connection, request, asio::as_tuple(asio::deferred));
        static_cast<void>(written);
        auto ec = write_ec;
        http::response_parser<http::string_body> parser;
        parser.body_limit(body_limit);
        parser.skip(request.method() == http::verb::head);
        if (!ec) {
            auto [read_ec, n] = co_await http::async_read(
                *connection, buffer, parser, asio::as_tuple(asio::deferred)
            );
            static_cast<void>(n);
            ec = read_ec;
        }
        if (!ec) {
            const bool is_kept = parser.keep_alive();
            auto answer = from_beast(parser.release());
            if (!is_kept) {
                drop();
            }
            co_return outcome{std::move(answer)};
        }
        const bool got_some = parser.got_some();
        drop();
        if (ec == asio::error::operation_aborted) {
            const auto state = co_await asio::this_coro::cancellation_state;
            const bool is_cancelled = state.cancelled() != asio::cancellation_type::none;
            auto e = talk_error(
                ec, to.url.authority(), dog.has_fired(), is_cancelled, within(start, deadline)
            );
            co_return outcome{std::move(e), false};
        }
        co_return outcome{explain(ec, got_some), !got_some};
    }

    task_result<http_response> send(http_request r, util::steady_time deadline) {
        const auto start = std::chrono::steady_clock::now();
        auto request = to_beast(std::move(r), to);
        for (;;) {
            const bool is_kept = connection.has_value();
            if (!is_kept) {
                auto opened = co_await open_stream(where, to, deadline);
                if (!opened) {
                    co_return opened.error();
                }
                connection.emplace(std::move(*opened));
            }
            auto done = co_await exchange(request, start, deadline);
            if (!is_kept || !done.is_stale) {
                co_return std::move(done.response);
            } // once more, on a new connection
        }
    }
};

http_client::http_client(asio::any_io_executor where, endpoint to)
    : impl_{std::make_unique<impl>(impl{std::move(where), std::move(to), {}, {}})} {}
http_client::~http_client() = default;
http_client::http_client(http_client&&) noexcept = default;
http_client& http_client::operator=(http_client&&) noexcept = default;

task_result<http_response> http_client::send(http_request r, util::steady_time deadline) {
    return impl_->send(std::move(r), deadline);
}

} // namespace vsim::net
