#include "proto/decode.hpp"

#include "proto/json_reader.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace vsim::proto {

// Everything an agent may say, as one object: the server decodes it in one go, so that a bad field
// refuses the message even where its type would not look at that field.
struct agent_envelope {
    std::string type;
    auth_request auth;
    metrics_message metrics;
    aggregated_message aggregated;
    batch_message batch;
};
template <>
struct fields<agent_envelope> {
    using t = agent_envelope;
    static constexpr auto list = std::tuple(
        always("type", &t::type),
        always("metrics", [](auto& o) -> auto& { return o.metrics.metrics; }),
        always("granularities", [](auto& o) -> auto& { return o.aggregated.granularities; }),
        always("last_metrics", [](auto& o) -> auto& { return o.aggregated.last_metrics; }),
        always("server_id", [](auto& o) -> auto& { return o.auth.server_id; }),
        always("token", [](auto& o) -> auto& { return o.auth.token; }),
        always("version", [](auto& o) -> auto& { return o.auth.version; }),
        always("batch_id", [](auto& o) -> auto& { return o.batch.batch_id; }),
        always("metrics_batch", [](auto& o) -> auto& { return o.batch.metrics_batch; }),
        always("aggregated", [](auto& o) -> auto& { return o.batch.aggregated; })
    );
};

struct typed {
    std::string type;
};
template <>
struct fields<typed> {
    static constexpr auto list = std::tuple(always("type", &typed::type));
};

namespace {

constexpr std::size_t max_text = std::size_t{1} << 30;

util::error refuse(std::string why) {
    return util::make_error(util::errc::protocol, std::move(why));
}

// A parser keeps fifteen times the longest text it has seen.
thread_local simdjson::dom::parser parser_of_messages{max_text};

// Valid as long as the parser and until its next use.
util::result<json::element>
parse(std::string_view text, simdjson::dom::parser& parser = parser_of_messages) {
    json::element root;
    const auto status = parser.parse(text.data(), text.size()).get(root);
    if (status != simdjson::SUCCESS) {
        return refuse(std::string{"not JSON: "} + simdjson::error_message(status));
    }
    return root;
}

// The text with U+FFFD for every byte that begins no character, as Go's decoder reads it: vStats
// keeps such a message.
std::string with_replacements(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto first = static_cast<unsigned char>(text.front());
        const std::size_t wanted = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        const auto size = std::min(wanted, text.size());
        const bool is_character = simdjson::validate_utf8(text.data(), size);
        out += is_character ? text.substr(0, size) : std::string_view{"\xef\xbf\xbd"};
        text.remove_prefix(is_character ? size : 1);
    }
    return out;
}

template <class T>
util::result<T> read(json::element e) {
    T value{};
    json::failure why;
    if (!json::read(e, value, why)) {
        return refuse(
            (why.path.empty() ? std::string{"the whole"} : why.path) + ": expected " + why.expected
        );
    }
    return value;
}

template <class Message, class T>
util::result<Message> read_as(json::element e) {
    auto value = read<T>(e);
    if (value.has_error()) {
        return value.error();
    }
    return Message{std::move(*value)};
}

} // namespace

util::result<agent_message> decode_agent_message(std::string_view text) {
    auto root = parse(text);
    if (root.has_error() && !simdjson::validate_utf8(text.data(), text.size())) {
        root = parse(with_replacements(text));
    }
    if (root.has_error()) {
        return root.error();
    }
    auto all = read<agent_envelope>(*root);
    if (all.has_error()) {
        return all.error();
    }
    if (all->type == "metrics") {
        return agent_message{std::move(all->metrics)};
    }
    if (all->type == "aggregated_metrics") {
        return agent_message{std::move(all->aggregated)};
    }
    if (all->type == "auth") {
        return agent_message{std::move(all->auth)};
    }
    if (all->type == "batch_metrics") {
        return agent_message{std::move(all->batch)};
    }
    return agent_message{unknown_message{std::move(all->type)}};
}

util::result<server_message> decode_server_message(std::string_view text) {
    const auto root = parse(text);
    if (root.has_error()) {
        return root.error();
    }
    auto head = read<typed>(*root);
    if (head.has_error()) {
        return head.error();
    }
    if (head->type == "auth") {
        return read_as<server_message, auth_reply>(*root);
    }
    if (head->type == "error") {
        return read_as<server_message, error_reply>(*root);
    }
    if (head->type == "batch_ack") {
        return read_as<server_message, batch_ack>(*root);
    }
    if (head->type == "command") {
        return read_as<server_message, command_push>(*root);
    }
    if (head->type == "config") {
        auto push = read<config_push>(*root);
        if (push.has_error()) {
            return push.error();
        }
        json::element targets;
        if (root->at_key("ping_targets").get(targets) == simdjson::SUCCESS && targets.is_null()) {
            push->ping_targets.emplace(); // null clears, as [] does
        }
        return server_message{std::move(*push)};
    }
    return server_message{unknown_reply{std::move(head->type)}};
}

util::result<dashboard_message> decode_dashboard_message(std::string_view text) {
    const auto root = parse(text);
    if (root.has_error()) {
        return root.error();
    }
    auto head = read<typed>(*root);
    if (head.has_error()) {
        return head.error();
    }
    if (head->type == "delta") {
        return read_as<dashboard_message, delta>(*root);
    }
    if (head->type == "stream_server") {
        return read_as<dashboard_message, stream_server>(*root);
    }
    if (head->type == "stream_init") {
        return read_as<dashboard_message, stream_init>(*root);
    }
    if (head->type == "stream_end") {
        return dashboard_message{stream_end{}};
    }
    return dashboard_message{unknown_broadcast{std::move(head->type)}};
}

// Bodies of REST calls: few, and a list of all servers is long.
template <class T>
util::result<T> decode(std::string_view text) {
    simdjson::dom::parser once{max_text};
    const auto root = parse(text, once);
    if (root.has_error()) {
        return root.error();
    }
    return read<T>(*root);
}

#define VSIM_DECODE(T)                                                                             \
    template util::result<T> decode<T>(std::string_view);                                          \
    template util::result<std::vector<T>> decode<std::vector<T>>(std::string_view)
VSIM_DECODE(error_body);
VSIM_DECODE(version_reply);
VSIM_DECODE(login_request);
VSIM_DECODE(login_reply);
VSIM_DECODE(verify_reply);
VSIM_DECODE(server_fields);
VSIM_DECODE(server_object);
VSIM_DECODE(server_patch);
VSIM_DECODE(import_reply);
VSIM_DECODE(register_request);
VSIM_DECODE(register_reply);
VSIM_DECODE(probe_settings);
VSIM_DECODE(history_reply);
VSIM_DECODE(online_users_reply);
VSIM_DECODE(server_view);
VSIM_DECODE(system_metrics);
VSIM_DECODE(item_patch);
VSIM_DECODE(dimension_patch);
VSIM_DECODE(named_item);
VSIM_DECODE(group_dimension);
VSIM_DECODE(site_settings);
VSIM_DECODE(geoip_settings);
VSIM_DECODE(update_request);
VSIM_DECODE(update_reply);
VSIM_DECODE(traffic_limit_request);
VSIM_DECODE(traffic_limits_request);
VSIM_DECODE(traffic_limit);
VSIM_DECODE(traffic_reset_request);
VSIM_DECODE(traffic_stats);
VSIM_DECODE(traffic_summary);
VSIM_DECODE(traffic_periods);
VSIM_DECODE(traffic_days);
#undef VSIM_DECODE

} // namespace vsim::proto
