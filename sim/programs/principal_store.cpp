// SPDX-License-Identifier: Apache-2.0
#include "programs/principal_store.hpp"

#include <algorithm>

#include "programs/event_loop.hpp"

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

SqliteDatabase open(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    throw Error(ErrorKind::bad_input, path.string() + ": no such database; reveille kdc principal add makes it");
  }
  SqliteDatabase database(path, false);
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

}  // namespace

PrincipalStore::PrincipalStore(const std::filesystem::path& path, std::string realm)
    : realm_(std::move(realm)),
      database_(open(path)),
      select_principal_(database_, "SELECT id, has_password FROM principal WHERE name = ?"),
      select_keys_(database_,
                   "SELECT kvno, etype, made, octets FROM key WHERE principal = ? ORDER BY kvno, etype DESC"),
      select_version_(database_, "PRAGMA data_version") {
  SqliteStatement select(database_, "SELECT name FROM realm");
  const std::string of = select.step() ? select.text(0) : "none";
  if (of != realm_) database_.fail("of the realm " + of + ", expected " + realm_);
}

void PrincipalStore::make(const std::filesystem::path& path, const std::string& realm, kerberos::RandomSource& random) {
  const SqliteDatabase database(path, true);
  const SqliteStatement look(database, "PRAGMA application_id");  // what is no database is refused here
  if (number_of(database, "SELECT count(*) FROM sqlite_schema") != 0) return;
  database.execute("PRAGMA journal_mode = WAL");
  SqliteTransaction transaction(database);
  if (number_of(database, "SELECT count(*) FROM sqlite_schema") != 0) return;  // by another process, just now
  database.execute(schema);
  SqliteStatement(database, "INSERT INTO realm (name) VALUES (?)").bind(realm).run();
  const std::int64_t id = insert_principal(database, kerberos::ticket_granting_service(realm), false);
  insert_key(database, id, 1, Key::random(granting_etype, random));
  transaction.commit();
}

const KdcPrincipal* PrincipalStore::find(const PrincipalName& name) {
  const auto cached = cache_.find(name);
  if (cached != cache_.end()) return &cached->second;
  if (!is_storable(name)) return nullptr;
  select_principal_.reset().bind(kerberos::to_string(name));
  if (!select_principal_.step()) return nullptr;
  KdcPrincipal principal;
  principal.has_password = select_principal_.number(1) != 0;
  select_keys_.reset().bind(select_principal_.number(0));
  select_principal_.reset();
  while (select_keys_.step()) {
    const std::optional<Etype> etype = kerberos::to_etype(static_cast<std::int32_t>(select_keys_.number(1)));
    if (!etype) continue;
    principal.add({.realm = realm_,
                   .principal = kerberos::parse_principal(kerberos::to_string(name)),
                   .kvno = static_cast<std::uint32_t>(select_keys_.number(0)),
                   .key = Key(*etype, select_keys_.octets(3)),
                   .timestamp = select_keys_.number(2) * kerberos::second});
  }
  select_keys_.reset();
  if (principal.keys.entries().empty()) return nullptr;
  return &cache_.emplace(name, std::move(principal)).first->second;
}

void PrincipalStore::refresh() {
  constexpr kerberos::Time between_looks = 1000;  // a look locks the file twice
  const kerberos::Time now = wall_clock();
  if (now >= looked_ && now - looked_ < between_looks && cache_.size() <= most_cached) return;
  looked_ = now;
  const bool known = select_version_.reset().step() && select_version_.number(0) == version_;
  if (!known) version_ = select_version_.number(0);
  select_version_.reset();
  if (!known || cache_.size() > most_cached) cache_.clear();
}

std::vector<PrincipalStore::Listed> PrincipalStore::list() {
  std::vector<Listed> listed;
  SqliteStatement select(database_,
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
  if (!found) database_.fail("no principal " + kerberos::to_string(name));
}

std::uint32_t PrincipalStore::add(const PrincipalName& name, const std::optional<kerberos::Password>& password,
                                  const std::vector<Etype>& etypes, bool new_keys, kerberos::RandomSource& random) {
  std::vector<Key> keys;  // before the transaction: string-to-key takes its time
  for (const Etype etype : etypes) {
    keys.push_back(password ? Key::from_password(etype, *password, kerberos::default_salt(realm_, name))
                            : Key::random(etype, random));
  }
  SqliteTransaction transaction(database_);
  SqliteStatement select(
      database_, "SELECT id, max(kvno) FROM principal JOIN key ON key.principal = id WHERE name = ? GROUP BY id");
  const bool is_there = select.bind(kerberos::to_string(name)).step();
  if (is_there && !new_keys) {
    database_.fail("principal " + kerberos::to_string(name) + " is there already; --new-keys gives it other keys");
  }
  if (!is_there && new_keys) require(false, name);
  const std::int64_t id = is_there ? select.number(0) : insert_principal(database_, name, password.has_value());
  const auto kvno = static_cast<std::uint32_t>(is_there ? select.number(1) + 1 : 1);
  select.reset();
  SqliteStatement update(database_, "UPDATE principal SET has_password = ? WHERE id = ?");
  update.bind(password ? 1 : 0).bind(id).run();
  for (const Key& key : keys) insert_key(database_, id, kvno, key);
  transaction.commit();
  return kvno;
}

void PrincipalStore::remove(const PrincipalName& name) {
  if (name == kerberos::ticket_granting_service(realm_)) database_.fail("the ticket-granting service stays");
  SqliteTransaction transaction(database_);
  SqliteStatement remove(database_, "DELETE FROM principal WHERE name = ? RETURNING id");
  require(remove.bind(kerberos::to_string(name)).step(), name);
  remove.run();
  transaction.commit();
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
