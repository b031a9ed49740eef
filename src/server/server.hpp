#pragma once
// The embedded reference server: vStats-compatible (protocol.md 1, 2, 7), on SQLite. It
// acknowledges nothing it did not take and drops nothing it accepted: when the store falls behind,
// the agents' connections wait. Thread-safe.

#include "net/pool.hpp"
#include "net/task.hpp"
#include "net/tls.hpp"
#include "server/fault.hpp"
#include "server/status.hpp"
#include "server/strict_log.hpp"
#include "server/web_files.hpp"
#include "util/clock.hpp"
#include "util/error.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace vsim::server {

struct options {
    std::string listen = "127.0.0.1:3001";   // port 0 picks a free one
    std::string db_path;                     // "" = a temporary file, removed at the end
    std::string token;                       // an admin token that never expires; "" = none
    std::string password;                    // of POST /api/auth/login; "" = one is made up
    util::milliseconds tick{5000};           // between two deltas to dashboards; tests shorten it
    util::milliseconds traffic_tick{60'000}; // between two readings of traffic counters
    std::optional<net::tls_context> tls;     // https and wss; "" = plain
    std::shared_ptr<const web_files> web;    // the dashboard; empty = none
    // Told of a database that cannot be written, and when it can be again; on any thread.
    std::function<void(const std::string&)> on_trouble = [](const std::string&) {};
    bool quirks = false; // history with vStats's row limit and cache

    // With it every message is looked at for what vStats hides; told of the first few of each kind,
    // on any thread.
    std::function<void(const std::string&)> on_finding;
    fault_plan faults; // counts from the end of start()
    fault_hooks on_fault;
};

class server {
public:
    // Opens (or makes) the database, binds, and serves until stop(). `p` outlives the server.
    // Errors: bad_input (listen address), io (address in use, database; the message names it).
    static util::result<std::unique_ptr<server>> start(net::pool& p, options o);
    // Precondition: stop() has completed, or the pool was abandoned.
    ~server();
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    std::string address() const; // "127.0.0.1:41234"
    std::string url() const;     // "http://127.0.0.1:41234"
    const std::string& db_path() const;
    const std::string& password() const;    // the one given or made up
    const std::string& admin_token() const; // a bearer token for use in this process
    status current() const;
    // What was found, by kind; empty without on_finding.
    std::vector<strict_log::finding> findings() const;

    // Resumes when everything accepted before the call is committed and readable.
    net::task<> flush();
    // Stops listening, ends every connection, writes what was accepted, closes the database (and
    // removes a temporary one).
    net::task<> stop();

private:
    struct impl;
    explicit server(std::unique_ptr<impl> i);
    std::unique_ptr<impl> impl_;
};

} // namespace vsim::server
