#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "net/io/line_writer.hpp"
#include "net/io/socket.hpp"
#include "tests/support/turn_until.hpp"

namespace sallyport::log {
namespace {

using namespace std::chrono_literals;

class LineWriter : public testing::Test {
protected:
  LineWriter() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    reader_ = io::unique_fd{ends[0]};
    writing_ = io::unique_fd{ends[1]};
    ::fcntl(reader_.get(), F_SETFL, O_NONBLOCK);
    writer_.emplace(writing_.get(), &LineWriter::text);
  }
  ~LineWriter() override {
    reader_.reset(); // A write that waits ends: the descriptor may go.
    writer_->flush(10s);
  }

  static std::string text(std::uint64_t lost) { return "lost " + std::to_string(lost) + "\n"; }

  /// Appends what can be read now.
  void read() {
    std::array<char, 65'536> some;
    for (ssize_t got = 0; (got = ::read(reader_.get(), some.data(), some.size())) > 0;)
      read_.append(some.data(), static_cast<std::size_t>(got));
  }
  [[nodiscard]] bool comes(std::string_view end) {
    return sallyport::test::comes_true([&] {
      read();
      return read_.ends_with(end);
    });
  }
  /// What has been told of lost lines: how many in all, and in how many lines. The writer may come to it in between.
  struct lost_lines {
    std::uint64_t lines = 0;
    std::uint64_t times = 0;
  };
  [[nodiscard]] lost_lines told_lost() const {
    lost_lines told;
    constexpr std::string_view begin = "\nlost ";
    for (auto at = read_.find(begin); at != std::string::npos && read_.find('\n', at + 1) != std::string::npos;
         at = read_.find(begin, at + 1)) {
      told.lines += std::stoull(read_.substr(at + begin.size()));
      ++told.times;
    }
    return told;
  }
  /// More lines than the pipe and the queue have room for.
  void overfill() {
    const std::string line = std::string(1023, '.') + '\n';
    for (std::size_t bytes = 0; bytes < 2 * line_writer::waiting_bytes_max; bytes += line.size())
      writer_->put(line);
  }

  io::unique_fd reader_;
  io::unique_fd writing_;
  std::optional<line_writer> writer_;
  std::string read_;
};

TEST_F(LineWriter, WhatWasPutIsInTheFileOnceItIsFlushed) {
  writer_->put("one\n");
  writer_->put("two\nand more of it\n");
  writer_->flush(10s);
  read();

  EXPECT_EQ(read_, "one\ntwo\nand more of it\n");
  EXPECT_EQ(writer_->lines_lost(), 0u);
}

TEST_F(LineWriter, AFileThatNobodyReadsKeepsNobodyWaitingAndWhatWasLostIsToldWhenItIsRead) {
  overfill(); // Would not return.
  const auto lost = writer_->lines_lost();
  EXPECT_GT(lost, 0u);
  writer_->flush(1ms); // Nor would this.

  EXPECT_TRUE(sallyport::test::comes_true([&] {
    read();
    return told_lost().lines == lost;
  }));
  writer_->put("after\n");
  ASSERT_TRUE(comes("\nafter\n"));
  const auto told = told_lost();
  EXPECT_EQ(told.lines, lost) << "once";
  EXPECT_EQ(static_cast<std::uint64_t>(std::ranges::count(read_, '\n')) - told.times - 1,
            2 * line_writer::waiting_bytes_max / 1'024 - lost);
}

TEST_F(LineWriter, AReaderThatHasGoneCostsItsLinesAndNothingElse) {
  reader_.reset();
  writer_->put("one\n"); // By default SIGPIPE would end the process.
  writer_->put("two\n");
  writer_->flush(10s);

  EXPECT_EQ(writer_->lines_lost(), 2u);
}

TEST_F(LineWriter, AFileThatDoesNotWaitLosesNothingWhileThereIsRoomInTheQueue) {
  ::fcntl(writing_.get(), F_SETFL, O_NONBLOCK); // By somebody who shares it.
  for (int i = 0; i < 500; ++i)
    writer_->put(std::string(1'000, 'x') + '\n');
  writer_->put("last\n");

  EXPECT_TRUE(comes("\nlast\n"));
  EXPECT_EQ(writer_->lines_lost(), 0u);
}

TEST(LineWriterOnADisk, EndsTheLineThatAFullOneHasCutBeforeAnother) {
  const io::unique_fd file{::memfd_create("log", MFD_CLOEXEC)};
  line_writer writer{file.get(), [](std::uint64_t lost) { return "lost " + std::to_string(lost) + "\n"; }};
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &usual), 0);
  const rlimit full{.rlim_cur = 6, .rlim_max = usual.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
  writer.put("one\n");
  writer.put("two\n");
  writer.put("three\n");
  writer.flush(10s);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &usual), 0);
  writer.put("four\n");
  writer.flush(10s);

  std::array<char, 64> said{};
  ASSERT_GT(::pread(file.get(), said.data(), said.size(), 0), 0);
  EXPECT_STREQ(said.data(), "one\ntw\nlost 2\nfour\n");
  EXPECT_EQ(writer.lines_lost(), 2u);
}

} // namespace
} // namespace sallyport::log
