#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "net/core/base64url.hpp"

namespace sallyport {

TEST(Base64url, WritesTheVectorsOfRfc4648WithoutPadding) {
  const auto encode = [](std::string_view text) {
    return base64url({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  };
  EXPECT_EQ(encode(""), "");
  EXPECT_EQ(encode("f"), "Zg");
  EXPECT_EQ(encode("fo"), "Zm8");
  EXPECT_EQ(encode("foo"), "Zm9v");
  EXPECT_EQ(encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(encode("\xfb\xff"), "-_8");
}

TEST(Base64url, ReadsBackWhatItWrote) {
  for (std::size_t count = 0; count < 40; ++count) {
    std::vector<std::uint8_t> bytes(count);
    for (std::size_t i = 0; i < count; ++i)
      bytes[i] = static_cast<std::uint8_t>(i * 37 + count);
    std::vector<std::uint8_t> back(count);
    const auto text = base64url(bytes);
    EXPECT_EQ(text.size(), base64url_chars(count));
    EXPECT_TRUE(read_base64url(text, back));
    EXPECT_EQ(back, bytes);
  }
}

TEST(Base64url, RefusesOtherLengthsOtherCharactersAndASecondSpelling) {
  std::array<std::uint8_t, 2> two{};
  EXPECT_TRUE(read_base64url("Zm8", two));
  for (const char* text : {"", "Zm", "Zm8A", "Zm8=", "Zm9", "Z+8", "Z/8", "Z 8", "Z\n8"})
    EXPECT_FALSE(read_base64url(text, two)) << text;
}

} // namespace sallyport
