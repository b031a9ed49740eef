#include "server/store.hpp"

#include "net/group.hpp"
#include "support/run_coro.hpp"
#include "table.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <span>
#include <string>
#include <vector>

using namespace vsim;
using namespace std::chrono_literals;
using test::run_coro;

namespace {

const auto id = std::make_shared<const std::string>("one");

server::job sample() { // three rows
    auto m = std::make_shared<proto::system_metrics>();
    m->timestamp.at = util::from_unix_seconds(1795492055);
    return server::sample_job{id, std::move(m)};
}

server::store_limits patient() {
    server::store_limits l;
    l.gather = 1h;
    return l;
}

std::string raw_rows(const test::db_file& file) {
    auto db = file.read();
    return test::row(db, "SELECT count(*) FROM metrics_raw");
}

net::task<> push_and_note(server::store& s, bool& done) {
    co_await net::asio::this_coro::throw_if_cancelled(false);
    auto j = sample();
    co_await s.push(std::move(j));
    done = true;
}

net::task<> flush(server::store& s) {
    const auto done = co_await s.flush();
    CHECK(done.has_value());
}

net::task<> flush_and_note(server::store& s, bool& done) {
    co_await flush(s);
    done = true;
}

// More than a database of a few pages holds.
server::job large() {
    server::save_setting_job j{"large", std::string(200'000, 'x')};
    return j;
}

} // namespace

TEST_CASE("flush returns when everything pushed before can be read, however long jobs may gather") {
    test::db_file file;
    server::store s{server::writer::open(file.path()).value(), patient()};
    run_coro([&]() -> net::task<> {
        co_await flush(s); // nothing to wait for
        for (int i = 0; i < 3; ++i) {
            auto j = sample();
            co_await s.push(std::move(j));
        }
        CHECK(s.figures().queued == 9);
        CHECK(raw_rows(file) == "0");
        co_await flush(s);
        CHECK(raw_rows(file) == "3");
        const auto f = s.figures();
        CHECK(f.queued == 0);
        CHECK(f.rows == 9);
        CHECK(f.refused == 0);
        CHECK(f.transactions == 1);
        CHECK(f.held == 0);
        CHECK(f.error == "");
        co_await s.close();
    });
}

TEST_CASE("jobs are written without a flush after a moment") {
    test::db_file file;
    server::store_limits l;
    l.gather = 10ms;
    server::store s{server::writer::open(file.path()).value(), l};
    run_coro([&]() -> net::task<> {
        auto j = sample();
        co_await s.push(std::move(j));
        const auto here = co_await net::asio::this_coro::executor;
        net::asio::steady_timer pause{here};
        while (s.figures().rows == 0) {
            pause.expires_after(1ms);
            co_await pause.async_wait(net::asio::use_awaitable);
        }
        CHECK(raw_rows(file) == "1");
        co_await s.close();
    });
}

TEST_CASE("who pushes into a full queue waits, in the order of coming, and nothing is lost") {
    test::db_file file;
    auto l = patient();
    l.queue_rows = 7;
    server::store s{server::writer::open(file.path()).value(), l};
    run_coro([&]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        net::group pushers{here};
        bool done[5] = {};
        for (auto& d : done) {
            pushers.spawn(push_and_note(s, d));
        }
        co_await net::asio::post(here, net::asio::use_awaitable);
        co_await net::asio::post(here, net::asio::use_awaitable);
        CHECK(done[0]);
        CHECK(done[1]);
        CHECK(!done[2]);
        CHECK(!done[4]);
        CHECK(s.figures().held == 3);
        pushers.cancel(); // what was pushed is written all the same
        co_await flush(s);
        co_await pushers.drain();
        CHECK(done[4]);
        CHECK(raw_rows(file) == "5");
        CHECK(s.figures().held == 3);
        co_await s.close();
    });
}

TEST_CASE("a job larger than the queue is taken when the queue is empty") {
    test::db_file file;
    auto l = patient();
    l.queue_rows = 1;
    server::store s{server::writer::open(file.path()).value(), l};
    run_coro([&]() -> net::task<> {
        auto j = sample();
        co_await s.push(std::move(j));
        co_await flush(s);
        CHECK(raw_rows(file) == "1");
        co_await s.close();
    });
}

TEST_CASE("a full transaction does not wait for more, and a long queue takes several") {
    test::db_file file;
    auto l = patient();
    l.batch_rows = 6;
    server::store s{server::writer::open(file.path()).value(), l};
    run_coro([&]() -> net::task<> {
        for (int i = 0; i < 10; ++i) {
            auto j = sample();
            co_await s.push(std::move(j));
        }
        co_await flush(s);
        CHECK(raw_rows(file) == "10");
        CHECK(s.figures().transactions == 5);
        co_await s.close();
    });
}

TEST_CASE("close writes what was pushed, and so does the destructor") {
    test::db_file file;
    {
        server::store s{server::writer::open(file.path()).value(), patient()};
        run_coro([&]() -> net::task<> {
            auto j = sample();
            co_await s.push(std::move(j));
            co_await s.close();
            CHECK(raw_rows(file) == "1");
        });
    }
    {
        server::store s{server::writer::open(file.path()).value(), patient()};
        run_coro([&]() -> net::task<> {
            auto j = sample();
            co_await s.push(std::move(j));
        });
    }
    CHECK(raw_rows(file) == "2");
}

TEST_CASE("the clean-up comes round by itself and is counted") {
    test::db_file file;
    auto l = patient();
    l.clean_up_every = 1s;
    {
        auto db = server::database::open_for_writing(file.path()).value();
        REQUIRE(db.execute("INSERT INTO metrics_5sec (server_id,bucket) VALUES ('a',1),('b',2)")
                    .has_value());
    }
    server::store s{server::writer::open(file.path()).value(), l};
    run_coro([&]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        net::asio::steady_timer pause{here};
        while (s.figures().expired < 2) {
            pause.expires_after(5ms);
            co_await pause.async_wait(net::asio::use_awaitable);
        }
        co_await s.close();
    });
}

