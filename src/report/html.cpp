#include "report/html.hpp"

#include "report/html_parts.hpp"
#include "report/report_page.hpp"

#include <string_view>

namespace vsim::report {
namespace {

struct part {
    std::string_view mark;
    std::string (*make)(const run_result&);
};

constexpr part parts[]{
    {"{{title}}", [](const run_result& r) { return escaped(html_title(r)); }},
    {"{{head}}", html_head},
    {"{{tables}}", html_tables},
    {"{{data}}", html_data},
    {"{{chart_js}}", [](const run_result&) { return std::string{chart_js}; }},
};

} // namespace

// Each mark stands in the page once, in this order; what replaces it is not looked through again.
std::string to_html(const run_result& r) {
    std::string made;
    std::string_view rest = page;
    for (const auto& p : parts) {
        const auto at = rest.find(p.mark);
        made += rest.substr(0, at);
        made += p.make(r);
        rest.remove_prefix(at + p.mark.size());
    }
    return made + std::string{rest};
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

} // namespace vsim::report
