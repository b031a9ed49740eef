#pragma once
// /ws/agent (protocol.md 2): one serve() for each connection. Silent where vStats is silent.
// Thread-safe.

#include "net/group.hpp"
#include "net/listener.hpp"
#include "proto/agent_msg.hpp"
#include "server/agent_faults.hpp"
#include "server/counters.hpp"
#include "server/outbox.hpp"
#include "server/registry.hpp"
#include "server/settings.hpp"
#include "server/store.hpp"
#include "server/strict_log.hpp"
#include "server/traffic.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace vsim::server {

enum class delivery { queued, not_connected, full };

// What may look at or meddle with agents' messages; both outlive the agents.
struct bystanders {
    strict_log* strict = nullptr;
    agent_faults* faults = nullptr;
};

class agents {
public:
    agents(
        net::asio::any_io_executor home,
        registry& servers,
        settings& s,
        const traffic& t,
        store& rows,
        counters& counts,
        bystanders others = {}
    );

    // The connection, until it ends.
    net::task<> serve(std::shared_ptr<net::peer> p);

    // To every authenticated agent; one whose queue is full misses it, as with vStats.
    void tell_all(const text_ptr& text);
    // To the one connection that introduced itself as this server last.
    delivery tell(const std::string& server_id, const text_ptr& text);

    // Breaks the connections of the authenticated agents whose ids are chosen; says how many.
    std::size_t close_if(const std::function<bool(const std::string& id)>& is_chosen);

    // Breaks every connection, those to come too: a serve() that waits for an agent which reads
    // nothing ends by nothing else.
    void stop();
    // Waits until nothing is being written any more; after the last serve() has ended.
    net::task<> drain();

private:
    struct session;
    void look(const session& s, const util::result<proto::agent_message>& m, std::string_view text);
    net::task<> handle(session& s, proto::agent_message m);
    net::task<> on(session& s, proto::auth_request m);
    net::task<> on(session& s, proto::metrics_message m);
    net::task<> on(session& s, proto::aggregated_message m);
    net::task<> on(session& s, proto::batch_message m);
    net::task<> refuse(session& s, tally& why);
    bool is_lost(const server_entry& server);
    proto::auth_reply welcome(const server_entry& entry) const;
    void let_in(session& s, entry_ptr entry);
    void leave(const session& s);

    registry& servers_;
    settings& settings_;
    const traffic& traffic_;
    store& store_;
    counters& counts_;
    const bystanders others_;
    net::group writers_;

    std::mutex mutex_;
    std::unordered_map<std::string, std::shared_ptr<outbox>>
        connected_;                    // the latest auth of each id
    std::unordered_set<outbox*> open_; // of all sessions
    bool is_stopped_ = false;
};

} // namespace vsim::server
