#pragma once
// Looks at every message of every agent for what vStats hides (strict.hpp), counts it, and says the
// first few of each kind. Thread-safe.

#include "proto/agent_msg.hpp"
#include "server/registry.hpp"
#include "server/strict.hpp"
#include "util/error.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace vsim::server {

// Who sent a message: the server it speaks for, or an address that has not introduced itself.
struct sender {
    const server_entry* server = nullptr;
    const std::string& remote_ip;
};

class strict_log {
public:
    // `say` is called from any thread, `sightings::most_examples` times a kind at most.
    explicit strict_log(std::function<void(const std::string&)> say) : say_{std::move(say)} {}

    void see(const proto::agent_message& m, const sender& who, util::wall_time now);
    // Borrows `text` for the call.
    void see_undecodable(const util::error& why, std::string_view text, const sender& who);
    // What the store found to be there already.
    void see_skipped(std::uint64_t items, const std::string& example);

    struct finding {
        std::string_view what;
        std::uint64_t count;
    };
    std::vector<finding> findings() const; // of the kinds that were seen

private:
    // Each remembers the servers whose ids fall to it, once they have sent something.
    struct shard {
        std::mutex mutex;
        std::unordered_map<std::string, server_memory> servers;
    };

    shard& shard_of(const std::string& server_id);
    template <class Message>
    void look(const Message& m, const server_entry& server, util::wall_time now, sightings& out);
    // Whether it will be let in is not known yet; for one that is not, a little less is checked.
    void introduce(const std::string& server_id, util::wall_time now);
    void report(const sightings& seen, const std::string& name);
    void count(oddity o, std::uint64_t n);
    void tell(oddity o, const std::string& name, const std::string& detail);

    const std::function<void(const std::string&)> say_;
    std::array<shard, 16> shards_;
    std::array<std::atomic<std::uint64_t>, oddity_count> counts_{};
    std::array<std::atomic<std::uint64_t>, oddity_count> told_{};
};

} // namespace vsim::server
