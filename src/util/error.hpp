#pragma once
// What can go wrong with the outside world (network, server, file, user input), as a value.
// Bugs of our own are asserts or exceptions, never an `error`. Reentrant.

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace vsim::util {

enum class errc {
    bad_input,   // the user gave something we cannot accept; the message names it
    unreachable, // no connection: refused, no route, unknown host
    timeout,     // a deadline passed
    closed,      // the peer ended the connection
    protocol,    // the peer answered with something the protocol does not allow
    auth,        // token, password or agent credentials were refused
    not_found,   // the peer knows no such path or object
    limit,       // a limit of this machine or of ours was reached
    io,          // file or database
    cancelled,   // we were asked to stop
};

// Stable name for counting and grouping ("unreachable", "bad_input" ...).
std::string_view name(errc code);

struct error {
    errc code;
    std::string message; // one line for a human, without a final full stop; never holds a secret
};

// Lets result<T>::value() throw when a caller was sure; found by ADL.
[[noreturn]] void throw_exception_from_error(const error& e, const boost::source_location& where);

template <class T>
using result = boost::system::result<T, error>;

inline error make_error(errc code, std::string message) {
    return {code, std::move(message)};
}

} // namespace vsim::util
