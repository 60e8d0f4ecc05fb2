#include <gtest/gtest.h>

#include <optional>

#include "net/sip/address_of_record.hpp"
#include "net/sip/uri.hpp"

namespace sallyport::sip {
namespace {

std::optional<std::string> address_of(std::string_view text) {
  const auto read = parse_uri(text);
  EXPECT_TRUE(read) << text;
  return read ? address_of_record(read->user, read->host) : std::nullopt;
}

bool is_alice(std::string_view text) {
  const auto read = parse_uri(text);
  EXPECT_TRUE(read) << text;
  return read && is_address_of_record(read->user, read->host, "alice@example.com");
}

} // namespace

TEST(AddressOfRecord, HasOneFormForAllSpellings) {
  for (const char* uri : {"sip:alice@example.com", "sip:alice@EXAMPLE.com", "sips:alice@example.com:5061",
                          "sip:%61lice@example.com;transport=tls", "sip:alice:secret@example.com"}) {
    EXPECT_EQ(address_of(uri), "alice@example.com") << uri;
    EXPECT_TRUE(is_alice(uri)) << uri;
  }
}

TEST(AddressOfRecord, TheUserKeepsItsCase) { // RFC 3261, 19.1.4
  EXPECT_EQ(address_of("sip:Alice@example.com"), "Alice@example.com");
  EXPECT_FALSE(is_alice("sip:Alice@example.com"));
}

TEST(AddressOfRecord, IsNothingWithoutAUserOrWithOneThatHidesSomething) {
  for (const char* uri : {"sip:example.com", "tel:+15551234", "sip:a%40b@example.com", "sip:a%00b@example.com",
                          "sip:a%0d%0ab@example.com"})
    EXPECT_EQ(address_of(uri), std::nullopt) << uri;
}

TEST(AddressOfRecord, OfSomebodyElseIsNotTheSame) {
  for (const char* uri : {"sip:alice@example.org", "sip:alic@example.com", "sip:alice%20@example.com",
                          "sip:example.com", "sip:alice%40example.com@example.com"})
    EXPECT_FALSE(is_alice(uri)) << uri;
  EXPECT_FALSE(is_address_of_record("alice", "example.com", "")) << "a flow that has proved nobody";
}

} // namespace sallyport::sip
