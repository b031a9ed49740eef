#include "app/metrics_endpoint.hpp"

#include <utility>

namespace vsim::app {
namespace {

net::http_response plain(unsigned status, std::string text) {
    net::http_response r;
    r.status = status;
    r.content_type = "text/plain; charset=utf-8";
    r.body = std::move(text);
    return r;
}

} // namespace

util::result<std::unique_ptr<metrics_endpoint>> metrics_endpoint::open(const std::string& address) {
    std::unique_ptr<metrics_endpoint> made{new metrics_endpoint};
    net::listener_handlers handlers;
    handlers.on_request = [self = made.get()](net::http_request r) {
        return self->answer(std::move(r));
    };
    auto listener = net::listener::bind(made->pool_, address, std::move(handlers));
    if (!listener) {
        return listener.error();
    }
    made->listener_ = *std::move(listener);
    made->listener_->start();
    return made;
}

metrics_endpoint::~metrics_endpoint() {
    if (listener_) {
        tasks_.spawn(stop());
    }
    pool_.join();
}

net::task<> metrics_endpoint::stop() {
    co_await listener_->stop();
}

void metrics_endpoint::show(std::function<std::string()> text) {
    const std::lock_guard lock{mutex_};
    text_ = std::move(text);
}

net::task<net::http_response> metrics_endpoint::answer(net::http_request r) {
    const auto path = r.target.substr(0, r.target.find('?'));
    if (path != "/metrics") {
        co_return plain(404, "metrics are at /metrics\n");
    }
    if (r.method != "GET" && r.method != "HEAD") {
        co_return plain(405, "only GET\n");
    }
    const std::lock_guard lock{mutex_};
    if (!text_) {
        co_return plain(503, "the run does not go on\n");
    }
    auto made = plain(200, text_());
    made.content_type = "text/plain; version=0.0.4; charset=utf-8";
    co_return made;
}

} // namespace vsim::app
