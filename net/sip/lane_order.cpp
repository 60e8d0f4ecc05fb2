#include "net/sip/lane_order.hpp"

#include "net/core/overloaded.hpp"
#include "net/sip/headers.hpp"

namespace sallyport::sip {
namespace {

/// A 2xx of an INVITE comes again until its ACK (RFC 3261, 13.3.1.4), and each one passes the transaction: who sends it
/// decides how many. Any other final response passes once.
bool comes_again(const message_view& response) {
  const auto sequence = parse_cseq(response.value(header_id::cseq));
  return response.status() < 300 && sequence && sequence->method == method::invite;
}

bool is_expendable(const sip::order& order) {
  if (const auto* response = std::get_if<send_response>(&order))
    return response->status < 200;
  return std::holds_alternative<send_request>(order) || std::holds_alternative<send_stateless>(order);
}

std::size_t bytes_of(const message& brought) noexcept {
  return brought->bytes().size();
}

std::size_t bytes_of(const session_event& event) noexcept {
  const overloaded visitor{
    [](const request_received& request) { return bytes_of(request.request); },
    [](const ack_received& ack) { return bytes_of(ack.request); },
    [](const response_received& response) { return bytes_of(response.response); },
    [](const auto&) { return std::size_t{0}; },
  };
  return std::visit(visitor, event);
}

std::size_t bytes_of(const sip::order& order) noexcept {
  return std::visit(
    [](const auto& asked) {
      if constexpr (requires { asked.bytes; })
        return asked.bytes.size();
      else
        return std::size_t{0};
    },
    order);
}

} // namespace

std::size_t bytes_of(const lane_order& said) noexcept {
  const overloaded visitor{
    [](const relayed_event& relayed) { return bytes_of(relayed.event); },
    [](const session_wanted& wanted) {
      return std::visit([](const auto& first) { return bytes_of(first.request); }, wanted.first);
    },
    [](const relayed_order& relayed) { return bytes_of(relayed.order); },
    [](const relayed_response& relayed) { return bytes_of(relayed.response); },
    [](const auto&) { return std::size_t{0}; },
  };
  return std::visit(visitor, said);
}

std::optional<std::uint32_t> answered_request(const session_event& event) {
  if (const auto* failure = std::get_if<client_failed>(&event))
    return failure->number;
  const auto* response = std::get_if<response_received>(&event);
  return response && response->response->status() >= 200 ? std::optional{response->number} : std::nullopt;
}

bool is_expendable(const session_event& event) {
  if (const auto* response = std::get_if<response_received>(&event))
    return response->response->status() < 200 || comes_again(*response->response);
  return std::holds_alternative<ack_received>(event) || std::holds_alternative<request_received>(event);
}

bool is_expendable(const lane_order& said) {
  if (const auto* relayed = std::get_if<relayed_event>(&said))
    return is_expendable(relayed->event);
  if (const auto* relayed = std::get_if<relayed_order>(&said))
    return is_expendable(relayed->order);
  return std::holds_alternative<session_wanted>(said) || std::holds_alternative<relayed_response>(said);
}

} // namespace sallyport::sip
