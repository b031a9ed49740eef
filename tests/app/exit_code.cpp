#include "app/exit_code.hpp"

#include <doctest/doctest.h>

using vsim::app::exit_code;
using vsim::app::worse;

TEST_CASE("of several exit codes the first of 1, 3, 97, 98, 99 wins") {
    using enum exit_code;
    CHECK(worse(ok, ok) == ok);
    CHECK(worse(ok, threshold) == threshold);
    CHECK(worse(invalid_run, threshold) == invalid_run);
    CHECK(worse(threshold, verification) == verification);
    CHECK(worse(verification, auth) == auth);
    CHECK(worse(auth, failed) == failed);
    CHECK(worse(failed, ok) == failed);
}
