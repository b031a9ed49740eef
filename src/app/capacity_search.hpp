#pragma once
// Which fleet to try next: doubles from `from` until one is rejected or `to` is accepted, then
// halves the gap until it is within the resolution. A step too near a limit is repeated once, and
// the repetition decides. Outcomes in, sizes out; knows no server and no clock. A plain value.

#include <cstdint>
#include <optional>

namespace vsim::app {

class capacity_search {
public:
    // 1 <= from <= to; `resolution` is a share of the answer, more than 0.
    capacity_search(std::uint32_t from, std::uint32_t to, double resolution)
        : from_{from}, to_{to}, resolution_{resolution} {}

    struct step {
        std::uint32_t agents = 0;
        bool is_repeat = false;

        bool operator==(const step&) const = default;
    };
    std::optional<step> next() const; // absent: it is over
    // What came of next(). True: it decided, false: it is to be repeated.
    bool record(bool is_accepted, bool is_borderline);

    std::optional<std::uint32_t> largest_accepted() const { return accepted_; }
    std::optional<std::uint32_t> smallest_rejected() const { return rejected_; }

private:
    std::uint32_t from_, to_;
    double resolution_;
    std::optional<std::uint32_t> accepted_, rejected_;
    bool repeats_ = false;
};

// No search takes more steps, repetitions not counted.
std::uint32_t most_steps(std::uint32_t from, std::uint32_t to, double resolution);

} // namespace vsim::app
