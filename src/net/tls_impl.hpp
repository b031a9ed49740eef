#pragma once
// Internal to net: what tls_context hides.

#include "net/tls.hpp"

#include <boost/asio/ssl/context.hpp>

namespace vsim::net {

struct tls_context::impl {
    boost::asio::ssl::context context;
    bool verify = false;
};

} // namespace vsim::net
