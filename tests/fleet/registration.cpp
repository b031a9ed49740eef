#include "fleet/registration.hpp"

#include "model/machine.hpp"
#include "server/fixture.hpp"
#include "support/loopback.hpp"

#include <algorithm>
#include <set>

using namespace vsim;
using namespace std::chrono_literals;

namespace {

namespace asio = net::asio;
using strings = std::vector<std::string>;
using durations = std::vector<util::nanoseconds>;
constexpr std::uint64_t seed = 7;
constexpr std::string_view import_target = "/api/servers/import";

net::http_response json(unsigned status, std::string body) {
    net::http_response r;
    r.status = status;
    r.content_type = "application/json";
    r.body = std::move(body);
    return r;
}

net::http_response busy() {
    return json(503, R"({"error":"busy"})");
}

// What a job needs from outside: nobody stops it, and sleeping takes no time.
struct surroundings {
    stats::recorder counts{1};
    durations slept;
    std::function<bool()> is_stopped = [] { return false; };

    fleet::job job(fleet::admin& a) {
        fleet::job j;
        j.server = &a;
        j.counts = &counts;
        j.is_stopped = is_stopped;
        j.sleep = [this](util::nanoseconds d) -> net::task<> {
            slept.push_back(d);
            co_return;
        };
        return j;
    }
    std::uint64_t registered() const { return counts.total(stats::counter::servers_registered); }
    std::uint64_t deleted() const { return counts.total(stats::counter::servers_deleted); }
    std::uint64_t calls() const { return counts.take()[stats::latency::register_].count(); }
    strings errors() const {
        strings kinds;
        for (const auto& [kind, seen] : counts.take().errors) {
            kinds.push_back(kind + ": " + seen.example);
        }
        return kinds;
    }
};

// A proxy before the reference server that may answer in its place (`instead`) or change what it
// answered (`afterwards`). Both run on its thread; look at `seen` after stop().
class front {
public:
    test::running real;
    std::function<std::optional<net::http_response>(const net::http_request&)> instead;
    std::function<void(const net::http_request&, net::http_response&)> afterwards;
    strings seen; // methods and targets

    front() {
        net::listener_handlers h;
        h.on_request = [this](net::http_request r) -> net::task<net::http_response> {
            seen.push_back(r.method + " " + r.target);
            if (instead) {
                if (auto own = instead(r)) {
                    co_return std::move(*own);
                }
            }
            auto answer = co_await real.http(r);
            if (afterwards) {
                afterwards(r, answer);
            }
            co_return answer;
        };
        proxy_.emplace(std::move(h));
    }
    net::endpoint endpoint() const { return proxy_->endpoint(); }
    net::task<> stop() { return proxy_->stop(); }
    auto times(const std::string& what) const { return std::ranges::count(seen, what); }

private:
    std::optional<test::loopback> proxy_;
};

net::task<fleet::admin> admin_of(net::endpoint to, std::string token) {
    const auto where = co_await asio::this_coro::executor;
    co_return fleet::admin{where, std::move(to), std::move(token)};
}

net::task<std::vector<proto::server_object>> listed(test::running& s) {
    auto a = co_await admin_of(s.endpoint(), "");
    auto list = co_await a.servers();
    REQUIRE(list.has_value());
    co_return std::move(*list);
}

// Registers `count` servers P000.. through `f`.
util::result<fleet::registered> register_through(front& f, surroundings& s, std::uint32_t count) {
    util::result<fleet::registered> got;
    test::run_coro([&]() -> net::task<> {
        auto a = co_await admin_of(f.endpoint(), f.real->admin_token());
        auto j = s.job(a);
        got = co_await fleet::register_fleet(std::move(j), seed, count, "P");
        co_await f.stop();
    });
    return got;
}

bool is_import(const net::http_request& r) {
    return r.target == import_target;
}
bool is_list(const net::http_request& r) {
    return r.method == "GET";
}
bool is_delete(const net::http_request& r) {
    return r.method == "DELETE";
}

// For `front::instead`: of the requests that `which` picks, those from number `first` to `last`
// are answered with `r`.
auto answer_with(
    net::http_response r, bool (*which)(const net::http_request&), int first = 1, int last = 1000
) {
    return [=, n = 0](const net::http_request& q) mutable -> std::optional<net::http_response> {
        if (which(q) && ++n >= first && n <= last) {
            return r;
        }
        return std::nullopt;
    };
}

} // namespace

