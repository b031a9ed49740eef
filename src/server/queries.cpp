#include "server/queries.hpp"

#include "proto/encode.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace vsim::server {

namespace asio = boost::asio;

struct queries::impl {
    explicit impl(database db) : reader{std::move(db)} {}

    net::task_result<std::string> read(history_query q, std::int64_t now_unix) {
        const auto reply = reader.read(q, now_unix);
        if (!reply) {
            co_return reply.error();
        }
        co_return proto::to_json(*reply);
    }

    history_reader reader;
    asio::thread_pool thread{1};
};

queries::queries(database read_only) : impl_{std::make_unique<impl>(std::move(read_only))} {}

queries::~queries() {
    impl_->thread.join();
}

net::task_result<std::string> queries::history(history_query q, std::int64_t now_unix) {
    co_return co_await asio::co_spawn(
        impl_->thread.get_executor(), impl_->read(std::move(q), now_unix), asio::use_awaitable
    );
}

} // namespace vsim::server
