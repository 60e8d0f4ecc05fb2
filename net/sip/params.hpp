#pragma once
#include <optional>
#include <string_view>

namespace sallyport::sip {

/// One `;name=value`. A parameter without `=` has an empty value. Quoted values keep their quotes.
struct param_view {
  std::string_view name;
  std::string_view value;
};

/// Walks `;a=b;c="d;e";f`, white space and folds allowed around every separator. Total: reads any bytes, and says
/// afterwards whether they followed the grammar.
class param_cursor {
public:
  explicit param_cursor(std::string_view params) noexcept : rest_{params} {}

  /// The next parameter; nothing at the end or at the first thing that is no parameter.
  [[nodiscard]] std::optional<param_view> next() noexcept;
  [[nodiscard]] bool ok() const noexcept { return ok_; } ///< False once something was no parameter.

private:
  std::string_view rest_;
  bool ok_ = true;
};

/// The value of the first parameter of that name, in any case; empty when it has none, nothing when it is absent.
[[nodiscard]] std::optional<std::string_view> param(std::string_view params, std::string_view name) noexcept;

} // namespace sallyport::sip
