// SPDX-License-Identifier: Apache-2.0
#include "programs/principal_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "programs/event_loop.hpp"
#include "reveille/kerberos/private_file.hpp"

namespace reveille::sim {
namespace {

using kerberos::Etype;
using kerberos::KdcPrincipal;
using kerberos::Key;
using kerberos::PrincipalName;

constexpr std::int64_t application_id = 1'380'280'905;  ///< "REVI"
constexpr std::int64_t schema_version = 1;
constexpr const char* schema = R"(
PRAGMA application_id = 1380280905;
PRAGMA user_version = 1;
CREATE TABLE realm (name TEXT NOT NULL);
CREATE TABLE principal (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, has_password INTEGER NOT NULL);
CREATE TABLE key (principal INTEGER NOT NULL REFERENCES principal ON DELETE CASCADE, kvno INTEGER NOT NULL,
                  etype INTEGER NOT NULL, made INTEGER NOT NULL, octets BLOB NOT NULL,
                  PRIMARY KEY (principal, kvno, etype)) WITHOUT ROWID;
)";
constexpr std::size_t most_cached = 10'000;  ///< principals
constexpr Etype granting_etype = Etype::aes256_sha1;

std::int64_t number_of(const SqliteDatabase& database, const char* sql) {
  SqliteStatement statement(database, sql);
  return statement.step() ? statement.number(0) : 0;
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why) {
  throw Error(ErrorKind::bad_input, path.string() + ": " + why);
}

SqliteDatabase open(const std::filesystem::path& path) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  if (!std::filesystem::exists(status)) refuse(path, "no such database; reveille kdc principal add makes it");
  if (!std::filesystem::is_regular_file(status)) refuse(path, "a regular file expected, a database of principals");
  kerberos::require_private(path);
  SqliteDatabase database(path, path.string());
  if (number_of(database, "PRAGMA application_id") != application_id) database.fail("no database of principals");
  const std::int64_t version = number_of(database, "PRAGMA user_version");
  if (version != schema_version) {
    database.fail("of version " + std::to_string(version) + ", expected " + std::to_string(schema_version));
  }
  return database;
}

/// A name that parse_principal() gives back; others no database holds.
bool is_storable(const PrincipalName& name) {
  return !name.components.empty() && std::ranges::none_of(name.components, [](const std::string& component) {
    return component.empty() || component.find_first_of(std::string_view("/@\0", 3)) != std::string::npos;
  });
}

std::int64_t insert_principal(const SqliteDatabase& database, const PrincipalName& name, bool has_password) {
  SqliteStatement insert(database, "INSERT INTO principal (name, has_password) VALUES (?, ?) RETURNING id");
  insert.bind(kerberos::to_string(name)).bind(has_password ? 1 : 0);
  if (!insert.step()) database.fail("nothing was inserted");
  const std::int64_t id = insert.number(0);
  insert.run();
  return id;
}

void insert_key(const SqliteDatabase& database, std::int64_t id, std::uint32_t kvno, const Key& key) {
  SqliteStatement insert(database, "INSERT INTO key (principal, kvno, etype, made, octets) VALUES (?, ?, ?, ?, ?)");
  insert.bind(id).bind(std::int64_t{kvno}).bind(static_cast<std::int64_t>(key.etype()));
  insert.bind(wall_clock() / kerberos::second).bind(key.octets()).run();
}

/// A file beside the place of a database that is to be, gone with this object.
class NewFile {
 public:
  explicit NewFile(const std::filesystem::path& place)
      : place_(place), name_(place.string() + ".new-" + std::to_string(::getpid())) {
    remove();  // of a process of that number that was stopped
    const int made = ::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (made < 0) refuse(place_, std::string("cannot be made: ") + std::strerror(errno));
    ::close(made);
  }
  ~NewFile() { remove(); }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  /// Where another process was faster, its file stays.
  void put_in_place() const {
    if (::link(name_.c_str(), place_.c_str()) == 0 || errno == EEXIST) return;
    refuse(place_, std::string("cannot be made: ") + std::strerror(errno));
  }

