#include "model/targets.hpp"

#include "proto/json_writer.hpp"
#include "util/random.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <string>
#include <utility>

namespace vsim::model {

namespace {

using proto::probe_target;

// All their hosts are well known to location.cpp.
const std::array<probe_target, agg::max_targets>& built_in_list() {
    static const std::array<probe_target, agg::max_targets> list{{
        {"Cloudflare", "1.1.1.1", "", 0},
        {"Google DNS", "8.8.8.8", "", 0},
        {"OpenDNS", "208.67.222.222", "", 0},
        {"Quad9", "9.9.9.9", "", 0},
        {"Google", "google.com", "", 0},
        {"AdGuard DNS", "94.140.14.14", "", 0},
        {"AliDNS", "223.5.5.5", "", 0},
        {"GitHub", "github.com", "tcp", 443},
    }};
    return list;
}

proto::padded_text head_of(const agg::target_name& name, const target_set::slot& s) {
    std::string text = R"({"name":)";
    proto::json::write(text, name.name);
    text += R"(,"host":)";
    proto::json::write(text, name.host);
    text += R"(,"type":")";
    text += name_of(s.type);
    text += '"';
    if (s.port != 0) {
        text += R"(,"port":)";
        text += std::to_string(s.port);
    }
    text += R"(,"latency_ms":)";
    return proto::padded_text{std::move(text)};
}

// What of them is pinged at all.
std::vector<const probe_target*> distinct(std::span<const probe_target> wanted) {
    std::vector<const probe_target*> all;
    for (const auto& t : wanted) {
        const auto is_taken = [&](const probe_target* other) {
            return other->host == t.host || other->name == t.name;
        };
        if (!t.host.empty() && std::ranges::none_of(all, is_taken)) {
            all.push_back(&t);
        }
    }
    return all;
}

} // namespace

std::string_view name_of(probe_type t) {
    return t == probe_type::tcp ? "tcp" : "icmp";
}

void target_set::put(std::size_t at, const probe_target& t) {
    assert(at <= slots_.size() && at < agg::max_targets);
    if (at == slots_.size()) {
        slots_.emplace_back();
        names_.emplace_back();
    }
    slots_[at] = {
        .key = util::mix(util::stream(t.name)),
        .host = host_key::of(t.host),
        .port = t.port,
        .type = t.type == "tcp" ? probe_type::tcp : probe_type::icmp,
        .is_active = true,
    };
    names_[at] = {t.name, t.host};
}

void target_set::finish() {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        heads_.push_back(head_of(names_[i], slots_[i]));
        heads_size_ += heads_.back().padded_size();
        for (std::size_t place = 0; place < location_count; ++place) {
            distances_[place][i] = distance_ms(slots_[i].host, locations()[place]);
        }
        active_ |= (slots_[i].is_active ? 1U : 0U) << i;
    }
}

bool target_set::is_same(const target_set& other) const {
    return slots_ == other.slots_ && left_out_ == other.left_out_ &&
           std::ranges::equal(names_, other.names_, [](const auto& a, const auto& b) {
               return a.name == b.name && a.host == b.host;
           });
}

std::shared_ptr<const target_set> target_set::first(std::size_t n) {
    auto set = std::make_shared<target_set>(made_here{}, std::size_t{0});
    for (std::size_t i = 0; i < n; ++i) {
        set->put(i, built_in_list()[i]);
    }
    set->finish();
    return set;
}

target_set::beginnings target_set::all_beginnings() {
    beginnings all;
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i] = first(i);
    }
    return all;
}

const std::shared_ptr<const target_set>& target_set::built_in(std::size_t n) {
    static const auto sets = all_beginnings();
    assert(n < sets.size());
    return sets[n];
}

std::shared_ptr<const target_set> target_set::followed_by(std::span<const probe_target> wanted
) const {
    const auto pinged = distinct(wanted);
    std::vector<const probe_target*> of_slot(slots_.size()); // null: rests
    std::size_t left_out = 0;
    for (const auto* t : pinged) {
        const auto known = std::ranges::find(names_, t->name, &agg::target_name::name);
        if (known != names_.end()) {
            of_slot[static_cast<std::size_t>(known - names_.begin())] = t;
        } else if (of_slot.size() < agg::max_targets) {
            of_slot.push_back(t);
        } else {
            ++left_out;
        }
    }
    auto set = std::make_shared<target_set>(made_here{}, left_out);
    set->slots_ = slots_;
    set->names_ = names_;
    for (std::size_t i = 0; i < of_slot.size(); ++i) {
        if (of_slot[i] != nullptr) {
            set->put(i, *of_slot[i]);
        } else {
            set->slots_[i].is_active = false;
        }
    }
    if (is_same(*set)) {
        return shared_from_this();
    }
    const std::lock_guard lock{mutex_};
    if (auto next = next_.lock(); next != nullptr && next->is_same(*set)) {
        return next;
    }
    set->finish();
    next_ = set;
    return set;
}

} // namespace vsim::model
