// SPDX-License-Identifier: Apache-2.0
#include "reveille/driver/driver.hpp"

#include <algorithm>
#include <cstdio>

#include "reveille/common/bytes.hpp"
#include "reveille/driver/register_fields.hpp"
#include "reveille/driver/register_map.hpp"

namespace reveille::driver {
namespace {

/// A wake waits for its nonce 65,536 cycles at most.
constexpr std::chrono::milliseconds command_limit(20);
constexpr std::chrono::milliseconds framing_limit(20);

constexpr std::size_t most_hops = 8;
constexpr std::size_t hop_octets = 16;
constexpr std::size_t principal_at = 128;
constexpr std::size_t most_principal = 127;
constexpr std::size_t most_versions = 4;
constexpr std::size_t event_words = 8;
// Of a host message (A19).
constexpr std::size_t descriptor_octets = 32;
constexpr std::size_t header_octets = 3;
constexpr std::size_t most_message = 1449;  ///< behind its header

constexpr const char* command_names[] = {"no command", "wake",    "reply", "reject",
                                         "close",      "restore", "read",  "read_location"};

std::uint16_t at(std::uint16_t first, std::size_t octets) { return static_cast<std::uint16_t>(first + octets); }

std::string hexadecimal(std::uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08X", value);
  return text;
}

std::string version(std::uint32_t word) {
  return std::to_string(FIELD(word, VERSION_MAJOR)) + "." + std::to_string(FIELD(word, VERSION_MINOR)) + "." +
         std::to_string(FIELD(word, VERSION_PATCH));
}

/// Additions do no harm; before 1.0 any may change an interface.
bool is_ours(std::uint32_t word) {
  constexpr std::uint32_t ours = RESET(VERSION);
  if (FIELD(word, VERSION_MAJOR) != FIELD(ours, VERSION_MAJOR)) return false;
  if (FIELD(ours, VERSION_MAJOR) == 0) return FIELD(word, VERSION_MINOR) == FIELD(ours, VERSION_MINOR);
  return FIELD(word, VERSION_MINOR) >= FIELD(ours, VERSION_MINOR);
}

Session session_of(const CommandResult& result) {
  Session session{.client = result.entry.client,
                  .nonce = result.entry.nonce,
                  .deadline = result.entry.deadline,
                  .phase = result.state.phase,
                  .resends_left = result.state.resends_left,
                  .false_nonces = result.state.false_nonces,
                  .location = result.location};
  if (session.phase >= Phase::replied) {
    session.tag = result.entry.aux;
  } else {
    session.wake = WakeState::unpack(result.entry.aux);
  }
  return session;
}

Event event_of(std::span<const Access, event_words> record) {
  Event event;
  event.kind = static_cast<EventKind>(record[0].value & 0xFF);
  event.verdict = static_cast<Verdict>(record[0].value >> 8 & 0x1F);
  event.time = std::uint64_t{record[2].value} << 32 | record[1].value;
  event.value = record[3].value;
  Bytes octets;
  for (const Access& word : record.subspan(4)) append_big_endian(octets, word.value, 4);
  event.address = net::Address::from_octets(octets);
  return event;
}

Command make(CommandCode code, const net::Address& client) { return {.code = code, .client = client}; }

[[noreturn]] void refuse(const Command& command, ResultCode code) {
  const auto number = static_cast<std::size_t>(command.code);
  const std::string name = number < std::size(command_names) ? command_names[number] : "command";
  const std::string what = name +
                           (command.code == CommandCode::read_location ? " " + std::to_string(command.location)
                                                                       : " of client " + net::format(command.client)) +
                           ": ";
  switch (code) {
    case ResultCode::full: throw StoreFull(what + "full: its places in the store hold live sessions");
    case ResultCode::live: throw SessionLive(what + "live: the client has a session");
    case ResultCode::not_ready:
      throw NotReady(what + "not_ready: the store is not cleared, or there is no nonce for want of noise");
    case ResultCode::not_found: throw NoSession(what + "not_found: no such session lives");
    case ResultCode::wrong_state: throw WrongState(what + "wrong_state: the session is in another phase");
    case ResultCode::bad_argument:
      throw BadArgument(what +
                        "bad_argument: no address of the server is enabled in the client's family, or lifetime " +
                        "or nonce is 0");
    default: throw Refused(code, what + "result " + std::to_string(static_cast<unsigned>(code)));
  }
}

void check_count(std::size_t count, std::size_t most, const std::string& what) {
  if (count > most)
    throw Error(ErrorKind::bad_input, what + ": " + std::to_string(count) + ", at most " + std::to_string(most));
}

}  // namespace

Driver::Driver(Bus& bus) : bus_(bus) {
  if (bus_.driven_.test_and_set()) throw BusInUse("the bus has a driver already");
}

Driver::~Driver() { bus_.driven_.clear(); }

Identity Driver::identify() {
  const std::uint32_t id = read(address::id);
  if (id != RESET(ID))
    throw WrongCore("register ID: " + hexadecimal(id) + ": " + hexadecimal(RESET(ID)) + " expected: no core is here");
  const std::uint32_t word = read(address::version);
  if (!is_ours(word))
    throw WrongCore("register VERSION: " + version(word) + ": this driver is for " + version(RESET(VERSION)));
  wait_for_command();  // another driver may have ended in the midst of one
  const std::uint32_t sizes = read(address::parameters);
  return {.major = FIELD(word, VERSION_MAJOR),
          .minor = FIELD(word, VERSION_MINOR),
          .patch = FIELD(word, VERSION_PATCH),
          .sessions = 1U << FIELD(sizes, PARAMETERS_SESSIONS),
          .frame_buffer_beats = 1U << FIELD(sizes, PARAMETERS_FRAME_BUFFER),
          .event_records = 1U << FIELD(sizes, PARAMETERS_EVENT_LOG),
          .ipv4_addresses = FIELD(sizes, PARAMETERS_IPV4_ADDRESSES),
          .ipv6_addresses = FIELD(sizes, PARAMETERS_IPV6_ADDRESSES)};
}

Health Driver::health() {
  const std::uint32_t status = read(address::status);
  const std::uint32_t failures = read(address::generator_failures);
  return {.ready = FIELD(status, STATUS_READY) != 0,
          .seeded = FIELD(status, STATUS_SEEDED) != 0,
          .repetition_failed = FIELD(status, STATUS_RCT_FAILED) != 0,
          .proportion_failed = FIELD(status, STATUS_APT_FAILED) != 0,
          .silent = FIELD(status, STATUS_SILENT) != 0,
          .restarts = FIELD(read(address::generator), GENERATOR_RESTARTS),
          .repetition_failures = FIELD(failures, GENERATOR_FAILURES_RCT),
          .proportion_failures = FIELD(failures, GENERATOR_FAILURES_APT),
          .silences = FIELD(failures, GENERATOR_FAILURES_SILENT)};
}

void Driver::wait_until_usable(std::chrono::microseconds limit) {
  const auto usable = [this] {
    const Health now = health();
    if (now.failed())
      throw GeneratorFailed(std::string("the nonce generator has failed: ") +
                            (now.silent              ? "its noise source is silent"
                             : now.repetition_failed ? "its noise repeats itself"
                                                     : "one value prevails in its noise"));
    return now.usable();
  };
  bus_.wait(usable, limit, "a core that is ready and seeded (STATUS)");
}

void Driver::restart_generator() { write(address::control, MASK(CONTROL_GENERATOR_RESTART)); }

void Driver::write_address(std::uint16_t address, const net::Address& value) {
  const auto words = address_words(value);
  for (std::size_t i = 0; i < 4; ++i) write(at(address, 4 * i), words[i]);
}

void Driver::configure(const Setup& setup) {
  const ServerSetup& server = setup.server;
  const std::uint32_t sizes = read(address::parameters);
  check_count(server.ipv4.size(), FIELD(sizes, PARAMETERS_IPV4_ADDRESSES), "IPv4 addresses of the server");
  check_count(server.ipv6.size(), FIELD(sizes, PARAMETERS_IPV6_ADDRESSES), "IPv6 addresses of the server");
  check_count(server.versions.size(), most_versions, "versions of the server");
  write(address::server_enable, 0);
  write(address::client_initiated, 0);
  write_servers(server);
  write(address::policy,
        PLACE(server.listed, POLICY_DESTINATION) | PLACE(server.drop_later_fragments, POLICY_LATER_FRAGMENTS));
  write(address::server_port, server.port);
  std::uint32_t versions = 0;
  for (std::size_t i = 0; i < server.versions.size(); ++i) versions |= std::uint32_t{server.versions[i]} << 8 * i;
  write(address::server_versions, versions);
  write(address::interval, static_cast<std::uint32_t>(server.interval_us));
  write(address::tolerance_low, static_cast<std::uint32_t>(server.tolerance_us));
  write(address::tolerance_high, static_cast<std::uint32_t>(server.tolerance_us >> 32));
  write(address::client_initiated, static_cast<std::uint32_t>(server.client_initiated));
  write(address::resend_budget, server.resend_budget);
  write(address::guessing, setup.guess_threshold);
  write(address::noise_silence, setup.noise_silence);
  write(address::generator, setup.restart_limit);
  write(address::event_mask, setup.event_mask);
  write(address::wake, PLACE(setup.wake_tries, WAKE_TRIES) | PLACE(setup.wake_version, WAKE_VERSION));
  write(address::wake_interval, setup.wake_interval_us);
  enable(server);
}

void Driver::write_servers(const ServerSetup& server) {
  for (std::size_t i = 0; i < server.ipv4.size(); ++i)
    write(at(address::server_ipv4, 4 * i), address_words(server.ipv4[i])[3]);
  for (std::size_t i = 0; i < server.ipv6.size(); ++i) write_address(at(address::server_ipv6, 16 * i), server.ipv6[i]);
}

void Driver::enable(const ServerSetup& server) {
  const auto bits = [](std::size_t count) { return (1U << count) - 1; };
  write(address::server_enable,
        PLACE(bits(server.ipv4.size()), SERVER_ENABLE_IPV4) | PLACE(bits(server.ipv6.size()), SERVER_ENABLE_IPV6) |
            PLACE(server.doi_ipsec, SERVER_ENABLE_DOI_IPSEC) | PLACE(server.doi_snmp, SERVER_ENABLE_DOI_SNMP) |
            PLACE(bits(server.versions.size()), SERVER_ENABLE_VERSIONS));
}

void Driver::load_framing(std::span<const Hop> hops, std::string_view principal) {
  check_count(hops.size(), most_hops, "next hops");
  check_count(principal.size(), most_principal, "characters of the server's principal");
  Bytes memory;
  for (const Hop& hop : hops) {
    append(memory, hop.destination);
    append(memory, hop.source);
    append_big_endian(memory, hop.tpid, 2);
    append_big_endian(memory, hop.tci, 2);
  }
  static_assert(most_hops * hop_octets == principal_at);
  memory.resize(principal_at);
  memory.insert(memory.end(), principal.begin(), principal.end());
  memory.resize(address::framing_end - address::framing);
  // A message being made keeps its bank to its end, and a second commit would give it away.
  bus_.wait([this] { return (read(address::status) & MASK(STATUS_FRAMING)) == 0; }, framing_limit,
            "end of a message being made (STATUS.framing)");
  for (std::size_t i = 0; i < memory.size(); i += 4) {
    const std::uint32_t word = memory[i] | std::uint32_t{memory[i + 1]} << 8 | std::uint32_t{memory[i + 2]} << 16 |
                               std::uint32_t{memory[i + 3]} << 24;
    write(at(address::framing, i), word);
  }
  write(address::control, MASK(CONTROL_FRAMING_COMMIT));
}

void Driver::enable_interrupts(std::uint32_t mask) { write(address::irq_enable, mask); }

void Driver::wait_for_command() {
  bus_.wait([this] { return (read(address::status) & MASK(STATUS_COMMAND_BUSY)) == 0; }, command_limit,
            "end of a command (STATUS.command_busy)");
}

CommandResult Driver::command(const Command& command) {
  const std::scoped_lock one_at_a_time(commands_);
  std::vector<Access> orders;
  const auto order = [&orders](std::uint16_t address, std::uint32_t value) {
    orders.push_back({address, value, true});
  };
  const auto client = address_words(command.client);
  for (std::size_t i = 0; i < client.size(); ++i) order(at(address::command_client, 4 * i), client[i]);
  order(address::command_lifetime_low, static_cast<std::uint32_t>(command.lifetime));
  order(address::command_lifetime_high, static_cast<std::uint32_t>(command.lifetime >> 32));
  order(address::command_nonce, command.nonce);
  order(address::command_tag, static_cast<std::uint32_t>(command.tag >> 32));
  order(at(address::command_tag, 4), static_cast<std::uint32_t>(command.tag));
  order(address::command_session,
        PLACE(command.phase, COMMAND_SESSION_PHASE) | PLACE(command.hop, COMMAND_SESSION_HOP) |
            PLACE(command.snmp, COMMAND_SESSION_DOI) | PLACE(command.armed, COMMAND_SESSION_ARMED) |
            PLACE(command.source, COMMAND_SESSION_SOURCE));
  order(address::command_location, command.location);
  order(address::command, static_cast<std::uint32_t>(command.code));
  std::vector<Access> answers = {{address::status}, {address::result}, {address::result_nonce}};
  const bool reads = command.code == CommandCode::read || command.code == CommandCode::read_location;
  if (reads) {
    for (const std::uint16_t place : {address::result_false_nonces, address::result_deadline_high,
                                      address::result_deadline_low, address::result_aux, at(address::result_aux, 4)})
      answers.push_back({place});
    for (std::size_t i = 0; i < 4; ++i) answers.push_back({at(address::result_client, 4 * i)});
  }
  // One journey, where a command has ended by the time that the questions behind it are read.
  const std::size_t first_answer = orders.size();
  orders.insert(orders.end(), answers.begin(), answers.end());
  bus_.access(orders);
  std::copy(orders.begin() + static_cast<std::ptrdiff_t>(first_answer), orders.end(), answers.begin());
  if ((answers[0].value & MASK(STATUS_COMMAND_BUSY)) != 0) {
    wait_for_command();
    bus_.access(answers);
  }
  const std::uint32_t word = answers[1].value;
  CommandResult result;
  result.code = static_cast<ResultCode>(FIELD(word, RESULT_CODE));
  result.location = static_cast<std::uint16_t>(FIELD(word, RESULT_LOCATION));
  result.entry.nonce = answers[2].value;
  if (!reads) return result;
  result.state.phase = static_cast<Phase>(FIELD(word, RESULT_PHASE));
  result.state.resends_left = static_cast<std::uint8_t>(FIELD(word, RESULT_RESENDS_LEFT));
  result.state.false_nonces = static_cast<std::uint16_t>(answers[3].value);
  result.entry.deadline = std::uint64_t{answers[4].value} << 32 | answers[5].value;
  result.entry.aux = std::uint64_t{answers[6].value} << 32 | answers[7].value;
  Bytes octets;
  for (std::size_t i = 8; i < answers.size(); ++i) append_big_endian(octets, answers[i].value, 4);
  result.entry.client = net::Address::from_octets(octets);
  return result;
}

CommandResult Driver::require(const Command& wanted) {
  const CommandResult result = command(wanted);
  if (result.code != ResultCode::ok) refuse(wanted, result.code);
  return result;
}

Woken Driver::wake(const net::Address& client, const WakeOptions& options) {
  Command wanted = make(CommandCode::wake, client);
  wanted.lifetime = options.lifetime_us;
  wanted.hop = options.hop;
  wanted.snmp = options.snmp;
  wanted.source = options.source;
  const CommandResult result = require(wanted);
  return {result.entry.nonce, result.location};
}

void Driver::reply(const net::Address& client, std::uint64_t tag) {
  Command wanted = make(CommandCode::reply, client);
  wanted.tag = tag;
  require(wanted);
}

void Driver::reject(const net::Address& client) { require(make(CommandCode::reject, client)); }

void Driver::close(const net::Address& client) { require(make(CommandCode::close, client)); }

std::uint16_t Driver::restore(const Session& session, std::uint64_t lifetime_us) {
  Command wanted = make(CommandCode::restore, session.client);
  wanted.lifetime = lifetime_us;
  wanted.tag = session.tag;
  wanted.nonce = session.nonce;
  wanted.phase = session.phase;
  wanted.hop = static_cast<std::uint8_t>(session.wake.hop);
  wanted.snmp = session.wake.snmp;
  wanted.armed = session.wake.armed;
  wanted.source = static_cast<std::uint8_t>(session.wake.source);
  return require(wanted).location;
}

void Driver::send(const net::Address& client, std::span<const std::uint8_t> message, const MessageOptions& options) {
  if (message.size() <= header_octets || message.size() > header_octets + most_message)
    throw Error(ErrorKind::bad_input, "host message: " + std::to_string(message.size()) +
                                          " octets: " + std::to_string(header_octets + 1) + " to " +
                                          std::to_string(header_octets + most_message) + " expected");
  Bytes octets(client.octets.begin(), client.octets.end());
  append(octets, message.first(header_octets));
  octets.push_back(static_cast<std::uint8_t>((options.hop & 7) | (options.source & 7) << 4));
  octets.resize(descriptor_octets);
  append(octets, message.subspan(header_octets));
  bus_.send(octets);
}

Session Driver::read_session(const net::Address& client) {
  return session_of(require(make(CommandCode::read, client)));
}

std::optional<Session> Driver::read_location(std::uint16_t location) {
  Command wanted = make(CommandCode::read_location, {});
  wanted.location = location;
  const CommandResult result = command(wanted);
  if (result.code == ResultCode::not_found) return std::nullopt;
  if (result.code != ResultCode::ok) refuse(wanted, result.code);
  return session_of(result);
}

std::optional<Event> Driver::pop_event() {
  const std::vector<Event> events = pop_events(1);
  if (events.empty()) return std::nullopt;
  return events.front();
}

std::vector<Event> Driver::pop_events(std::size_t most) {
  const std::scoped_lock one_reader(events_);
  const std::size_t count = std::min<std::size_t>(read(address::event_count), most);
  std::vector<Access> records(count * event_words, Access{address::event_data});
  bus_.access(records);
  std::vector<Event> events;
  events.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    events.push_back(event_of(std::span(records).subspan(i * event_words).first<event_words>()));
  return events;
}

void Driver::realign_events() {
  const std::scoped_lock one_reader(events_);
  write(address::control, MASK(CONTROL_EVENT_REALIGN));
}

std::uint32_t Driver::events_dropped() { return read(address::event_dropped); }

void Driver::lock_nonces() { write(address::lock, MASK(LOCK_NONCES)); }

std::uint64_t Driver::time() {
  const std::scoped_lock one_reader(latched_);
  const std::uint32_t low = read(address::time_low);
  return std::uint64_t{read(address::time_high)} << 32 | low;
}

std::uint64_t Driver::counter(unsigned index) {
  const std::scoped_lock one_reader(latched_);
  const std::uint16_t place = at(address::counters, std::size_t{8} * index);
  const std::uint32_t low = read(place);
  return std::uint64_t{read(at(place, 4))} << 32 | low;
}

}  // namespace reveille::driver
