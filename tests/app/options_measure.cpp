#include "support.hpp"

using namespace vsim;
using namespace vsim::test;
using namespace std::chrono_literals;

TEST_CASE("samples have fences and a run may lag 100 ms unless one says otherwise") {
    const auto plain = config_of({});
    CHECK(plain.has_fences);
    CHECK(plain.max_lag == 100ms);
    const words args{"--fence", "off", "--max-lag", "2s"};
    auto asking = args;
    asking.push_back("--print-config");
    const temporary_file file{text_of(asking)};
    for (const auto& c : {config_of(args), config_of({"--config", file.path()})}) {
        CHECK_FALSE(c.has_fences);
        CHECK(c.max_lag == 2s);
    }
}
