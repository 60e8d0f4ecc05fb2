#include <gtest/gtest.h>

#include "config/values.hpp"

namespace sallyport::config {

using namespace std::chrono_literals;

TEST(Duration, HasAUnitAlways) {
  EXPECT_EQ(parse_duration("200ms"), 200ms);
  EXPECT_EQ(parse_duration("5s"), 5s);
  EXPECT_EQ(parse_duration("10m"), 10min);
  EXPECT_EQ(parse_duration("2h"), 2h);
  for (const auto* text : {"", "5", "s", "-5s", "5 s", "1.5s", "5S", "5d", "0x5s", "+5s", "5ss", "05s"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Duration, ThatWouldOverflowIsRefused) {
  EXPECT_TRUE(parse_duration("1281023894007h"));
  EXPECT_FALSE(parse_duration("1281023894008h"));
  EXPECT_FALSE(parse_duration("99999999999999999999ms"));
}

TEST(ByteSize, IsPlainOrInPowersOfTwo) {
  EXPECT_EQ(parse_byte_size("512"), 512u);
  EXPECT_EQ(parse_byte_size("64KiB"), 65'536u);
  EXPECT_EQ(parse_byte_size("1MiB"), 1'048'576u);
  EXPECT_EQ(parse_byte_size("2GiB"), 2'147'483'648u);
  for (const auto* text : {"", "KiB", "64KB", "64k", "64 KiB", "-1", "1.5MiB", "0512"})
    EXPECT_FALSE(parse_byte_size(text)) << text;
}

TEST(Rate, IsSoManyASecond) {
  EXPECT_EQ(parse_rate("50/s"), rate{50});
  EXPECT_EQ(parse_rate("4294967295/s"), rate{4'294'967'295});
  for (const auto* text : {"", "50", "/s", "50/m", "50 /s", "-1/s", "050/s", "4294967296/s"})
    EXPECT_FALSE(parse_rate(text)) << text;
}

TEST(PortRange, IsTwoPortsAndADash) {
  EXPECT_EQ(parse_port_range("49152-65535"), (port_range{49'152, 65'535}));
  EXPECT_EQ(parse_port_range("5-4"), (port_range{5, 4}));
  for (const auto* text : {"", "-", "1-", "-1", "1", "1-65536", "65536-1", "1 - 2", "1-2-3", "+1-2", "a-b"})
    EXPECT_FALSE(parse_port_range(text)) << text;
  EXPECT_TRUE((port_range{4, 6}.contains(4)) && (port_range{4, 6}.contains(6)));
  EXPECT_FALSE((port_range{4, 6}.contains(3)) || (port_range{4, 6}.contains(7)));
}

TEST(Durations, AndSizesAreSaidInTheLargestUnitThatLosesNothing) {
  EXPECT_EQ(duration_text(90s), "90s");
  EXPECT_EQ(duration_text(120s), "2m");
  EXPECT_EQ(duration_text(24h), "24h");
  EXPECT_EQ(duration_text(0ms), "0ms");
  EXPECT_EQ(byte_size_text(1'000), "1000");
  EXPECT_EQ(byte_size_text(49'152), "48KiB");
}

TEST(HostName, IsWhatRfc1123AndAlabelsAllow) {
  const std::string label(63, 'a');
  for (const auto& text : {std::string{"localhost"}, std::string{"edge.example"}, std::string{"xn--bcher-kva.example"},
                           std::string{"3com.example"}, label + ".example"})
    EXPECT_TRUE(is_host_name(text)) << text;
  for (const auto& text : {std::string{}, std::string{"edge.example."}, std::string{".example"}, std::string{"a..b"},
                           std::string{"-a.example"}, std::string{"a-.example"}, std::string{"bücher.example"},
                           std::string{"a_b.example"}, std::string{"192.0.2.1"}, label + "a.example"})
    EXPECT_FALSE(is_host_name(text)) << text;
}

TEST(HostName, HasAtMost253Bytes) {
  const std::string label(49, 'a');
  const auto longest = label + "." + label + "." + label + "." + label + "." + std::string(53, 'b');
  ASSERT_EQ(longest.size(), 253u);
  EXPECT_TRUE(is_host_name(longest));
  EXPECT_FALSE(is_host_name(longest + "b"));
}

TEST(Base64, IsReadAsRfc4648Says) {
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_EQ(decode_base64("Zg=="), "f");
  EXPECT_EQ(decode_base64("Zm8="), "fo");
  EXPECT_EQ(decode_base64("Zm9v"), "foo");
  EXPECT_EQ(decode_base64("Zm9v\nYmFy\n"), "foobar");
  EXPECT_EQ(decode_base64("+/+/"), "\xfb\xff\xbf");
  for (const auto* text : {"Z", "Zg", "Zg=", "Zm9vY", "Zg==Zg==", "Zm9v!", "Zm9v====", "Zm_v"})
    EXPECT_FALSE(decode_base64(text)) << text;
}

} // namespace sallyport::config
