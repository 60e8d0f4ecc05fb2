#include "net/sip/branch.hpp"

#include "net/core/base64url.hpp"
#include "net/core/big_endian.hpp"

namespace sallyport::sip {
namespace {

constexpr std::string_view cookie = "z9hG4bK";
constexpr std::size_t name_bytes = 23;
constexpr std::size_t name_chars = base64url_chars(name_bytes);
static_assert(cookie.size() + name_chars + 1 + loop_hash{}.size() == branch_name::chars);

} // namespace

std::string write_branch(const lane_ref& session, std::uint32_t number, std::uint64_t random, const loop_hash& loop) {
  std::array<std::uint8_t, name_bytes> name;
  auto* at = put_big_endian(name.data(), session.node);
  at = put_big_endian(at, session.lane);
  at = put_big_endian(at, session.index);
  at = put_big_endian(at, session.generation);
  at = put_big_endian(at, number);
  put_big_endian(at, random);

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
  const auto* at = get_big_endian(name.data(), parsed.session.node);
  at = get_big_endian(at, parsed.session.lane);
  at = get_big_endian(at, parsed.session.index);
  at = get_big_endian(at, parsed.session.generation);
  get_big_endian(at, parsed.number);
  branch.copy(parsed.loop.data(), parsed.loop.size(), branch_name::chars - parsed.loop.size());
  return parsed;
}

} // namespace sallyport::sip
