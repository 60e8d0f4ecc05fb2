#include <gtest/gtest.h>

#include <set>

#include "net/sip/flow_binding.hpp"
#include "tests/support/sip/edge_world.hpp"

namespace sallyport::sip {
namespace {

constexpr std::string_view instance = R"(;+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>")";

/// Of a REGISTER with these header lines.
binding_id binding_of(const std::string& lines, const std::string& to = "<sip:alice@example.com>") {
  const keyed_hash key{test_key(3)};
  const auto registration =
    parsed(request_text{.method = "REGISTER", .uri = "sip:example.com", .to = to, .extra = lines}.text());
  return flow_binding(*registration, facts_of(*registration).to, key);
}

std::string contact(std::string_view uri, std::string_view params = "") {
  return std::string{"Contact: <"}.append(uri).append(">").append(params).append("\r\n");
}

} // namespace

TEST(FlowBinding, IsWhatItAlwaysWas) { // It stands in tokens that registrars keep, and every node must find the same.
  EXPECT_EQ(binding_of(contact("sip:alice@192.0.2.10:5061", std::string{instance} + ";reg-id=1")), 0xcc4e51633bfc9a9e);
  EXPECT_EQ(binding_of(contact("sip:alice@192.0.2.10:5061", instance)), 0xd77acf7e30b5c07b);
  EXPECT_EQ(binding_of(contact("sip:alice@192.0.2.10:5061")), 0x6482e4bad699f33b);
}

TEST(FlowBinding, OfAClientWithAnInstanceIsTheSameWhereverItComesFrom) {
  const auto first = binding_of(contact("sip:alice@192.0.2.10:5061", std::string{instance} + ";reg-id=1"));
  const auto later =
    binding_of(contact("sip:alice@198.51.100.7:40000;transport=tls", ";reg-id=1;expires=60" + std::string{instance}),
               "\"Alice\" <sip:alice@EXAMPLE.com:5061>");
  EXPECT_EQ(first, later);
}

TEST(FlowBinding, TellsUsersInstancesFlowsAndContactsApart) {
  const std::set<binding_id> all{
    binding_of(contact("sip:a@192.0.2.10", std::string{instance} + ";reg-id=1")),
    binding_of(contact("sip:a@192.0.2.10", std::string{instance} + ";reg-id=2")),
    binding_of(contact("sip:a@192.0.2.10", std::string{instance})),
    binding_of(contact("sip:a@192.0.2.10", R"(;+sip.instance="<urn:uuid:another>";reg-id=1)")),
    binding_of(contact("sip:a@192.0.2.10", std::string{instance} + ";reg-id=1"), "<sip:bob@example.com>"),
    binding_of(contact("sip:a@192.0.2.10")),
    binding_of(contact("sip:a@192.0.2.11")),
    binding_of(contact("sip:a@192.0.2.10"), "<sip:bob@example.com>"),
  };
  EXPECT_EQ(all.size(), 8u);
  EXPECT_FALSE(all.contains(0));
}

TEST(FlowBinding, ARegIdWithoutAnInstanceSaysNothing) { // RFC 5626, 4.2: it tells the flows of one instance apart.
  EXPECT_EQ(binding_of(contact("sip:a@192.0.2.10", ";reg-id=1")), binding_of(contact("sip:a@192.0.2.10")));
}

TEST(FlowBinding, OfSeveralContactsTheFirstOneCounts) {
  const auto alone = binding_of(contact("sip:a@192.0.2.10"));
  EXPECT_EQ(binding_of("Contact: <sip:a@192.0.2.10>, <sip:a@192.0.2.11>\r\n"), alone);
  EXPECT_EQ(binding_of(contact("sip:a@192.0.2.10") + contact("sip:a@192.0.2.11")), alone);
}

TEST(FlowBinding, IsNoneWhereNoClientIsNamed) {
  EXPECT_EQ(binding_of(""), 0u) << "a query";
  EXPECT_EQ(binding_of("Contact: *\r\nExpires: 0\r\n"), 0u);
  EXPECT_EQ(binding_of("Contact: <sip:a@192.0.2.10\r\n"), 0u) << "no end";
  EXPECT_EQ(binding_of(contact("sip:a@192.0.2.10"), "<tel:+15550100>"), 0u);
}

} // namespace sallyport::sip
