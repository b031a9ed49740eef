#include "server/dashboards.hpp"

#include "proto/encode.hpp"
#include "server/client_address.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <utility>

namespace vsim::server {

namespace asio = boost::asio;

namespace {

constexpr std::size_t queue_length = 16; // ticks a viewer may be behind

std::uint8_t whole_percent(float value) {
    return static_cast<std::uint8_t>(std::clamp(value, 0.0F, 255.0F)); // truncates
}

shown_values values_of(const proto::system_metrics& m) {
    shown_values v;
    v.c = whole_percent(m.cpu.usage);
    v.m = whole_percent(m.memory.usage_percent);
    if (!m.disks.empty()) {
        v.d = whole_percent(m.disks.front().usage_percent);
    }
    v.rx = m.network.rx_speed;
    v.tx = m.network.tx_speed;
    return v;
}

template <class Value>
std::optional<Value> if_changed(const Value& now, const Value* before) {
    return before != nullptr && *before == now ? std::nullopt : std::optional<Value>{now};
}

std::optional<proto::delta_metrics> changes(const shown_values& now, const shown_values* before) {
    proto::delta_metrics m;
    m.c = if_changed(now.c, before ? &before->c : nullptr);
    m.m = if_changed(now.m, before ? &before->m : nullptr);
    if (now.d && (before == nullptr || before->d != now.d)) {
        m.d = now.d;
    }
    m.rx = if_changed(now.rx, before ? &before->rx : nullptr);
    m.tx = if_changed(now.tx, before ? &before->tx : nullptr);
    return m == proto::delta_metrics{} ? std::nullopt : std::optional{m};
}

} // namespace

proto::server_view view_of(const server_entry& entry, const metrics_ptr& metrics, bool online) {
    auto object = entry.object();
    proto::server_view v;
    v.server_id = std::move(object.id);
    v.server_name = std::move(object.fields.name);
    v.location = std::move(object.fields.location);
    v.provider = std::move(object.fields.provider);
    v.tag = std::move(object.fields.tag);
    v.version = std::move(object.version);
    v.ip = std::move(object.ip);
    v.online = online;
    auto& f = object.fields;
    v.group_id = std::move(f.group_id);
    v.group_values = std::move(f.group_values);
    v.price_amount = std::move(f.price_amount);
    v.price_period = std::move(f.price_period);
    v.price_currency = std::move(f.price_currency);
    v.purchase_date = std::move(f.purchase_date);
    v.expiry_date = std::move(f.expiry_date);
    v.auto_renew = f.auto_renew;
    v.tip_badge = std::move(f.tip_badge);
    v.notes = std::move(f.notes);
    v.sale_status = std::move(f.sale_status);
    v.sale_contact_url = std::move(f.sale_contact_url);
    if (metrics) {
        v.metrics = *metrics;
        if (!metrics->version.empty()) {
            v.version = metrics->version;
        }
    }
    return v;
}

dashboards::dashboards(
    net::asio::any_io_executor home,
    registry& servers,
    const settings& s,
    store& rows,
    counters& counts
)
    : servers_{servers}, settings_{s}, store_{rows}, counts_{counts}, writers_{home},
      ticker_{home} {}

// On the list while it lives, however the connection ends.
struct dashboards::presence {
    presence(dashboards& in, std::shared_ptr<outbox> out, std::string address)
        : in_{in}, out_{std::move(out)} {
        ++in_.counts_.viewers;
        const std::lock_guard lock{in_.mutex_};
        in_.viewers_.emplace(out_, std::move(address));
    }
    ~presence() {
        --in_.counts_.viewers;
        const std::lock_guard lock{in_.mutex_};
        in_.viewers_.erase(out_);
    }
    presence(const presence&) = delete;
    presence& operator=(const presence&) = delete;

private:
    dashboards& in_;
    std::shared_ptr<outbox> out_;
};

net::task<> dashboards::serve(std::shared_ptr<net::peer> p) {
    // Registered before the stream, so that no delta is missed; held, so that none comes before its
    // end.
    auto out = std::make_shared<outbox>(p, writers_, queue_length, true);
    const presence here{*this, out, client_address(p->request())};
    co_await asio::this_coro::throw_if_cancelled(false);
    writers_.spawn(p->executor(), stream(p, out));
    for (;;) {
        const auto ignored = co_await p->receive();
        if (!ignored) {
            break;
        }
    }
    co_await out->end();
}

net::task<> dashboards::stream(std::shared_ptr<net::peer> p, std::shared_ptr<outbox> out) {
    const auto all = servers_.all();
    const auto total = static_cast<std::int64_t>(all->size());
    proto::stream_init init;
    init.total_servers = total;
    init.groups = settings_.groups.get();
    init.dimensions = settings_.dimensions.get();
    init.site = settings_.site.get();
    std::string text = proto::to_json(init);
    auto sent = co_await p->send_text(text);
    for (std::int64_t i = 0; i < total && sent; ++i) {
        const auto& entry = *(*all)[static_cast<std::size_t>(i)];
        // As of the last tick, which is what the deltas to come are relative to.
        const auto seen = entry.told(std::chrono::steady_clock::now());
        proto::stream_server one;
        one.index = i;
        one.total = total;
        one.server = view_of(entry, seen.metrics ? seen.metrics : entry.restored(), seen.online);
        text.clear();
        proto::encode(text, one);
        sent = co_await p->send_text(text);
    }
    if (sent) {
        text = proto::to_json(proto::stream_end{});
        sent = co_await p->send_text(text);
    }
    if (!sent) {
        out->drop();
    }
    co_await out->release();
}

std::size_t dashboards::online_users() const {
    std::set<std::string> addresses;
    const std::lock_guard lock{mutex_};
    for (const auto& [out, address] : viewers_) {
        addresses.insert(address);
    }
    return addresses.size();
}

proto::delta dashboards::compare(util::steady_time now, std::int64_t now_unix) {
    proto::delta d;
    d.ts = now_unix;
    const auto all = servers_.all();
    for (const auto& entry : *all) {
        const auto live = entry->tell(now);
        proto::delta_entry e;
        if (live.online != entry->shown_online) {
            e.on = live.online;
            entry->shown_online = live.online;
        }
        if (live.online) {
            const auto values = values_of(*live.metrics);
            e.m = changes(values, entry->shown ? &*entry->shown : nullptr);
            entry->shown = values;
        }
        if (e.on || e.m) {
            e.id = *entry->id;
            d.d.push_back(std::move(e));
        }
    }
    return d;
}

net::task<> dashboards::run(util::milliseconds every) {
    for (auto due = std::chrono::steady_clock::now() + every;; due += every) {
        const auto woken = co_await ticker_.sleep_until(due);
        if (woken == net::wake::stopped) {
            co_return;
        }
        const auto now = util::unix_seconds(std::chrono::system_clock::now());
        const auto changed = compare(std::chrono::steady_clock::now(), now);
        if (!changed.d.empty()) {
            broadcast(std::make_shared<const std::string>(proto::to_json(changed)));
        }
        const auto all = servers_.all();
        for (const auto& entry : *all) {
            if (auto unsaved = entry->take_unsaved()) {
                job j{std::move(*unsaved)};
                co_await store_.push(std::move(j));
            }
        }
    }
}

void dashboards::broadcast(const text_ptr& text) {
    const std::lock_guard lock{mutex_};
    for (const auto& [out, address] : viewers_) {
        if (!out->post(text) && out->drop()) {
            ++counts_.viewers_dropped; // serve() takes it off the list
        }
    }
}

void dashboards::stop() {
    ticker_.stop();
}

net::task<> dashboards::drain() {
    co_await writers_.drain();
}

} // namespace vsim::server
