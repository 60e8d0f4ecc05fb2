#include "tests/bench/sip_load/sip_message.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace sallyport::bench {
namespace {

bool same_name(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other,
                            [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

/// Where the first element of a list ends: at a comma that is in no brackets.
std::size_t element_end(std::string_view list) {
  bool bracketed = false;
  for (std::size_t at = 0; at < list.size(); ++at) {
    if (list[at] == '<')
      bracketed = true;
    else if (list[at] == '>')
      bracketed = false;
    else if (list[at] == ',' && !bracketed)
      return at;
  }
  return list.size();
}

std::string_view word(std::string_view text, std::size_t number) {
  for (; number > 0 && text.find(' ') != text.npos; --number)
    text.remove_prefix(text.find(' ') + 1);
  return text.substr(0, text.find(' '));
}

sip_message parse_head(std::string_view head) {
  sip_message made;
  auto end = head.find("\r\n");
  made.start = head.substr(0, end);
  while (end != head.npos) {
    head.remove_prefix(end + 2);
    end = head.find("\r\n");
    const auto line = head.substr(0, end);
    if (const auto colon = line.find(':'); colon != line.npos)
      made.add(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  }
  return made;
}

} // namespace

std::string_view sip_message::method() const {
  return is_request() ? word(start, 0) : word(get("CSeq"), 1);
}

int sip_message::status() const {
  return is_request() ? 0 : std::atoi(start.c_str() + 8);
}

std::string_view sip_message::uri() const {
  return word(start, 1);
}

std::string_view sip_message::get(std::string_view name) const {
  const auto found = std::ranges::find_if(headers, [name](const auto& one) { return same_name(one.first, name); });
  return found == headers.end() ? std::string_view{} : found->second;
}

std::vector<std::string> sip_message::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [known, value] : headers)
    if (same_name(known, name))
      for (std::string_view left = value; !left.empty();) {
        const auto end = element_end(left);
        values.emplace_back(trimmed(left.substr(0, end)));
        left.remove_prefix(std::min(end + 1, left.size()));
      }
  return values;
}

void sip_message::drop_first(std::string_view name) {
  const auto found = std::ranges::find_if(headers, [name](const auto& one) { return same_name(one.first, name); });
  if (found == headers.end())
    return;
  if (const auto end = element_end(found->second); end != found->second.size())
    found->second = trimmed(std::string_view{found->second}.substr(end + 1));
  else
    headers.erase(found);
}

std::string sip_message::text() const {
  auto text = start + "\r\n";
  for (const auto& [name, value] : headers)
    if (!same_name(name, "Content-Length"))
      text += name + ": " + value + "\r\n";
  return text + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

sip_message response_to(const sip_message& request, std::string_view status_and_reason, std::string_view tag) {
  sip_message made{.start = "SIP/2.0 " + std::string{status_and_reason}, .headers = {}, .body = {}};
  for (const auto& [name, value] : request.headers)
    for (const std::string_view copied : {"Via", "Record-Route", "From", "To", "Call-ID", "CSeq"})
      if (same_name(name, copied)) {
        const bool untagged = copied == "To" && parameter(value, "tag").empty();
        made.add(name, untagged ? value + ";tag=" + std::string{tag} : value);
      }
  return made;
}

std::string_view uri_in(std::string_view value) {
  if (const auto open = value.find('<'); open != value.npos)
    return value.substr(open + 1, value.find('>', open) - open - 1);
  return value.substr(0, value.find(';'));
}

std::string_view parameter(std::string_view value, std::string_view name) {
  for (auto at = value.find(';'); at != value.npos; at = value.find(';', at + 1)) {
    const auto here = value.substr(at + 1);
    if (here.size() > name.size() && here[name.size()] == '=' && same_name(here.substr(0, name.size()), name)) {
      const auto found = here.substr(name.size() + 1);
      return found.substr(0, found.find_first_of(";>, "));
    }
  }
  return {};
}

std::string_view user_in(std::string_view uri) {
  const auto begin = uri.find(':') + 1;
  return uri.substr(begin, uri.find('@') - begin);
}

std::optional<sip_message> sip_reader::next() {
  while (unread_.starts_with("\r\n")) {
    unread_.erase(0, 2);
    ++line_ends_;
  }
  const auto end = unread_.find("\r\n\r\n");
  if (end == unread_.npos)
    return {};
  auto made = parse_head(std::string_view{unread_}.substr(0, end));
  const auto body_bytes = static_cast<std::size_t>(std::atol(std::string{made.get("Content-Length")}.c_str()));
  if (unread_.size() < end + 4 + body_bytes)
    return {};
  made.body = unread_.substr(end + 4, body_bytes);
  unread_.erase(0, end + 4 + body_bytes);
  return made;
}

} // namespace sallyport::bench
