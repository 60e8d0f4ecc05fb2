#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::bench {

/// A SIP message as this program writes and reads it: headers by their whole names, in their order. It does not share
/// the node's parser: a mistake there would not be seen by its own other half.
struct sip_message {
  std::string start;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  [[nodiscard]] bool is_request() const { return !start.starts_with("SIP/2.0 "); }
  [[nodiscard]] std::string_view method() const; ///< Of a request; of a response that of its CSeq.
  [[nodiscard]] int status() const;              ///< Of a response.
  [[nodiscard]] std::string_view uri() const;    ///< Of a request.

  /// The first value; empty when there is none.
  [[nodiscard]] std::string_view get(std::string_view name) const;
  /// Every value, each list taken apart at its commas.
  [[nodiscard]] std::vector<std::string> all(std::string_view name) const;
  void add(std::string_view name, std::string_view value) { headers.emplace_back(name, value); }
  void add_in_front(std::string_view name, std::string_view value) { headers.emplace(headers.begin(), name, value); }
  /// Takes the first element of the first header of that name away.
  void drop_first(std::string_view name);

  [[nodiscard]] std::string text() const;
};

/// A response with what RFC 3261, 8.2.6 copies. `tag` is given to a To that has none.
sip_message response_to(const sip_message& request, std::string_view status_and_reason, std::string_view tag);

/// What stands between the angle brackets, else the value up to its parameters.
std::string_view uri_in(std::string_view value);
/// The value of `;name=` in a header or URI; empty when there is none.
std::string_view parameter(std::string_view value, std::string_view name);
/// The part between "sip:" and "@".
std::string_view user_in(std::string_view uri);

/// Takes messages and keep-alives from a stream of bytes.
class sip_reader {
public:
  void add(std::string_view bytes) { unread_ += bytes; }
  /// The next message; nothing while it is not whole.
  std::optional<sip_message> next();
  /// CRLFs passed over since the last call.
  std::size_t take_line_ends() { return std::exchange(line_ends_, 0); }

private:
  std::string unread_;
  std::size_t line_ends_ = 0;
};

} // namespace sallyport::bench
