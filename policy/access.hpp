#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>

#include "net/sip/access_judge.hpp"
#include "net/sip/characters.hpp"

namespace sallyport::policy {

/// The hash of a domain name, in any case.
struct domain_hash {
  using is_transparent = void;
  [[nodiscard]] std::size_t operator()(std::string_view domain) const noexcept;
};
struct domain_equal {
  using is_transparent = void;
  [[nodiscard]] bool operator()(std::string_view left, std::string_view right) const noexcept {
    return sip::equal_in_any_case(left, right);
  }
};

/// What the administrator decided about who may cross; immutable: a change takes a restart.
struct access_rules {
  std::unordered_set<std::string, domain_hash, domain_equal> domains; ///< Ours: A-labels.
  bool remote_enabled = true;                                         ///< Our own users may come from outside.

  [[nodiscard]] bool owns(std::string_view domain) const { return domains.contains(domain); }
};

enum class access_verdict : std::uint8_t {
  to_next_hop,          ///< Inward, to the server that authenticates and routes.
  to_flow,              ///< Outward, on the flow that the token names.
  answer_options,       ///< An OPTIONS for the edge itself: 200 here.
  forged_token,         ///< 403: a Route of ours that we did not write (RFC 5626, 5.3).
  remote_disabled,      ///< 403
  foreign_registration, ///< 403: a REGISTER for a domain that is not ours.
  foreign_route,        ///< 403: a REGISTER that wants to go on to a server of its own choice.
  not_registered,       ///< 403: this flow has proved nobody yet.
  wrong_identity,       ///< 403: the flow is bound to another address-of-record.
  no_route_outward,     ///< 404: from inside, without a token that names a client.
  flow_gone             ///< 430: from inside, and the flow that its token names is gone (RFC 5626, 5.3.1).
};

[[nodiscard]] std::string_view to_string(access_verdict verdict) noexcept;

/// The SIP status of a refusal; 0 for the verdicts that let the request pass, 200 for `answer_options`.
[[nodiscard]] unsigned status_of(access_verdict verdict) noexcept;

/// Decides who may cross and which way. From outside only remote users exist so far: before the next hop has
/// authenticated one (a 2xx to a REGISTER with credentials), only REGISTER and requests of a dialog pass.
[[nodiscard]] access_verdict judge_access(const access_rules& rules, const sip::access_question& question);

/// These rules as the transaction users of the lanes ask for them.
class access final : public sip::access_judge {
public:
  explicit access(access_rules rules) : rules_{std::move(rules)} {}
  [[nodiscard]] sip::access_answer judge(const sip::access_question& question) const override;

private:
  const access_rules rules_;
};

} // namespace sallyport::policy
