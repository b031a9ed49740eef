#include "stats/recorder.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace vsim;
using namespace std::chrono_literals;
using stats::counter;
using stats::latency;

TEST_CASE("a snapshot sums what all threads recorded") {
    constexpr unsigned thread_count = 4;
    constexpr unsigned rounds = 2000;
    // Fewer shards than threads: two threads share one.
    stats::recorder recorder{2};
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < thread_count; ++t) {
        threads.emplace_back([&recorder] {
            for (unsigned i = 0; i < rounds; ++i) {
                recorder.add(counter::metrics_sent);
                recorder.add(counter::metrics_bytes, 1700);
                recorder.record(latency::send_lag, std::chrono::microseconds{i});
                recorder.error("connect.unreachable", "connection refused");
            }
        });
    }
    for (auto& t : threads) {
        t.join();
    }
    const auto seen = recorder.take();
    CHECK(seen[counter::metrics_sent] == thread_count * rounds);
    CHECK(seen[counter::metrics_bytes] == std::uint64_t{thread_count} * rounds * 1700);
    CHECK(seen[counter::reconnects] == 0);
    CHECK(seen[latency::send_lag].count() == thread_count * rounds);
    CHECK(seen[latency::send_lag].max() == std::chrono::microseconds{rounds - 1});
    CHECK(seen[latency::auth].count() == 0);
    CHECK(seen.error_total() == thread_count * rounds);
    CHECK(seen.errors.at("connect.unreachable").count == thread_count * rounds);

    CHECK(recorder.total(counter::metrics_sent) == seen[counter::metrics_sent]);
    CHECK(recorder.total(latency::send_lag).count() == seen[latency::send_lag].count());
    CHECK(recorder.error_total() == seen.error_total());
}

TEST_CASE("a snapshot taken while threads record is never behind an earlier one") {
    stats::recorder recorder{2};
    std::atomic<bool> done{false};
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 5000; ++i) {
                recorder.add(counter::metrics_sent);
                recorder.record(latency::auth, 1ms);
                recorder.error("auth.refused", "unknown agent");
            }
            done = true;
        });
    }
    auto earlier = recorder.take();
    bool grew_only = true;
    while (!done) {
        auto later = recorder.take();
        grew_only = grew_only && later[counter::metrics_sent] >= earlier[counter::metrics_sent] &&
                    later[latency::auth].count() >= earlier[latency::auth].count() &&
                    later.error_total() >= earlier.error_total();
        earlier = std::move(later);
    }
    for (auto& t : threads) {
        t.join();
    }
    CHECK(grew_only);
    CHECK(recorder.take()[counter::metrics_sent] == 10'000);
}

TEST_CASE("the first message of an error kind is kept as its example") {
    stats::recorder recorder{1};
    recorder.error("auth.refused", "first");
    recorder.error("auth.refused", "second");
    recorder.error("connect.timeout", "late");
    const auto seen = recorder.take();
    CHECK(seen.errors.size() == 2);
    CHECK(seen.errors.at("auth.refused").count == 2);
    CHECK(seen.errors.at("auth.refused").example == "first");
}
