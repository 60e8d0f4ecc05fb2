#include <gtest/gtest.h>

#include "net/io/record_watch.hpp"
#include "net/tls/context_settings.hpp"

namespace sallyport::io {
namespace {

constexpr std::uint8_t handshake_type = SSL3_RT_HANDSHAKE;
constexpr std::uint8_t application_type = SSL3_RT_APPLICATION_DATA;

/// A message of TLS 1.3 in a record of its own, after the handshake.
void key_update(record_watch& watch) {
  watch.on_record(application_type, 22);
  watch.on_inner_type(handshake_type);
  watch.on_handshake_message();
}

void application_data(record_watch& watch, std::uint32_t records) {
  for (std::uint32_t i = 0; i < records; ++i) {
    watch.on_record(application_type, 100);
    watch.on_inner_type(application_type);
    watch.on_application_read();
  }
}

TEST(RecordWatch, AHandshakeHasItsNumberOfRecords) {
  record_watch watch;
  for (std::uint32_t i = 0; i < record_watch::handshake_records_max; ++i)
    watch.on_record(handshake_type, 1);
  EXPECT_FALSE(watch.is_exceeded());

  watch.on_record(handshake_type, 1);
  EXPECT_TRUE(watch.is_exceeded());
}

TEST(RecordWatch, AHandshakeHasItsNumberOfBytes) {
  record_watch watch;
  watch.on_record(handshake_type, record_watch::hello_bytes_max);
  EXPECT_FALSE(watch.is_exceeded());

  watch.on_record(handshake_type, 1);
  EXPECT_TRUE(watch.is_exceeded());
}

TEST(RecordWatch, MessagesAfterTheHandshakeHaveTheirNumber) {
  record_watch watch;
  watch.on_established();
  for (std::uint32_t i = 0; i < record_watch::post_handshake_max; ++i)
    key_update(watch);
  EXPECT_FALSE(watch.is_exceeded());

  key_update(watch);
  EXPECT_TRUE(watch.is_exceeded());
}

TEST(RecordWatch, ManyMessagesInOneRecordCountEach) {
  record_watch watch;
  watch.on_established();
  watch.on_record(application_type, 1'000);
  watch.on_inner_type(handshake_type);
  for (std::uint32_t i = 0; i < record_watch::post_handshake_max; ++i)
    watch.on_handshake_message();
  EXPECT_FALSE(watch.is_exceeded());

  watch.on_handshake_message();
  EXPECT_TRUE(watch.is_exceeded());
}

TEST(RecordWatch, OneMessageInManyRecordsCountsEach) {
  record_watch watch;
  watch.on_established();
  for (std::uint32_t i = 0; i < record_watch::post_handshake_max; ++i) // TLS 1.2: seen by the record's own type.
    watch.on_record(handshake_type, 1);
  EXPECT_FALSE(watch.is_exceeded());

  watch.on_record(handshake_type, 1);
  EXPECT_TRUE(watch.is_exceeded());
}

TEST(RecordWatch, ApplicationDataIsAsMuchAsItLikesAndGivesTheAllowanceBack) {
  record_watch watch;
  watch.on_established();
  for (std::uint32_t i = 0; i < record_watch::post_handshake_max; ++i)
    key_update(watch);
  for (int years = 0; years < 1'000; ++years) {
    application_data(watch, record_watch::reads_per_regained);
    key_update(watch);
    ASSERT_FALSE(watch.is_exceeded());
  }
  application_data(watch, record_watch::reads_per_regained - 1);
  key_update(watch);
  EXPECT_TRUE(watch.is_exceeded());
}

TEST(RecordWatch, NoMoreIsGivenBackThanWasTaken) {
  record_watch watch;
  watch.on_established();
  application_data(watch, 10'000);
  for (std::uint32_t i = 0; i < record_watch::post_handshake_max; ++i)
    key_update(watch);
  EXPECT_FALSE(watch.is_exceeded());

  key_update(watch);
  EXPECT_TRUE(watch.is_exceeded());
}

TEST(RecordWatch, AShortRecordCostsAsMuchAsALongerOneAndTheHandshakeNothing) {
  record_watch watch;
  watch.on_record(handshake_type, 5'000);
  watch.on_established();
  watch.on_record(application_type, 1);
  watch.on_record(application_type, record_watch::record_cost_bytes_min + 1);

  EXPECT_EQ(watch.take_cost(), 2 * record_watch::record_cost_bytes_min + 1);
  EXPECT_EQ(watch.take_cost(), 0u);
}

} // namespace
} // namespace sallyport::io
