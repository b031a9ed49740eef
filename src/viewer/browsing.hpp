#pragma once
// What somebody who reads histories asks for, and when (protocol.md 7.5): opens the page of a
// server, where the last day's pings are loaded first; picks a tab, which is then refreshed as
// often as its range asks for; after a while goes on to another server. Beside it the version once,
// and every 30 s who is online. A pure function of (seed, number of the reader); thread-bound.

#include "util/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace vsim::viewer {

struct wish {
    enum class kind { history, version, online_users } what = kind::history;
    util::nanoseconds at{0}; // since the beginning
    std::size_t agent = 0;   // whose history
    std::string query;       // "range=24h&type=ping"
};

class browsing {
public:
    // Precondition: agents > 0.
    browsing(std::uint64_t seed, std::uint32_t reader, std::size_t agents);

    // The next one, never before the last.
    wish next();

private:
    void open_page(util::nanoseconds at);
    std::uint64_t draw(std::uint64_t what) const;

    std::uint64_t key_;
    std::size_t agents_;
    std::uint64_t visit_ = 0;
    std::size_t agent_ = 0;
    std::string query_; // of the tab
    util::nanoseconds refresh_{0};
    util::nanoseconds read_{0};   // next
    util::nanoseconds leave_{0};  // the page
    util::nanoseconds online_{0}; // next look at who is online
    bool is_first_read_ = true;   // of the page
    bool has_version_ = false;
};

} // namespace vsim::viewer
