#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "policy/topology.hpp"

namespace sallyport::policy {

using config::service;
using config::service_set;
using config::site_kind;
using testing::ElementsAre;
using testing::HasSubstr;
using enum topology_rule;

namespace {

ip_address address(const char* text) {
  return *ip_address::parse(text);
}

/// A node that owns the public address it announces.
node_description plain_node(std::string name, service_set services = {service::access}) {
  return {std::move(name), services, address("192.0.2.10"), false, {address("192.0.2.10"), address("10.0.0.10")}};
}

std::vector<topology_rule> rules_broken(const pool_description& pool) {
  std::vector<topology_rule> rules;
  for (const auto& each : judge_topology(pool))
    rules.push_back(each.rule);
  return rules;
}

enum class nat { none, declared, not_held, private_address };

node_description node_behind(nat kind, std::string name, service_set services) {
  auto node = plain_node(std::move(name), services);
  if (kind == nat::declared)
    node.nat_declared = true;
  if (kind == nat::not_held)
    node.announced = address("203.0.113.5");
  if (kind == nat::private_address) {
    node.announced = address("10.1.0.10");
    node.local_addresses.push_back(node.announced);
  }
  return node;
}

service_set services_of(unsigned mask) {
  service_set services;
  for (const auto& row : config::service_table())
    if ((mask >> static_cast<unsigned>(row.which)) & 1U)
      services.insert(row.which);
  return services;
}

/// What the rule of the architecture says, written the other way round: from the table's columns, not from the pool.
std::vector<topology_rule> expected(std::size_t nodes, nat kind, service_set services, site_kind site, bool has_store) {
  std::vector<topology_rule> rules;
  if (nodes > 1 && kind != nat::none)
    rules.push_back(nat_in_pool);
  if (services.contains(service::av) && (kind == nat::declared || kind == nat::private_address))
    rules.push_back(announce_missing);
  if (site == site_kind::remote && services.contains(service::access))
    rules.push_back(remote_site);
  if (nodes > 1 && !has_store)
    rules.push_back(pool_without_store);
  return rules;
}

} // namespace

TEST(Topology, TheWholeTableOfNodesNatServicesSitesAndStores) {
  std::size_t rows = 0;
  for (std::size_t nodes = 1; nodes <= 3; ++nodes)
    for (const auto kind : {nat::none, nat::declared, nat::not_held, nat::private_address})
      for (std::size_t natted = 0; natted < nodes; ++natted)
        for (unsigned mask = 0; mask < 8; ++mask)
          for (const auto site : {site_kind::central, site_kind::remote})
            for (const bool has_store : {false, true})
              for (const bool is_known : {false, true}) {
                const auto services = services_of(mask);
                pool_description pool{.nodes = {}, .nodes_declared = nodes, .site = site, .shared_store = has_store};
                // Nodes that are declared and not yet known count like known ones.
                for (std::size_t i = 0; i < (is_known ? nodes : 1); ++i)
                  pool.nodes.push_back(
                    node_behind(!is_known || i == natted ? kind : nat::none, "edge" + std::to_string(i), services));
                EXPECT_EQ(rules_broken(pool), expected(nodes, kind, services, site, has_store))
                  << nodes << " nodes, nat " << int(kind) << ", services " << services.text();
                ++rows;
              }
  EXPECT_EQ(rows, 1'536u);
}

TEST(Topology, EveryMixOfServicesOverTwoAndThreeNodesIsRefusedUnlessTheyAreTheSame) {
  for (unsigned first = 0; first < 8; ++first)
    for (unsigned second = 0; second < 8; ++second)
      for (unsigned third = 0; third < 8; ++third) {
        const pool_description pool{.nodes = {plain_node("a", services_of(first)), plain_node("b", services_of(second)),
                                              plain_node("c", services_of(third))},
                                    .shared_store = true};
        const bool is_same = first == second && second == third;
        EXPECT_EQ(std::ranges::count(rules_broken(pool), services_differ), is_same ? 0 : 1);
      }
}

TEST(Topology, ARefusalNamesTheRuleTheNodesAndTheFields) {
  pool_description pool{.nodes = {plain_node("a"), node_behind(nat::not_held, "b", {service::access})},
                        .shared_store = true};
  const auto broken = judge_topology(pool);
  ASSERT_EQ(broken.size(), 1u);
  EXPECT_EQ(to_string(broken[0].rule), "nat-in-pool");
  EXPECT_THAT(broken[0].nodes, ElementsAre("b"));
  EXPECT_THAT(broken[0].fields, ElementsAre("outside.address", "outside.nat", "media.announce"));
  EXPECT_EQ(broken[0].sentence,
            "address translation (NAT) is allowed for a pool of one node only, and this one has 2; node 'b' is behind "
            "address translation: it announces 203.0.113.5, which none of its interfaces holds");
}

TEST(Topology, AnExpandedLayoutNamesTheNodesThatDiffer) {
  const pool_description pool{
    .nodes = {plain_node("a", {service::access}), plain_node("b", {service::av}), plain_node("c", {service::access})},
    .shared_store = true};
  const auto broken = judge_topology(pool);
  ASSERT_EQ(broken.size(), 1u);
  EXPECT_EQ(broken[0].rule, services_differ);
  EXPECT_THAT(broken[0].nodes, ElementsAre("b"));
  EXPECT_THAT(broken[0].sentence, HasSubstr("'a' (access)"));
}

TEST(Topology, APoolHasAtMost32Nodes) {
  pool_description pool{.nodes = {plain_node("a")}, .nodes_declared = 32, .shared_store = true};
  EXPECT_THAT(rules_broken(pool), ElementsAre());
  pool.nodes_declared = 33;
  EXPECT_THAT(rules_broken(pool), ElementsAre(pool_too_large));
}

TEST(NatEvidence, IsObservedNotOnlyDeclared) {
  auto node = plain_node("a");
  EXPECT_EQ(nat_evidence(node, true), "");
  node.local_addresses = {address("10.0.0.10")};
  EXPECT_THAT(nat_evidence(node, true), HasSubstr("none of its interfaces holds"));
  // What is observed stands whatever is declared.
  node.nat_declared = false;
  EXPECT_NE(nat_evidence(node, false), "");
}

TEST(NatEvidence, DeclaringItCanOnlyAdd) {
  auto node = plain_node("a");
  node.nat_declared = true;
  EXPECT_EQ(nat_evidence(node, true), "outside.nat says so");
  EXPECT_EQ(nat_evidence(node, false), "outside.nat says so");
}

TEST(NatEvidence, PrivateCgnatAndUlaAddressesCountOnlyWhereClientsArePublic) {
  for (const auto* text : {"10.1.0.10", "172.16.0.1", "192.168.0.1", "100.64.0.1", "fd00::1"}) {
    auto node = plain_node("a");
    node.announced = address(text);
    node.local_addresses = {node.announced};
    EXPECT_THAT(nat_evidence(node, true), HasSubstr("no client on the internet can reach")) << text;
    EXPECT_EQ(nat_evidence(node, false), "") << text;
  }
}

TEST(NatEvidence, AnAnnouncedPublicAddressServesASingleNodeWithMedia) {
  const pool_description pool{.nodes = {node_behind(nat::not_held, "a", {service::av})}};
  EXPECT_THAT(rules_broken(pool), ElementsAre());
}

TEST(Describe, TakesWhatTheConfigurationSaysAndWhatTheHostHolds) {
  config::model value;
  value.node.name = "edge1";
  value.services = {service::access};
  value.pool.nodes = 3;
  value.pool.site = site_kind::remote;
  value.outside = {address("192.0.2.10"), true};
  auto pool = describe(value, {address("192.0.2.10")});
  ASSERT_EQ(pool.nodes.size(), 1u);
  EXPECT_EQ(pool.nodes[0].name, "edge1");
  EXPECT_EQ(pool.nodes[0].announced, address("192.0.2.10"));
  EXPECT_TRUE(pool.nodes[0].nat_declared);
  EXPECT_EQ(pool.nodes_declared, 3u);
  EXPECT_EQ(pool.site, site_kind::remote);
  EXPECT_TRUE(pool.outside_clients_public);

  value.media.announce = address("203.0.113.5");
  value.outside.address = address("127.0.0.1");
  pool = describe(value, {});
  EXPECT_EQ(pool.nodes[0].announced, address("203.0.113.5"));
  EXPECT_FALSE(pool.outside_clients_public);
}

} // namespace sallyport::policy
