#pragma once
#include "config/binding.hpp"

/// What the rows of a table say a key holds: `count<1, 10, &limits::x>` is a number from 1 to 10 in the member `x`.
namespace sallyport::config {

template <auto Member>
struct member_of;
template <class Section, class Value, Value Section::*Member>
struct member_of<Member> {
  using owner = Section;
  using type = Value;
};

/// The section of the first member, and the value at the end of a path of members.
template <auto First, auto... Rest>
struct path_to {
  using owner = typename member_of<First>::owner;

  static auto& in(auto& from) {
    if constexpr (sizeof...(Rest) == 0)
      return from.*First;
    else
      return path_to<Rest...>::in(from.*First);
  }
  static void compare(const owner& one, const owner& other, renewal by, const std::string& path,
                      std::vector<std::string>& into) {
    compare_values(in(one), in(other), by, path, into);
  }
};

template <auto... Path>
using owner_of = typename path_to<Path...>::owner;

[[nodiscard]] value_description bounded(value_kind what, std::string fallback, std::string least, std::string most);

template <auto... Path>
inline constexpr field<owner_of<Path...>> value{
  [](const cursor& at, owner_of<Path...>& into) { read_value(at, path_to<Path...>::in(into)); },
  [](const owner_of<Path...>& fallback) { return describe_value(path_to<Path...>::in(fallback)); },
  path_to<Path...>::compare};

/// The keys of a member that is a section, in this section.
template <auto Member>
inline constexpr field<owner_of<Member>> group{
  [](const cursor& at, owner_of<Member>& into) { read_rows(at, into.*Member); },
  [](const owner_of<Member>& fallback) { return describe_value(fallback.*Member); }, path_to<Member>::compare};

template <std::size_t ItemsMax, auto Member>
inline constexpr field<owner_of<Member>> list{
  [](const cursor& at, owner_of<Member>& into) { read_list(at, into.*Member, ItemsMax); },
  [](const owner_of<Member>&) {
    value_description made{.what = value_kind::list, .items_max = ItemsMax};
    made.items.push_back(describe_value(typename member_of<Member>::type::value_type{}));
    return made;
  },
  path_to<Member>::compare};

template <std::uint64_t Least, std::uint64_t Most, auto Member>
inline constexpr field<owner_of<Member>> count{
  [](const cursor& at, owner_of<Member>& into) { read_count(at, into.*Member, Least, Most); },
  [](const owner_of<Member>& fallback) {
    return bounded(value_kind::count, std::to_string(fallback.*Member), std::to_string(Least), std::to_string(Most));
  },
  path_to<Member>::compare};

template <std::uint64_t Least, std::uint64_t Most, auto Member>
inline constexpr field<owner_of<Member>> bytes{
  [](const cursor& at, owner_of<Member>& into) { read_bytes(at, into.*Member, Least, Most); },
  [](const owner_of<Member>& fallback) {
    return bounded(value_kind::bytes, byte_size_text(fallback.*Member), byte_size_text(Least), byte_size_text(Most));
  },
  path_to<Member>::compare};

template <std::uint32_t Least, std::uint32_t Most, auto Member>
inline constexpr field<owner_of<Member>> per_second{
  [](const cursor& at, owner_of<Member>& into) { read_rate(at, into.*Member, Least, Most); },
  [](const owner_of<Member>& fallback) {
    return bounded(value_kind::rate, rate_text(fallback.*Member), rate_text({Least}), rate_text({Most}));
  },
  path_to<Member>::compare};

/// Bounds in milliseconds.
template <std::int64_t Least, std::int64_t Most, auto Member>
inline constexpr field<owner_of<Member>> duration{
  [](const cursor& at, owner_of<Member>& into) {
    read_duration(at, into.*Member, std::chrono::milliseconds{Least}, std::chrono::milliseconds{Most});
  },
  [](const owner_of<Member>& fallback) {
    return bounded(value_kind::duration, duration_text(fallback.*Member),
                   duration_text(std::chrono::milliseconds{Least}), duration_text(std::chrono::milliseconds{Most}));
  },
  path_to<Member>::compare};

inline constexpr std::int64_t second = 1'000;
inline constexpr std::int64_t minute = 60 * second;
inline constexpr std::int64_t hour = 60 * minute;
inline constexpr std::uint64_t kib = 1'024;
inline constexpr std::uint64_t mib = 1'024 * kib;

} // namespace sallyport::config
