// Prints a summary for tests/report/check_schema.py to judge: "full" or "failed".
#include "example.hpp"
#include "report/json.hpp"

#include <cstdio>
#include <string_view>

int main(int argc, char** argv) {
    const bool failed = argc > 1 && std::string_view{argv[1]} == "failed";
    const auto text =
        vsim::report::to_json(failed ? vsim::test::failed_run() : vsim::test::example_run());
    std::fputs(text.c_str(), stdout);
}
