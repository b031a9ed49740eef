#include "server/accounts.hpp"

#include "server/secret.hpp"

#include <algorithm>
#include <utility>

namespace vsim::server {

accounts::accounts(std::string token, std::string password)
    : own_token_{token.empty() ? random_token() : std::move(token)},
      password_{password.empty() ? random_password() : std::move(password)} {}

std::optional<accounts::bearer> accounts::log_in(std::string_view password, util::wall_time now) {
    if (!same_secret(password, password_)) {
        return {};
    }
    bearer made{random_token(), now + bearer_life};
    const std::lock_guard lock{mutex_};
    std::erase_if(bearers_, [now](const bearer& b) { return b.expires <= now; });
    bearers_.push_back(made);
    return made;
}

bool accounts::is_valid(std::string_view token, util::wall_time now) const {
    bool valid = same_secret(token, own_token_);
    const std::lock_guard lock{mutex_};
    for (const auto& b : bearers_) {
        valid |= same_secret(token, b.token) && b.expires > now;
    }
    return valid;
}

} // namespace vsim::server
