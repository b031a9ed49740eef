#include "fleet/registration.hpp"

#include "model/machine.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <chrono>
#include <iterator>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace vsim::fleet {
namespace {

using util::errc;
using util::make_error;
using server_list = std::vector<proto::server_object>;

// Between the tries of a call, of which there is one more.
constexpr std::array<util::nanoseconds, 3> pauses{
    util::milliseconds{500}, util::seconds{1}, util::seconds{2}
};

bool may_pass(errc code, unsigned status) {
    switch (code) {
    case errc::unreachable:
    case errc::timeout:
    case errc::closed:
        return true;
    case errc::protocol: // 0: the answer broke off
        return status == 0 || status >= 500;
    default:
        return false;
    }
}

// The tries of one call, counted and spaced.
class patience {
public:
    explicit patience(const job& j) : job_{&j} {}

    // After a failed try: true when it is time for another one, false when the call is to be given
    // up.
    net::task<bool> another_after(errc code) {
        if (used_ == pauses.size() || !may_pass(code, job_->server->last_status()) ||
            job_->is_stopped()) {
            co_return false;
        }
        const auto pause = pauses[used_++];
        co_await job_->sleep(pause);
        co_return !job_->is_stopped();
    }
    void renew() { used_ = 0; }

private:
    const job* job_;
    std::size_t used_ = 0;
};

net::task_result<server_list> list_patiently(const job& j) {
    patience tries{j};
    for (;;) {
        auto list = co_await j.server->servers();
        if (list) {
            co_return std::move(*list);
        }
        const auto again = co_await tries.another_after(list.error().code);
        if (!again) {
            co_return list.error();
        }
    }
}

class registrar {
public:
    registrar(job j, std::uint64_t seed, std::uint32_t count, const std::string& prefix)
        : job_{std::move(j)}, seed_{seed}, tries_{job_}, agents_(count), was_missing_(count) {
        names_.reserve(count);
        for (std::uint32_t i = 0; i < count; ++i) {
            index_of_.emplace(names_.emplace_back(server_name(prefix, i)), i);
        }
    }
    registrar(const registrar&) = delete;
    registrar& operator=(const registrar&) = delete;

    net::task_result<registered> run() {
        const auto found = co_await list_patiently(job_);
        if (!found && !job_.is_stopped()) {
            co_return found.error();
        }
        if (found) {
            take_stock(*found, false);
            const auto added = co_await add_missing();
            if (!added) {
                refused_ = added.error();
            }
        }
        if (refused_ && created_.empty()) {
            co_return *refused_;
        }
        auto result = outcome();
        const bool has_an_excuse = result.stopped || failure_ || refused_;
        if (!has_an_excuse && result.agents.size() < names_.size()) {
            const auto absent = std::to_string(names_.size() - result.agents.size());
            blame("missing", "does not list " + absent + " of the servers with a token");
        }
        if (failure_ && !result.stopped && result.agents.empty() && result.created.empty()) {
            co_return *failure_;
        }
        co_return result;
    }

private:
    void fail(std::string_view kind, util::error e) {
        job_.counts->error("register." + std::string{kind}, e.message);
        failure_ = std::move(e);
    }
    void blame(std::string_view kind, const std::string& what) {
        fail(kind, make_error(errc::protocol, job_.server->peer() + " " + what));
    }

    registered outcome() const {
        registered r;
        std::ranges::copy_if(agents_, std::back_inserter(r.agents), [](const auto& a) {
            return !a.token.empty();
        });
        r.created = created_;
        r.stopped = job_.is_stopped();
        r.refused = refused_;
        return r;
    }

    // An id of ours that was not seen before is of our making.
    void note_created(const std::string& id) {
        if (!id.empty() && seen_.insert(id).second) {
            created_.push_back(id);
            job_.counts->add(stats::counter::servers_registered);
        }
    }

