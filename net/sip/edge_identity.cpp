#include "net/sip/edge_identity.hpp"

#include <algorithm>

namespace sallyport::sip {
namespace {

char lower(char character) noexcept {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character + ('a' - 'A')) : character;
}

bool is_same_host(std::string_view a, std::string_view b) noexcept {
  if (a.ends_with('.')) // The root of a fully qualified name may be written.
    a.remove_suffix(1);
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::uint16_t default_port(transport over) noexcept {
  return over == transport::tls ? 5061 : 5060;
}

bool is_named(const host_port& name, std::string_view host, std::uint16_t port, transport over) noexcept {
  const auto or_default = [over](std::uint16_t given) { return given == 0 ? default_port(over) : given; };
  return or_default(name.port) == or_default(port) && is_same_host(host, name.host);
}

bool is_side(const side_identity& of, std::string_view host, std::uint16_t port) noexcept {
  return is_named(of.advertised, host, port, of.over) || is_named(of.sent_by, host, port, of.over) ||
         std::ranges::any_of(of.names, [&](const host_port& name) {
           return name.port == 0 ? is_same_host(host, name.host) : is_named(name, host, port, of.over);
         });
}

} // namespace

std::string host_port::text() const {
  return port == 0 ? host : host + ':' + std::to_string(port);
}

bool edge_identity::is_us(std::string_view host, std::uint16_t port) const noexcept {
  return is_side(outside, host, port) || is_side(inside, host, port);
}

bool edge_identity::is_our_sent_by(std::string_view host, std::uint16_t port) const noexcept {
  return is_named(outside.sent_by, host, port, outside.over) || is_named(inside.sent_by, host, port, inside.over);
}

} // namespace sallyport::sip
