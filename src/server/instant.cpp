#include "server/instant.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <cstdlib>

namespace vsim::server {

namespace {
constexpr std::int64_t year_0 = -62'167'219'200, year_10000 = 253'402'300'800;
} // namespace

std::string bucket_text(proto::granularity g, std::int64_t index) {
    const auto width = proto::width_seconds(g);
    if (index < year_0 / width || index >= year_10000 / width) {
        return {}; // before it is multiplied
    }
    return instant_text(proto::bucket_start(g, index));
}

std::string instant_text(std::int64_t unix_seconds, std::chrono::minutes offset) {
    const std::int64_t local = unix_seconds + std::chrono::seconds{offset}.count();
    if (local < year_0 || local >= year_10000) {
        return {};
    }
    const std::chrono::sys_seconds at{std::chrono::seconds{local}};
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{at - day};
    auto text = fmt::format(
        FMT_COMPILE("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}"),
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        time.hours().count(),
        time.minutes().count(),
        time.seconds().count()
    );
    if (offset.count() == 0) {
        return text + 'Z';
    }
    const auto minutes = std::abs(offset.count());
    return text + fmt::format(
                      FMT_COMPILE("{}{:02}:{:02}"),
                      offset.count() < 0 ? '-' : '+',
                      minutes / 60,
                      minutes % 60
                  );
}

} // namespace vsim::server
