#include "server/sqlite.hpp"

#include "server/schema.hpp"

#include <sqlite3.h>

namespace vsim::server {

void statement::finalize::operator()(sqlite3_stmt* s) const {
    sqlite3_finalize(s);
}

void statement::bind(int at, std::int64_t value) {
    sqlite3_bind_int64(handle_.get(), at, value);
}

void statement::bind(int at, double value) {
    sqlite3_bind_double(handle_.get(), at, value);
}

void statement::bind(int at, std::string_view text) {
    // A null pointer would bind NULL instead of "".
    const char* const data = text.data() != nullptr ? text.data() : "";
    sqlite3_bind_text(handle_.get(), at, data, static_cast<int>(text.size()), SQLITE_STATIC);
}

void statement::bind(int at, std::optional<double> value) {
    if (value) {
        sqlite3_bind_double(handle_.get(), at, *value);
    } else {
        sqlite3_bind_null(handle_.get(), at);
    }
}

bool statement::run() {
    const int code = sqlite3_step(handle_.get());
    sqlite3_reset(handle_.get());
    return code == SQLITE_DONE || code == SQLITE_ROW;
}

bool statement::next() {
    const int code = sqlite3_step(handle_.get());
    failed_ = code != SQLITE_ROW && code != SQLITE_DONE;
    return code == SQLITE_ROW;
}

void statement::reset() {
    sqlite3_reset(handle_.get());
    failed_ = false;
}

std::int64_t statement::integer(int column) const {
    return sqlite3_column_int64(handle_.get(), column);
}

double statement::real(int column) const {
    return sqlite3_column_double(handle_.get(), column);
}

bool statement::is_null(int column) const {
    return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

std::string_view statement::text(int column) const {
    const auto* const data =
        reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
    const auto size = sqlite3_column_bytes(handle_.get(), column);
    return data == nullptr ? std::string_view{}
                           : std::string_view{data, static_cast<std::size_t>(size)};
}

void database::close::operator()(sqlite3* db) const {
    sqlite3_close_v2(db); // waits for statements that are still alive
}

util::result<database> database::open(const std::string& path, int flags) {
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    database db{raw};
    if (code != SQLITE_OK) {
        const std::string why = raw != nullptr ? db.last_error() : sqlite3_errstr(code);
        return util::make_error(util::errc::io, "database " + path + ": " + why);
    }
    sqlite3_busy_timeout(raw, 5000);
    return db;
}

util::result<database> database::open_for_writing(const std::string& path) {
    auto db = open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    if (!db) {
        return db;
    }
    // The checkpoint interval lets a page that many transactions touch be copied back once.
    for (const char* sql :
         {"PRAGMA journal_mode=WAL",
          "PRAGMA synchronous=NORMAL",
          "PRAGMA cache_size=-65536",
          "PRAGMA temp_store=MEMORY",
          "PRAGMA wal_autocheckpoint=16000",
          schema_sql}) {
        if (auto done = db->execute(sql); !done) {
            return util::make_error(
                util::errc::io, "database " + path + ": " + done.error().message
            );
        }
    }
    return db;
}

util::result<database> database::open_read_only(const std::string& path) {
    return open(path, SQLITE_OPEN_READONLY);
}

util::result<statement> database::prepare(std::string_view sql) {
    sqlite3_stmt* raw = nullptr;
    const int code = sqlite3_prepare_v3(
        handle_.get(),
        sql.data(),
        static_cast<int>(sql.size()),
        SQLITE_PREPARE_PERSISTENT,
        &raw,
        nullptr
    );
    if (code != SQLITE_OK) {
        return util::make_error(util::errc::io, last_error() + " in " + std::string{sql});
    }
    return statement{raw};
}

util::result<void> database::execute(const std::string& sql) {
    if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        return util::make_error(util::errc::io, last_error());
    }
    return {};
}

std::string database::last_error() const {
    return sqlite3_errmsg(handle_.get());
}

bool database::was_locked() const {
    return (sqlite3_errcode(handle_.get()) & 0xff) == SQLITE_BUSY;
}

bool database::has_failed() const {
    switch (sqlite3_errcode(handle_.get()) & 0xff) { // without the extension
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
        return true;
    default:
        return false;
    }
}

bool database::is_in_transaction() const {
    return sqlite3_get_autocommit(handle_.get()) == 0;
}

std::int64_t database::changes() const {
    return sqlite3_changes64(handle_.get());
}

} // namespace vsim::server
