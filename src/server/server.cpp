#include "server/server.hpp"

#include "net/listener.hpp"
#include "server/accounts.hpp"
#include "server/agent_faults.hpp"
#include "server/agents.hpp"
#include "server/api.hpp"
#include "server/counters.hpp"
#include "server/dashboards.hpp"
#include "server/fault_schedule.hpp"
#include "server/queries.hpp"
#include "server/registry.hpp"
#include "server/restore.hpp"
#include "server/settings.hpp"
#include "server/store.hpp"
#include "server/traffic.hpp"
#include "server/writer.hpp"

#include <filesystem>
#include <optional>
#include <span>
#include <stdlib.h>
#include <unistd.h>
#include <utility>

namespace vsim::server {

namespace {

// A database's files, taken away at the end when they are temporary.
class db_file {
public:
    static util::result<db_file> make(const std::string& wanted) {
        if (!wanted.empty()) {
            return db_file{wanted, false};
        }
        std::error_code ignored;
        auto folder = std::filesystem::temp_directory_path(ignored);
        std::string path = (folder / "vstats-sim-XXXXXX.db").string();
        const int fd = ::mkostemps(path.data(), 3, O_CLOEXEC);
        if (fd < 0) {
            return util::make_error(util::errc::io, "no temporary file in " + folder.string());
        }
        ::close(fd);
        return db_file{std::move(path), true};
    }
    ~db_file() { remove(); }
    db_file(db_file&& other) noexcept
        : path_{std::move(other.path_)}, is_temporary_{std::exchange(other.is_temporary_, false)} {}
    db_file& operator=(db_file&&) = delete;

    const std::string& path() const { return path_; }
    void remove() {
        if (std::exchange(is_temporary_, false)) {
            for (const char* suffix : {"", "-wal", "-shm"}) {
                std::error_code ignored;
                std::filesystem::remove(path_ + suffix, ignored);
            }
        }
    }

private:
    db_file(std::string path, bool is_temporary)
        : path_{std::move(path)}, is_temporary_{is_temporary} {}

    std::string path_;
    bool is_temporary_;
};

// What the administrator set and what the agents showed.
struct memory {
    registry servers;
    settings set;
    traffic used{servers};
};

// Connections' executors come from the listener; this one is for what belongs to no connection.
constexpr std::size_t home_key = 0;

std::unique_ptr<strict_log> make_strict(const options& o) {
    return o.on_finding ? std::make_unique<strict_log>(o.on_finding) : nullptr;
}

store_hooks hooks_of(const options& o, registry& servers, strict_log* strict) {
    store_hooks hooks;
    if (strict) {
        hooks.on_skipped = [strict](std::uint64_t items, const std::string& example) {
            strict->see_skipped(items, example);
        };
    }
    hooks.on_lost = [&servers](database& db, std::span<const job> lost) {
        correct_reach(db, servers, lost);
    };
    hooks.on_trouble = o.on_trouble;
    return hooks;
}

std::unique_ptr<agent_faults> make_meddling(const options& o) {
    const bool is_needed = o.faults.drop_writes > 0 || o.faults.read_rate > 0;
    return is_needed ? std::make_unique<agent_faults>(o.faults) : nullptr;
}

} // namespace

struct server::impl {
    impl(
        net::pool& p,
        const options& o,
        db_file f,
        std::unique_ptr<memory> restored,
        writer w,
        database read_only
    )
        : file{std::move(f)}, home{p.serial_executor(home_key)}, known{std::move(restored)},
          admins{o.token, o.password}, strict{make_strict(o)}, meddling{make_meddling(o)},
          rows{std::move(w), store_limits{}, hooks_of(o, known->servers, strict.get())},
          reads{std::move(read_only), o.quirks},
          all_agents{
              home,
              known->servers,
              known->set,
              known->used,
              rows,
              counts,
              {strict.get(), meddling.get()}
          },
          viewers{home, known->servers, known->set, rows, counts}, web{o.web},
          is_tls{o.tls.has_value()},
          routes{
              {admins,
               known->servers,
               known->set,
               rows,
               reads,
               all_agents,
               viewers,
               counts,
               known->used,
               web.get()}
          },
          minutes{home}, ticking{home} {}

    net::listener_handlers handlers() {
        return {
            [this](net::http_request r) { return routes.handle(std::move(r)); },
            [this](std::shared_ptr<net::peer> p) {
                return target_of(*p) == "/ws" ? viewers.serve(std::move(p))
                                              : all_agents.serve(std::move(p));
            },
            [](std::string_view path) { return path == "/ws" || path == "/ws/agent"; },
        };
    }

