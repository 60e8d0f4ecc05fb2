#include "config/former_keys.hpp"
#include "config/list_limits.hpp"
#include "config/loader.hpp"
#include "fixture.hpp"

namespace sallyport::config {

using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

TEST(Loader, TheLeastConfigurationTakesTheRestFromDefaults) {
  const auto read = load_text(least_text);
  EXPECT_EQ(said(read.found), "");
  EXPECT_EQ(read.value.node.name, "edge1");
  EXPECT_EQ(read.value.services, service_set{service::access});
  EXPECT_EQ(read.value.pool.nodes, 1u);
  EXPECT_EQ(read.value.limits, limits{});
  EXPECT_EQ(read.value.logging.level, log_level::info);
  EXPECT_FALSE(read.value.metrics.listen);
  EXPECT_FALSE(read.value.development);
  ASSERT_TRUE(read.value.access);
  EXPECT_EQ(read.value.access->outside.listen, std::vector{*endpoint::parse("192.0.2.10:443")});
  EXPECT_EQ(read.value.access->inside.transport, transport::tcp);
  EXPECT_TRUE(read.value.access->remote.enabled);
}

TEST(Loader, WithNoPeersNamedOnlyTheNextHopMayConnect) {
  const auto read = load_text(least_text);
  ASSERT_TRUE(read.value.access);
  EXPECT_EQ(read.value.access->inside.peers, std::vector{*ip_prefix::parse("10.0.0.20")});
  const auto named =
    load_text(with(least_text, "5061\", transport: tcp}", "5061\", transport: tcp, peers: [10.0.1.0/24]}"));
  EXPECT_EQ(named.value.access->inside.peers, std::vector{*ip_prefix::parse("10.0.1.0/24")});
}

TEST(Loader, PathsStartAtTheFolderOfTheFile) {
  const auto read = load_text(with(least_text, "edge.key", "../keys/edge.key"));
  ASSERT_TRUE(read.value.access);
  EXPECT_EQ(read.value.access->outside.certificates[0].certificate, "/etc/sallyport/edge.pem");
  EXPECT_EQ(read.value.access->outside.certificates[0].key, "/etc/keys/edge.key");
  EXPECT_EQ(read.value.pool.secrets[0].name, "/etc/sallyport/pool.secret");
}

TEST(Loader, NamesAreFoldedToLowerCase) {
  const auto read = load_text(with(least_text, "[edge.example]", "[Edge.EXAMPLE, xn--Bcher-KVA.example]"));
  EXPECT_EQ(said(read.found), "");
  EXPECT_EQ(read.value.domains, (std::vector<std::string>{"edge.example", "xn--bcher-kva.example"}));
}

TEST(Loader, AnUnknownKeyIsAnErrorWithItsLineAndWhatItWasMeantToBe) {
  EXPECT_EQ(said(load_text(with(least_text, "domains", "domians")).found),
            ":1:1: domains: is missing\n"
            ":7:1: unknown key 'domians', did you mean 'domains'?\n");
  EXPECT_EQ(said(load_text(with(least_text, "{name: edge1}", "{name: edge1, colour: red}")).found),
            ":2:21: node: unknown key 'colour'\n");
}

TEST(Loader, AKeyOfBeforeIsAnErrorThatNamesWhatHasTakenItsPlace) {
  const auto found = [](std::string_view name) {
    return said(load_text(std::string{least_text} + "limits: {" + std::string{name} + ": none}\n").found);
  };
  EXPECT_EQ(found("unauthorized_answers_per_source"),
            ":16:10: limits: unknown key 'unauthorized_answers_per_source', whose place "
            "'unproved_answer_bytes_per_source' has taken (see CHANGELOG.md)\n");
  for (const auto& former : former_keys) {
    EXPECT_THAT(found(former.name), HasSubstr("unknown key"));
    EXPECT_THAT(found(former.now), Not(HasSubstr("unknown key")));
  }
}

TEST(Loader, EveryRequiredKeyIsMissedByItsPath) {
  const auto missed = said(load_text("{}").found);
  for (const auto* key : {"version", "node", "services", "pool", "domains", "outside", "inside"})
    EXPECT_THAT(missed, HasSubstr(std::string{":1:1: "} + key + ": is missing\n"));
  const auto inner = said(load_text("services: [access]\nnode:\npool:\naccess:\n  outside:\n").found);
  for (const auto* key : {"2:1: node.name", "3:1: pool.name", "3:1: pool.secrets", "5:3: access.outside.listen",
                          "5:3: access.outside.certificates", "4:1: access.inside", "4:1: access.next_hop"})
    EXPECT_THAT(inner, HasSubstr(std::string{":"} + key + ": is missing\n"));
}

TEST(Loader, AllProblemsAreFoundAtOnce) {
  auto text = with(least_text, "192.0.2.10:443", "192.0.2.10:99999");
  text = with(text, "192.0.2.10}", "any}");
  text = with(text, "version: 1", "version: 2");
  text = with(text, "transport: tcp}", "transport: udp}");
  EXPECT_EQ(said(load_text(text).found),
            ":1:10: version: must be 1, the only version there is\n"
            ":8:20: outside.address: 'any' is not an IP address\n"
            ":12:14: access.outside.listen[0]: '192.0.2.10:99999' is not an address and port such as 192.0.2.1:5061 or "
            "[2001:db8::1]:5061\n"
            ":14:49: access.inside.transport: 'udp' is not one of tls, tcp\n");
}

TEST(Loader, AnAddressThatIsNotOfOneHostIsRefused) {
  for (const auto* address : {"0.0.0.0", "::", "224.0.0.1", "255.255.255.255", "ff02::1"})
    EXPECT_THAT(said(load_text(with(least_text, "192.0.2.10}", "'" + std::string{address} + "'}")).found),
                HasSubstr("is not the address of one host"))
      << address;
  EXPECT_THAT(said(load_text(with(least_text, "192.0.2.10:443", "0.0.0.0:443")).found),
              HasSubstr("does not name the address of one host"));
  EXPECT_THAT(said(load_text(with(least_text, "192.0.2.10:443", "192.0.2.10:0")).found),
              HasSubstr("is not an address"));
}

TEST(Loader, AWrongKindOfValueIsSaidPlainly) {
  const auto problem_of = [](std::string_view from, std::string_view to) {
    return said(load_text(with(least_text, from, to)).found);
  };
  EXPECT_EQ(problem_of("node: {name: edge1}", "node: edge1"), ":2:7: node: must be a section of keys\n");
  EXPECT_EQ(problem_of("{name: edge1}", "{name: [edge1]}"),
            ":2:8: node.name: must be a host name (letters, digits and hyphens between dots; A-labels for others)\n");
  EXPECT_THAT(problem_of("{name: edge1}", "{name: }"), HasSubstr("node.name: has no value; it must be a host name"));
  EXPECT_THAT(problem_of("[edge.example]", "edge.example"), HasSubstr("domains: must be a list\n"));
  EXPECT_THAT(problem_of("[edge.example]", "[]"), HasSubstr("domains: must not be empty\n"));
  EXPECT_THAT(problem_of("[edge.example]", "[edge.example, bücher.example]"),
              HasSubstr("domains[1]: 'bücher.example'"));
  EXPECT_THAT(problem_of("192.0.2.10}", "192.0.2.10, nat: yes}"),
              HasSubstr("outside.nat: 'yes' is not one of true, false"));
}

struct list_limit {
  const char* from;
  const char* item;
  std::size_t items_max;
  const char* path;
};

class LoaderLists : public testing::TestWithParam<list_limit> {};

TEST_P(LoaderLists, HoldAsManyAsTheirLimitAndNotOneMore) {
  const auto& [from, item, items_max, path] = GetParam();
  std::string items = item;
  for (std::size_t i = 1; i < items_max; ++i)
    items.append(", ").append(item);
  const auto text_of = [&](const std::string& list) { return with(least_text, from, "[" + list + "]"); };
  EXPECT_EQ(said(load_text(text_of(items)).found), "");
  EXPECT_THAT(said(load_text(text_of(items + ", " + item)).found),
              HasSubstr(path + (": holds " + std::to_string(items_max + 1)) + " values, the limit is " +
                        std::to_string(items_max)));
}

INSTANTIATE_TEST_SUITE_P(
  All, LoaderLists,
  testing::Values(list_limit{"[edge.example]", "edge.example", domains_max, "domains"},
                  list_limit{"[{file: pool.secret}]", "{file: pool.secret}", secrets_max, "pool.secrets"},
                  list_limit{"[\"192.0.2.10:443\"]", "'192.0.2.10:443'", listeners_max, "access.outside.listen"},
                  list_limit{"[{certificate: edge.pem, key: edge.key}]", "{certificate: edge.pem, key: edge.key}",
                             certificates_max, "access.outside.certificates"}));

struct bound {
  const char* key;
  const char* least;
  const char* most;
  const char* under;
  const char* over;
};

class LoaderBounds : public testing::TestWithParam<bound> {};

TEST_P(LoaderBounds, AreKeptAtBothEnds) {
  const auto& [key, least, most, under, over] = GetParam();
  const auto problem_of = [&](const char* value) {
    return said(load_text(std::string{least_text} + "limits: {" + key + ": " + value + "}\n").found);
  };
  EXPECT_EQ(problem_of(least), "");
  EXPECT_EQ(problem_of(most), "");
  EXPECT_THAT(problem_of(under), HasSubstr("is out of range: it must be"));
  EXPECT_THAT(problem_of(over), HasSubstr("is out of range: it must be"));
  EXPECT_THAT(problem_of("much"), HasSubstr(std::string{"limits."} + key + ": 'much' is not"));
}

constexpr bound limit_bounds[]{
  {"connections_max", "1", "1000000", "0", "1000001"},
  {"connections_per_source_max", "1", "1000000", "0", "1000001"},
  {"unproved_bytes_per_source_max", "64KiB", "1024MiB", "65535", "1073741825"},
  {"connection_rate_per_source", "1/s", "100000/s", "0/s", "100001/s"},
  {"handshake_timeout", "100ms", "1m", "99ms", "60001ms"},
  {"protocol_timeout", "100ms", "1m", "99ms", "60001ms"},
  {"proof_timeout", "1s", "1h", "999ms", "3601s"},
  {"message_timeout", "100ms", "1m", "99ms", "60001ms"},
  {"connect_timeout", "100ms", "1m", "99ms", "60001ms"},
  {"idle_timeout", "1s", "24h", "999ms", "86401s"},
  {"write_queue_max", "64KiB", "16MiB", "65535", "16777217"},
  {"unproved_queue_max", "4KiB", "16MiB", "4095", "16777217"},
  {"proved_reserve", "1", "90", "0", "91"},
  {"message_head_max", "1KiB", "60KiB", "1023", "61441"},
  {"message_body_max", "1KiB", "1MiB", "1023", "1048577"},
  {"headers_max", "16", "255", "15", "256"},
  {"message_rate_per_connection", "1/s", "100000/s", "0/s", "100001/s"},
  {"flows_per_user_max", "1", "100000", "0", "100001"},
  {"unproved_transactions_max", "1", "10000", "0", "10001"},
  {"unproved_sessions_max", "1", "10000", "0", "10001"},
  {"transactions_max", "1", "10000000", "0", "10000001"},
  {"sessions_max", "1", "10000000", "0", "10000001"},
  {"events_per_session_max", "8", "4096", "7", "4097"},
  {"lane_inbox_max", "64", "1000000", "63", "1000001"},
  {"lane_inbox_bytes_max", "1MiB", "4096MiB", "1048575", "4294967297"},
  {"next_hop_queue_max", "2MiB", "256MiB", "2097151", "268435457"},
  {"timer_c", "181s", "1h", "180s", "3601s"},
  {"dialog_lifetime", "1m", "720h", "59s", "721h"},
  {"allocations_max", "1", "1000000", "0", "1000001"},
  {"allocations_per_user_max", "1", "1000000", "0", "1000001"},
  {"permissions_per_allocation_max", "1", "1024", "0", "1025"},
  {"channels_per_allocation_max", "1", "1024", "0", "1025"},
  {"allocation_lifetime", "1s", "1h", "999ms", "3601s"},
  {"allocation_lifetime_max", "1s", "24h", "999ms", "86401s"},
  {"nonce_lifetime", "1s", "1h", "999ms", "3601s"},
  {"unproved_answer_bytes_per_source", "1000/s", "10000000/s", "999/s", "10000001/s"},
  {"relay_port_cooldown", "1s", "1h", "999ms", "3601s"},
  {"turn_requests_in_flight_max", "8", "1000000", "7", "1000001"},
};

INSTANTIATE_TEST_SUITE_P(Limits, LoaderBounds, testing::ValuesIn(limit_bounds),
                         [](const auto& each) { return std::string{each.param.key}; });

TEST(Loader, PeersLanesAndNodesHaveTheirLimitsToo) {
  const auto with_peers = [](std::size_t count) {
    std::string peers = "10.0.0.1";
    for (std::size_t i = 1; i < count; ++i)
      peers += ", 10.0.0.1";
    return said(load_text(with(least_text, "transport: tcp}", "transport: tcp, peers: [" + peers + "]}")).found);
  };
  EXPECT_EQ(with_peers(peers_max), "");
  EXPECT_THAT(with_peers(peers_max + 1), HasSubstr("access.inside.peers: holds 257 values, the limit is 256"));
  const auto changed = [](std::string_view from, std::string_view to) {
    return said(load_text(with(least_text, from, to)).found);
  };
  EXPECT_EQ(changed("edge1}", "edge1, lanes: 128}"), "");
  EXPECT_THAT(changed("edge1}", "edge1, lanes: 129}"), HasSubstr("it must be a number from 0 to 128"));
  EXPECT_EQ(changed("pool:\n", "pool:\n  nodes: 32\n"), "");
  EXPECT_THAT(changed("pool:\n", "pool:\n  nodes: 33\n"), HasSubstr("it must be a number from 1 to 32"));
}

TEST(Loader, NestedLimitsAreReadToo) {
  const auto read = load_text(std::string{least_text} + "limits: {restart_intensity: {restarts: 3, within: 5s}}\n");
  EXPECT_EQ(said(read.found), "");
  EXPECT_EQ(read.value.limits.restart_intensity, (restart_intensity{3, 5s}));
  EXPECT_THAT(said(load_text(std::string{least_text} + "limits: {restart_intensity: {restarts: 0}}\n").found),
              HasSubstr("limits.restart_intensity.restarts: '0' is out of range"));
}

TEST(Loader, ASecretInTheFileIsRefusedAndNeverShown) {
  for (const auto* literal :
       {"[c2VjcmV0]", "c2VjcmV0", "[{value: c2VjcmV0}]", "[{c2VjcmV0: }]", "{c2VjcmV0: x}", "[[c2VjcmV0]]",
        "[{file: a, c2VjcmV0: b}]", "[{env: c2VjcmV0==}]", "[{file: [c2VjcmV0]}]"}) {
    const auto found = load_text(with(least_text, "[{file: pool.secret}]", literal)).found;
    EXPECT_FALSE(found.empty()) << literal;
    EXPECT_THAT(said(found), Not(HasSubstr("c2VjcmV0"))) << literal;
    EXPECT_THAT(said(found), HasSubstr(":6:")) << literal;
  }
  EXPECT_THAT(
    said(load_text(with(least_text, "[{file: pool.secret}]", "[c2VjcmV0]")).found),
    HasSubstr("pool.secrets[0]: must be 'file: PATH' or 'env: NAME', one of them: a secret is never written"));
}

TEST(Loader, AKeyPastedInPlaceOfItsFileIsNotShown) {
  const auto found = load_text(with(least_text, "key: edge.key", "key: \"-----BEGIN PRIVATE KEY-----\\nMIIE\"")).found;
  EXPECT_EQ(said(found), ":13:49: access.outside.certificates[0].key: must be the path of a file, not what is in it\n");
}

TEST(Loader, AVariableOfASecretMustNotLookLikeAnOverride) {
  EXPECT_EQ(said(load_text(with(least_text, "file: pool.secret", "env: EDGE_SECRET")).found), "");
  EXPECT_THAT(said(load_text(with(least_text, "file: pool.secret", "env: SALLYPORT_SECRET")).found),
              HasSubstr("names that begin with SALLYPORT_ override keys"));
}

TEST(Loader, MalformedYamlIsTheOnlyProblemSaid) {
  const auto found = load_text(with(least_text, "{name: edge1}", "{name: edge1")).found;
  ASSERT_EQ(found.size(), 1u);
  EXPECT_GT(found[0].where.line, 0u);
  EXPECT_EQ(load_text("").found.size(), 1u);
  EXPECT_EQ(said(load_text("hello").found), ":1:1: must be a section of keys\n");
}

TEST(Loader, CollectsSoManyProblemsAndNoMore) {
  std::string text = "domains: [" + std::string{"-"};
  for (std::size_t i = 1; i < domains_max; ++i)
    text += ", '-'";
  text += "]\n";
  for (std::size_t i = 0; i < problems_max; ++i)
    if (i + 1 < section_keys_max)
      text += "unknown" + std::to_string(i) + ": 1\n";
  EXPECT_EQ(load_text(text).found.size(), problems_max);
}

} // namespace sallyport::config
