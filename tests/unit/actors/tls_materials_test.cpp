#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "actors/tls_materials.hpp"
#include "config/dev.hpp"
#include "net/tls/development_ca.hpp"

namespace sallyport::actors {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

/// Files of certificates in a folder of the test's own.
class TlsMaterials : public testing::Test {
protected:
  TlsMaterials() {
    std::filesystem::create_directories(folder_);
    value_.development = false;
    auto& access = *value_.access;
    access.inside.transport = transport::tls;
    access.next_hop.transport = transport::tls;
    access.next_hop.tls_name = "registrar.example.org";
    access.outside.certificates = {issue("edge", {.names = {"edge.example"}, .is_marked = false})};
    access.inside.identity = issue("inside", {.names = {"edge-in.example"}, .is_marked = false});
    access.inside.ca = write("ca.pem", ca_.pem());
  }
  ~TlsMaterials() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& name, const std::string& text) {
    const auto file = folder_ / name;
    std::ofstream{file} << text;
    return file;
  }
  config::certificate_files issue(const std::string& name, const tls::development_request& request) {
    const auto made = ca_.issue(request);
    return {write(name + ".pem", made.chain), write(name + ".key", made.key)};
  }
  /// Loads what has to be wrong; the keys that the problems stand under, in order.
  config::problems problems() {
    const auto loaded = load_tls(value_, where_);
    EXPECT_FALSE(loaded);
    return loaded ? config::problems{} : loaded.error();
  }
  static std::vector<std::string> paths(const config::problems& found) {
    std::vector<std::string> under;
    for (const auto& each : found)
      under.push_back(each.path);
    return under;
  }

  tls::development_ca ca_;
  config::positions where_;
  config::model value_ = config::development_model();
  std::filesystem::path folder_ =
    std::filesystem::path{testing::TempDir()} / ("tls_materials_" + std::to_string(::getpid()) + "_" +
                                                 testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(TlsMaterials, SoundFilesMakeAllThreeContexts) {
  const auto loaded = load_tls(value_, where_);
  ASSERT_TRUE(loaded) << loaded.error().front().message;
  EXPECT_NE(loaded->outside, nullptr);
  EXPECT_NE(loaded->inside, nullptr);
  EXPECT_NE(loaded->next_hop, nullptr);
}

TEST_F(TlsMaterials, PlainTcpInsideNeedsNoFilesThere) {
  auto& access = *value_.access;
  access.inside.transport = transport::tcp;
  access.next_hop.transport = transport::tcp;
  access.inside.identity = config::certificate_files{};
  access.inside.ca.clear();
  const auto loaded = load_tls(value_, where_);
  ASSERT_TRUE(loaded);
  EXPECT_NE(loaded->outside, nullptr);
  EXPECT_EQ(loaded->inside, nullptr);
  EXPECT_EQ(loaded->next_hop, nullptr);
}

TEST_F(TlsMaterials, EveryProblemIsToldAtOnceUnderItsKey) {
  auto& access = *value_.access;
  access.outside.certificates.push_back({folder_ / "absent.pem", folder_ / "absent.key"});
  access.outside.certificates.push_back(issue("old", {.names = {"old.example"},
                                                      .valid_from = std::chrono::seconds{-7200},
                                                      .valid_for = std::chrono::seconds{3600},
                                                      .is_marked = false}));
  access.inside.identity.key = access.outside.certificates[0].key;
  access.inside.ca = write("broken.pem", "nothing");
  where_.remember("access.inside.ca", {.line = 7, .column = 3, .variable = {}});

  const auto found = problems();
  EXPECT_THAT(paths(found), AllOf(Contains("access.outside.certificates[2]"), Contains("access.inside.certificate"),
                                  Contains("access.inside.ca")));
  EXPECT_THAT(paths(found), testing::Not(Contains("access.outside.certificates[0]")));
  // That a file is not there `config::validate` has said already.
  EXPECT_THAT(paths(found), testing::Not(Contains("access.outside.certificates[1]")));
  for (const auto& each : found)
    EXPECT_EQ(each.where.line, each.path == "access.inside.ca" ? 7u : 0u);
}

TEST_F(TlsMaterials, ADevelopmentCertificateIsRefusedFromAFile) {
  value_.access->outside.certificates = {issue("marked", {.names = {"edge.example"}})};
  const auto found = problems();
  ASSERT_EQ(paths(found), std::vector<std::string>{"access.outside.certificates[0]"});
  EXPECT_THAT(found[0].message, HasSubstr("made by `--dev`"));
}

TEST_F(TlsMaterials, TheInsideCertificateMustBeGoodForEachRoleItPlays) {
  auto& access = *value_.access;
  access.inside.identity = issue("server", {.names = {"edge-in.example"}, .for_clients = false, .is_marked = false});
  EXPECT_EQ(paths(problems()), std::vector<std::string>{"access.inside.certificate"}) << "it speaks to the next hop";
  access.next_hop.transport = transport::tcp;
  EXPECT_TRUE(load_tls(value_, where_)) << "it only serves";

  access.next_hop.transport = transport::tls;
  access.inside.transport = transport::tcp;
  access.inside.identity = issue("client", {.names = {"edge-in.example"}, .for_servers = false, .is_marked = false});
  EXPECT_TRUE(load_tls(value_, where_)) << "it only speaks to the next hop";
}

TEST_F(TlsMaterials, InDevelopmentNoFileIsRead) {
  value_ = config::development_model();
  const auto loaded = load_tls(value_, where_);
  ASSERT_TRUE(loaded);
  EXPECT_NE(loaded->outside, nullptr);
  EXPECT_EQ(loaded->inside, nullptr);
  EXPECT_EQ(loaded->next_hop, nullptr);
}

} // namespace
} // namespace sallyport::actors
