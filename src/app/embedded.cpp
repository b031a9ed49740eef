#include "app/embedded.hpp"

#include "report/units.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <utility>

namespace vsim::app {

using report::grouped;

util::result<void> embedded_server::start(unsigned threads, std::string db_path) {
    const bool is_temporary = db_path.empty();
    pool_ = std::make_unique<net::pool>(threads, 1);
    server::options o;
    o.listen = "127.0.0.1:0";
    o.db_path = std::move(db_path);
    o.on_trouble = [](const std::string& what) {
        spdlog::error("the embedded server's database: {}", what);
    };
    auto started = server::server::start(*pool_, std::move(o));
    if (!started) {
        return started.error();
    }
    server_ = *std::move(started);
    if (is_temporary) {
        const std::lock_guard lock{mutex_};
        temporary_ = server_->db_path();
    }
    return {};
}

net::task<std::optional<std::string>> embedded_server::stop() {
    co_await server_->flush();
    co_await server_->stop();
    const auto s = server_->current();
    spdlog::debug(
        "the embedded server wrote {} rows in {} transactions",
        grouped(s.rows_written),
        grouped(s.transactions)
    );
    const auto refused = s.undecodable + s.unknown_type + s.not_authenticated + s.rows_refused;
    if (refused == 0 && s.store_error.empty()) {
        co_return std::nullopt;
    }
    co_return fmt::format(
        "the embedded server refused {} messages or rows{}{}",
        grouped(refused),
        s.store_error.empty() ? "" : "; its database said: ",
        s.store_error
    );
}

void embedded_server::remove_temporary_files() {
    const std::lock_guard lock{mutex_};
    if (!temporary_.empty()) {
        remove_database(temporary_);
    }
}

void remove_database(const std::string& path) {
    for (const char* suffix : {"", "-wal", "-shm"}) {
        std::error_code ignored;
        std::filesystem::remove(path + suffix, ignored);
    }
}

} // namespace vsim::app
