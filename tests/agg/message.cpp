#include "agg/message.hpp"

#include "proto/decode.hpp"
#include "proto/encode.hpp"
#include "support/random_reading.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

using namespace vsim;
using namespace vsim::agg;

TEST_CASE("the text equals that of the generic encoder to the byte") {
    const std::vector<target_name> targets{
        {"Cloudflare", "1.1.1.1"},
        {"a \"b\"", "x"},
        {"🇩🇪", "y"},
        {"", ""},
        {std::string(200, 'n'), std::string(15, '\n')},
        {"1", "2"},
        {"3", "4"},
        {"5", "6"}
    };
    for (std::uint64_t seed = 0; seed <= 26; ++seed) {
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

TEST_CASE("a target that rested throughout a bucket brings no row, the others do") {
    piece p;
    reading r;
    r.unix_seconds = 1795400000;
    r.target_count = 3;
    for (const std::uint32_t pinged : {0U, 0b101U, 0b010U}) {
        r.unix_seconds += 5;
        r.pinged = pinged;
        bucket b;
        fold(b, proto::granularity::sec5, r);
        p.buckets[0].push_back(b);
    }
    const std::vector<target_name> targets{{"a", "1"}, {"b", "2"}, {"c", "3"}};
    const auto message = to_message(p, targets);
    const auto& rows = message.granularities.at(0).ping;
    const auto at = p.buckets[0][1].index;
    REQUIRE(rows.size() == 3);
    CHECK((rows[0].target_name == "a" && rows[0].bucket == at && rows[0].fail_count == 1));
    CHECK((rows[1].target_name == "c" && rows[1].bucket == at));
    CHECK((rows[2].target_name == "b" && rows[2].bucket == at + 1));
    std::string text;
    append_message(text, p, targets);
    CHECK(text == proto::to_json(message));
}

TEST_CASE("the largest numbers fit") {
    bucket b;
    b.index = INT32_MIN;
    b.sample_count = 0xfff'ffff;
    b.target_count = max_targets;
    b.cpu = b.memory = {percent_sums::largest_sum, percent_sums::largest_max};
    b.disk_sum = b.net_rx = b.net_tx = UINT64_MAX;
    b.latency.fill({latency_sums::largest_sum, latency_sums::largest_max});
    b.answered.fill(0xfff'fffe);
    b.failed.fill(1);
    piece p;
    for (auto& list : p.buckets) {
        list.assign(3, b);
    }
    const std::vector<target_name> targets(max_targets, target_name{"n", std::string(300, 'h')});
    std::string text;
    append_message(text, p, targets);
    CHECK(text.ends_with("]}"));
    CHECK(
        text.find(R"("disk_sum":184467440737095516.15,"net_rx":18446744073709551615,)") != text.npos
    );
    CHECK(text.find(R"("ok_count":268435454,"fail_count":1})") != text.npos);
}
