#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "tests/bench/sip_load/phone.hpp"

namespace sallyport::bench {

/// What became of calls since somebody last asked.
struct call_counts {
  std::uint64_t begun = 0;
  std::uint64_t refused = 0;   ///< Begun, and answered with an error or not at all.
  std::uint64_t completed = 0; ///< Answered, acknowledged and ended by BYE and its 200.
  std::uint64_t lost = 0;      ///< Was up, and is no more.
  std::uint64_t refreshed = 0; ///< Requests inside a call that were answered with 2xx.
  std::uint64_t not_refreshed = 0;
  std::string last_error;
};

/// One call of a phone to another user, held up by requests inside its dialog, by turns OPTIONS and INVITE.
class call {
public:
  call(phone& from, std::string to, duration refresh, call_counts& counts)
    : from_{from}, to_{std::move(to)}, refresh_{refresh}, counts_{counts} {}
  ~call() { from_.events().cancel(next_); }
  call(const call&) = delete;
  call& operator=(const call&) = delete;

  void begin();
  /// Ends it with BYE; `then` is called when that is answered, or will not be.
  void end(std::function<void()> then);
  /// The connection of one of the two is gone, and with it what the route set names.
  void lose(std::string_view why);

  [[nodiscard]] bool up() const { return up_; }
  /// What is to be done once it is up, or will not be.
  void set_begun(std::function<void()> then) { begun_ = std::move(then); }

private:
  [[nodiscard]] sip_message inside(std::string_view method, std::uint64_t number) const;
  void on_answer(const sip_message* response);
  void open(const sip_message& response);
  void refresh_later();
  void refresh();
  void on_refreshed(const sip_message* response, bool was_invite, std::uint64_t number);

  phone& from_;
  std::string to_;
  duration refresh_;
  call_counts& counts_;
  std::function<void()> begun_;
  loop::timer next_{};
  std::string call_id_, local_, remote_, target_;
  std::vector<std::string> routes_;
  std::uint64_t number_ = 0;
  bool up_ = false;
};

} // namespace sallyport::bench
