#pragma once
#include <cstdint>
#include <string_view>

#include "net/core/side.hpp"
#include "net/sip/names.hpp"

namespace sallyport::sip {

/// What the routing token in a request's Route says of it (route_token.hpp).
enum class token_state : std::uint8_t {
  none,         ///< No Route of ours.
  invalid,      ///< Forged, of another Call-ID, or under a key no longer live.
  path,         ///< Names a flow: the registrar was given it as the way to that client.
  dialog,       ///< Names a flow and a session: this request belongs to a dialog that we record-routed.
  former_path,  ///< As `path`, but of an earlier life of this node: its flow is gone.
  former_dialog ///< As `dialog`, likewise: what is left of it is the way inward.
};

/// One request as those who judge it see it. Domains are as written, in any case.
struct access_question {
  side from = side::outside;
  sip::method method = sip::method::other;
  token_state token = token_state::none;
  bool is_to_us = false;           ///< The Request-URI names this edge and no user.
  bool is_in_dialog = false;       ///< Its To has a tag (RFC 3261, 12.2).
  bool has_foreign_route = false;  ///< A Route value of somebody else follows ours.
  bool is_flow_proved = false;     ///< The flow it came on has proved an address-of-record.
  bool is_from_flow_owner = false; ///< Its From is that address-of-record.
  std::string_view to_domain;      ///< Of To; empty if that is no address-of-record.
  std::string_view request_domain; ///< Of the Request-URI.
};

/// Where a request goes, or the answer it gets instead.
struct access_answer {
  enum class way : std::uint8_t {
    inward,  ///< To the server that authenticates and routes.
    outward, ///< On the flow that its token names.
    answered ///< No further: `status` is its answer, or for an ACK silence.
  };
  way goes = way::answered;
  unsigned status = 0;
  std::string_view reason; ///< A literal: what counters, logs and the one who asks are told.
};

/// Says who may cross. Any lane asks it.
class access_judge {
public:
  virtual ~access_judge() = default;
  [[nodiscard]] virtual access_answer judge(const access_question& question) const = 0;
};

} // namespace sallyport::sip
