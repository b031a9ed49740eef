#include "verify/check.hpp"

#include "net/group.hpp"
#include "verify/cause.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace vsim::verify {
namespace {

constexpr std::size_t examples_of_a_kind = 4; // that a worker keeps
constexpr std::size_t most_examples = 10;
constexpr std::size_t most_buckets_watched = 200'000;

// Granularity, target or not, raw or not, kind: examples are spread over them.
using sort_of_difference = std::tuple<proto::granularity, bool, bool, kind>;

sort_of_difference sort_of(const difference& d) {
    return {d.granularity, !d.target.empty(), d.is_raw, d.what};
}

bool has_found(const counts& c) {
    return c.found + c.foreign > 0;
}

// A difference that may become an example, while its cause is not known.
struct candidate {
    candidate(const difference& d, std::size_t a) : what{d}, target{d.target}, agent{a} {
        what.target = {};
    }

    difference what;
    std::string target;
    std::size_t agent;
    bool has_nothing = false, has_nothing_at_all = false;

    void note(const agent_counts& c) {
        const auto g = proto::position(what.granularity);
        has_nothing = !has_found(what.is_raw ? c.raw : target.empty() ? c.metrics[g] : c.pings[g]);
        has_nothing_at_all = !has_found(c.raw) && std::ranges::none_of(c.metrics, has_found) &&
                             std::ranges::none_of(c.pings, has_found);
    }
};

// A five-second row, or its samples, that many agents may lack for one reason.
bool is_watched(const difference& d) {
    return d.what == kind::missing && d.granularity == proto::granularity::sec5 &&
           d.target.empty() && d.field.found == 0;
}
std::int64_t watched(const difference& d) {
    return 2 * d.bucket + (d.is_raw ? 1 : 0);
}

// What one worker, or all of them, found out.
struct tally {
    agent_counts clean, off; // of the agents of whom everything is as it should be; of the others
    std::uint64_t unreadable = 0, with_loss = 0, unjudged = 0;
    std::string error;
    std::map<sort_of_difference, std::vector<candidate>> examples;
    std::unordered_map<std::int64_t, std::uint32_t> lacking; // agents
    std::vector<std::size_t> suspects;                       // agents to be looked at again

    void merge(tally&& other);
};

void tally::merge(tally&& other) {
    clean += other.clean;
    off += other.off;
    unreadable += other.unreadable;
    with_loss += other.with_loss;
    unjudged += other.unjudged;
    if (error.empty()) {
        error = std::move(other.error);
    }
    for (auto& [sort, list] : other.examples) {
        auto& mine = examples[sort];
        std::ranges::move(list, std::back_inserter(mine));
        std::ranges::sort(mine, {}, [](const candidate& e) {
            return std::pair{e.agent, e.what.bucket};
        });
    }
    for (const auto& [bucket, agents] : other.lacking) {
        lacking[bucket] += agents;
    }
    std::ranges::move(other.suspects, std::back_inserter(suspects));
}

std::uint64_t rows_off(const agent_counts& c) {
    std::uint64_t sum = c.raw.missing + c.raw.altered;
    for (std::size_t g = 0; g < proto::granularity_count; ++g) {
        sum += c.metrics[g].missing + c.metrics[g].altered;
        sum += c.pings[g].missing + c.pings[g].altered;
    }
    return sum;
}

// One reading of some agents.
class pass {
public:
    pass(const ledger& l, std::vector<std::size_t> which, std::atomic<std::uint64_t>* done)
        : ledger_{l}, which_{std::move(which)}, done_{done} {}

    net::task<tally> run(std::vector<worker>& workers) {
        const auto here = co_await net::asio::this_coro::executor;
        net::group tasks{here};
        std::vector<tally> parts(workers.size());
        for (std::size_t i = 0; i < workers.size(); ++i) {
            tasks.spawn(workers[i].where, work(*workers[i].from, parts[i]));
        }
        co_await tasks.drain();
        tally whole;
        for (auto& part : parts) {
            whole.merge(std::move(part));
        }
        co_return whole;
    }

private:
    net::task<> work(source& from, tally& to) {
        expected_rows expected;
        stored_rows stored;
        for (;;) {
            const auto i = next_++;
            if (i >= which_.size()) {
                co_return;
            }
            const auto agent = which_[i];
            const auto& entry = ledger_.agents[agent];
            expect(ledger_, entry, expected);
            const auto read = co_await from.read(entry, expected, stored);
            if (!read) {
                ++to.unreadable;
                to.suspects.push_back(agent);
                if (to.error.empty()) {
                    to.error = read.error().message;
                }
            } else {
                judge(agent, expected, stored, to);
            }
            if (done_ != nullptr) {
                ++*done_;
            }
        }
    }

