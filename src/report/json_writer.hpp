#pragma once
// JSON text, member by member, for documents written once at human speed. Numbers that are no
// numbers (nan, infinity) become null; text is made valid UTF-8. A plain value; thread-bound.

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vsim::report {

class json_writer {
public:
    // Indented by this many blanks a level; 0 = one line.
    explicit json_writer(unsigned indent = 0) : indent_{indent} {}

    // With a key inside an object, without one at the top or inside an array.
    void begin_object(std::string_view key = {});
    void end_object();
    void begin_array(std::string_view key = {});
    void end_array();

    template <class T>
    void member(std::string_view key, const T& value) {
        start(key);
        put(value);
    }
    template <class T>
    void item(const T& value) {
        member({}, value);
    }

    const std::string& text() const { return text_; } // complete once every begin had its end

private:
    void start(std::string_view key);
    void open(std::string_view key, char bracket);
    void close(char bracket);
    void new_line();

    void put(std::string_view value);
    void put(const std::string& value) { put(std::string_view{value}); }
    void put(const char* value) { put(std::string_view{value}); }
    void put(double value);
    void put(bool value);
    template <std::integral T>
        requires(!std::same_as<T, bool>)
    void put(T value) {
        text_ += std::to_string(value);
    }

    std::string text_;
    std::vector<bool> has_members_; // one for each open bracket
    unsigned indent_;
};

} // namespace vsim::report
