#pragma once
// The reference server of `run --embedded`: in this process, on a pool of its own, so that its work
// never holds up an agent's schedule. Thread-bound, but for remove_temporary_files().

#include "net/pool.hpp"
#include "server/server.hpp"
#include "util/error.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace vsim::app {

class embedded_server {
public:
    // On a free loopback port. `db_path` "" = a temporary file.
    util::result<void> start(unsigned threads, std::string db_path);
    bool is_running() const { return server_ != nullptr; }

    std::string url() const { return server_->url(); }
    const std::string& db_path() const { return server_->db_path(); }
    net::task<> flush() { return server_->flush(); }
    const std::string& admin_token() const { return server_->admin_token(); }

    // Writes all that was accepted, then ends. What it refused, in words, if anything: a simulator
    // that talks to its own server must not be refused anything.
    net::task<std::optional<std::string>> stop();

    // When the process ends without a stop(). Thread-safe.
    void remove_temporary_files();

private:
    std::unique_ptr<net::pool> pool_;
    std::unique_ptr<server::server> server_;
    std::mutex mutex_;
    std::string temporary_; // guarded by the mutex; "" = none
};

// A SQLite database and the files beside it. Thread-safe.
void remove_database(const std::string& path);

} // namespace vsim::app
