#pragma once
// The administrator: a password, and bearer tokens that are worth something. Tokens are opaque and
// live as long as the process. Thread-safe.

#include "util/clock.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vsim::server {

inline constexpr std::chrono::hours bearer_life{7 * 24};

class accounts {
public:
    // `token` "" = none; `password` "" = one is made up.
    accounts(std::string token, std::string password);

    const std::string& password() const { return password_; }
    // Never expires, never leaves this process unless it was given by the user.
    const std::string& own_token() const { return own_token_; }

    struct bearer {
        std::string token;
        util::wall_time expires;
    };
    // A new token, if the password is right.
    std::optional<bearer> log_in(std::string_view password, util::wall_time now);
    bool is_valid(std::string_view token, util::wall_time now) const;

private:
    const std::string own_token_;
    const std::string password_;
    mutable std::mutex mutex_;
    std::vector<bearer> bearers_; // oldest first
};

} // namespace vsim::server
