#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::sip {

/// The dialogs that one INVITE or SUBSCRIBE made: they share Call-ID and the caller's tag and differ in the tag of who
/// answered (RFC 3261, 12.1). At most `forks_max` are remembered.
class fork_set {
public:
  enum class state : std::uint8_t { early, confirmed, acknowledged, ended };

  explicit fork_set(std::size_t forks_max) : forks_max_{forks_max} {}

  void open(std::string_view caller_tag) { caller_tag_ = caller_tag; }

  /// A response with this To tag came. False if it is one fork too many: a confirmed one takes an early one's place.
  bool learn(std::string_view tag, state at_least);
  /// The tag of the fork that a request with these tags belongs to, in either direction; empty if it is none of ours.
  [[nodiscard]] std::string_view match(std::string_view from_tag, std::string_view to_tag) const noexcept;
  [[nodiscard]] bool is_caller(std::string_view tag) const noexcept { return tag == caller_tag_; }

  void acknowledge(std::string_view tag) noexcept;
  void end(std::string_view tag) noexcept;
  void end_early() noexcept; ///< The request that opened them has its final response.
  void end_all() noexcept;

  [[nodiscard]] bool has(state wanted) const noexcept;
  [[nodiscard]] bool is_alive() const noexcept; ///< Any that has not ended.
  [[nodiscard]] std::size_t size() const noexcept { return forks_.size(); }

private:
  struct branch {
    std::string tag;
    state at = state::early;
  };
  [[nodiscard]] branch* find(std::string_view tag) noexcept;

  std::size_t forks_max_;
  std::string caller_tag_;
  std::vector<branch> forks_;
};

} // namespace sallyport::sip
