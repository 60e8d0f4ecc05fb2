#include <gtest/gtest.h>
#include <openssl/x509.h>

#include "net/tls/context_slot.hpp"
#include "net/tls/development_ca.hpp"
#include "net/tls/identity.hpp"

namespace sallyport::tls {
namespace {

identity made_of(std::vector<std::string> names, std::string common_name = "") {
  static const development_ca ca;
  const auto made = ca.make({.names = std::move(names), .common_name = std::move(common_name)});
  return identity_of(made.leaf());
}

TEST(Identity, NamesAHostByItsAlternativeNamesWithoutRegardToCase) {
  const auto one = made_of({"SIP.Example.org", "sip:example.com"});

  EXPECT_TRUE(one.names("sip.example.org"));
  EXPECT_TRUE(one.names("SIP.EXAMPLE.ORG."));
  EXPECT_TRUE(one.names("Example.COM"));
  EXPECT_FALSE(one.names("example.org"));
  EXPECT_FALSE(one.names("a.sip.example.org"));
  EXPECT_FALSE(one.names(""));
}

TEST(Identity, AUriWithAUserNamesNoDomain) { // RFC 5922, 7.1
  EXPECT_FALSE(made_of({"sip:alice@example.org"}).names("example.org"));
  EXPECT_FALSE(made_of({"https://example.org"}).names("example.org"));
}

TEST(Identity, WildcardsNameNothing) { // RFC 5922, 7.2
  const auto wild = made_of({"*.example.org"});

  EXPECT_FALSE(wild.names("a.example.org"));
  EXPECT_FALSE(wild.names("*.example.org"));
}

TEST(Identity, TheCommonNameCountsOnlyWithoutAlternativeNames) {
  EXPECT_TRUE(made_of({}, "Sip.example.org").names("sip.example.org"));
  EXPECT_FALSE(made_of({"other.example"}, "sip.example.org").names("sip.example.org"));
  EXPECT_FALSE(made_of({"192.0.2.1"}, "sip.example.org").names("sip.example.org"));
}

TEST(Identity, ACommonNameThatIsNoTextIsNone) {
  const x509_ptr made{X509_new()};
  const unsigned char cut[] = {'a', 0xC3}; // UTF-8 that ends within a character.
  X509_NAME_add_entry_by_NID(X509_get_subject_name(made.get()), NID_commonName, V_ASN1_UTF8STRING, cut, sizeof cut, -1,
                             0);

  EXPECT_EQ(identity_of(*made).common_name, "");
}

TEST(Identity, AnAddressIsNamedByAnAddressOnly) {
  EXPECT_TRUE(made_of({"192.0.2.1"}).names("192.0.2.1"));
  EXPECT_TRUE(made_of({"2001:db8::1"}).names("[2001:DB8:0::1]"));
  EXPECT_FALSE(made_of({"192.0.2.1"}).names("192.0.2.2"));
  EXPECT_FALSE(made_of({}, "192.0.2.1").names("192.0.2.1"));
}

TEST(ContextSlot, AReaderKeepsWhatItGotWhenTheSlotIsSwapped) {
  context_slot<int> slot{std::make_shared<const int>(1)};
  const auto kept = slot.get();
  slot.swap(std::make_shared<const int>(2));

  EXPECT_EQ(*kept, 1);
  EXPECT_EQ(*slot.get(), 2);
}

} // namespace
} // namespace sallyport::tls
