#include "net/sip/branch.hpp"

#include "net/core/base64url.hpp"

namespace sallyport::sip {
namespace {

constexpr std::string_view cookie = "z9hG4bK";
constexpr std::size_t name_bytes = 23;
constexpr std::size_t name_chars = base64url_chars(name_bytes);
static_assert(cookie.size() + name_chars + 1 + loop_hash{}.size() == branch_name::chars);

template <class Integer>
std::uint8_t* put(std::uint8_t* at, Integer value) noexcept {
  for (int shift = 8 * (static_cast<int>(sizeof value) - 1); shift >= 0; shift -= 8)
    *at++ = static_cast<std::uint8_t>(value >> shift);
  return at;
}

template <class Integer>
const std::uint8_t* get(const std::uint8_t* at, Integer& value) noexcept {
  std::uint64_t read = 0;
  for (std::size_t i = 0; i < sizeof value; ++i)
    read = (read << 8) | *at++;
  value = static_cast<Integer>(read);
  return at;
}

} // namespace

std::string write_branch(const lane_ref& session, std::uint32_t number, std::uint64_t random, const loop_hash& loop) {
  std::array<std::uint8_t, name_bytes> name;
  auto* at = put(name.data(), session.node);
  at = put(at, session.lane);
  at = put(at, session.index);
  at = put(at, session.generation);
  at = put(at, number);
  put(at, random);

  std::string branch{cookie};
  branch.reserve(branch_name::chars);
  append_base64url(branch, name);
  branch += '.';
  branch.append(loop.data(), loop.size());
  return branch;
}

std::optional<branch_name> parse_branch(std::string_view branch) noexcept {
  if (branch.size() != branch_name::chars || !branch.starts_with(cookie) || branch[cookie.size() + name_chars] != '.')
    return std::nullopt;
  std::array<std::uint8_t, name_bytes> name;
  if (!read_base64url(branch.substr(cookie.size(), name_chars), name))
    return std::nullopt;

  branch_name parsed;
  const auto* at = get(name.data(), parsed.session.node);
  at = get(at, parsed.session.lane);
  at = get(at, parsed.session.index);
  at = get(at, parsed.session.generation);
  get(at, parsed.number);
  branch.copy(parsed.loop.data(), parsed.loop.size(), branch_name::chars - parsed.loop.size());
  return parsed;
}

} // namespace sallyport::sip
