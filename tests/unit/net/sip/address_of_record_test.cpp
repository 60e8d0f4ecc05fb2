#include <gtest/gtest.h>

#include "net/sip/address_of_record.hpp"

namespace sallyport::sip {

TEST(AddressOfRecord, HasOneFormForAllSpellings) {
  for (const char* value :
       {"<sip:alice@example.com>", "sip:alice@EXAMPLE.com;tag=1", "\"A\" <sips:alice@example.com:5061>",
        "<sip:%61lice@example.com;transport=tls>;tag=2", "sip:alice:secret@example.com"})
    EXPECT_EQ(address_of_record(value), "alice@example.com") << value;
}

TEST(AddressOfRecord, TheUserKeepsItsCase) { // RFC 3261, 19.1.4
  EXPECT_EQ(address_of_record("<sip:Alice@example.com>"), "Alice@example.com");
}

TEST(AddressOfRecord, IsNothingWithoutAUserOrWithOneThatHidesSomething) {
  for (const char* value : {"", "<sip:example.com>", "<tel:+15551234>", "<sip:a%40b@example.com>",
                            "<sip:a%00b@example.com>", "<sip:a%0d%0ab@example.com>", "not an address"})
    EXPECT_EQ(address_of_record(value), std::nullopt) << value;
}

} // namespace sallyport::sip