    void judge(
        std::size_t agent, const expected_rows& expected, const stored_rows& stored, tally& to
    ) const {
        const auto tell = [&](const difference& d) {
            if (is_watched(d) && to.lacking.size() < most_buckets_watched) {
                ++to.lacking[watched(d)];
            }
            auto& list = to.examples[sort_of(d)];
            if (list.size() < examples_of_a_kind) {
                list.push_back({d, agent});
            }
        };
        const auto found = compare(expected, stored, tell);
        to.unjudged += expected.is_judged ? 0 : 1;
        if (found.is_clean()) {
            to.clean += found;
            return;
        }
        to.off += found;
        ++to.with_loss;
        to.suspects.push_back(agent);
        for (auto& [sort, list] : to.examples) {
            for (auto& e : list) {
                if (e.agent == agent) {
                    e.note(found);
                }
            }
        }
    }

    const ledger& ledger_;
    const std::vector<std::size_t> which_;
    std::atomic<std::uint64_t>* done_;
    std::atomic<std::size_t> next_ = 0;
};

// The first of every sort, then the second, until there are enough.
std::vector<example> chosen(const ledger& l, const tally& t, std::size_t agents) {
    std::vector<example> out;
    for (std::size_t round = 0; round < examples_of_a_kind; ++round) {
        for (const auto& [sort, list] : t.examples) {
            if (round >= list.size() || out.size() >= most_examples) {
                continue;
            }
            const auto& c = list[round];
            const auto lacking = t.lacking.find(watched(c.what));
            const auto share =
                is_watched(c.what) && lacking != t.lacking.end() && agents > 1
                    ? static_cast<double>(lacking->second) / static_cast<double>(agents)
                    : 0;
            const surroundings_of_loss around{
                l, l.agents[c.agent], share, c.has_nothing, c.has_nothing_at_all
            };
            out.push_back({c.what, c.target, c.agent, cause_of(c.what, around)});
        }
    }
    return out;
}

} // namespace

std::vector<std::size_t> spread(std::size_t how_many, std::size_t all) {
    const auto count = how_many == 0 ? all : std::min(how_many, all);
    std::vector<std::size_t> which;
    which.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        which.push_back(i * all / count);
    }
    return which;
}

net::task<outcome> check(const ledger& l, std::vector<worker> workers, check_options options) {
    auto which = spread(options.how_many, l.agents.size());
    const auto agents = which.size();
    pass first{l, std::move(which), options.done};
    auto found = co_await first.run(workers);
    std::uint64_t late = 0;
    bool does_help = static_cast<bool>(options.rest);
    for (int n = 1; n < most_readings && does_help && !found.suspects.empty(); ++n) {
        co_await options.rest();
        std::ranges::sort(found.suspects);
        pass next{l, found.suspects, nullptr};
        auto again = co_await next.run(workers);
        if (again.unreadable > found.unreadable) {
            break; // what was seen of them before stands
        }
        const auto came = rows_off(found.off) - std::min(rows_off(found.off), rows_off(again.off));
        does_help = came > 0 || again.unreadable < found.unreadable;
        late += came;
        again.clean += found.clean;
        again.unjudged += found.unjudged;
        found = std::move(again);
    }
    outcome o;
    o.agents = agents;
    o.all = found.clean;
    o.all += found.off;
    o.late = late;
    o.unreadable = found.unreadable;
    o.with_loss = found.with_loss;
    o.unjudged = found.unjudged;
    o.error = found.error;
    o.examples = chosen(l, found, agents);
    co_return o;
}

} // namespace vsim::verify
