#pragma once
// A text that is written often: padded, so that it is copied in whole blocks, which is three moves
// and no call. Reentrant.

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace vsim::proto {

class padded_text {
public:
    padded_text() = default;
    explicit padded_text(std::string text) : text_{std::move(text)}, size_{text_.size()} {
        text_.resize((size_ + block - 1) / block * block);
    }

    std::string_view view() const { return {text_.data(), size_}; }
    std::size_t padded_size() const { return text_.size(); } // what write() touches
    // Returns the end of the text.
    char* write(char* at) const {
        for (std::size_t i = 0; i < text_.size(); i += block) {
            std::memcpy(at + i, text_.data() + i, block);
        }
        return at + size_;
    }

private:
    static constexpr std::size_t block = 32;
    std::string text_;
    std::size_t size_ = 0;
};

} // namespace vsim::proto
