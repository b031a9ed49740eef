#pragma once
// A random value of any wire struct, by its field table: a pure function of (seed, n).

#include "proto/field.hpp"
#include "util/random.hpp"

#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace vsim::test {

class random_value {
public:
    explicit random_value(std::uint64_t seed) : seed_{seed} {}

    template <class T>
    T make() {
        T value{};
        fill(value);
        return value;
    }

private:
    std::uint64_t draw() { return util::hash(seed_, 0, n_++); }

    void fill(std::string& v) {
        static const std::vector<std::string> samples{
            "",
            "web-1",
            "🇩🇪 Frankfurt",
            "a \"quoted\" \\ back",
            "tab\there",
            "line\nbreak",
            "\x01\x1f"
        };
        v = samples[util::below(draw(), samples.size())];
    }
    void fill(bool& v) { v = draw() % 2 == 0; }
    template <std::integral T>
        requires(!std::same_as<T, bool>)
    void fill(T& v) {
        // Small, large and extreme values alike.
        v = static_cast<T>(draw() >> util::below(draw(), 64));
    }
    template <std::floating_point T>
    void fill(T& v) {
        v = draw() % 2 == 0 ? static_cast<T>(static_cast<double>(draw() % 1'000'000) / 100)
                            : static_cast<T>((util::unit(draw()) - 0.5) * 1e20);
    }
    void fill(util::zoned_instant& v) {
        v.at = util::from_unix_seconds(static_cast<std::int64_t>(draw() % 4'000'000'000)) +
               util::nanoseconds{draw() % 1'000'000'000};
        v.offset = std::chrono::minutes{static_cast<int>(draw() % 1681) - 840};
    }
    template <class T>
    void fill(std::optional<T>& v) {
        if (draw() % 2 == 0) {
            fill(v.emplace());
        }
    }
    template <class T>
    void fill(std::vector<T>& v) {
        v.resize(util::below(draw(), 4));
        for (auto& item : v) {
            fill(item);
        }
    }
    template <class T>
    void fill(std::map<std::string, T>& v) {
        for (auto left = util::below(draw(), 4); left > 0; --left) {
            fill(v["key" + std::to_string(left)]);
        }
    }
    template <proto::has_fields T>
    void fill(T& v) {
        std::apply([&](const auto&... f) { (fill(f.of(v)), ...); }, proto::fields<T>::list);
    }

    std::uint64_t seed_;
    std::uint64_t n_ = 0;
};

} // namespace vsim::test
