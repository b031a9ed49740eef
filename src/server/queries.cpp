#include "server/queries.hpp"

#include "proto/encode.hpp"
#include "server/history_cache.hpp"
#include "server/traffic.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <optional>
#include <utility>

namespace vsim::server {

namespace asio = boost::asio;

struct queries::impl {
    impl(database db, bool quirks) : reader{std::move(db), quirks} {
        if (quirks) {
            cache.emplace();
        }
    }

    net::task_result<std::string> read(history_query q, std::int64_t now_unix) {
        const auto now = std::chrono::steady_clock::now();
        if (cache) {
            if (const auto old = cache->find(q, now)) {
                co_return proto::to_json(*old);
            }
        }
        const auto reply = reader.read(q, now_unix);
        if (!reply) {
            co_return reply.error();
        }
        if (cache) {
            cache->note(q, *reply, now, now_unix);
        }
        co_return proto::to_json(*reply);
    }
    net::task_result<proto::traffic_periods> periods(std::string server_id, std::int64_t limit) {
        co_return read_traffic_history(reader.db(), server_id, limit);
    }
    net::task_result<proto::traffic_days> days(std::string server_id, std::string first) {
        co_return read_traffic_days(reader.db(), server_id, first);
    }

    history_reader reader;
    std::optional<history_cache> cache;
    asio::thread_pool thread{1};
};

queries::queries(database read_only, bool quirks)
    : impl_{std::make_unique<impl>(std::move(read_only), quirks)} {}

queries::~queries() {
    impl_->thread.join();
}

net::task_result<std::string> queries::history(history_query q, std::int64_t now_unix) {
    co_return co_await asio::co_spawn(
        impl_->thread.get_executor(), impl_->read(std::move(q), now_unix), asio::use_awaitable
    );
}

net::task_result<proto::traffic_periods>
queries::traffic_history(std::string server_id, std::int64_t limit) {
    co_return co_await asio::co_spawn(
        impl_->thread.get_executor(),
        impl_->periods(std::move(server_id), limit),
        asio::use_awaitable
    );
}

net::task_result<proto::traffic_days>
queries::traffic_days(std::string server_id, std::string first) {
    co_return co_await asio::co_spawn(
        impl_->thread.get_executor(),
        impl_->days(std::move(server_id), std::move(first)),
        asio::use_awaitable
    );
}

} // namespace vsim::server