TEST_CASE("names have at least three digits") {
    CHECK(fleet::server_name("P", 0) == "P000");
    CHECK(fleet::server_name("P", 42) == "P042");
    CHECK(fleet::server_name("", 999) == "999");
    CHECK(fleet::server_name("web-", 12345) == "web-12345");
}

TEST_CASE("250 servers come into being in three imports, in the order of their indices") {
    test::running s;
    surroundings around;
    test::run_coro([&]() -> net::task<> {
        auto a = co_await admin_of(s.endpoint(), s->admin_token());
        auto j = around.job(a);
        const auto got = co_await fleet::register_fleet(std::move(j), seed, 250, "P");
        REQUIRE(got.has_value());
        CHECK(!got->stopped);
        const auto list = co_await listed(s);
        REQUIRE(list.size() == 250);
        REQUIRE(got->agents.size() == 250);
        REQUIRE(got->created.size() == 250);
        for (std::uint32_t i = 0; i < 250; ++i) {
            const auto& one = list[i];
            const agent::identity expected{i, fleet::server_name("P", i), one.id, one.token};
            CHECK(got->agents[i] == expected);
            CHECK(got->created[i] == one.id);
            const model::machine machine{seed, i};
            CHECK(one.fields.location == machine.location_name());
            CHECK(one.fields.provider == machine.provider());
        }
    });
    CHECK(around.calls() == 3);
    CHECK(around.registered() == 250);
    CHECK(around.slept.empty());
    CHECK(around.errors().empty());
}

TEST_CASE("servers that exist are used as they are, of several with one name the first") {
    test::running s;
    surroundings around;
    test::run_coro([&]() -> net::task<> {
        auto a = co_await admin_of(s.endpoint(), s->admin_token());
        for (const auto* name : {"P001", "P001", "P0"}) {
            proto::server_fields row;
            row.name = name;
            const auto made = co_await a.create(std::move(row));
            CHECK(made.has_value());
        }
        const auto before = co_await listed(s);
        auto j = around.job(a);
        const auto got = co_await fleet::register_fleet(j, seed, 3, "P");
        REQUIRE(got.has_value());
        REQUIRE(got->agents.size() == 3);
        CHECK(got->agents[1].id == before[0].id);
        const strings expected{got->agents[0].id, got->agents[2].id};
        CHECK(got->created == expected);

        const auto again = co_await fleet::register_fleet(j, seed, 3, "P");
        REQUIRE(again.has_value());
        CHECK(again->agents == got->agents);
        CHECK(again->created.empty());
    });
    CHECK(around.registered() == 2);
    CHECK(around.calls() == 1);
}

TEST_CASE("an import that was carried out though its answer was lost is not repeated") {
    front f;
    surroundings s;
    f.afterwards = [lost = false](const auto& r, auto& answer) mutable {
        if (is_import(r) && !std::exchange(lost, true)) {
            answer = json(502, "Bad Gateway");
        }
    };
    const auto got = register_through(f, s, 150);
    REQUIRE(got.has_value());
    CHECK(got->agents.size() == 150);
    CHECK(std::set(got->created.begin(), got->created.end()).size() == 150);
    CHECK(got->created.size() == 150);
    CHECK(s.registered() == 150);
    CHECK((s.slept == durations{500ms}));
    CHECK(s.errors().empty());
    CHECK(f.times("POST /api/servers/import") == 2);
}

TEST_CASE("an import that failed without effect is tried again, with growing pauses") {
    front f;
    surroundings s;
    f.instead = answer_with(busy(), is_import, 1, 3);
    const auto got = register_through(f, s, 3);
    REQUIRE(got.has_value());
    CHECK(got->agents.size() == 3);
    CHECK((s.slept == durations{500ms, 1s, 2s}));
    CHECK(s.errors().empty());
    CHECK(f.times("GET /api/servers") == 5); // before, before each new try, after
}

TEST_CASE("after four tries registering ends, with what there is") {
    front f;
    surroundings s;
    f.instead = answer_with(busy(), is_import, 2);
    const auto got = register_through(f, s, 350);
    REQUIRE(got.has_value());
    CHECK(got->agents.size() == 100);
    CHECK(got->created.size() == 100);
    CHECK(!got->stopped);
    CHECK(f.times("POST /api/servers/import") == 5);
    const auto errors = s.errors();
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].starts_with("register.protocol: 127.0.0.1:"));
    CHECK(errors[0].ends_with(" answered POST /api/servers/import with 503 (busy)"));
}

