#include "net/sip/params.hpp"

#include "net/sip/param_reader.hpp"

namespace sallyport::sip {

std::optional<param_view> param_cursor::next() noexcept {
  scanner text{rest_};
  param_view found;
  const auto outcome = read_param(text, found);
  rest_ = text.rest();
  if (outcome == param_outcome::read)
    return found;
  ok_ = ok_ && outcome == param_outcome::end;
  rest_ = {};
  return std::nullopt;
}

std::optional<std::string_view> param(std::string_view params, std::string_view name) noexcept {
  for (param_cursor cursor{params}; const auto found = cursor.next();)
    if (equal_in_any_case(found->name, name))
      return found->value;
  return std::nullopt;
}

} // namespace sallyport::sip
