#include "actors/access/desk_order.hpp"

#include "net/sip/headers.hpp"

namespace sallyport::actors {
namespace {

/// A 2xx of an INVITE comes again until its ACK (RFC 3261, 13.3.1.4), and each one passes the transaction: who sends it
/// decides how many. Any other final response passes once.
bool comes_again(const sip::message_view& response) {
  const auto sequence = sip::parse_cseq(response.value(sip::header_id::cseq));
  return response.status() < 300 && sequence && sequence->method == sip::method::invite;
}

bool is_expendable(const sip::order& order) {
  if (const auto* response = std::get_if<sip::send_response>(&order))
    return response->status < 200;
  return std::holds_alternative<sip::send_request>(order) || std::holds_alternative<sip::send_stateless>(order);
}

} // namespace

std::optional<std::uint32_t> answered_request(const sip::session_event& event) {
  if (const auto* failure = std::get_if<sip::client_failed>(&event))
    return failure->number;
  const auto* response = std::get_if<sip::response_received>(&event);
  return response && response->response->status() >= 200 ? std::optional{response->number} : std::nullopt;
}

bool is_expendable(const sip::session_event& event) {
  if (const auto* response = std::get_if<sip::response_received>(&event))
    return response->response->status() < 200 || comes_again(*response->response);
  return std::holds_alternative<sip::ack_received>(event) || std::holds_alternative<sip::request_received>(event);
}

bool is_expendable(const desk_order& order) {
  if (const auto* relayed = std::get_if<relayed_event>(&order))
    return is_expendable(relayed->event);
  if (const auto* relayed = std::get_if<relayed_order>(&order))
    return is_expendable(relayed->order);
  return std::holds_alternative<relayed_response>(order);
}

} // namespace sallyport::actors