TEST_CASE("when nothing could be registered the last failure is the error") {
    struct row {
        unsigned status;
        const char* body;
        const char* why;
        std::ptrdiff_t tries;
    };
    const row table[] = {
        {500, R"({"error":"busy"})", "with 500 (busy)", 4},
        {400, R"({"error":"Invalid JSON format"})", "with 400 (Invalid JSON format)", 1},
        {200,
         R"({"success":0,"failed":2,"errors":["Row 1: no"],"server_ids":[]})",
         "refused 2 of 2 servers: Row 1: no",
         1},
        {200, "{}", "does not list 2 of the servers with a token", 1},
        {200, "[]", "is not what vStats sends", 1},
    };
    for (const auto& r : table) {
        CAPTURE(r.why);
        front f;
        surroundings s;
        f.instead = answer_with(json(r.status, r.body), is_import);
        const auto got = register_through(f, s, 2);
        REQUIRE(got.has_error());
        CHECK(got.error().code == util::errc::protocol);
        CHECK_MESSAGE(got.error().message.find(r.why) != std::string::npos, got.error().message);
        CHECK(f.times("POST /api/servers/import") == r.tries);
        CHECK(s.counts.error_total() == 1);
    }
}

TEST_CASE("rows that the server refuses are counted and absent; the others go on") {
    front f;
    surroundings s;
    const auto* refusal = R"({"success":0,"failed":100,"errors":["Row 1: no"]})";
    f.instead = answer_with(json(200, refusal), is_import, 1, 1);
    const auto got = register_through(f, s, 130);
    REQUIRE(got.has_value());
    REQUIRE(got->agents.size() == 30);
    CHECK(got->agents.front().index == 100);
    const auto errors = s.errors();
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].starts_with("register.refused: "));
}

TEST_CASE("without import the servers are created one by one") {
    front f;
    surroundings s;
    f.instead = [n = 0](const auto& r) mutable -> std::optional<net::http_response> {
        if (is_import(r)) {
            return json(404, "404 page not found");
        }
        if (r.method == "POST" && ++n == 2) {
            return json(500, "");
        }
        return std::nullopt;
    };
    const auto got = register_through(f, s, 5);
    REQUIRE(got.has_value());
    CHECK(got->agents.size() == 5);
    CHECK(got->created.size() == 5);
    CHECK(s.registered() == 5);
    CHECK(s.errors().empty());
    CHECK((s.slept == durations{500ms}));
    CHECK(f.times("POST /api/servers/import") == 1);
    CHECK(f.times("POST /api/servers") == 6);
}

TEST_CASE("a refused token ends registering and deleting with an error that hides it") {
    test::running s;
    surroundings around;
    test::run_coro([&]() -> net::task<> {
        auto a = co_await admin_of(s.endpoint(), "s3cret");
        auto j = around.job(a);
        const auto got = co_await fleet::register_fleet(j, seed, 3, "P");
        REQUIRE(got.has_error());
        CHECK(got.error().code == util::errc::auth);
        CHECK(got.error().message.find("s3cret") == std::string::npos);
        strings ids{"x"};
        const auto gone = co_await fleet::remove_servers(j, std::move(ids));
        REQUIRE(gone.has_error());
        CHECK(gone.error().code == util::errc::auth);
    });
    CHECK(around.slept.empty());
}

TEST_CASE("a stop between imports leaves what was registered, tokens included") {
    front f;
    surroundings s;
    s.is_stopped = [&] { return s.registered() > 0; };
    const auto got = register_through(f, s, 250);
    REQUIRE(got.has_value());
    CHECK(got->stopped);
    CHECK(got->created.size() == 100);
    REQUIRE(got->agents.size() == 100);
    CHECK(std::ranges::all_of(got->agents, [](const auto& a) { return !a.token.empty(); }));
    CHECK(s.errors().empty());
}

TEST_CASE("a stop while waiting for the next try is no error") {
    front f;
    surroundings s;
    s.is_stopped = [&] { return !s.slept.empty(); };
    f.instead = answer_with(busy(), is_import);
    const auto got = register_through(f, s, 250);
    REQUIRE(got.has_value());
    CHECK(got->stopped);
    CHECK(got->agents.empty());
    CHECK(got->created.empty());
    CHECK(s.errors().empty());
}

