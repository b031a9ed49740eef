#pragma once
// Certificates of a test's own and TLS settings that use them. Thread-bound.

#include "net/http.hpp"
#include "net/tls.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace vsim::test {

// A self-signed certificate, made by openssl where there is one.
class certificate {
public:
    explicit certificate(const std::string& names) {
        auto pattern = (std::filesystem::temp_directory_path() / "vsim-tls-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            return;
        }
        folder_ = pattern;
        const auto command =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
            "-subj /CN=vsim -addext subjectAltName=" +
            names + " -keyout " + key() + " -out " + cert() + " >/dev/null 2>&1" +
            " && openssl pkey -in " + key() + " -aes256 -passout pass:secret -out " +
            encrypted_key() + " >/dev/null 2>&1";
        is_made_ = std::system(command.c_str()) == 0;
    }
    ~certificate() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    certificate(const certificate&) = delete;
    certificate& operator=(const certificate&) = delete;

    bool is_made() const { return is_made_; }
    std::string cert() const { return folder_ + "/cert.pem"; }
    std::string key() const { return folder_ + "/key.pem"; }
    std::string encrypted_key() const { return folder_ + "/encrypted.pem"; } // password: secret
    std::string not_a_cert() const {
        const auto path = folder_ + "/text.pem";
        std::ofstream{path} << "this is no certificate\n";
        return path;
    }

    static const certificate& shared() {
        static const certificate one{"DNS:localhost,IP:127.0.0.1"};
        return one;
    }

private:
    std::string folder_;
    bool is_made_ = false;
};

// false, with a message: the test cannot run here.
inline bool has_openssl() {
    const bool made = certificate::shared().is_made();
    if (!made) {
        MESSAGE("skipped: the openssl command made no certificate");
    }
    return made;
}

inline net::tls_context server_context() {
    const auto& c = certificate::shared();
    return net::tls_context::server(c.cert(), c.key()).value();
}

inline net::tls_context client_context(bool verify, const std::string& ca_file = {}) {
    net::tls_client_settings s;
    s.verify = verify;
    s.ca_file = ca_file;
    return net::tls_context::client(s).value();
}

inline net::endpoint
secured(net::endpoint to, net::tls_context context, std::string host = "127.0.0.1") {
    to.url.tls = true;
    to.url.host = std::move(host);
    to.tls = std::move(context);
    return to;
}

} // namespace vsim::test
