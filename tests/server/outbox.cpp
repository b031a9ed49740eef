#include "server/outbox.hpp"

#include "fake_peer.hpp"
#include "support/run_coro.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <string>
#include <vector>

using namespace vsim;
using server::outbox;
using test::fake_peer;
using test::run_coro;
using texts = std::vector<std::string>;

namespace {

server::text_ptr text(std::string s) {
    return std::make_shared<const std::string>(std::move(s));
}

// Lets everything that is ready run.
net::task<> settle() {
    const auto here = co_await net::asio::this_coro::executor;
    for (int i = 0; i < 10; ++i) {
        co_await net::asio::post(here, net::asio::use_awaitable);
    }
}

net::task<> send_and_note(std::shared_ptr<outbox> out, std::string what, bool& done) {
    auto shared = text(std::move(what));
    co_await out->send(std::move(shared));
    done = true;
}

} // namespace

TEST_CASE("texts go out in the order of their posting") {
    run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        net::group writers{here};
        const auto peer = std::make_shared<fake_peer>(here);
        const auto out = std::make_shared<outbox>(peer, writers, 16, false);
        CHECK(out->post(text("a")));
        CHECK(out->post(text("b")));
        auto c = text("c");
        co_await out->send(std::move(c));
        CHECK(out->post(text("d")));
        co_await writers.drain();
        CHECK(peer->sent == texts{"a", "b", "c", "d"});
        co_await out->end();
        CHECK(peer->is_aborted);
    });
}

TEST_CASE("a full queue refuses what is posted; who sends waits for room") {
    run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        net::group writers{here};
        const auto peer = std::make_shared<fake_peer>(here);
        peer->is_deaf = true;
        const auto out = std::make_shared<outbox>(peer, writers, 2, false);
        CHECK(out->post(text("a")));
        co_await settle(); // being written, no more in the queue
        CHECK(out->post(text("b")));
        CHECK(out->post(text("c")));
        CHECK(!out->post(text("d")));
        bool done = false;
        net::group senders{here};
        senders.spawn(send_and_note(out, "e", done));
        co_await settle();
        CHECK(!done);
        peer->let_go();
        co_await senders.drain();
        co_await writers.drain();
        CHECK(done);
        CHECK(peer->sent == texts{"a", "b", "c", "e"});
        CHECK(out->post(text("f")));
        co_await writers.drain();
        CHECK(peer->sent.back() == "f");
        co_await out->end();
    });
}

TEST_CASE("the end of a connection lets a waiting sender go and waits for the writing") {
    run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        net::group writers{here};
        const auto peer = std::make_shared<fake_peer>(here);
        peer->is_deaf = true;
        const auto out = std::make_shared<outbox>(peer, writers, 1, false);
        out->post(text("a"));
        co_await settle();
        out->post(text("b"));
        bool done = false;
        net::group senders{here};
        senders.spawn(send_and_note(out, "c", done));
        co_await settle();
        peer->abort();
        co_await senders.drain();
        CHECK(done);
        co_await out->end();
        co_await writers.drain();
        CHECK(peer->sent.empty());
        CHECK(!out->post(text("d")));
    });
}

TEST_CASE("a held outbox gathers until it is released") {
    run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        net::group writers{here};
        const auto peer = std::make_shared<fake_peer>(here);
        const auto out = std::make_shared<outbox>(peer, writers, 2, true);
        CHECK(out->post(text("a")));
        CHECK(out->post(text("b")));
        CHECK(!out->post(text("c")));
        co_await settle();
        CHECK(peer->sent.empty());
        co_await out->release();
        CHECK(peer->sent == texts{"a", "b"});
        CHECK(out->post(text("d")));
        co_await writers.drain();
        CHECK(peer->sent == texts{"a", "b", "d"});
        co_await out->end();
    });
}

TEST_CASE("a connection is dropped once, and what was queued is forgotten") {
    run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        net::group writers{here};
        const auto peer = std::make_shared<fake_peer>(here);
        peer->is_deaf = true;
        const auto out = std::make_shared<outbox>(peer, writers, 4, false);
        out->post(text("a"));
        out->post(text("b"));
        CHECK(out->drop());
        CHECK(!out->drop());
        CHECK(!out->post(text("c")));
        co_await writers.drain();
        CHECK(peer->is_aborted);
        CHECK(peer->sent.empty());
        co_await out->end();
    });
}
