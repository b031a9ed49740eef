#pragma once
// A database file of a test's own, and what is in its tables as text.

#include "server/sqlite.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace vsim::test {

// The first column of every row; an SQL NULL reads as "NULL".
inline std::vector<std::string> column(server::database& db, const std::string& sql) {
    auto query = db.prepare(sql);
    REQUIRE_MESSAGE(query.has_value(), query.error().message);
    std::vector<std::string> rows;
    while (query->next()) {
        rows.push_back(query->is_null(0) ? "NULL" : std::string{query->text(0)});
    }
    CHECK_MESSAGE(!query->failed(), db.last_error());
    return rows;
}

// The one row there is, or "none", or "many".
inline std::string row(server::database& db, const std::string& sql) {
    const auto rows = column(db, sql);
    if (rows.size() == 1) {
        return rows.front();
    }
    return rows.empty() ? "none" : "many";
}

class db_file {
public:
    db_file() {
        auto pattern = (std::filesystem::temp_directory_path() / "vsim-test-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        folder_ = pattern;
    }
    ~db_file() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    db_file(const db_file&) = delete;
    db_file& operator=(const db_file&) = delete;

    std::string path() const { return folder_ + "/test.db"; }
    server::database read() const { return server::database::open_read_only(path()).value(); }

private:
    std::string folder_;
};

} // namespace vsim::test
