#include <gtest/gtest.h>

#include "config/tree.hpp"

namespace sallyport::config {

namespace {

/// The first thing said of `text`, or what it became.
std::string first_problem(std::string_view text) {
  problems found;
  const auto root = parse_tree(text, found);
  EXPECT_EQ(root.has_value(), found.empty());
  return found.empty() ? "" : render("", {found.front()});
}

std::string repeated(std::string_view piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i)
    text += piece;
  return text;
}

} // namespace

TEST(Tree, KeepsKeysValuesAndWhereTheyStand) {
  problems found;
  const auto root = parse_tree("node:\n  name: edge1\nlist: [a, 'no']\nempty:\n", found);
  ASSERT_TRUE(root);
  EXPECT_TRUE(found.empty());
  const auto* name = root->find("node")->find("name");
  EXPECT_EQ(name->text, "edge1");
  EXPECT_EQ(name->key_where, (position{2, 3, {}}));
  EXPECT_EQ(name->where, (position{2, 9, {}}));
  EXPECT_EQ(root->find("list")->children[1].text, "no");
  EXPECT_EQ(root->find("empty")->what, node::kind::null);
  EXPECT_EQ(root->find("absent"), nullptr);
}

TEST(Tree, AByteOrderMarkIsNoPartOfIt) {
  problems found;
  const auto root = parse_tree("\xEF\xBB\xBFversion: 1\n", found);
  ASSERT_TRUE(root);
  EXPECT_EQ(root->find("version")->text, "1");
}

TEST(Tree, MalformedYamlIsOneProblemWithItsLine) {
  EXPECT_EQ(first_problem("a: 1\nb: [1, 2\nc: 3\n").substr(0, 3), ":3:");
  EXPECT_EQ(first_problem("a: 1\n\tb: 2\n").substr(0, 3), ":2:");
  EXPECT_EQ(first_problem("a: 1\n  b: 2\n").substr(0, 3), ":2:");
}

TEST(Tree, NeedsExactlyOneDocument) {
  EXPECT_EQ(first_problem(""), ": the file is empty\n");
  EXPECT_EQ(first_problem("a: 1\n---\nb: 2\n"), ": the file holds more than one YAML document\n");
}

TEST(Tree, AnAliasIsRefusedBeforeItCanGrow) {
  EXPECT_EQ(first_problem("a: &x [1, 2]\nb: *x\n"), ":2:4: aliases are not used in this file: write the value out\n");
}

TEST(Tree, TagsAndKeysThatAreNotTextAreRefused) {
  EXPECT_EQ(first_problem("a: !!binary xyz\n"), ":1:4: tags are not used in this file\n");
  EXPECT_EQ(first_problem("? [a, b]\n: 1\n"), ":1:3: a key must be plain text\n");
  EXPECT_EQ(first_problem("~: 1\n"), ":1:1: a key must be plain text\n");
}

TEST(Tree, AKeyGivenTwiceIsRefusedAtItsSecondPlace) {
  problems found;
  static_cast<void>(parse_tree("a: 1\nb: 2\na: 3\n", found));
  EXPECT_EQ(render("", found), ":3:1: the key 'a' is given twice in one section\n");
}

TEST(Tree, WhatIsNotTextNeverReachesTheYamlLibrary) {
  EXPECT_EQ(first_problem(std::string_view{"a: 1\nb: \0\n", 10}), ":2:4: this is not UTF-8 text\n");
  EXPECT_EQ(first_problem("\xFF\xFE"
                          "a"),
            ":1:1: this is not UTF-8 text\n");
  EXPECT_EQ(first_problem("a: \"\\x1b[31m\"\n"), ":1:4: a value holds a control character\n");
}

TEST(Tree, NestsSoDeepAndNoDeeper) {
  const auto nested = [](std::size_t depth) { return repeated("[", depth) + "x" + repeated("]", depth); };
  EXPECT_EQ(first_problem(nested(tree_depth_max)), "");
  EXPECT_NE(first_problem(nested(tree_depth_max + 1)).find("nested deeper than 12"), std::string::npos);
  EXPECT_NE(first_problem(repeated("[", 100'000)), "");
  EXPECT_NE(first_problem(repeated("{a: ", 10'000)), "");
  EXPECT_NE(first_problem(repeated("- ", 10'000)), "");
}

TEST(Tree, HoldsSoManyValuesAndNoMore) {
  // The list itself counts.
  const auto list_of = [](std::size_t count) { return "[" + repeated("x, ", count) + "]"; };
  EXPECT_EQ(first_problem(list_of(tree_nodes_max - 1)), "");
  EXPECT_NE(first_problem(list_of(tree_nodes_max)).find("more than 20000 values"), std::string::npos);
}

TEST(Tree, ASectionHoldsSoManyKeysAndNoMore) {
  const auto section_of = [](std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
      text += "k" + std::to_string(i) + ": v\n";
    return text;
  };
  EXPECT_EQ(first_problem(section_of(section_keys_max)), "");
  EXPECT_NE(first_problem(section_of(section_keys_max + 1)).find("more than 200 keys"), std::string::npos);
}

TEST(Tree, AValueAndAFileHaveALargestSize) {
  EXPECT_EQ(first_problem("a: " + std::string(scalar_bytes_max, 'x')), "");
  EXPECT_NE(first_problem("a: " + std::string(scalar_bytes_max + 1, 'x')).find("longer than 4096"), std::string::npos);

  auto comment = "a: 1\n#" + std::string(file_bytes_max - 6, 'x');
  EXPECT_EQ(first_problem(comment), "");
  EXPECT_EQ(first_problem(comment + "x"), ": the file is larger than 1048576 bytes\n");
}

} // namespace sallyport::config
