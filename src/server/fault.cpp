#include "server/fault.hpp"

#include "util/parse.hpp"
#include "util/random.hpp"

#include <fmt/format.h>

#include <utility>

namespace vsim::server {

namespace {

using util::errc;
using util::make_error;
using util::result;

constexpr std::string_view forms = "drop-writes:SHARE, stall:LENGTH@TIME, kill@TIME, "
                                   "close:SHARE/s, refuse:LENGTH@TIME, slow-read:SIZE/s";

util::error wrong(std::string_view text, std::string_view what, std::string_view accepted) {
    return make_error(
        errc::bad_input, fmt::format("'{}' is not {} (accepted: {})", text, what, accepted)
    );
}

result<void> read_share(std::string_view text, double& into) {
    const auto share = util::parse_share(text);
    if (!share || *share == 0) {
        return wrong(text, "a share", "more than 0% to 100%, such as 0.5%, 10%");
    }
    into = *share;
    return {};
}

// "64KB/s"
result<void> read_rate(std::string_view text, double& into) {
    const auto size = text.ends_with("/s") ? text.substr(0, text.size() - 2) : std::string_view{};
    const auto bytes = util::parse_size(size);
    if (!bytes || *bytes == 0) {
        return wrong(
            text, "a speed", "at least 1B/s, such as 500B/s, 64KB/s, 1MB/s in powers of 1024"
        );
    }
    into = static_cast<double>(*bytes);
    return {};
}

result<void> read_time(std::string_view text, util::nanoseconds& into) {
    const auto d = util::parse_duration(text);
    if (!d) {
        return d.error();
    }
    into = *d;
    return {};
}

result<void> read_span(std::string_view text, fault_span& into) {
    const auto at = text.find('@');
    if (at == text.npos) {
        return wrong(text, "a length and a time", "LENGTH@TIME, such as 5s@20s");
    }
    if (auto done = read_time(text.substr(0, at), into.length); !done) {
        return done;
    }
    if (into.length.count() == 0) {
        return wrong(text, "a length and a time", "a length of more than 0, such as 5s@20s");
    }
    return read_time(text.substr(at + 1), into.at);
}

result<void> add_span(std::string_view text, std::vector<fault_span>& to) {
    fault_span span;
    auto done = read_span(text, span);
    if (done) {
        to.push_back(span);
    }
    return done;
}

// "close:1%/s"
result<void> read_closing(std::string_view text, double& into) {
    if (!text.ends_with("/s")) {
        return wrong(text, "a share a second", "SHARE/s, such as 1%/s");
    }
    text.remove_suffix(2);
    return read_share(text, into);
}

} // namespace

result<void> add_fault(fault_plan& plan, std::string_view spec) {
    const auto mark = spec.find_first_of(":@");
    const auto kind = spec.substr(0, mark == spec.npos ? spec.size() : mark + 1);
    const auto rest = spec.substr(kind.size());
    const auto once = [&](bool is_first, auto read, auto& into) -> result<void> {
        if (!is_first) {
            return make_error(errc::bad_input, "it was given before (stall and refuse may repeat)");
        }
        return read(rest, into);
    };
    result<void> done;
    if (kind == "drop-writes:") {
        done = once(plan.drop_writes == 0, read_share, plan.drop_writes);
    } else if (kind == "stall:") {
        done = add_span(rest, plan.stalls);
    } else if (kind == "kill@") {
        const bool is_first = !plan.kill;
        done = once(is_first, read_time, is_first ? plan.kill.emplace() : *plan.kill);
    } else if (kind == "close:") {
        done = once(plan.close_share == 0, read_closing, plan.close_share);
    } else if (kind == "refuse:") {
        done = add_span(rest, plan.refusals);
    } else if (kind == "slow-read:") {
        done = once(plan.read_rate == 0, read_rate, plan.read_rate);
    } else {
        return make_error(
            errc::bad_input, fmt::format("'{}' is not accepted (accepted: {})", spec, forms)
        );
    }
    if (!done) {
        return make_error(
            errc::bad_input, fmt::format("'{}' is not accepted: {}", spec, done.error().message)
        );
    }
    plan.specs.emplace_back(spec);
    return {};
}

bool is_hit(double share, std::uint64_t kind, std::string_view name, std::uint64_t n) {
    return util::unit(util::hash(util::stream(name), kind, n)) < share;
}

} // namespace vsim::server
