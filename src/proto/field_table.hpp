#pragma once
// What a field table is made of: entries (name, how to reach the member, when it is left out) in a
// constexpr tuple. Reentrant.

#include <functional>
#include <string_view>
#include <tuple>

namespace vsim::proto {

enum class presence {
    always, // an absent optional is written as null
    opt,    // left out when empty, zero or absent (Go's omitempty)
};

template <class Access>
struct field {
    std::string_view name;
    Access access; // a member pointer, or a function from object to member
    presence when;

    constexpr decltype(auto) of(auto& object) const { return std::invoke(access, object); }
};

template <class Access>
constexpr auto always(std::string_view name, Access access) {
    return field<Access>{name, access, presence::always};
}
template <class Access>
constexpr auto opt(std::string_view name, Access access) {
    return field<Access>{name, access, presence::opt};
}

// Specialised for each struct below: `static constexpr auto list = std::tuple(field...)`.
template <class T>
struct fields;

template <class T>
concept has_fields = requires { fields<T>::list; };

} // namespace vsim::proto
