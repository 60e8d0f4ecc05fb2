#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "config/surroundings.hpp"
#include "config/tree.hpp"

namespace sallyport::config {

class HostFile : public testing::Test {
protected:
  HostFile() {
    std::string name = (std::filesystem::temp_directory_path() / "sallyport-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~HostFile() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(std::string_view bytes) {
    std::ofstream{folder_ / "file", std::ios::binary} << bytes;
    return folder_ / "file";
  }

  std::filesystem::path folder_;
};

TEST_F(HostFile, IsReadWithItsMode) {
  const auto file = write("bytes\n");
  std::filesystem::permissions(file, std::filesystem::perms{0640});
  const auto content = read_host_file(file);
  ASSERT_TRUE(content);
  EXPECT_EQ(content->bytes, "bytes\n");
  EXPECT_EQ(content->mode, 0640u);
  EXPECT_FALSE(content->is_open_to_everyone());
}

TEST_F(HostFile, ThatIsNotThereOrNotAFileSaysSo) {
  EXPECT_EQ(read_host_file(folder_ / "absent").error(), "No such file or directory");
  EXPECT_EQ(read_host_file(folder_).error(), "not a regular file");
  EXPECT_EQ(read_host_file("/dev/zero").error(), "not a regular file");
}

TEST_F(HostFile, HasALargestSize) {
  EXPECT_EQ(read_host_file(write(std::string(file_bytes_max, 'x')))->bytes.size(), file_bytes_max);
  EXPECT_EQ(read_host_file(write(std::string(file_bytes_max + 1, 'x'))).error(), "larger than 1048576 bytes");
}

TEST(HostSurroundings, HoldTheEnvironmentOfTheProcess) {
  ::setenv("EDGE_TEST_VARIABLE", "a=b", 1);
  EXPECT_EQ(host_surroundings().variables.at("EDGE_TEST_VARIABLE"), "a=b");
}

} // namespace sallyport::config
