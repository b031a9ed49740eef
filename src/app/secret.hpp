#pragma once
// A text that must not be seen: no stream, no formatter, no comparison with plain text. Whoever
// needs it says reveal(), which is easy to look for. A plain value.

#include <string>
#include <utility>

namespace vsim::app {

class secret {
public:
    secret() = default;
    explicit secret(std::string text) : text_{std::move(text)} {}

    const std::string& reveal() const { return text_; }
    bool empty() const { return text_.empty(); }

private:
    std::string text_;
};

} // namespace vsim::app
