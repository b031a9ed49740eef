#pragma once
// /ws (protocol.md 7): the stream of all servers to a new viewer, then what changed at every tick.
// A viewer that reads too slowly is dropped; it holds nobody up. Thread-safe unless said.

#include "net/group.hpp"
#include "net/listener.hpp"
#include "net/ticker.hpp"
#include "proto/dashboard.hpp"
#include "server/counters.hpp"
#include "server/outbox.hpp"
#include "server/registry.hpp"
#include "server/settings.hpp"
#include "server/store.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace vsim::server {

// What a viewer sees of a server; `metrics` may be empty.
proto::server_view view_of(const server_entry& entry, const metrics_ptr& metrics, bool online);

class dashboards {
public:
    dashboards(
        net::asio::any_io_executor home,
        registry& servers,
        const settings& s,
        store& rows,
        counters& counts
    );

    net::task<> serve(std::shared_ptr<net::peer> p);
    std::size_t online_users() const; // distinct addresses
    // To every viewer, behind its stream.
    void broadcast(const text_ptr& text);

    // Compares every server with what was told last: what has changed since. Thread-bound to the
    // ticking.
    proto::delta compare(util::steady_time now, std::int64_t now_unix);
    // Ticks until stop(): deltas out, changed servers to the store.
    net::task<> run(util::milliseconds every);
    void stop();
    // After the last serve() has ended and the ticking too.
    net::task<> drain();

private:
    struct presence;
    net::task<> stream(std::shared_ptr<net::peer> p, std::shared_ptr<outbox> out);

    registry& servers_;
    const settings& settings_;
    store& store_;
    counters& counts_;
    net::group writers_;
    net::ticker ticker_;

    mutable std::mutex mutex_;
    std::unordered_map<std::shared_ptr<outbox>, std::string> viewers_; // → address
};

} // namespace vsim::server
