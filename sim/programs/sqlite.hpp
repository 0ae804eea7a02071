// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "reveille/common/bytes.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace reveille::sim {

/// An SQLite database of secrets: its owner's alone, wiped in memory and on disk where something is deleted. Errors are
/// Error{bad_input} beginning with the file's name.
class SqliteDatabase {
 public:
  /// One that is there; an empty file will do. `name`: what errors call it.
  SqliteDatabase(const std::filesystem::path& path, std::string name);

  void execute(const char* sql) const;
  /// Writes all that was committed into the file itself, if nobody is at it: what was deleted is nowhere else then, and
  /// who copies the file has the whole.
  void settle() const;
  [[noreturn]] void fail(const std::string& what) const;
  /// With what was wrong when the database last failed.
  [[noreturn]] void fail() const;

 private:
  friend class SqliteStatement;
  struct Close {
    void operator()(sqlite3* database) const;
  };
  std::string name_;
  std::unique_ptr<sqlite3, Close> database_;
};

/// A statement: values are bound from the front, columns counted from 0. Run again after reset().
class SqliteStatement {
 public:
  SqliteStatement(const SqliteDatabase& database, const char* sql);

  SqliteStatement& reset();
  SqliteStatement& bind(std::int64_t number);
  SqliteStatement& bind(const std::string& text);
  SqliteStatement& bind(ByteView octets);
  /// Whether there is another row.
  [[nodiscard]] bool step();
  void run() { (void)step(); }

  [[nodiscard]] std::int64_t number(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] ByteView octets(int column) const;  ///< until the next step

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  const SqliteDatabase& database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bound_ = 0;
};

/// All of it or nothing: rolled back unless committed.
class SqliteTransaction {
 public:
  explicit SqliteTransaction(const SqliteDatabase& database);
  ~SqliteTransaction();
  SqliteTransaction(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(const SqliteTransaction&) = delete;
  void commit();

 private:
  const SqliteDatabase& database_;
  bool open_ = true;
};

}  // namespace reveille::sim