    // Who is there, by name; of several with one name the first.
    void take_stock(const server_list& list, bool after_adding) {
        std::ranges::fill(agents_, agent::identity{});
        for (const auto& s : list) {
            const auto found = index_of_.find(s.fields.name);
            if (found == index_of_.end() || s.id.empty()) {
                continue;
            }
            const auto index = found->second;
            if (!after_adding) {
                seen_.insert(s.id);
            } else if (was_missing_[index]) {
                note_created(s.id);
            }
            auto& agent = agents_[index];
            if (agent.id.empty()) {
                agent.index = index;
                agent.name = s.fields.name;
                agent.id = s.id;
                agent.token = s.token;
            }
        }
    }

    // An error: the token was refused; any other failure is noted.
    net::task_result<> add_missing() {
        for (std::uint32_t i = 0; i < names_.size(); ++i) {
            was_missing_[i] = agents_[i].id.empty();
            if (was_missing_[i]) {
                missing_.push_back(i);
            }
        }
        if (missing_.empty()) {
            co_return util::result<void>{};
        }
        while (!missing_.empty() && !job_.is_stopped()) {
            const auto done = co_await step();
            if (done) {
                continue;
            }
            const auto why = done.error();
            if (why.code == errc::auth) {
                co_return why;
            }
            if (why.code == errc::not_found && has_import_) {
                has_import_ = false;
                continue;
            }
            is_unsure_ = true;
            const auto again = co_await tries_.another_after(why.code);
            if (!again && !job_.is_stopped()) {
                fail(name(why.code), why);
                break;
            }
        }
        // The answers hold ids only; the tokens are in the list.
        const auto all = co_await list_patiently(job_);
        if (all) {
            take_stock(*all, true);
        } else if (!job_.is_stopped()) {
            fail(name(all.error().code), all.error());
        }
        co_return util::result<void>{};
    }

    // One call: after a failure a look at what has arrived nevertheless, else the next to add.
    net::task_result<> step() {
        if (is_unsure_) {
            const auto list = co_await job_.server->servers();
            if (!list) {
                co_return list.error();
            }
            is_unsure_ = false;
            take_stock(*list, true);
            std::erase_if(missing_, [&](auto i) { return !agents_[i].id.empty(); });
            co_return util::result<void>{};
        }
        const auto n = std::min(missing_.size(), has_import_ ? import_limit : 1);
        const auto reply = co_await add_first(n);
        if (!reply) {
            co_return reply.error();
        }
        tries_.renew();
        std::ranges::for_each(reply->server_ids, [&](const auto& id) { note_created(id); });
        missing_.erase(missing_.begin(), missing_.begin() + static_cast<std::ptrdiff_t>(n));
        if (reply->failed > 0) {
            const auto how_many = std::to_string(reply->failed) + " of " + std::to_string(n);
            const auto why = reply->errors.empty() ? "no reason given" : reply->errors.front();
            blame("refused", "refused " + how_many + " servers: " + why);
        }
        co_return util::result<void>{};
    }

    net::task_result<proto::import_reply> add_first(std::size_t n) {
        std::vector<proto::server_fields> rows(n);
        for (std::size_t i = 0; i < n; ++i) {
            const model::machine machine{seed_, missing_[i]};
            rows[i].name = names_[missing_[i]];
            rows[i].location = machine.location_name();
            rows[i].provider = machine.provider();
        }
        const auto start = std::chrono::steady_clock::now();
        if (has_import_) {
            auto reply = co_await job_.server->import(std::move(rows));
            record_since(start);
            co_return reply;
        }
        auto made = co_await job_.server->create(std::move(rows.front()));
        record_since(start);
        if (!made) {
            co_return made.error();
        }
        proto::import_reply reply;
        reply.success = 1;
        reply.server_ids.push_back(std::move(made->id));
        co_return reply;
    }

    void record_since(util::steady_time start) {
        const auto took = std::chrono::steady_clock::now() - start;
        job_.counts->record(stats::latency::register_, took);
    }

