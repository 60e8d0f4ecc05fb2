#include "config/binding.hpp"

#include "config/fields.hpp"
#include "config/nearest.hpp"

namespace sallyport::config {

namespace {

/// Multicast, broadcast and "any" are not addresses that one node of ours, or of theirs, has.
bool is_one_host(const ip_address& address) {
  const auto& bytes = address.bytes();
  const bool is_multicast = address.is_v4() ? bytes[12] >= 224 : bytes[0] == 0xff;
  return !is_multicast && !address.is_unspecified();
}

template <class Value>
void accept_within(const cursor& at, Value& into, const std::optional<Value>& read, const Value& least,
                   const Value& most, const std::string& wanted, std::string_view text) {
  if (!read)
    at.refuse(quote(text) + " is not " + wanted);
  else if (*read < least || *read > most)
    at.refuse(quote(text) + " is out of range: it must be " + wanted);
  else
    into = *read;
}

std::string between(const std::string& least, const std::string& most) {
  return "from " + least + " to " + most;
}

} // namespace

void read_word(const cursor& at, std::span<const std::string_view> words, std::size_t& index) {
  std::string wanted = "one of";
  for (const auto& each : words)
    wanted.append(&each == words.data() ? " " : ", ").append(each);
  const auto text = at.text(wanted);
  if (!text)
    return;
  const auto found = std::ranges::find(words, *text);
  if (found == words.end())
    at.refuse(quote(*text) + " is not " + wanted);
  else
    index = static_cast<std::size_t>(found - words.begin());
}

void read_value(const cursor& at, std::string& into) {
  constexpr std::string_view wanted = "a host name (letters, digits and hyphens between dots; A-labels for others)";
  const auto text = at.text(wanted);
  if (!text)
    return;
  if (!is_host_name(*text))
    return at.refuse((quote(*text) + " is not ").append(wanted));
  into.resize(text->size());
  std::ranges::transform(*text, into.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + ('a' - 'A')) : c; });
}

void read_value(const cursor& at, std::filesystem::path& into) {
  const auto text = at.text("the path of a file");
  if (!text)
    return;
  // A key pasted in place of its file must not come back in the message.
  if (text->find('\n') != std::string_view::npos || text->starts_with("-----"))
    return at.refuse("must be the path of a file, not what is in it");
  into = (at.folder() / *text).lexically_normal();
}

void read_value(const cursor& at, ip_address& into) {
  const auto text = at.text("an IP address");
  if (!text)
    return;
  const auto address = ip_address::parse(*text);
  if (!address)
    return at.refuse(quote(*text) + " is not an IP address");
  if (!is_one_host(*address))
    return at.refuse(quote(*text) + " is not the address of one host");
  into = *address;
}

void read_value(const cursor& at, std::optional<ip_address>& into) {
  ip_address address;
  read_value(at, address);
  if (!address.is_unspecified())
    into = address;
}

void read_value(const cursor& at, endpoint& into) {
  const auto text = at.text("an address and port");
  if (!text)
    return;
  const auto read = endpoint::parse(*text);
  if (!read || read->port == 0)
    return at.refuse(quote(*text) + " is not an address and port such as 192.0.2.1:5061 or [2001:db8::1]:5061");
  // Listening on "any" would open each side's port on the other side too.
  if (!is_one_host(read->address))
    return at.refuse(quote(*text) + " does not name the address of one host");
  into = *read;
}

void read_value(const cursor& at, std::optional<endpoint>& into) {
  endpoint read;
  read_value(at, read);
  if (read.port != 0)
    into = read;
}

void read_value(const cursor& at, ip_prefix& into) {
  const auto text = at.text("an IP address or prefix");
  if (!text)
    return;
  if (const auto prefix = ip_prefix::parse(*text))
    into = *prefix;
  else
    at.refuse(quote(*text) + " is not an IP address or a prefix such as 10.0.0.0/24");
}

