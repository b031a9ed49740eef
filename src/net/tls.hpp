#pragma once
// TLS settings, without OpenSSL in the header. Thread-safe after construction.

#include "util/error.hpp"

#include <memory>
#include <string>

namespace vsim::net {

struct tls_client_settings {
    bool verify = true;  // false: --insecure
    std::string ca_file; // "" = the system's
};

class tls_context {
public:
    static util::result<tls_context> client(const tls_client_settings& s);
    static util::result<tls_context>
    server(const std::string& cert_file, const std::string& key_file);

    struct impl;
    impl& native() const { return *impl_; }

private:
    std::shared_ptr<impl> impl_;
};

} // namespace vsim::net