    static std::string target_of(const net::peer& p) {
        return parse_target(p.request().target).path;
    }

    db_file file;
    net::asio::any_io_executor home;
    counters counts;
    const std::unique_ptr<memory> known;
    accounts admins;
    const std::unique_ptr<strict_log> strict;     // empty if nobody wants to know
    const std::unique_ptr<agent_faults> meddling; // empty if nothing of the plan needs it
    store rows;
    queries reads;
    agents all_agents;
    dashboards viewers;
    const std::shared_ptr<const web_files> web;
    const bool is_tls;
    api routes;
    net::ticker minutes;
    net::group ticking;
    std::unique_ptr<net::listener> door;
    std::unique_ptr<fault_schedule> mishaps; // empty if the plan holds nothing of the kind
};

server::server(std::unique_ptr<impl> i) : impl_{std::move(i)} {}
server::~server() = default;

util::result<std::unique_ptr<server>> server::start(net::pool& p, options o) {
    auto file = db_file::make(o.db_path);
    if (!file) {
        return file.error();
    }
    auto w = writer::open(file->path());
    if (!w) {
        return w.error();
    }
    auto read_only = database::open_read_only(file->path());
    if (!read_only) {
        return read_only.error();
    }
    auto known = std::make_unique<memory>();
    if (auto done = restore(w->db(), known->servers, known->set); !done) {
        return done.error();
    }
    if (auto done = known->used.restore(w->db()); !done) {
        return done.error();
    }
    auto i = std::make_unique<impl>(
        p, o, std::move(*file), std::move(known), std::move(*w), std::move(*read_only)
    );
    auto bound = net::listener::bind(p, o.listen, i->handlers(), o.tls);
    if (!bound) {
        return bound.error();
    }
    i->door = std::move(*bound);
    i->ticking.spawn(i->viewers.run(o.tick));
    if (o.faults.has_schedule()) {
        i->mishaps = std::make_unique<fault_schedule>(
            p, *i->door, i->all_agents, i->known->servers, std::move(o.faults), o.on_fault
        );
        i->mishaps->start(); // before the door opens: it may have to be shut from the start
    }
    i->ticking.spawn(i->known->used.run(i->rows, i->minutes, o.traffic_tick));
    i->door->start();
    return std::unique_ptr<server>{new server{std::move(i)}};
}

std::string server::address() const {
    return impl_->door->address();
}

std::string server::url() const {
    return (impl_->is_tls ? "https://" : "http://") + address();
}

const std::string& server::db_path() const {
    return impl_->file.path();
}

const std::string& server::password() const {
    return impl_->admins.password();
}

const std::string& server::admin_token() const {
    return impl_->admins.own_token();
}

status server::current() const {
    const auto& c = impl_->counts;
    const auto rows = impl_->rows.figures();
    status s;
    s.auth_ok = c.auth_ok;
    s.metrics = c.metrics;
    s.aggregated = c.aggregated;
    s.batches = c.batches;
    s.auth_refused = c.auth_refused;
    s.auth_unanswered = c.auth_unanswered;
    s.undecodable = c.undecodable;
    s.unknown_type = c.unknown_type;
    s.not_authenticated = c.not_authenticated;
    s.without_metrics = c.without_metrics;
    s.lost = c.lost;
    s.rows_written = rows.rows;
    s.rows_refused = rows.refused;
    s.rows_skipped = rows.skipped;
    s.transactions = rows.transactions;
    s.rows_queued = rows.queued;
    s.pushes_held = rows.held;
    s.rows_expired = rows.expired;
    s.store_error = rows.error;
    s.servers = impl_->known->servers.size();
    s.agents = c.agents;
    s.viewers = c.viewers;
    s.viewers_dropped = c.viewers_dropped;
    s.requests = c.requests;
    return s;
}

std::vector<strict_log::finding> server::findings() const {
    return impl_->strict ? impl_->strict->findings() : std::vector<strict_log::finding>{};
}

net::task<> server::flush() {
    const auto done = co_await impl_->rows.flush();
    static_cast<void>(done); // status tells of what was lost
}

net::task<> server::stop() {
    if (impl_->mishaps) {
        co_await impl_->mishaps->stop();
    }
    impl_->all_agents.stop(); // before the door waits for them
    impl_->rows.hurry();      // connections may be waiting for it
    co_await impl_->door->stop();
    impl_->viewers.stop();
    impl_->minutes.stop();
    co_await impl_->ticking.drain();
    co_await impl_->viewers.drain();
    co_await impl_->all_agents.drain();
    co_await impl_->rows.close();
    impl_->file.remove();
}

} // namespace vsim::server
