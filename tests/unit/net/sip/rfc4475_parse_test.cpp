#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net/sip/headers.hpp"
#include "net/sip/message_view.hpp"
#include "tests/support/sip/rfc4475.hpp"

// What parser and typed headers say of each torture message of RFC 4475. What a stateful proxy then does with it
// (forward, refuse, drop) is judged where `validate` is tested.
namespace sallyport::sip {
namespace {

template <class Parsed>
std::string reason_of(const Parsed& parsed) {
  return parsed ? "" : std::string{to_string(parsed.error())};
}

/// Why a value is not what its header wants; empty when it is.
std::string judge(header_id id, std::string_view value) {
  switch (id) {
  case header_id::via:
    return reason_of(parse_via(value));
  case header_id::cseq:
    return reason_of(parse_cseq(value));
  case header_id::max_forwards:
    return reason_of(parse_max_forwards(value));
  case header_id::expires:
    return reason_of(parse_number(value));
  case header_id::from:
  case header_id::to:
  case header_id::contact:
  case header_id::route: {
    const auto parsed = parse_name_addr(value);
    return parsed && !parsed->is_star() ? reason_of(parse_uri(parsed->uri)) : reason_of(parsed);
  }
  default:
    return "";
  }
}

bool is_list(header_id id) {
  return id == header_id::via || id == header_id::contact || id == header_id::route;
}

void judge_field(const message_view& view, const header_field& field, std::string& verdict) {
  const auto note = [&](const std::string& reason) {
    if (!reason.empty())
      verdict.append(" ").append(to_string(field.id)).append(":").append(reason);
  };
  if (!is_list(field.id))
    return note(judge(field.id, view.value(field)));
  for (list_cursor values{view.value(field)}; const auto value = values.next();)
    note(judge(field.id, *value));
}

/// "ok" or the reason of the parser, then each typed header in error with its own.
std::string verdict_on(const std::string& bytes) {
  message_view view;
  const auto error = view.parse(bytes);
  std::string verdict{error ? to_string(*error) : "ok"};
  if (view.is_request() && !error && !parse_uri(view.request_uri()))
    verdict.append(" Request-URI:bad_uri");
  for (const auto& field : view.headers())
    judge_field(view, field, verdict);
  return verdict;
}

struct torture_case {
  const char* name;
  const char* verdict;
};

class Rfc4475Parse : public testing::TestWithParam<torture_case> {};

} // namespace

TEST_P(Rfc4475Parse, IsReadOrRefusedForTheRightReason) {
  const auto bytes = rfc4475_message(GetParam().name);
  ASSERT_FALSE(bytes.empty());
  EXPECT_EQ(verdict_on(bytes), GetParam().verdict);
}

constexpr torture_case table[]{
  // 3.1.1: valid
  {"wsinv", "ok"},
  {"intmeth", "ok"},
  {"esc01", "ok"},
  {"escnull", "ok"},
  {"esc02", "ok"},
  {"lwsdisp", "ok"},
  {"longreq", "ok"},
  {"dblreq", "ok"},
  {"semiuri", "ok"},
  {"transports", "ok"},
  {"mpart01", "ok"},
  {"unreason", "ok"},
  {"noreason", "ok"},
  // 3.1.2: invalid
  {"badinv01", "ok Via:bad_params Via:bad_via Via:bad_via Via:bad_via Contact:bad_params"},
  {"clerr", "body_incomplete"},
  {"ncl", "bad_content_length"},
  {"scalar02", "ok CSeq:number_out_of_range Max-Forwards:number_out_of_range Expires:number_out_of_range"},
  {"scalarlg", "ok CSeq:number_out_of_range"},
  {"quotbal", "ok To:bad_name_addr"},
  {"ltgtruri", "bad_request_uri"},
  {"lwsruri", "bad_start_line"},
  {"lwsstart", "bad_start_line"},
  {"trws", "bad_start_line"},
  // escruri: headers in a Request-URI are grammar, and ignored or refused by whoever acts on it
  {"escruri", "ok"},
  {"baddate", "ok"},
  {"regbadct", "ok Contact:bad_name_addr"},
  {"badaspec", "ok To:bad_uri"},
  // baddn: its file lacks the empty line as well; both faults are a 400
  {"baddn", "head_incomplete From:bad_name_addr To:bad_name_addr"},
  {"badvers", "unsupported_version"},
  // mismatch01, mismatch02: for validate
  {"mismatch01", "ok"},
  {"mismatch02", "ok"},
  {"bigcode", "bad_status"},
  // 3.2 and 3.3: well-formed; what they ask is for the layers above
  {"badbranch", "ok"},
  {"insuf", "ok"},
  {"unkscm", "ok"},
  {"novelsc", "ok"},
  {"unksm2", "ok"},
  {"bext01", "ok"},
  {"invut", "ok"},
  {"regaut01", "ok"},
  {"multi01", "ok"},
  {"mcl01", "conflicting_content_length"},
  {"bcast", "ok"},
  {"zeromf", "ok"},
  {"cparam01", "ok"},
  {"cparam02", "ok"},
  {"regescrt", "ok"},
  {"sdp01", "ok"},
  // 3.4: of the time of RFC 2543
  {"inv2543", "ok"},
};

INSTANTIATE_TEST_SUITE_P(All, Rfc4475Parse, testing::ValuesIn(table),
                         [](const auto& chosen) { return std::string{chosen.param.name}; });

TEST(Rfc4475Table, NamesAllMessages) {
  std::vector<std::string> in_table;
  for (const auto& entry : table)
    in_table.emplace_back(entry.name);
  std::vector<std::string> on_disk;
  for (const auto& [name, bytes] : rfc4475_messages())
    on_disk.push_back(name);
  EXPECT_EQ(on_disk.size(), 49u);
  EXPECT_THAT(in_table, testing::UnorderedElementsAreArray(on_disk));
}

TEST(Rfc4475Wsinv, ASpacedAndFoldedMessageMeansWhatItSays) {
  const auto bytes = rfc4475_message("wsinv");
  message_view view;
  ASSERT_EQ(view.parse(bytes), std::nullopt);
  EXPECT_EQ(count_values(view, header_id::via), 3u);
  EXPECT_EQ(parse_via(*first_value(view, header_id::via))->branch, "390skdjuw");
  EXPECT_EQ(parse_max_forwards(view.value(header_id::max_forwards)), 68);
  EXPECT_EQ(parse_cseq(view.value(header_id::cseq))->number, 9u);
  EXPECT_EQ(parse_name_addr(view.value(header_id::to))->tag, "1918181833n");
  EXPECT_EQ(parse_name_addr(view.value(header_id::from))->tag, "98asjd8");
  const auto contact = parse_name_addr(view.value(header_id::contact));
  EXPECT_EQ(param(contact->params, "newparam"), "newvalue");
  EXPECT_EQ(param(contact->params, "q"), "0.33");
  EXPECT_EQ(view.value(*view.find("NewFangledHeader")), "newfangled value\r\n continued newfangled value");
  EXPECT_EQ(view.body().size(), 150u);
}

TEST(Rfc4475Intmeth, LegalCharactersAreLegal) {
  const auto bytes = rfc4475_message("intmeth");
  message_view view;
  ASSERT_EQ(view.parse(bytes), std::nullopt);
  EXPECT_EQ(view.method_name(), "!interesting-Method0123456789_*+`.%indeed'~");
  EXPECT_EQ(parse_cseq(view.value(header_id::cseq))->name, view.method_name());
  EXPECT_EQ(parse_name_addr(view.value(header_id::from))->tag, "_token~1'+`*%!-.");
  EXPECT_EQ(parse_name_addr(view.value(header_id::to))->display.size(), 22u);
}

TEST(Rfc4475Dblreq, WhatFollowsTheFirstMessageIsNotOfIt) {
  const auto bytes = rfc4475_message("dblreq");
  message_view view;
  ASSERT_EQ(view.parse(bytes), std::nullopt);
  EXPECT_EQ(view.method(), method::register_);
  EXPECT_EQ(view.body(), "");
  EXPECT_LT(view.bytes().size(), bytes.size());
}

TEST(Rfc4475Longreq, LongIsNotTooLong) {
  const auto bytes = rfc4475_message("longreq");
  message_view view;
  ASSERT_EQ(view.parse(bytes), std::nullopt);
  EXPECT_EQ(count_values(view, header_id::via), 34u);
}

} // namespace sallyport::sip
