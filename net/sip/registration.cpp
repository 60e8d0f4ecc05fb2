#include "net/sip/registration.hpp"

#include "net/sip/address_of_record.hpp"
#include "net/sip/flow_binding.hpp"

namespace sallyport::sip {

bool is_registration(const message_view& request, side from) noexcept {
  return request.method() == method::register_ && from == side::outside;
}

std::optional<registration_claim> claim_of(const session_facts& facts, const request_received& registration) {
  const message_view& request = *registration.request;
  const bool has_credentials =
    request.find(header_id::authorization) != nullptr || request.find(header_id::proxy_authorization) != nullptr;
  if (!is_registration(request, registration.from.from) || !has_credentials)
    return std::nullopt;
  const auto& to = registration.facts.to;
  auto user = address_of_record(to.user.in(request), to.host.in(request));
  if (!user)
    return std::nullopt;
  return registration_claim{
    {registration.from.flow, std::move(*user), flow_binding(request, to, *facts.binding_key), seconds{0}}, request};
}

std::string path_of(const session_facts& facts, const request_received& registration) {
  const message_view& request = *registration.request;
  const route_token token{.type = route_token::kind::path,
                          .flow = {registration.from.flow, facts.incarnation},
                          .binding = flow_binding(request, registration.facts.to, *facts.binding_key)};
  return facts.tokens->sign(token, request.value(header_id::call_id));
}

} // namespace sallyport::sip