 private:
  void remove() const {
    for (const char* of_sqlite : {"", "-journal", "-wal", "-shm"}) ::unlink((name_ + of_sqlite).c_str());
  }
  std::filesystem::path place_;
  std::string name_;
};

}  // namespace

PrincipalStore::Opened::Opened(const std::filesystem::path& path, const std::string& realm)
    : database(open(path)),
      select_principal(database, "SELECT id, has_password FROM principal WHERE name = ?"),
      select_keys(database, "SELECT kvno, etype, made, octets FROM key WHERE principal = ? ORDER BY kvno, etype DESC"),
      select_version(database, "PRAGMA data_version") {
  SqliteStatement select(database, "SELECT name FROM realm");
  const std::string of = select.step() ? select.text(0) : "none";
  if (of != realm) database.fail("of the realm " + of + ", expected " + realm);
  struct stat state = {};
  if (::stat(path.c_str(), &state) == 0) {
    device = state.st_dev;
    number = state.st_ino;
    size = state.st_size;
  }
}

bool PrincipalStore::Opened::is_at(const std::filesystem::path& path) {
  struct stat state = {};
  if (::stat(path.c_str(), &state) != 0 || state.st_dev != device || state.st_ino != number) return false;
  const bool is_whole = state.st_size >= size;  // it never becomes shorter
  size = state.st_size;
  return is_whole;
}

/// Without keys where there is none of that name.
KdcPrincipal PrincipalStore::Opened::read(const PrincipalName& name, const std::string& realm) {
  KdcPrincipal principal;
  const std::string text = kerberos::to_string(name);
  if (!select_principal.reset().bind(text).step()) return principal;
  principal.has_password = select_principal.number(1) != 0;
  select_keys.reset().bind(select_principal.number(0));
  select_principal.reset();
  while (select_keys.step()) {
    const std::optional<Etype> etype = kerberos::to_etype(static_cast<std::int32_t>(select_keys.number(1)));
    if (!etype) continue;
    const ByteView octets = select_keys.octets(3);
    if (octets.size() != kerberos::key_size(*etype)) database.fail("damaged: a key of another length, of " + text);
    principal.add({.realm = realm,
                   .principal = kerberos::parse_principal(text),
                   .kvno = static_cast<std::uint32_t>(select_keys.number(0)),
                   .key = Key(*etype, octets),
                   .timestamp = select_keys.number(2) * kerberos::second});
  }
  select_keys.reset();
  return principal;
}

PrincipalStore::PrincipalStore(std::filesystem::path path, std::string realm)
    : path_(std::move(path)), realm_(std::move(realm)), opened_(std::make_unique<Opened>(path_, realm_)) {}

void PrincipalStore::make(const std::filesystem::path& path, const std::string& realm, kerberos::RandomSource& random) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) return;
  const NewFile file(path);
  {
    const SqliteDatabase database(file.name(), path.string());
    SqliteTransaction transaction(database);
    database.execute(schema);
    SqliteStatement(database, "INSERT INTO realm (name) VALUES (?)").bind(realm).run();
    const std::int64_t id = insert_principal(database, kerberos::ticket_granting_service(realm), false);
    insert_key(database, id, 1, Key::random(granting_etype, random));
    transaction.commit();
    database.execute("PRAGMA journal_mode = WAL");
  }
  file.put_in_place();
}

const KdcPrincipal* PrincipalStore::find(const PrincipalName& name) {
  const auto cached = cache_.find(name);
  if (cached != cache_.end()) return &cached->second;
  if (!is_storable(name)) return nullptr;
  if (!opened_) throw kerberos::DatabaseError(failure_);
  try {
    KdcPrincipal principal = opened_->read(name, realm_);
    if (principal.keys.entries().empty()) return nullptr;
    return &cache_.emplace(name, std::move(principal)).first->second;
  } catch (const Error& error) {
    close(error.what());
    throw kerberos::DatabaseError(failure_);
  }
}

void PrincipalStore::close(const std::string& why) {
  failure_ = why;
  opened_.reset();
}

