#include <gtest/gtest.h>

#include "net/sip/registration_claim.hpp"
#include "tests/support/sip/messages.hpp"

namespace sallyport::sip {
namespace {

using namespace std::chrono_literals;

/// What a registration with these header lines and a 2xx with those come to: the lifetime of the proof.
std::optional<seconds> granted(const std::string& asked, const std::string& answered) {
  const auto registration = request_text{.method = "REGISTER", .uri = "sip:example.com", .extra = asked}.text();
  auto success = response_text(registration, 200);
  success.insert(success.find("Content-Length"), answered);
  const registration_claim claim{{{1, 0, 10, 1}, "alice@example.com", 7, 0s}, *parsed(registration)};
  const auto proof = claim.granted_by(*parsed(success));
  if (!proof)
    return std::nullopt;
  EXPECT_EQ(proof->flow, (flow_id{1, 0, 10, 1}));
  EXPECT_EQ(proof->address_of_record, "alice@example.com");
  EXPECT_EQ(proof->binding, 7u);
  return proof->lifetime;
}

const std::string phone = "Contact: <sip:alice@192.0.2.10:5061;transport=tls>\r\n";

} // namespace

TEST(RegistrationClaim, LastsAsLongAsThe2xxGrantsToItsContact) {
  EXPECT_EQ(granted(phone + "Expires: 7200\r\n", "Contact: <sip:alice@192.0.2.10:5061;transport=tls>;expires=300\r\n"),
            300s);
  EXPECT_EQ(granted(phone, "Contact: <sip:alice@192.0.2.77>;expires=9, <sip:alice@192.0.2.10:5061>;q=0.5;expires=60\r\n"
                           "Contact: <sip:alice@192.0.2.78>;expires=7000\r\n"),
            60s)
    << "whatever its other phones have";
}

TEST(RegistrationClaim, TakesTheTimeOfTheMessageWhereTheContactHasNone) {
  EXPECT_EQ(granted(phone, phone + "Expires: 120\r\n"), 120s);
  EXPECT_EQ(granted(phone, "Expires: 120\r\n"), 120s) << "a registrar that lists nothing, but names a time";
  EXPECT_EQ(granted(phone + "Expires: 90\r\n", phone), 90s) << "as it was asked for";
  EXPECT_EQ(granted("Contact: <sip:alice@192.0.2.10:5061>;expires=40\r\nExpires: 90\r\n", phone), 40s);
  EXPECT_EQ(granted(phone, phone), 3'600s);
  EXPECT_EQ(granted(phone, "Contact: <sip:alice@192.0.2.10:5061>;expires=soon\r\nExpires: 50\r\n"), 50s);
}

TEST(RegistrationClaim, EndsWithADeRegistration) {
  EXPECT_EQ(granted(phone + "Expires: 0\r\n", ""), 0s);
  EXPECT_EQ(granted(phone + "Expires: 0\r\n", "Expires: 3600\r\n"), 0s) << "nobody asked for that";
  EXPECT_EQ(granted(phone + "Expires: 0\r\n", "Contact: <sip:alice@192.0.2.77>;expires=3600\r\n"), 0s);
  EXPECT_EQ(granted("Contact: *\r\nExpires: 0\r\n", ""), 0s);
  EXPECT_EQ(granted("Contact: *\r\nExpires: 0\r\n", "Contact: <sip:alice@192.0.2.77>;expires=3600\r\n"), 0s);
  EXPECT_EQ(granted(phone, phone.substr(0, phone.size() - 2) + ";expires=0\r\n"), 0s);
}

TEST(RegistrationClaim, KnowsAContactByItsInstanceWhateverItsAddressIsCalled) {
  const std::string asked = "Contact: <sip:alice@192.0.2.10>;+sip.instance=\"<urn:uuid:1>\";reg-id=1\r\n";
  EXPECT_EQ(granted(asked, "Contact: <sip:gw@10.0.0.9>;+sip.instance=\"<urn:uuid:1>\";reg-id=1;expires=60\r\n"), 60s);
  EXPECT_EQ(granted(asked, "Contact: <sip:alice@192.0.2.10>;+sip.instance=\"<urn:uuid:1>\";reg-id=2;expires=60\r\n"
                           "Contact: <sip:alice@192.0.2.10>;+sip.instance=\"<urn:uuid:1>\";reg-id=1;expires=50\r\n"),
            50s)
    << "another flow of the same phone";
  EXPECT_EQ(granted(asked, "Contact: <sip:alice@192.0.2.77>;expires=70\r\n"
                           "Contact: <sip:gw@10.0.0.9>;+sip.instance=\"<urn:uuid:1>\";expires=60\r\n"),
            60s)
    << "a registrar that keeps no reg-id";
  EXPECT_EQ(granted(asked, "Contact: <sip:alice@192.0.2.10>;expires=60\r\n"), 60s) << "a registrar that knows of none";
}

TEST(RegistrationClaim, ComparesAddressesAsRfc3261Section19_1_4Has) {
  // Beside another phone's, which has longer.
  const auto among = [](const std::string& asked, const std::string& listed) {
    return granted(asked, "Contact: " + listed + ";expires=60, <sip:alice@192.0.2.77>;expires=70\r\n");
  };
  EXPECT_EQ(among("Contact: <sip:%61lice@Client.Example>\r\n", "<sip:alice@client.example;ob>"), 60s);
  EXPECT_EQ(among("Contact: <tel:+1>\r\n", "<tel:+1>"), 60s);
  EXPECT_EQ(among(phone, "<sip:alice@192.0.2.10:5062>"), 70s) << "another port";
  EXPECT_EQ(among(phone, "<sip:Alice@192.0.2.10:5061>"), 70s) << "another user";
  EXPECT_EQ(among(phone, "<sips:alice@192.0.2.10:5061>"), 70s);
}

TEST(RegistrationClaim, HoldsWhereTheRegistrarWritesAnotherAddressButNoLongerThanItNames) {
  EXPECT_EQ(granted(phone, "Contact: <sip:alice@198.51.100.9:40000>;expires=60\r\n"), 60s) << "as it came through NAT";
  EXPECT_EQ(granted(phone, "Contact: <sip:alice@192.0.2.10;transport=tls>;expires=60\r\n"), 60s) << "its default port";
  EXPECT_EQ(granted(phone + "Expires: 50\r\n", "Contact: <sip:alice@198.51.100.9>;expires=60\r\n"), 50s)
    << "no longer than it was asked for";
  EXPECT_EQ(granted(phone + "Expires: 50\r\n", ""), 50s) << "a registrar that lists nothing, and names no time";
  EXPECT_EQ(granted(phone, "Contact: <sip:alice@198.51.100.9>;expires=0\r\n"), 0s);
}

TEST(RegistrationClaim, OfSeveralContactsTakesWhatLastsLongest) {
  EXPECT_EQ(granted("Contact: <sip:alice@192.0.2.9>;expires=0\r\n" + phone,
                    "Contact: <sip:alice@192.0.2.10:5061>;expires=60\r\n"),
            60s)
    << "a phone that takes its old address back";
  std::string crowd;
  for (std::size_t i = 0; i < registration_claim::contacts_max; ++i)
    crowd += "Contact: <sip:alice@192.0.2.9>\r\n";
  EXPECT_EQ(granted(crowd + "Contact: <sip:alice@192.0.2.10:5061>;expires=7200\r\n",
                    "Contact: <sip:alice@192.0.2.10:5061>;expires=7200\r\n"),
            3'600s)
    << "one more than are looked for";
}

TEST(RegistrationClaim, OfAQueryProvesAndEndsNothing) {
  EXPECT_EQ(granted("", phone + "Expires: 3600\r\n"), std::nullopt);
}

} // namespace sallyport::sip
