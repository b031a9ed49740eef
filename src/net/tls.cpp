#include "net/tls.hpp"

#include "net/tls_impl.hpp"

#include <boost/asio/ssl/error.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace vsim::net {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

namespace {

util::error cannot(const std::string& what, const error_code& ec) {
    return util::make_error(util::errc::bad_input, "TLS: cannot " + what + ": " + ec.message());
}

// TLS 1.2 and later.
ssl::context make_context(ssl::context::method method) {
    ssl::context context{method};
    context.set_options(
        ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 |
        ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1
    );
    // Idle connections give their 34 KB of record buffers back.
    SSL_CTX_set_mode(context.native_handle(), SSL_MODE_RELEASE_BUFFERS);
    return context;
}

} // namespace

util::result<tls_context> tls_context::client(const tls_client_settings& s) {
    auto context = make_context(ssl::context::tls_client);
    error_code ec;
    if (s.verify) {
        context.set_verify_mode(ssl::verify_peer, ec);
        if (s.ca_file.empty()) {
            context.set_default_verify_paths(ec);
        } else {
            context.load_verify_file(s.ca_file, ec);
        }
        if (ec) {
            const auto name = s.ca_file.empty() ? "the system's" : "'" + s.ca_file + "' as";
            return cannot("read " + std::string{name} + " certificate authorities", ec);
        }
    }
    tls_context made;
    made.impl_ = std::make_shared<impl>(impl{std::move(context), s.verify});
    return made;
}

util::result<tls_context>
tls_context::server(const std::string& cert_file, const std::string& key_file) {
    auto context = make_context(ssl::context::tls_server);
    error_code ec;
    context.use_certificate_chain_file(cert_file, ec);
    if (ec) {
        return cannot("use certificate '" + cert_file + "'", ec);
    }
    // Without a callback of ours OpenSSL asks the terminal.
    const auto is_encrypted = std::make_shared<bool>(false);
    context.set_password_callback(
        [is_encrypted](std::size_t, ssl::context::password_purpose) {
            *is_encrypted = true;
            return std::string{};
        },
        ec
    );
    context.use_private_key_file(key_file, ssl::context::pem, ec);
    if (*is_encrypted) {
        return util::make_error(
            util::errc::bad_input,
            "TLS: cannot use private key '" + key_file +
                "': the key is encrypted (accepted: an unencrypted PEM key)"
        );
    }
    if (ec) {
        return cannot("use private key '" + key_file + "'", ec);
    }
    tls_context made;
    made.impl_ = std::make_shared<impl>(impl{std::move(context), false});
    return made;
}

} // namespace vsim::net
