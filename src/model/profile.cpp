#include "model/profile.hpp"

#include "util/random.hpp"

namespace vsim::model {

namespace {

constexpr day_shape office{30, 25, 22, 20, 20, 24, 34, 52, 78, 95, 100, 98,
                           88, 94, 99, 98, 92, 80, 64, 54, 48, 44, 40,  35};
constexpr day_shape evening{55, 40, 30, 24, 20, 20, 26, 36, 46,  52, 56, 60,
                            66, 64, 62, 64, 70, 78, 88, 97, 100, 98, 88, 72};
constexpr day_shape night{90, 100, 98, 92, 84, 60, 36, 24, 18, 16, 16, 18,
                          20, 20,  18, 18, 18, 20, 22, 26, 32, 44, 60, 76};
constexpr day_shape flat{92, 90, 90, 89, 90, 91, 93, 96,  98, 99, 100, 100,
                         99, 99, 98, 98, 98, 99, 99, 100, 98, 97, 95,  93};

constexpr hardware web_sizes[]{
    {2, 4, {disk_kind::ssd, 40, 1}},
    {4, 8, {disk_kind::ssd, 80, 1}},
    {8, 16, {disk_kind::nvme, 160, 1}},
};
constexpr hardware db_sizes[]{
    {8, 32, {disk_kind::nvme, 480, 2}},
    {16, 64, {disk_kind::nvme, 960, 2}},
    {32, 128, {disk_kind::nvme, 1920, 4}},
};
constexpr hardware cache_sizes[]{
    {4, 32, {disk_kind::ssd, 80, 1}},
    {8, 64, {disk_kind::ssd, 160, 1}},
};
constexpr hardware batch_sizes[]{
    {16, 32, {disk_kind::ssd, 480, 1}},
    {32, 64, {disk_kind::nvme, 960, 1}},
    {64, 128, {disk_kind::nvme, 1920, 2}},
};
constexpr hardware storage_sizes[]{
    {4, 16, {disk_kind::hdd, 4000, 4}},
    {8, 32, {disk_kind::hdd, 8000, 4}},
};
constexpr hardware idle_sizes[]{
    {1, 1, {disk_kind::ssd, 20, 1}},
    {1, 2, {disk_kind::ssd, 25, 1}},
    {2, 2, {disk_kind::ssd, 40, 1}},
};
constexpr hardware edge_sizes[]{
    {4, 4, {disk_kind::ssd, 64, 1}},
    {4, 8, {disk_kind::nvme, 256, 1}},
};
constexpr hardware gpu_sizes[]{
    {16, 64, {disk_kind::nvme, 960, 1}},
    {32, 256, {disk_kind::nvme, 3840, 2}},
};

constexpr double kb = 1e3;
constexpr profile all[]{
    {"web", 34, web_sizes, &evening, 0.92, 4, 46, 0.55, 34, 14, 32, 6, 180 * kb, 0.25, false, false
    },
    {"db", 14, db_sizes, &office, 0.65, 8, 38, 0.35, 62, 8, 48, 11, 90 * kb, 0.45, false, false},
    {"cache",
     8,
     cache_sizes,
     &evening,
     0.95,
     5,
     24,
     0.40,
     71,
     6,
     18,
     2,
     420 * kb,
     0.40,
     false,
     false},
    {"batch", 8, batch_sizes, &night, 0.80, 3, 82, 0.75, 28, 30, 40, 14, 60 * kb, 0.70, false, false
    },
    {"storage",
     6,
     storage_sizes,
     &flat,
     0.97,
     3,
     16,
     0.60,
     45,
     9,
     66,
     16,
     500 * kb,
     0.60,
     false,
     false},
    {"idle", 18, idle_sizes, &flat, 1.00, 1, 5, 0.65, 38, 10, 24, 3, 4 * kb, 0.60, false, false},
    {"edge", 9, edge_sizes, &flat, 1.00, 9, 20, 0.45, 41, 12, 29, 5, 45 * kb, 0.70, false, true},
    {"gpu", 3, gpu_sizes, &flat, 0.90, 12, 40, 0.50, 48, 20, 55, 12, 120 * kb, 0.75, true, false},
};

consteval bool all_fit() {
    for (const auto& p : all) {
        for (const auto& size : p.sizes) {
            if (size.cores > max_cores || size.disk.count > max_disks) {
                return false;
            }
        }
    }
    return true;
}
static_assert(all_fit());

} // namespace

std::span<const profile> profiles() {
    return all;
}

const profile& pick_profile(std::uint64_t draw) {
    std::uint64_t total = 0;
    for (const auto& p : all) {
        total += p.weight;
    }
    auto at = util::below(draw, total);
    for (const auto& p : all) {
        if (at < p.weight) {
            return p;
        }
        at -= p.weight;
    }
    return all[0];
}

} // namespace vsim::model
