#include "net/turn/requests.hpp"

#include <algorithm>

#include "net/core/big_endian.hpp"
#include "net/stun/xor_address.hpp"
#include "net/turn/channel_data.hpp"

namespace sallyport::turn {
namespace {

using stun::attribute;
using stun::message_view;

constexpr std::byte udp{17};
constexpr std::byte family_ipv4{0x01};
constexpr std::byte family_ipv6{0x02};
constexpr std::byte reserve_next_port{0x80}; // EVEN-PORT's R (RFC 8656, 18.6)

constexpr error_code bad_request = 400;
constexpr error_code unknown_attribute = 420;
constexpr error_code family_not_supported = 440;
constexpr error_code transport_not_supported = 442;
constexpr error_code family_mismatch = 443;

/// The first byte of an attribute of that length; 400 for another length, nothing where it is absent.
result<std::optional<std::byte>, error_code> first_byte(const message_view& request, attribute type,
                                                        std::size_t value_bytes) {
  const auto value = request.find(type);
  if (!value)
    return std::nullopt;
  if (value->size() != value_bytes)
    return fail(bad_request);
  return value->front();
}

result<std::optional<seconds>, error_code> read_lifetime(const message_view& request) {
  const auto value = request.find(attribute::lifetime);
  if (!value)
    return std::nullopt;
  if (value->size() != 4)
    return fail(bad_request);
  return seconds{big_endian_at<std::uint32_t>(value->data())};
}

/// Items 3 and 4 of RFC 8656, 7.2.
std::optional<error_code> refuse_transport(const message_view& request) {
  const auto transport = first_byte(request, attribute::requested_transport, 4);
  if (!transport || !*transport)
    return bad_request;
  if (**transport != udp)
    return transport_not_supported;
  if (request.find(attribute::dont_fragment))
    return unknown_attribute;
  return std::nullopt;
}

/// Items 6 and 7.
std::optional<error_code> refuse_family(const message_view& request, bool has_ipv4) {
  const auto requested = first_byte(request, attribute::requested_address_family, 4);
  if (!requested || (*requested && request.find(attribute::additional_address_family)))
    return bad_request;
  const auto wanted = requested->value_or(family_ipv4);
  if (wanted != (has_ipv4 ? family_ipv4 : family_ipv6))
    return family_not_supported;
  return std::nullopt;
}

/// Items 8 and 9.
result<allocate_request, error_code> read_ports_and_families(const message_view& request) {
  const auto even = first_byte(request, attribute::even_port, 1);
  const auto additional = first_byte(request, attribute::additional_address_family, 4);
  if (!even || !additional || (*additional && **additional != family_ipv6))
    return fail(bad_request);

  allocate_request wanted;
  if (*even) {
    const bool is_pair = (**even & reserve_next_port) != std::byte{0};
    if (is_pair && *additional)
      return fail(bad_request);
    wanted.port.want = is_pair ? port_request::kind::pair : port_request::kind::even;
  }
  wanted.lacks_additional_family = additional->has_value();
  return wanted;
}

/// Item 5.
result<allocate_request, error_code> read_token(const message_view& request, std::span<const std::byte> token) {
  allocate_request wanted{.lifetime = {}, .port = {.want = port_request::kind::token}};
  if (token.size() != wanted.port.token.size() || request.find(attribute::even_port) ||
      request.find(attribute::requested_address_family) || request.find(attribute::additional_address_family))
    return fail(bad_request);
  std::ranges::copy(token, wanted.port.token.begin());
  return wanted;
}

result<allocate_request, error_code> read_relay(const message_view& request, bool has_ipv4) {
  if (const auto token = request.find(attribute::reservation_token))
    return read_token(request, *token); // The held port is of the family that there is.
  if (const auto code = refuse_family(request, has_ipv4))
    return fail(*code);
  return read_ports_and_families(request);
}

} // namespace

result<allocate_request, error_code> read_allocate(const message_view& request, bool has_ipv4) {
  if (const auto code = refuse_transport(request))
    return fail(*code);
  auto wanted = read_relay(request, has_ipv4);
  if (!wanted)
    return wanted;
  const auto lifetime = read_lifetime(request);
  if (!lifetime)
    return fail(lifetime.error());
  wanted->lifetime = *lifetime;
  return wanted;
}

result<refresh_request, error_code> read_refresh(const message_view& request, bool has_ipv4) {
  const auto family = first_byte(request, attribute::requested_address_family, 4);
  const auto lifetime = read_lifetime(request);
  if (!family || !lifetime)
    return fail(bad_request);
  if (*family && **family != (has_ipv4 ? family_ipv4 : family_ipv6))
    return fail(family_mismatch);
  return refresh_request{*lifetime};
}

result<std::vector<ip_address>, error_code> read_create_permission(const message_view& request) {
  std::vector<ip_address> peers;
  bool are_valid = true;
  request.each(attribute::xor_peer_address, [&](std::span<const std::byte> value) {
    const auto peer = stun::read_xor_address(value, request.transaction());
    if (peer)
      peers.push_back(peer->address);
    are_valid = are_valid && peer;
  });
  if (!are_valid || peers.empty())
    return fail(bad_request);
  return peers;
}

result<channel_request, error_code> read_channel_bind(const message_view& request) {
  const auto number = request.find(attribute::channel_number);
  const auto peer_value = request.find(attribute::xor_peer_address);
  if (!number || number->size() != 4 || !peer_value)
    return fail(bad_request);
  const channel_request wanted{.number = big_endian_at<std::uint16_t>(number->data()),
                               .peer = stun::read_xor_address(*peer_value, request.transaction()).value_or(endpoint{})};
  // Port 0 is nobody's: it also stands for a peer that could not be read.
  if (!is_channel_number(wanted.number) || wanted.peer.port == 0)
    return fail(bad_request);
  return wanted;
}

result<send_indication, drop_reason> read_send_indication(const message_view& message) noexcept {
  if (!message.unknown(known_attributes).empty())
    return fail(drop_reason::unknown_attribute);
  const auto peer_value = message.find(attribute::xor_peer_address);
  const auto payload = message.find(attribute::data);
  if (!peer_value || !payload)
    return fail(drop_reason::bad_send_indication);
  const auto peer = stun::read_xor_address(*peer_value, message.transaction());
  if (!peer || peer->port == 0)
    return fail(drop_reason::bad_send_indication);
  if (message.find(attribute::dont_fragment))
    return fail(drop_reason::dont_fragment);
  return send_indication{.peer = *peer, .payload = *payload};
}

} // namespace sallyport::turn
