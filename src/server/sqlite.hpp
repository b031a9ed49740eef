#pragma once
// SQLite as C++ values: a connection, a prepared statement. Errors are errc::io and carry SQLite's
// own words. Thread-bound: a connection and its statements belong to one thread at a time.

#include "util/error.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace vsim::server {

class statement {
public:
    statement() = default;

    // Positions count from 1. Text is borrowed until the statement is reset by run() or reset().
    void bind(int at, std::int64_t value);
    void bind(int at, double value);
    void bind(int at, std::string_view text);
    void bind(int at, std::optional<double> value); // NULL when absent

    // Executes a statement without results, and resets it; false = it failed
    // (database::last_error).
    bool run();
    // The next row of a query: true = there is one. An error ends the rows like their end does, and
    // is told by failed().
    bool next();
    bool failed() const { return failed_; }
    void reset();

    // Columns count from 0; valid until the next next() or reset().
    std::int64_t integer(int column) const;
    double real(int column) const;
    bool is_null(int column) const;
    std::string_view text(int column) const;

private:
    friend class database;
    struct finalize {
        void operator()(sqlite3_stmt* s) const;
    };
    explicit statement(sqlite3_stmt* s) : handle_{s} {}

    std::unique_ptr<sqlite3_stmt, finalize> handle_;
    bool failed_ = false;
};

class database {
public:
    // Makes the file when there is none, applies the schema, sets what makes bulk writing fast
    // (WAL, synchronous=NORMAL: a crash of the machine may lose the last commits, never the file).
    static util::result<database> open_for_writing(const std::string& path);
    static util::result<database> open_read_only(const std::string& path);

    util::result<statement> prepare(std::string_view sql);
    util::result<void> execute(const std::string& sql);
    std::string last_error() const;
    std::int64_t changes() const; // rows changed by the last statement
    // Of the last call: somebody else holds the lock; or the file (not the statement) is at fault,
    // the disk full or unreadable.
    bool was_locked() const;
    bool has_failed() const;
    // Of this connection. SQLite ends one by itself when the file fails.
    bool is_in_transaction() const;

private:
    struct close {
        void operator()(sqlite3* db) const;
    };
    explicit database(sqlite3* db) : handle_{db} {}
    static util::result<database> open(const std::string& path, int flags);

    std::unique_ptr<sqlite3, close> handle_;
};

} // namespace vsim::server
