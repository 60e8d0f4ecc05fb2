#pragma once
#include <optional>
#include <string>
#include <vector>

#include "net/sip/forwarded_request.hpp"
#include "net/sip/registration_claim.hpp"

namespace sallyport::sip {

/// A transaction outside any dialog that we hold: REGISTER, MESSAGE, OPTIONS, PUBLISH, SERVICE, REFER and what is
/// unknown; also a request, or an ACK, inside a dialog whose session is gone (it routes by its token alone).
/// Lives from its request until its final response went up. Further requests may find it meanwhile, since the token of
/// a REFER names it and the first NOTIFY may overtake the 202: each is forwarded on its own.
class exchange {
public:
  explicit exchange(session_facts facts) : facts_{std::move(facts)} {}

  /// `random` is 64 fresh random bits, used for the branch of a request that goes out.
  [[nodiscard]] session_answer handle(time_point now, session_event&& event, std::uint64_t random);

  [[nodiscard]] std::optional<time_point> next_deadline() const noexcept;
  [[nodiscard]] bool ended() const noexcept { return is_started_ && passages_.empty(); }

private:
  struct passage {
    forwarded_request request;
    std::optional<registration_claim> claim; ///< What a 2xx proves of a REGISTER from outside with credentials.
  };

  void receive_request(time_point now, request_received&& event, std::uint64_t random, session_answer& out);
  void receive_response(time_point now, const response_received& event, session_answer& out);
  [[nodiscard]] passage* find(std::uint32_t number) noexcept;

  session_facts facts_;
  std::vector<passage> passages_; ///< Those that something may still come of.
  std::uint32_t last_number_ = 0;
  bool is_started_ = false;
};

} // namespace sallyport::sip
