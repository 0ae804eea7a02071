// SPDX-License-Identifier: Apache-2.0
#include "programs/sqlite.hpp"

#include <openssl/crypto.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>

#include "reveille/common/error.hpp"

namespace reveille::sim {
namespace {

constexpr int patience_ms = 5000;  ///< while another process changes it

sqlite3_mem_methods plain_memory = {};

void wipe_and_free(void* memory) {
  if (memory != nullptr) OPENSSL_cleanse(memory, static_cast<std::size_t>(plain_memory.xSize(memory)));
  plain_memory.xFree(memory);
}

void* reallocate(void* memory, int size) {
  void* moved = plain_memory.xMalloc(size);
  if (memory == nullptr || moved == nullptr) return moved;
  std::memcpy(moved, memory, static_cast<std::size_t>(std::min(size, plain_memory.xSize(memory))));
  wipe_and_free(memory);
  return moved;
}

/// SQLite's memory holds keys: it is wiped when it is given back. Once, before SQLite is first used.
void wipe_memory_given_back() {
  static const bool done = [] {
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plain_memory) != SQLITE_OK) return false;
    sqlite3_mem_methods wiping = plain_memory;
    wiping.xFree = wipe_and_free;
    wiping.xRealloc = reallocate;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &wiping) == SQLITE_OK;
  }();
  if (!done) throw Error(ErrorKind::internal, "SQLite: its memory cannot be wiped");
}

}  // namespace

void SqliteDatabase::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

SqliteDatabase::SqliteDatabase(const std::filesystem::path& path, std::string name) : name_(std::move(name)) {
  wipe_memory_given_back();
  const mode_t mask = ::umask(S_IRWXG | S_IRWXO);
  sqlite3* database = nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr);
  ::umask(mask);
  database_.reset(database);
  if (result != SQLITE_OK) fail();
  sqlite3_busy_timeout(database, patience_ms);
  execute("PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY");
}

void SqliteDatabase::execute(const char* sql) const {
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

void SqliteDatabase::settle() const {
  sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
}

void SqliteDatabase::fail(const std::string& what) const { throw Error(ErrorKind::bad_input, name_ + ": " + what); }

void SqliteDatabase::fail() const {
  if (!database_) fail("out of memory");
  const int reason = sqlite3_system_errno(database_.get());
  const std::string system = reason != 0 ? std::string(": ") + std::strerror(reason) : "";
  switch (sqlite3_errcode(database_.get())) {
    case SQLITE_CANTOPEN: fail("it, or a file beside it, cannot be opened" + system);
    case SQLITE_IOERR: fail("cannot be read or written" + system);
    case SQLITE_FULL: fail("cannot be written: no room is left on its disk");
    case SQLITE_READONLY: fail("cannot be written: it, or its folder, is for reading alone");
    case SQLITE_BUSY: fail("another process is changing it, for more than 5 s");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: fail("damaged, or no database of principals");
    default: fail(sqlite3_errmsg(database_.get()));
  }
}

void SqliteStatement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

SqliteStatement::SqliteStatement(const SqliteDatabase& database, const char* sql) : database_(database) {
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v2(database.database_.get(), sql, -1, &statement, nullptr);
  statement_.reset(statement);
  if (result != SQLITE_OK) database.fail();
}

SqliteStatement& SqliteStatement::reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
  bound_ = 0;
  return *this;
}

SqliteStatement& SqliteStatement::bind(std::int64_t number) {
  sqlite3_bind_int64(statement_.get(), ++bound_, number);
  return *this;
}

SqliteStatement& SqliteStatement::bind(const std::string& text) {
  sqlite3_bind_text(statement_.get(), ++bound_, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
  return *this;
}

SqliteStatement& SqliteStatement::bind(ByteView octets) {
  sqlite3_bind_blob(statement_.get(), ++bound_, octets.data(), static_cast<int>(octets.size()), SQLITE_TRANSIENT);
  return *this;
}

bool SqliteStatement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result != SQLITE_DONE) database_.fail();
  return false;
}

std::int64_t SqliteStatement::number(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string SqliteStatement::text(int column) const {
  const ByteView read = octets(column);
  return {read.begin(), read.end()};
}

ByteView SqliteStatement::octets(int column) const {
  const auto* octets = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_.get(), column));
  return {octets, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

SqliteTransaction::SqliteTransaction(const SqliteDatabase& database) : database_(database) {
  database.execute("BEGIN IMMEDIATE");
}

SqliteTransaction::~SqliteTransaction() {
  if (!open_) return;
  try {
    database_.execute("ROLLBACK");
  } catch (const Error&) {
    open_ = false;  // SQLite has rolled it back itself
  }
}

void SqliteTransaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace reveille::sim
