#include "app/log.hpp"

#include "report/json_writer.hpp"
#include "util/clock.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <unistd.h>
#include <utility>

namespace vsim::app {
namespace {

void write_to_stderr(std::string_view line) {
    std::fwrite(line.data(), 1, line.size(), stderr);
}

class line_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    line_sink(bool color, line_writer write) : color_{color}, write_{std::move(write)} {}

    void redirect(line_writer write) {
        const std::lock_guard lock{mutex_};
        write_ = std::move(write);
    }

protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t text;
        formatter_->format(message, text);
        std::string line;
        // The pattern marks the level's range; that alone is coloured.
        if (color_ && message.color_range_end > message.color_range_start) {
            line.append(text.data(), message.color_range_start);
            line += color_of(message.level);
            line.append(
                text.data() + message.color_range_start,
                message.color_range_end - message.color_range_start
            );
            line += "\x1b[0m";
            line.append(
                text.data() + message.color_range_end, text.size() - message.color_range_end
            );
        } else {
            line.append(text.data(), text.size());
        }
        write_ ? write_(line) : write_to_stderr(line);
    }
    void flush_() override {}

private:
    static std::string_view color_of(spdlog::level::level_enum level) {
        switch (level) {
        case spdlog::level::critical:
        case spdlog::level::err:
            return "\x1b[31m";
        case spdlog::level::warn:
            return "\x1b[33m";
        case spdlog::level::info:
            return "\x1b[32m";
        default:
            return "\x1b[36m";
        }
    }

    bool color_;
    line_writer write_;
};

class json_formatter final : public spdlog::formatter {
public:
    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
        const auto level = spdlog::level::to_string_view(message.level);
        report::json_writer json;
        json.begin_object();
        json.member("time", util::format_rfc3339(util::wall_time{message.time}, 3));
        json.member("level", std::string_view{level.data(), level.size()});
        json.member("message", std::string_view{message.payload.data(), message.payload.size()});
        json.end_object();
        const auto line = json.text() + "\n";
        out.append(line.data(), line.data() + line.size());
    }
    std::unique_ptr<spdlog::formatter> clone() const override {
        return std::make_unique<json_formatter>();
    }
};

spdlog::level::level_enum level_of(const console_config& c) {
    if (c.quiet) {
        return spdlog::level::warn;
    }
    if (c.verbosity > 1) {
        return spdlog::level::trace;
    }
    return c.verbosity == 1 ? spdlog::level::debug : spdlog::level::info;
}

} // namespace

output_traits output_traits::of(int fd) {
    const char* no_color = std::getenv("NO_COLOR");
    const char* term = std::getenv("TERM");
    return {
        .is_terminal = ::isatty(fd) == 1,
        .no_color_env = no_color != nullptr && *no_color != '\0',
        .dumb = term == nullptr || std::string_view{term} == "dumb",
    };
}

bool wants_color(const console_config& c, const output_traits& out) {
    return !c.no_color && out.is_terminal && !out.no_color_env && !out.dumb;
}

void set_up_log(const console_config& c, bool color, line_writer write) {
    auto sink =
        std::make_shared<line_sink>(color && c.format == log_format::text, std::move(write));
    auto logger = std::make_shared<spdlog::logger>("vstats-sim", std::move(sink));
    if (c.format == log_format::json) {
        logger->set_formatter(std::make_unique<json_formatter>());
    } else {
        logger->set_pattern("%H:%M:%S %^%-5l%$ %v");
    }
    logger->set_level(level_of(c));
    spdlog::set_default_logger(std::move(logger));
}

void set_up_log(const console_config& c) {
    set_up_log(c, wants_color(c, output_traits::of(STDERR_FILENO)), {});
}

void redirect_log(line_writer write) {
    for (const auto& sink : spdlog::default_logger()->sinks()) {
        if (auto* ours = dynamic_cast<line_sink*>(sink.get())) {
            ours->redirect(std::move(write));
            return;
        }
    }
}

} // namespace vsim::app
