#include "agg/message.hpp"

#include "proto/decode.hpp"
#include "proto/encode.hpp"
#include "support/random_reading.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace vsim;
using namespace vsim::agg;

TEST_CASE("the text equals that of the generic encoder to the byte") {
    const std::vector<target_name> targets{
        {"Cloudflare", "1.1.1.1"}, {"a \"b\"", "x"}, {"🇩🇪", "y"}
    };
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        window w;
        piece p;
        std::int64_t now = 1795400000;
        for (std::uint64_t n = 0; n < 60; ++n) {
            now += static_cast<std::int64_t>(util::hash(seed, 1, n) % 40);
            w.add(test::random_reading(seed, n, now), proto::granularity::sec5, p);
        }
        w.append_open(p);
        std::string text = "kept";
        append_message(text, p, targets);
        CHECK(text == "kept" + proto::to_json(to_message(p, targets)));
    }
}

TEST_CASE("the text is what the server decodes") {
    const std::vector<target_name> targets{{"Cloudflare", "1.1.1.1"}};
    piece p;
    bucket b;
    fold(b, proto::granularity::min2, test::random_reading(3, 1, 1795400000));
    p.buckets[1].push_back(b);
    std::string text;
    append_message(text, p, targets);
    const auto message = proto::decode_agent_message(text);
    REQUIRE(message.has_value());
    CHECK(std::get<proto::aggregated_message>(*message) == to_message(p, targets));
}

TEST_CASE("buckets that were never pinged bring no ping rows") {
    piece p;
    reading r;
    r.unix_seconds = 1795400000;
    bucket b;
    fold(b, proto::granularity::sec5, r);
    p.buckets[0].push_back(b);
    std::string text;
    append_message(text, p, std::vector<target_name>{{"CF", "1.1.1.1"}});
    CHECK(text.find("ping\":") == std::string::npos);
    CHECK(proto::decode_agent_message(text).has_value());
}

TEST_CASE("the largest numbers fit") {
    bucket b;
    b.index = INT64_MIN;
    b.cpu_sum = b.memory_sum = b.disk_sum = b.net_rx = b.net_tx = b.ping_sum = UINT64_MAX;
    b.cpu_max = b.memory_max = b.ping_count = b.sample_count = UINT32_MAX;
    for (auto& t : b.pings) {
        t = {UINT64_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX / 2, UINT32_MAX / 2};
    }
    piece p;
    for (auto& list : p.buckets) {
        list.assign(3, b);
    }
    std::string text;
    append_message(text, p, std::vector<target_name>(max_targets, target_name{"n", "h"}));
    CHECK(text.ends_with("]}"));
    CHECK(text.size() > 10'000);
}
