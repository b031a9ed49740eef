#include "report/limit.hpp"

#include "util/parse.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace vsim::report {
namespace {

constexpr std::string_view digits = "0123456789.";

std::optional<double> decimal(std::string_view text) {
    double value = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, failed] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
    const bool is_plain = !text.empty() && digits.find(text.front()) != digits.npos;
    if (!is_plain || failed != std::errc{} || stop != end || !std::isfinite(value)) {
        return std::nullopt;
    }
    return value;
}

std::string unit_of(std::string_view text) {
    const auto last_digit = text.find_last_of(digits);
    return std::string{last_digit == text.npos ? text : text.substr(last_digit + 1)};
}

std::optional<amount> number_amount(std::string_view text) {
    double factor = 1;
    if (text.ends_with('k') || text.ends_with('m')) {
        factor = text.ends_with('k') ? 1e3 : 1e6;
        text.remove_suffix(1);
    }
    const auto n = decimal(text);
    return n ? std::optional{amount{*n * factor}} : std::nullopt;
}

// `base_ns` is what one is in the unit of the dimension; `bare` the unit of a number without one.
std::optional<amount> time_amount(std::string_view text, double base_ns, std::string_view bare) {
    const auto n = decimal(text);
    if (n && *n != 0 && bare.empty()) {
        return std::nullopt;
    }
    const auto unit = n ? std::string{bare.empty() ? "ms" : bare} : unit_of(text);
    const auto one = util::parse_duration("1" + unit);
    const auto d = util::parse_duration(n ? std::string{text} + unit : std::string{text});
    if (!one || !d) {
        return std::nullopt;
    }
    return amount{
        static_cast<double>(d->count()) / base_ns, unit, static_cast<double>(one->count()) / base_ns
    };
}

std::optional<amount> size_amount(std::string_view text) {
    const auto size = util::parse_size(text);
    const auto unit = decimal(text) ? std::string{"B"} : unit_of(text);
    const auto one = util::parse_size("1" + unit);
    if (!size || !one) {
        return std::nullopt;
    }
    return amount{static_cast<double>(*size), unit, static_cast<double>(*one)};
}

std::optional<amount> share_amount(std::string_view text) {
    if (!text.ends_with('%')) {
        return std::nullopt;
    }
    const auto n = decimal(text.substr(0, text.size() - 1));
    return n ? std::optional{amount{*n, "%"}} : std::nullopt;
}

std::optional<amount> rate_amount(std::string_view text) {
    const auto rate = util::parse_rate(text);
    return rate ? std::optional{amount{*rate, "/s"}} : std::nullopt;
}

std::optional<amount> size_rate_amount(std::string_view text) {
    if (!text.ends_with("/s")) {
        return std::nullopt;
    }
    auto a = size_amount(text.substr(0, text.size() - 2));
    if (a) {
        a->unit += "/s";
    }
    return a;
}

constexpr limit_form forms[]{
    {dimension::number, "a number: 0, 1500, 1.5k", number_amount},
    {dimension::time,
     "a duration with its unit: 50ms, 8s, 1m30s, 800us",
     [](std::string_view t) { return time_amount(t, 1, ""); }},
    {dimension::micros,
     "microseconds: 20, 20us, 1.5ms",
     [](std::string_view t) { return time_amount(t, 1e3, "us"); }},
    {dimension::size, "a size: 512KB, 64MB, 2GB (powers of 1024)", size_amount},
    {dimension::share, "a percentage: 0.1%, 80%", share_amount},
    {dimension::per_second, "a rate: 1600/s, 90/m", rate_amount},
    {dimension::size_per_second, "a rate: 512KB/s, 2MB/s", size_rate_amount},
};

} // namespace

std::span<const limit_form> limit_forms() {
    return forms;
}

const limit_form& form_of(dimension of) {
    return *std::ranges::find(forms, of, &limit_form::of);
}

} // namespace vsim::report