    job job_;
    std::uint64_t seed_;
    patience tries_;
    std::vector<std::string> names_; // by index
    std::unordered_map<std::string, std::uint32_t> index_of_;
    std::vector<agent::identity> agents_; // by index; without id: not listed
    std::vector<bool> was_missing_;       // by index
    std::vector<std::uint32_t> missing_;  // ascending
    std::unordered_set<std::string> seen_;
    std::vector<std::string> created_;
    std::optional<util::error> failure_; // the last
    std::optional<util::error> refused_; // the token
    bool has_import_ = true;
    bool is_unsure_ = false; // a call failed that may have been carried out
};

class remover {
public:
    explicit remover(job j) : job_{std::move(j)} {}

    net::task_result<removal> run(std::vector<std::string> ids) {
        for (const auto& id : ids) {
            const auto gone = co_await remove(id);
            if (gone) {
                ++result_.deleted;
                job_.counts->add(stats::counter::servers_deleted);
                continue;
            }
            const auto why = gone.error();
            if (why.code == errc::auth) {
                co_return why;
            }
            if (why.code != errc::cancelled) {
                fail(why);
            }
            break;
        }
        result_.stopped = result_.deleted < ids.size() && job_.is_stopped();
        result_.remaining = ids.size() - result_.deleted;
        if (result_.stopped || ids.empty()) {
            co_return result_;
        }
        const auto left = co_await list_patiently(job_);
        if (left) {
            const std::unordered_set<std::string> ours(ids.begin(), ids.end());
            result_.remaining = static_cast<std::size_t>(
                std::ranges::count_if(*left, [&](const auto& s) { return ours.contains(s.id); })
            );
        } else if (!job_.is_stopped()) {
            fail(left.error());
        }
        co_return result_;
    }

private:
    void fail(const util::error& e) {
        job_.counts->error("cleanup." + std::string{name(e.code)}, e.message);
    }

    // errc::cancelled: stopped.
    net::task_result<> remove(std::string id) {
        patience tries{job_};
        for (;;) {
            const auto rest = pace_.rest_before_next(std::chrono::steady_clock::now());
            if (rest > rest.zero() && !job_.is_stopped()) {
                co_await job_.sleep(rest);
            }
            if (job_.is_stopped()) {
                co_return make_error(errc::cancelled, "stopped");
            }
            auto gone = co_await job_.server->remove(id);
            if (gone || gone.error().code == errc::auth) {
                co_return gone;
            }
            const auto again = co_await tries.another_after(gone.error().code);
            if (!again && !job_.is_stopped()) {
                co_return gone;
            } // a stop is seen above
        }
    }

    job job_;
    delete_pace pace_;
    removal result_;
};

} // namespace

std::string server_name(const std::string& prefix, std::uint32_t index) {
    constexpr std::size_t least_digits = 3;
    const auto number = std::to_string(index);
    const auto zeros = number.size() < least_digits ? least_digits - number.size() : 0;
    return prefix + std::string(zeros, '0') + number;
}

net::task_result<registered>
register_fleet(job j, std::uint64_t seed, std::uint32_t count, std::string prefix) {
    registrar r{std::move(j), seed, count, prefix};
    co_return co_await r.run();
}

net::task_result<std::vector<std::string>> with_prefix(admin& a, std::string prefix) {
    assert(!prefix.empty());
    auto list = co_await a.servers();
    if (!list) {
        co_return list.error();
    }
    std::vector<std::string> ids;
    for (auto& s : *list) {
        if (s.fields.name.starts_with(prefix)) {
            ids.push_back(std::move(s.id));
        }
    }
    co_return ids;
}

net::task_result<removal> remove_servers(job j, std::vector<std::string> ids) {
    remover r{std::move(j)};
    co_return co_await r.run(std::move(ids));
}

} // namespace vsim::fleet
