#pragma once
// GET /metrics over HTTP while a run goes on. It has a thread of its own, so that a scrape never
// waits for agents, nor they for it. Thread-safe.

#include "net/group.hpp"
#include "net/http.hpp"
#include "net/listener.hpp"
#include "net/pool.hpp"
#include "util/error.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace vsim::app {

class metrics_endpoint {
public:
    // Listens from now on: "127.0.0.1:9100", port 0 picks one. Errors as net::listener::bind().
    static util::result<std::unique_ptr<metrics_endpoint>> open(const std::string& address);
    ~metrics_endpoint(); // stops, waits for answers under way

    std::string address() const { return listener_->address(); }
    // What makes the text, called on its thread, one call at a time; until there is one, and once
    // it is empty again, a scrape is answered with 503.
    void show(std::function<std::string()> text);

private:
    metrics_endpoint() = default;
    net::task<net::http_response> answer(net::http_request r);
    net::task<> stop();

    std::mutex mutex_; // guards text_
    std::function<std::string()> text_;
    net::pool pool_{1, 1};
    net::group tasks_{pool_.serial_executor(0)};
    std::unique_ptr<net::listener> listener_;
};

} // namespace vsim::app
