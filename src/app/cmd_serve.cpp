#include "app/access.hpp"
#include "app/command.hpp"
#include "app/credentials.hpp"
#include "app/embedded.hpp"
#include "app/main_loop.hpp"
#include "net/limits.hpp"
#include "net/ticker.hpp"
#include "report/units.hpp"
#include "server/server.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>
#include <utility>

namespace vsim::app {
namespace {

util::result<void> add_tls(server::options& to, const serve_config& c) {
    if (c.cert_file.empty()) {
        return {};
    }
    auto tls = net::tls_context::server(c.cert_file, c.key_file);
    if (!tls) {
        return util::make_error(tls.error().code, "--cert, --key: " + tls.error().message);
    }
    to.tls = *std::move(tls);
    return {};
}

util::result<void> add_web(server::options& to, const serve_config& c) {
    if (c.web.empty()) {
        return {};
    }
    auto web = server::web_files::load(c.web);
    if (!web) {
        return util::make_error(web.error().code, "--web: " + web.error().message);
    }
    for (const auto& name : web->left_out()) {
        spdlog::warn("--web: '{}' is a link that is not followed", name);
    }
    to.web = std::make_shared<const server::web_files>(*std::move(web));
    return {};
}

util::result<server::options> options_of(const serve_config& c) {
    server::options o;
    const bool is_ipv6 = c.host.find(':') != std::string::npos;
    o.listen = fmt::format(fmt::runtime(is_ipv6 ? "[{}]:{}" : "{}:{}"), c.host, c.port);
    o.db_path = c.db;
    o.token = c.token.reveal();
    if (!c.password_file.empty()) {
        auto password = read_secret_file("--password-file", c.password_file);
        if (!password) {
            return password.error();
        }
        o.password = password->reveal();
    }
    if (auto done = add_tls(o, c); !done) {
        return done.error();
    }
    if (auto done = add_web(o, c); !done) {
        return done.error();
    }
    o.quirks = c.quirks;
    if (c.strict) {
        o.on_finding = [](const std::string& what) { spdlog::warn("strict: {}", what); };
    }
    o.on_trouble = [](const std::string& what) { spdlog::error("database: {}", what); };
    o.faults = c.faults;
    o.on_fault.say = [](const std::string& what) { spdlog::info("fault: {}", what); };
    o.on_fault.warn = [](const std::string& what) { spdlog::warn("fault: {}", what); };
    return o;
}

net::task<> serve_until_stopped(server::server& s, net::ticker& until) {
    co_await until.sleep_until(util::steady_time::max());
    co_await s.flush();
    co_await s.stop();
}

void say_what_was_done(const server::status& s) {
    using report::grouped;
    spdlog::info(
        "took {} samples and {} aggregates of agents, wrote {} rows in {} transactions",
        grouped(s.metrics),
        grouped(s.aggregated),
        grouped(s.rows_written),
        grouped(s.transactions)
    );
    if (s.pushes_held > 0) {
        spdlog::info("agents had to wait for the database {} times", grouped(s.pushes_held));
    }
    const std::pair<std::uint64_t, std::string_view> dropped[]{
        {s.undecodable, "messages that could not be decoded"},
        {s.unknown_type, "messages of an unknown type"},
        {s.not_authenticated, "messages before a successful auth"},
        {s.auth_refused, "auths that were refused"},
        {s.auth_unanswered, "auths without id or token"},
        {s.rows_refused, "rows the database refused"},
        {s.lost, "messages not stored, as --fault said"},
    };
    for (const auto& [count, what] : dropped) {
        if (count > 0) {
            spdlog::warn("{} {}", grouped(count), what);
        }
    }
}

// Whether nothing was found.
bool say_what_was_found(const server::server& s) {
    const auto found = s.findings();
    for (const auto& f : found) {
        spdlog::warn("strict: in all {} {}", report::grouped(f.count), f.what);
    }
    if (found.empty()) {
        spdlog::info("strict: nothing that a vStats server would hide");
    }
    return found.empty();
}

} // namespace

exit_code execute(const serve_config& c) {
    auto o = options_of(c);
    if (!o) {
        complain(o.error().message);
        return exit_code_of(o.error());
    }
    std::atomic<bool> is_stopping = false;
    o->on_fault.is_stopping = [&is_stopping] { return is_stopping.load(); };
    const bool made_up = c.token.empty() && c.password_file.empty();
    if (const auto files = net::raise_fd_limit(); !files) {
        spdlog::warn(files.error().message);
    }
    hold_signals();
    net::pool pool{std::max(1U, std::thread::hardware_concurrency()), 1};
    auto started = server::server::start(pool, *std::move(o));
    if (!started) {
        complain(started.error().message);
        return exit_code_of(started.error());
    }
    auto& server = **started;
    fmt::print("listening on {}\n", server.url());
    if (made_up) {
        fmt::print("admin password: {}\n", server.password());
    }
    std::fflush(stdout);
    net::ticker life{pool.serial_executor(0)};
    main_loop_hooks hooks;
    hooks.on_stop = [&] {
        spdlog::info("stopping: writing what was accepted; again to stop at once");
        is_stopping = true; // first: a stall holds what the next line wants done
        life.stop();
    };
    hooks.before_exit = [&] {
        if (c.db.empty()) {
            remove_database(server.db_path());
        }
    };
    run_main_loop(pool, serve_until_stopped(server, life), hooks);
    const auto done = server.current();
    say_what_was_done(done);
    if (!done.store_error.empty()) {
        complain("the database failed: " + done.store_error);
        return exit_code::failed;
    }
    if (c.strict && !say_what_was_found(server)) {
        return exit_code::failed;
    }
    return exit_code::ok;
}

} // namespace vsim::app
