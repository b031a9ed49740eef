#include "util/error.hpp"

namespace vsim::util {

std::string_view name(errc code) {
    switch (code) {
    case errc::bad_input:
        return "bad_input";
    case errc::unreachable:
        return "unreachable";
    case errc::timeout:
        return "timeout";
    case errc::closed:
        return "closed";
    case errc::protocol:
        return "protocol";
    case errc::auth:
        return "auth";
    case errc::not_found:
        return "not_found";
    case errc::limit:
        return "limit";
    case errc::io:
        return "io";
    case errc::cancelled:
        return "cancelled";
    }
    return "unknown";
}

void throw_exception_from_error(const error& e, const boost::source_location& where) {
    throw std::runtime_error(
        std::string{name(e.code)} + ": " + e.message + " (result used unchecked at " +
        where.file_name() + ":" + std::to_string(where.line()) + ")"
    );
}

} // namespace vsim::util
