#include "net/sip/names.hpp"

#include <array>

#include "net/sip/characters.hpp"

namespace sallyport::sip {
namespace {

constexpr std::array<std::string_view, 15> method_names{"INVITE",   "ACK",     "BYE",       "CANCEL", "OPTIONS",
                                                        "REGISTER", "MESSAGE", "SUBSCRIBE", "NOTIFY", "PUBLISH",
                                                        "REFER",    "INFO",    "PRACK",     "UPDATE", "SERVICE"};

// In the order of header_id.
constexpr std::array<std::string_view, header_ids> header_names{
  "",
  "Via",
  "From",
  "To",
  "Call-ID",
  "CSeq",
  "Contact",
  "Max-Forwards",
  "Route",
  "Record-Route",
  "Path",
  "Require",
  "Proxy-Require",
  "Supported",
  "Unsupported",
  "Content-Length",
  "Content-Type",
  "Expires",
  "Min-Expires",
  "Authorization",
  "Proxy-Authorization",
  "WWW-Authenticate",
  "Proxy-Authenticate",
  "Authentication-Info",
  "Event",
  "Subscription-State",
  "Session-Expires",
  "Min-SE",
  "Retry-After",
  "Allow",
  "Allow-Events",
  "Timestamp",
  "Date",
  "P-Asserted-Identity",
  "P-Preferred-Identity",
  "Privacy",
  "Identity",
  "Identity-Info",
  "Max-Breadth",
  "User-Agent",
  "Server",
  "Warning",
  "Reason",
  "Refer-To",
  "Referred-By",
  "Replaces",
  "Target-Dialog",
  "Join",
  "Service-Route",
  "Flow-Timer",
  "Accept",
  "Content-Encoding",
  "Content-Disposition",
  "Subject",
  "Reply-To",
  "History-Info",
  "RAck",
  "RSeq",
  "SIP-ETag",
  "SIP-If-Match",
  "Request-Disposition",
  "Accept-Contact",
  "Reject-Contact",
  "ms-edge-proxy-message-trust",
  "ms-diagnostics",
};

constexpr std::array<header_id, 128> make_compact_forms() {
  std::array<header_id, 128> forms{};
  const auto mark = [&](char letter, header_id id) {
    forms[static_cast<unsigned char>(letter)] = id;
    forms[static_cast<unsigned char>(letter - ('a' - 'A'))] = id;
  };
  mark('i', header_id::call_id);
  mark('m', header_id::contact);
  mark('e', header_id::content_encoding);
  mark('l', header_id::content_length);
  mark('c', header_id::content_type);
  mark('f', header_id::from);
  mark('s', header_id::subject);
  mark('k', header_id::supported);
  mark('t', header_id::to);
  mark('v', header_id::via);
  mark('o', header_id::event);               // RFC 6665
  mark('u', header_id::allow_events);        // RFC 6665
  mark('r', header_id::refer_to);            // RFC 3515
  mark('b', header_id::referred_by);         // RFC 3892
  mark('x', header_id::session_expires);     // RFC 4028
  mark('y', header_id::identity);            // RFC 8224
  mark('n', header_id::identity_info);       // RFC 4474
  mark('d', header_id::request_disposition); // RFC 3841
  mark('a', header_id::accept_contact);      // RFC 3841
  mark('j', header_id::reject_contact);      // RFC 3841
  return forms;
}
constexpr auto compact_forms = make_compact_forms();

// Length, first, middle and last letter tell all known names apart. The multiplier that spreads them over the slots
// without a collision is found by the compiler, so a lookup is one slot and one comparison.
constexpr std::size_t slots = 1024;

constexpr std::size_t slot_of(std::string_view name, std::uint32_t multiplier) {
  const auto letter = [&](std::size_t i) { return static_cast<std::uint32_t>(name[i]) & 0xDFU; };
  const std::uint32_t key = letter(0) | letter(name.size() / 2) << 8 | letter(name.size() - 1) << 16 |
                            static_cast<std::uint32_t>(name.size()) << 24;
  return (key * multiplier) >> 22;
}

struct slot_table {
  std::uint32_t multiplier = 0;
  std::array<std::uint8_t, slots> ids{};
};

constexpr bool try_fill(slot_table& table) {
  table.ids = {};
  for (std::size_t id = 1; id < header_ids; ++id) {
    auto& slot = table.ids[slot_of(header_names[id], table.multiplier)];
    if (slot != 0)
      return false;
    slot = static_cast<std::uint8_t>(id);
  }
  return true;
}

constexpr slot_table make_slots() {
  slot_table table{.multiplier = 0x9E3779B1U};
  while (!try_fill(table))
    table.multiplier += 0x61C88646U;
  return table;
}
constexpr auto known_names = make_slots();

} // namespace

method parse_method(std::string_view name) noexcept {
  for (std::size_t i = 0; i < method_names.size(); ++i)
    if (method_names[i] == name)
      return static_cast<method>(i);
  return method::other;
}

std::string_view to_string(method value) noexcept {
  const auto index = static_cast<std::size_t>(value);
  return index < method_names.size() ? method_names[index] : std::string_view{};
}

header_id parse_header_name(std::string_view name) noexcept {
  if (name.empty())
    return header_id::other;
  if (name.size() == 1) {
    const auto letter = static_cast<unsigned char>(name.front());
    return letter < compact_forms.size() ? compact_forms[letter] : header_id::other;
  }
  const auto id = known_names.ids[slot_of(name, known_names.multiplier)];
  const auto known = header_names[id];
  return name == known || equal_in_any_case(name, known) ? static_cast<header_id>(id) : header_id::other;
}

std::string_view to_string(header_id id) noexcept {
  const auto index = static_cast<std::size_t>(id);
  return index < header_names.size() ? header_names[index] : std::string_view{};
}

} // namespace sallyport::sip
