#include "policy/access.hpp"

namespace sallyport::policy {
namespace {

access_verdict judge_outside(const access_rules& rules, const access_request& request) {
  using enum access_verdict;
  if (!rules.remote_enabled)
    return remote_disabled;
  if (request.token == token_state::dialog || request.token == token_state::former_dialog)
    return to_next_hop;
  // Given to the inside registrar only; nobody outside has a use for one.
  if (request.token == token_state::path || request.token == token_state::former_path)
    return forged_token;
  if (request.method == sip::method::register_)
    return rules.owns(request.request_domain) && rules.owns(request.to_domain) ? to_next_hop : foreign_registration;
  if (request.flow_identity.empty())
    return not_registered;
  return request.from_aor == request.flow_identity ? to_next_hop : wrong_identity;
}

access_verdict judge_inside(const access_request& request) {
  using enum access_verdict;
  if (request.token == token_state::dialog || request.token == token_state::path)
    return to_flow;
  if (request.token == token_state::former_dialog || request.token == token_state::former_path)
    return flow_gone;
  if (request.is_to_us && request.method == sip::method::options)
    return answer_options;
  return no_route_outward;
}

} // namespace

access_verdict judge_access(const access_rules& rules, const access_request& request) {
  if (request.token == token_state::invalid)
    return access_verdict::forged_token;
  return request.from == side::outside ? judge_outside(rules, request) : judge_inside(request);
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
