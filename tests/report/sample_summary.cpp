// Prints a summary for tests/report/check_schema.py to judge: "full", "failed" or "search".
#include "example.hpp"
#include "example_search.hpp"
#include "report/json.hpp"

#include <cstdio>
#include <string_view>

int main(int argc, char** argv) {
    const std::string_view kind = argc > 1 ? argv[1] : "";
    auto run = kind == "failed" ? vsim::test::failed_run() : vsim::test::example_run();
    if (kind == "search") {
        run.capacity = vsim::test::example_search();
        run.capacity->end_reason = "words";
        run.capacity->steps[1].reason = "12 agents never connected";
    }
    std::fputs(vsim::report::to_json(run).c_str(), stdout);
}
