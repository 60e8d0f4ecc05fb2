#pragma once
#include <optional>
#include <string>

#include "net/sip/registration_claim.hpp"

/// What becomes of a registration (RFC 3261, 10; RFC 3327; RFC 5626). The order of things:
/// 1. `policy::access` lets a REGISTER from outside pass if it is for a domain of ours and goes nowhere but to the next
///    hop, on a flow that has proved nobody else.
/// 2. An `exchange` forwards it, with one Path value for the registrar, `path_of`: the way back to this flow.
/// 3. A 2xx from inside proves what `claim_of` says for as long as it grants: `prove_flow` leaves with the response,
/// the
///    SIP endpoint binds the flow to that user, and its connection counts no longer against its source. With the time
///    granted, or a 2xx that ends the registration, that ends too, unless another 2xx came before.
/// 4. A request for the user comes from inside with that Path in its Route: `route_facts` reads the token, and the
///    request goes out on the flow that it names.
namespace sallyport::sip {

/// Whether the request is one: a REGISTER from outside. One from inside is passed on like any other request.
[[nodiscard]] bool is_registration(const message_view& request, side from) noexcept;

/// Who registers on its flow, and as which client; nobody without credentials, since then its 2xx would prove nothing,
/// and nobody that cannot be read.
[[nodiscard]] std::optional<registration_claim> claim_of(const session_facts& facts,
                                                         const request_received& registration);

/// The token of the Path value: this flow, and whose it is once it is gone (flow_binding.hpp).
[[nodiscard]] std::string path_of(const session_facts& facts, const request_received& registration);

} // namespace sallyport::sip
