#include "policy/access.hpp"

namespace sallyport::policy {
namespace {

/// Whoever answers a REGISTER proves the flow it came on, so it goes to the next hop and no further: along a Route of
/// the client's own it would be answered by a server of the client's own. (RFC 3608, 5: REGISTER has no use for a
/// Service-Route.)
access_verdict judge_registration(const access_rules& rules, const sip::access_question& request) {
  using enum access_verdict;
  if (!rules.owns(request.request_domain) || !rules.owns(request.to_domain))
    return foreign_registration;
  if (request.has_foreign_route)
    return foreign_route;
  // A flow speaks for one user, and goes on doing so: another one's registration belongs on a flow of its own.
  const bool is_of_another = request.is_flow_proved && !request.is_from_flow_owner;
  return is_of_another ? wrong_identity : to_next_hop;
}

access_verdict judge_outside(const access_rules& rules, const sip::access_question& request) {
  using enum access_verdict;
  if (!rules.remote_enabled)
    return remote_disabled;
  // Given to the inside registrar only; nobody outside has a use for one.
  if (request.token == sip::token_state::path || request.token == sip::token_state::former_path)
    return forged_token;
  if (request.method == sip::method::register_)
    return judge_registration(rules, request);
  if (request.token == sip::token_state::dialog || request.token == sip::token_state::former_dialog)
    return to_next_hop;
  if (!request.is_flow_proved)
    return not_registered;
  return request.is_from_flow_owner ? to_next_hop : wrong_identity;
}

access_verdict judge_inside(const sip::access_question& request) {
  using enum access_verdict;
  if (request.token == sip::token_state::dialog || request.token == sip::token_state::path)
    return to_flow;
  if (request.token == sip::token_state::former_dialog || request.token == sip::token_state::former_path)
    return flow_gone;
  if (request.is_to_us && request.method == sip::method::options)
    return answer_options;
  return no_route_outward;
}

} // namespace

access_verdict judge_access(const access_rules& rules, const sip::access_question& request) {
  const bool is_of_dialog =
    request.token == sip::token_state::dialog || request.token == sip::token_state::former_dialog;
  // The token of a dialog is no ticket to begin another one under any name: without a To tag it says nothing.
  if (request.token == sip::token_state::invalid || (is_of_dialog && !request.is_in_dialog))
    return access_verdict::forged_token;
  return request.from == side::outside ? judge_outside(rules, request) : judge_inside(request);
}

std::size_t domain_hash::operator()(std::string_view domain) const noexcept {
  std::size_t hash = 0xcbf29ce484222325U; // FNV-1a. The names are the administrator's: nobody chooses collisions.
  for (const char character : domain)
    hash = (hash ^ static_cast<unsigned char>(sip::to_lower(character))) * 0x100000001b3U;
  return hash;
}

sip::access_answer access::judge(const sip::access_question& question) const {
  using way = sip::access_answer::way;
  const auto verdict = judge_access(rules_, question);
  const auto goes = verdict == access_verdict::to_next_hop ? way::inward
                    : verdict == access_verdict::to_flow   ? way::outward
                                                           : way::answered;
  return {.goes = goes, .status = status_of(verdict), .reason = to_string(verdict)};
}

unsigned status_of(access_verdict verdict) noexcept {
  switch (verdict) {
  case access_verdict::to_next_hop:
  case access_verdict::to_flow:
    return 0;
  case access_verdict::answer_options:
    return 200;
  case access_verdict::no_route_outward:
    return 404;
  case access_verdict::flow_gone:
    return 430;
  case access_verdict::forged_token:
  case access_verdict::remote_disabled:
  case access_verdict::foreign_registration:
  case access_verdict::foreign_route:
  case access_verdict::not_registered:
  case access_verdict::wrong_identity:
    return 403;
  }
  return 500;
}

std::string_view to_string(access_verdict verdict) noexcept {
  switch (verdict) {
  case access_verdict::to_next_hop:
    return "to_next_hop";
  case access_verdict::to_flow:
    return "to_flow";
  case access_verdict::answer_options:
    return "answer_options";
  case access_verdict::forged_token:
    return "forged_token";
  case access_verdict::remote_disabled:
    return "remote_disabled";
  case access_verdict::foreign_registration:
    return "foreign_registration";
  case access_verdict::foreign_route:
    return "foreign_route";
  case access_verdict::not_registered:
    return "not_registered";
  case access_verdict::wrong_identity:
    return "wrong_identity";
  case access_verdict::no_route_outward:
    return "no_route_outward";
  case access_verdict::flow_gone:
    return "flow_gone";
  }
  return "unknown";
}

} // namespace sallyport::policy