TEST_CASE("a database that cannot be written is counted and named, and the waiting end") {
    test::db_file file;
    server::store s{server::writer::open(file.path()).value(), patient()};
    {
        auto db = server::database::open_for_writing(file.path()).value();
        REQUIRE(db.execute("DROP TABLE metrics_raw").has_value());
    }
    run_coro([&]() -> net::task<> {
        auto j = sample();
        co_await s.push(std::move(j));
        const auto flushed = co_await s.flush();
        CHECK(flushed.has_value()); // the transaction was committed
        CHECK(s.figures().refused >= 1);
        CHECK(s.figures().error.find("metrics_raw") != std::string::npos);
        co_await s.close();
    });
}

TEST_CASE("a database held by somebody else is waited for, which is said once") {
    test::db_file file;
    std::atomic<int> said{0};
    server::store_hooks hooks;
    hooks.on_trouble = [&](const std::string&) { ++said; };
    server::store s{server::writer::open(file.path()).value(), patient(), hooks};
    auto other = server::database::open_for_writing(file.path()).value();
    REQUIRE(other.execute("BEGIN IMMEDIATE").has_value());
    const auto body = [&]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        auto j = sample();
        co_await s.push(std::move(j));
        bool done = false;
        net::group flushing{here};
        flushing.spawn(flush_and_note(s, done));
        net::asio::steady_timer pause{here};
        pause.expires_after(1500ms); // several tries
        co_await pause.async_wait(net::asio::use_awaitable);
        CHECK(!done);
        CHECK(said == 1);
        CHECK(other.execute("COMMIT").has_value());
        co_await flushing.drain();
        CHECK(done);
        CHECK(raw_rows(file) == "1");
        CHECK(said == 2); // and its end
        CHECK(s.figures().refused == 0);
        CHECK(s.figures().error == "");
        co_await s.close();
    };
    run_coro(body, 20s);
}

TEST_CASE("who is in a hurry does not wait for a database held by somebody else") {
    test::db_file file;
    server::store s{server::writer::open(file.path()).value(), patient()};
    auto other = server::database::open_for_writing(file.path()).value();
    REQUIRE(other.execute("BEGIN IMMEDIATE").has_value());
    run_coro([&]() -> net::task<> {
        auto j = sample();
        co_await s.push(std::move(j));
        s.hurry();
        const auto done = co_await s.flush();
        CHECK(done.has_error());
        CHECK(s.figures().error.find("locked") != std::string::npos);
        co_await s.close();
    });
}

TEST_CASE("on a full disk a transaction is lost as a whole, and those who wait for it are told") {
    test::db_file file;
    auto w = server::writer::open(file.path()).value();
    REQUIRE(w.db().execute("PRAGMA max_page_count=40").has_value());
    std::vector<std::string> said;
    std::size_t lost = 0;
    server::store_hooks hooks;
    hooks.on_trouble = [&](const std::string& what) { said.push_back(what); };
    hooks.on_lost = [&](server::database&, std::span<const server::job> jobs) {
        lost += jobs.size();
    };
    server::store s{std::move(w), patient(), hooks};
    run_coro([&]() -> net::task<> {
        std::vector<server::job> jobs;
        jobs.push_back(sample());
        jobs.push_back(large());
        jobs.push_back(sample()); // would fit
        const auto done = co_await s.commit(std::move(jobs));
        REQUIRE(done.has_error());
        CHECK(done.error().message.find("full") != std::string::npos);
        CHECK(raw_rows(file) == "0");
        CHECK(lost == 3);
        CHECK(s.figures().rows == 0);
        CHECK(s.figures().refused == 7);
        std::vector<server::job> small;
        small.push_back(sample());
        const auto after = co_await s.commit(std::move(small));
        CHECK(after.has_value());
        CHECK(raw_rows(file) == "1");
        CHECK(said.size() == 2);
        co_await s.close();
    });
}
