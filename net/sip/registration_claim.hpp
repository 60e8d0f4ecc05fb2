#pragma once
#include <optional>
#include <string>
#include <vector>

#include "net/sip/session.hpp"

namespace sallyport::sip {

/// What a REGISTER with credentials would prove, and for which Contacts, until its 2xx says for how long.
class registration_claim {
public:
  /// Contacts of one registration that are looked for in its answer. A client names one, and perhaps those that it had
  /// before.
  static constexpr std::size_t contacts_max = 8;

  registration_claim(prove_flow proof, const message_view& registration);

  /// What the registrar's 2xx proves, and until when: the longest that it grants to a Contact of the request; where it
  /// names none of them, `unnamed_lifetime`. Zero where it grants nothing: the registration has ended (RFC 3261,
  /// 10.2.2). Nothing of a query, which asked for nothing.
  [[nodiscard]] std::optional<prove_flow> granted_by(const message_view& success) const;

private:
  struct asked_contact {
    std::string value;   ///< As written, of which `name_addr` is a view.
    seconds lifetime{0}; ///< What the request asks for.
  };

  /// A 2xx says that each binding of the request was made (RFC 3261, 10.3 step 7), and should list them as they were
  /// asked for (step 8). Registrars write other addresses (their help against NAT; a default port), or none: what was
  /// asked for holds then, but no longer than the most that the 2xx names.
  [[nodiscard]] seconds unnamed_lifetime(std::optional<seconds> named) const;

  prove_flow proof_;
  std::vector<asked_contact> contacts_;
  bool is_query_ = true;
};

} // namespace sallyport::sip