void read_value(const cursor& at, port_range& into) {
  // Below 1024 are the ports of well-known services, and a pair (RFC 8656, 7.2: EVEN-PORT) takes two.
  constexpr std::string_view wanted = "a range of two ports or more from 1024 on, such as 49152-65535";
  const auto text = at.text(wanted);
  if (!text)
    return;
  const auto read = parse_port_range(*text);
  if (!read || read->first < 1'024 || read->last <= read->first)
    return at.refuse((quote(*text) + " is not ").append(wanted));
  into = *read;
}

void read_value(const cursor& at, secret_source& into) {
  // Whatever stands here may be the secret itself, so no message shows it.
  constexpr auto refusal =
    "must be 'file: PATH' or 'env: NAME', one of them: a secret is never written in the configuration itself";
  const auto& from = at.at();
  if (from.what != node::kind::map || from.children.size() != 1)
    return at.refuse(refusal);
  const auto& source = from.children.front();
  if (source.key == "file") {
    std::filesystem::path path;
    read_value(at.key(source), path);
    into = {secret_source::kind::file, path.string()};
    return;
  }
  if (source.key != "env")
    return at.refuse(refusal);

  const auto name = at.key(source).text("the name of a variable");
  if (!name)
    return;
  const auto is_allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (!std::ranges::all_of(*name, is_allowed) || (*name)[0] <= '9')
    return at.key(source).refuse("is not the name of a variable");
  if (name->starts_with("SALLYPORT_"))
    return at.key(source).refuse("names that begin with SALLYPORT_ override keys of this file; choose another");
  into = {secret_source::kind::variable, std::string{*name}};
}

void read_value(const cursor& at, service_set& into) {
  std::vector<std::string_view> known;
  for (const auto& row : service_table())
    known.push_back(row.name);
  if (!at.is_list(known.size()))
    return;
  for (std::size_t i = 0; i < at.at().children.size(); ++i) {
    const auto item = at.item(at.at().children[i], i);
    const auto name = item.text("the name of a service");
    if (!name)
      continue;
    const auto* row = find_service(*name);
    const auto meant = nearest(*name, known);
    if (row == nullptr)
      item.refuse("unknown service " + quote(*name) + (meant ? ", did you mean " + quote(*meant) + "?" : ""));
    else if (!row->in_this_version)
      item.refuse("service " + quote(*name) + " is not part of this version");
    else if (into.contains(row->which))
      item.refuse("service " + quote(*name) + " is named twice");
    else
      into.insert(row->which);
  }
}

void read_realm(const cursor& at, std::string& into) {
  // RFC 8489, 14.9: fewer than 128 characters of what a quoted string may hold, without its quotes.
  constexpr std::string_view wanted = "a realm: 1 to 127 visible ASCII characters without quotes and backslashes";
  const auto text = at.text(wanted);
  if (!text)
    return;
  const auto is_allowed = [](char c) { return c > ' ' && c < '\x7f' && c != '"' && c != '\\'; };
  if (text->size() > realm_characters_max || !std::ranges::all_of(*text, is_allowed))
    return at.refuse((quote(*text) + " is not ").append(wanted));
  into = *text;
}

void read_count(const cursor& at, std::size_t& into, std::uint64_t least, std::uint64_t most) {
  const auto wanted = "a number " + between(std::to_string(least), std::to_string(most));
  if (const auto text = at.text(wanted))
    accept_within<std::uint64_t>(at, into, parse_count(*text), least, most, wanted, *text);
}

void read_bytes(const cursor& at, std::size_t& into, std::uint64_t least, std::uint64_t most) {
  const auto wanted = "a size " + between(byte_size_text(least), byte_size_text(most)) + " (bytes, KiB, MiB or GiB)";
  if (const auto text = at.text(wanted))
    accept_within<std::uint64_t>(at, into, parse_byte_size(*text), least, most, wanted, *text);
}

void read_rate(const cursor& at, rate& into, std::uint32_t least, std::uint32_t most) {
  const auto wanted = "a rate " + between(std::to_string(least) + "/s", std::to_string(most) + "/s");
  const auto text = at.text(wanted);
  if (!text)
    return;
  const auto read = parse_rate(*text);
  accept_within(at, into.per_second, read ? std::optional{read->per_second} : std::nullopt, least, most, wanted, *text);
}

void read_duration(const cursor& at, std::chrono::milliseconds& into, std::chrono::milliseconds least,
                   std::chrono::milliseconds most) {
  const auto wanted = "a duration " + between(duration_text(least), duration_text(most)) + " (ms, s, m or h)";
  if (const auto text = at.text(wanted))
    accept_within(at, into, parse_duration(*text), least, most, wanted, *text);
}

value_description describe_value(const std::string&) {
  return {.what = value_kind::name};
}
value_description describe_value(const std::filesystem::path&) {
  return {.what = value_kind::path};
}
value_description describe_value(const ip_address&) {
  return {.what = value_kind::address};
}
value_description describe_value(const std::optional<ip_address>&) {
  return {.what = value_kind::address};
}
value_description describe_value(const endpoint&) {
  return {.what = value_kind::address_and_port};
}
value_description describe_value(const std::optional<endpoint>&) {
  return {.what = value_kind::address_and_port};
}
value_description describe_value(const ip_prefix&) {
  return {.what = value_kind::prefix};
}
value_description describe_value(const port_range& fallback) {
  return {.what = value_kind::port_range, .fallback = port_range_text(fallback)};
}

value_description describe_value(const secret_source&) {
  value_description made{.what = value_kind::secret};
  made.keys.push_back({.name = "file", .meaning = "a file that holds the secret", .value = {.what = value_kind::path}});
  made.keys.push_back(
    {.name = "env", .meaning = "or a variable that holds it", .value = {.what = value_kind::variable}});
  return made;
}

value_description describe_value(const service_set&) {
  value_description item{.what = value_kind::word};
  for (const auto& row : service_table())
    if (row.in_this_version)
      item.words.emplace_back(row.name);
  value_description made{.what = value_kind::list, .items_max = item.words.size()};
  made.items.push_back(std::move(item));
  return made;
}

value_description bounded(value_kind what, std::string fallback, std::string least, std::string most) {
  return {.what = what, .fallback = std::move(fallback), .least = std::move(least), .most = std::move(most)};
}

} // namespace sallyport::config