void PrincipalStore::refresh() {
  constexpr kerberos::Time between_looks = 1000;  // a look locks the file twice
  const kerberos::Time now = wall_clock();
  if (opened_ && now >= looked_ && now - looked_ < between_looks && cache_.size() <= most_cached) return;
  looked_ = now;
  try {
    if (opened_ && !opened_->is_at(path_)) close({});  // before the other is opened: SQLite's files beside it go
    if (!opened_) {
      cache_.clear();
      opened_ = std::make_unique<Opened>(path_, realm_);
    }
    SqliteStatement& select = opened_->select_version;
    const bool known = select.reset().step() && select.number(0) == opened_->version;
    if (!known) opened_->version = select.number(0);
    select.reset();
    if (!known || cache_.size() > most_cached) cache_.clear();
  } catch (const Error& error) {
    close(error.what());
    cache_.clear();
  }
}

std::vector<PrincipalStore::Listed> PrincipalStore::list() {
  std::vector<Listed> listed;
  const SqliteDatabase& database = opened_->database;
  SqliteStatement select(database,
                         "SELECT name, has_password, kvno, etype FROM principal JOIN key ON key.principal = "
                         "principal.id ORDER BY name, kvno DESC, etype DESC");
  while (select.step()) {
    const std::string name = select.text(0);
    const auto kvno = static_cast<std::uint32_t>(select.number(2));
    if (listed.empty() || listed.back().name != name) listed.push_back({name, select.number(1) != 0, kvno, {}});
    const std::optional<Etype> etype = kerberos::to_etype(static_cast<std::int32_t>(select.number(3)));
    if (kvno == listed.back().kvno && etype) listed.back().etypes.push_back(*etype);
  }
  return listed;
}

void PrincipalStore::require(bool found, const PrincipalName& name) const {
  if (!found) opened_->database.fail("no principal " + kerberos::to_string(name));
}

std::uint32_t PrincipalStore::add(const PrincipalName& name, const std::optional<kerberos::Password>& password,
                                  const std::vector<Etype>& etypes, bool new_keys, kerberos::RandomSource& random) {
  std::vector<Key> keys;  // before the transaction: string-to-key takes its time
  for (const Etype etype : etypes) {
    keys.push_back(password ? Key::from_password(etype, *password, kerberos::default_salt(realm_, name))
                            : Key::random(etype, random));
  }
  const SqliteDatabase& database = opened_->database;
  SqliteTransaction transaction(database);
  SqliteStatement select(
      database, "SELECT id, max(kvno) FROM principal JOIN key ON key.principal = id WHERE name = ? GROUP BY id");
  const bool is_there = select.bind(kerberos::to_string(name)).step();
  if (is_there && !new_keys) {
    database.fail("principal " + kerberos::to_string(name) + " is there already; --new-keys gives it other keys");
  }
  if (!is_there && new_keys) require(false, name);
  const std::int64_t id = is_there ? select.number(0) : insert_principal(database, name, password.has_value());
  const auto kvno = static_cast<std::uint32_t>(is_there ? select.number(1) + 1 : 1);
  select.reset();
  SqliteStatement update(database, "UPDATE principal SET has_password = ? WHERE id = ?");
  update.bind(password ? 1 : 0).bind(id).run();
  for (const Key& key : keys) insert_key(database, id, kvno, key);
  transaction.commit();
  database.settle();
  return kvno;
}

void PrincipalStore::remove(const PrincipalName& name) {
  const SqliteDatabase& database = opened_->database;
  if (name == kerberos::ticket_granting_service(realm_)) database.fail("the ticket-granting service stays");
  SqliteTransaction transaction(database);
  SqliteStatement remove(database, "DELETE FROM principal WHERE name = ? RETURNING id");
  require(remove.bind(kerberos::to_string(name)).step(), name);
  remove.run();
  transaction.commit();
  database.settle();
}

kerberos::Keytab PrincipalStore::keytab(const std::vector<PrincipalName>& names) {
  kerberos::Keytab keytab;
  for (const PrincipalName& name : names) {
    const KdcPrincipal* principal = find(name);
    require(principal != nullptr, name);
    keytab.add(principal->keys);
  }
  return keytab;
}

}  // namespace reveille::sim
