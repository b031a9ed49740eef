#include "server/registry.hpp"

#include "proto/encode.hpp"
#include "server/secret.hpp"

#include <algorithm>
#include <utility>

namespace vsim::server {

namespace {

template <class Field, class Change>
void change(Field& field, const Change& to) {
    if (to) {
        field = *to;
    }
}

void raise(std::atomic<std::int64_t>& value, std::int64_t to) {
    auto seen = value.load(std::memory_order_relaxed);
    while (seen < to && !value.compare_exchange_weak(seen, to, std::memory_order_relaxed)) {
    }
}

} // namespace

server_entry::server_entry(proto::server_object object, std::int64_t place)
    : id{std::make_shared<const std::string>(object.id)}, token{object.token}, position{place},
      object_{std::move(object)} {}

proto::server_object server_entry::object() const {
    const std::lock_guard lock{mutex_};
    return object_;
}

void server_entry::patch(const proto::server_patch& p) {
    const std::lock_guard lock{mutex_};
    auto& f = object_.fields;
    change(f.name, p.name);
    change(f.location, p.location);
    change(f.provider, p.provider);
    change(f.tag, p.tag);
    change(f.group_id, p.group_id);
    change(f.group_values, p.group_values);
    change(f.price_amount, p.price_amount);
    change(f.price_period, p.price_period);
    change(f.price_currency, p.price_currency);
    change(f.purchase_date, p.purchase_date);
    change(f.expiry_date, p.expiry_date);
    change(f.auto_renew, p.auto_renew);
    change(f.tip_badge, p.tip_badge);
    change(f.notes, p.notes);
    change(f.sale_status, p.sale_status);
    change(f.sale_contact_url, p.sale_contact_url);
}

bool server_entry::forget_group(const std::string& group_id) {
    const std::lock_guard lock{mutex_};
    const bool had = object_.fields.group_id == group_id;
    if (had) {
        object_.fields.group_id.clear();
    }
    return had;
}

bool server_entry::forget_dimension(const std::string& dimension_id) {
    const std::lock_guard lock{mutex_};
    return object_.fields.group_values.erase(dimension_id) > 0;
}

bool server_entry::forget_option(const std::string& option_id) {
    const std::lock_guard lock{mutex_};
    return std::erase_if(object_.fields.group_values, [&](const auto& one) {
               return one.second == option_id;
           }) > 0;
}

void server_entry::note_version(const std::string& version) {
    const std::lock_guard lock{mutex_};
    if (!version.empty() && version != object_.version) {
        object_.version = version;
        unsaved_ = true;
    }
}

void server_entry::note_ip(const std::string& ip) {
    const std::lock_guard lock{mutex_};
    if (ip != object_.ip) {
        object_.ip = ip;
        unsaved_ = true;
    }
}

save_server_job server_entry::saved_form() const {
    return {*id, position, proto::to_json(object()), false};
}

std::optional<save_server_job> server_entry::take_unsaved() {
    {
        const std::lock_guard lock{mutex_};
        if (!std::exchange(unsaved_, false)) {
            return {};
        }
    }
    return saved_form();
}

void server_entry::set_live(metrics_ptr metrics, util::steady_time now) {
    const std::lock_guard lock{mutex_};
    live_.swap(metrics); // the old one is freed outside the lock
    updated_ = now;
}

server_entry::live_view server_entry::live_locked(util::steady_time now) const {
    return {live_, live_ != nullptr && now - updated_ < online_for};
}

server_entry::live_view server_entry::live(util::steady_time now) const {
    const std::lock_guard lock{mutex_};
    return live_locked(now);
}

metrics_ptr server_entry::updated_within(util::seconds age, util::steady_time now) const {
    const std::lock_guard lock{mutex_};
    return live_ != nullptr && now - updated_ <= age ? live_ : nullptr;
}

server_entry::live_view server_entry::tell(util::steady_time now) {
    const std::lock_guard lock{mutex_};
    told_ = live_locked(now);
    return told_;
}

server_entry::live_view server_entry::told(util::steady_time now) const {
    const std::lock_guard lock{mutex_};
    return told_.metrics ? told_ : live_locked(now);
}

void server_entry::set_restored(metrics_ptr stored) {
    const std::lock_guard lock{mutex_};
    restored_ = std::move(stored);
}

metrics_ptr server_entry::restored() const {
    const std::lock_guard lock{mutex_};
    return restored_;
}

void server_entry::extend(proto::granularity g, std::int64_t bucket) {
    raise(buckets_[proto::position(g)], bucket);
}

void server_entry::extend_raw(std::int64_t unix_seconds) {
    raise(raw_second_, unix_seconds);
}

reach server_entry::stored_reach() const {
    reach r;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
        r.buckets[i] = buckets_[i].load(std::memory_order_relaxed);
    }
    r.raw_second = raw_second_.load(std::memory_order_relaxed);
    return r;
}

void server_entry::set_reach(const reach& stored) {
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
        buckets_[i].store(stored.buckets[i], std::memory_order_relaxed);
    }
    raw_second_.store(stored.raw_second, std::memory_order_relaxed);
}

entry_list registry::add(std::vector<proto::server_fields> servers) {
    entry_list added;
    const std::lock_guard lock{mutex_};
    for (auto& fields : servers) {
        proto::server_object object;
        object.id = random_uuid();
        object.token = random_uuid();
        object.fields = std::move(fields);
        added.push_back(insert(std::move(object), next_position_));
    }
    return added;
}

entry_ptr registry::restore(proto::server_object object, std::int64_t position) {
    const std::lock_guard lock{mutex_};
    return insert(std::move(object), position);
}

entry_ptr registry::insert(proto::server_object object, std::int64_t position) {
    auto entry = std::make_shared<server_entry>(std::move(object), position);
    next_position_ = std::max(next_position_, position + 1);
    by_id_.emplace(*entry->id, entry);
    order_.push_back(entry);
    snapshot_.reset();
    return entry;
}

entry_ptr registry::find(const std::string& id) const {
    const std::lock_guard lock{mutex_};
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : found->second;
}

bool registry::remove(const std::string& id) {
    const std::lock_guard lock{mutex_};
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) {
        return false;
    }
    std::erase(order_, found->second);
    by_id_.erase(found);
    snapshot_.reset();
    return true;
}

std::shared_ptr<const entry_list> registry::all() const {
    const std::lock_guard lock{mutex_};
    if (!snapshot_) {
        snapshot_ = std::make_shared<const entry_list>(order_);
    }
    return snapshot_;
}

std::size_t registry::size() const {
    const std::lock_guard lock{mutex_};
    return order_.size();
}

} // namespace vsim::server