TEST_CASE("ids are kept for a clean-up when the tokens cannot be had") {
    front f;
    surroundings s;
    f.instead = answer_with(busy(), is_list, 2);
    const auto got = register_through(f, s, 2);
    REQUIRE(got.has_value());
    CHECK(got->agents.empty());
    CHECK(got->created.size() == 2);
    CHECK(s.counts.error_total() == 1);
}

namespace {

struct cleaned {
    util::result<fleet::removal> removal;
    std::size_t left = 0;
};

// Registers `count` servers and one of another name, then removes the former through `f`.
cleaned clean_up_through(front& f, surroundings& s, std::uint32_t count) {
    cleaned got;
    test::run_coro([&]() -> net::task<> {
        auto direct = co_await admin_of(f.real.endpoint(), f.real->admin_token());
        surroundings undisturbed;
        auto first = undisturbed.job(direct);
        co_await fleet::register_fleet(first, seed, 1, "other");
        co_await fleet::register_fleet(std::move(first), seed, count, "P");
        auto ids = co_await fleet::with_prefix(direct, "P");
        REQUIRE(ids.has_value());
        CHECK(ids->size() == count);

        auto a = co_await admin_of(f.endpoint(), f.real->admin_token());
        auto j = s.job(a);
        got.removal = co_await fleet::remove_servers(std::move(j), *std::move(ids));
        const auto left = co_await listed(f.real);
        got.left = left.size();
        co_await f.stop();
    });
    return got;
}

} // namespace

TEST_CASE("exactly the given servers are deleted, few of them without a rest") {
    front f;
    surroundings s;
    const auto got = clean_up_through(f, s, 120);
    REQUIRE(got.removal.has_value());
    CHECK(got.removal->deleted == 120);
    CHECK(got.removal->remaining == 0);
    CHECK(!got.removal->stopped);
    CHECK(got.left == 1);
    CHECK(s.deleted() == 120);
    CHECK(s.slept.empty());
}

TEST_CASE("a delete that failed once is tried again") {
    front f;
    surroundings s;
    f.instead = answer_with(busy(), is_delete, 2, 2);
    const auto got = clean_up_through(f, s, 3);
    REQUIRE(got.removal.has_value());
    CHECK(got.removal->deleted == 3);
    CHECK(got.removal->remaining == 0);
    CHECK((s.slept == durations{500ms}));
    CHECK(s.errors().empty());
}

TEST_CASE("a delete that keeps failing ends the clean-up, which says what remains") {
    front f;
    surroundings s;
    f.instead = answer_with(busy(), is_delete, 2);
    const auto got = clean_up_through(f, s, 3);
    REQUIRE(got.removal.has_value());
    CHECK(got.removal->deleted == 1);
    CHECK(got.removal->remaining == 2);
    CHECK(!got.removal->stopped);
    CHECK(got.left == 3);
    const auto errors = s.errors();
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].starts_with("cleanup.protocol: "));
    CHECK(errors[0].ends_with("with 503 (busy)"));
}

TEST_CASE("a delete without effect is found out") {
    front f;
    surroundings s;
    f.instead = answer_with(json(200, ""), is_delete);
    const auto got = clean_up_through(f, s, 3);
    REQUIRE(got.removal.has_value());
    CHECK(got.removal->remaining == 3);
}

TEST_CASE("a stopped clean-up says how much it did not delete") {
    front f;
    surroundings s;
    s.is_stopped = [&] { return s.deleted() == 2; };
    const auto got = clean_up_through(f, s, 5);
    REQUIRE(got.removal.has_value());
    CHECK(got.removal->stopped);
    CHECK(got.removal->deleted == 2);
    CHECK(got.removal->remaining == 3);
    CHECK(got.left == 4);
}

TEST_CASE("deletes pause before the server saves and go on when it has") {
    const util::steady_time start{1000s};
    fleet::delete_pace pace;
    const auto rest_at = [&](util::nanoseconds after) {
        return pace.rest_before_next(start + after);
    };
    CHECK(rest_at(0s) == 0s);
    CHECK(rest_at(3999ms) == 0s);
    CHECK(rest_at(4s) == 3s); // until 7 s, where the next span begins
    CHECK(rest_at(7s) == 0s);
    CHECK(rest_at(10999ms) == 0s);
    CHECK(rest_at(11500ms) == 2500ms);
    CHECK(rest_at(14s) == 0s);
    CHECK(rest_at(30s) == 0s); // the save is long over
    CHECK(rest_at(33s) == 0s);
    CHECK(rest_at(34s) == 3s);
}
