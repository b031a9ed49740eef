#include "report/json_thresholds.hpp"

namespace vsim::report {

void write_thresholds(
    json_writer& j, std::string_view key, const std::vector<threshold_result>& all
) {
    j.begin_array(key);
    for (const auto& t : all) {
        j.begin_object();
        j.member("expr", t.expression);
        if (t.value) {
            j.member("value", *t.value);
        }
        j.member("limit", t.limit);
        j.member("unit", t.unit);
        j.member("ok", t.is_ok);
        if (!t.note.empty()) {
            j.member("note", t.note);
        }
        j.end_object();
    }
    j.end_array();
}

} // namespace vsim::report
