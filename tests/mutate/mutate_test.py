#!/usr/bin/env python3
"""Tests the operators and the choice of mutate.py: what may be changed is, once each, and nothing else."""

import unittest

import mutate
import operators


def mutants(text, operator=None):
    """[(operator, mutated text)], or the texts of one operator alone."""
    all_of_them = [(each.operator, each.apply(text)) for each in operators.mutations_of(text)]
    return all_of_them if operator is None else [mutant for kind, mutant in all_of_them if kind == operator]


class Operators(unittest.TestCase):
    def test_a_boundary_moves_by_one(self):
        for old, new in [("<", "<="), ("<=", "<"), (">", ">="), (">=", ">")]:
            self.assertEqual(mutants(f"x = a {old} b;\n", "boundary"), [f"x = a {new} b;\n"])

    def test_equality_and_logic_turn_round(self):
        self.assertEqual(mutants("x = a == b;\n", "equality"), ["x = a != b;\n"])
        self.assertEqual(mutants("x = a && b || c;\n", "logic"), ["x = a || b || c;\n", "x = a && b && c;\n"])

    def test_sums_turn_into_differences_and_strings_are_not_summed(self):
        self.assertEqual(mutants("f(a + b);\n", "arithmetic"), ["f(a - b);\n"])
        self.assertEqual(mutants("  a += b;\n", "arithmetic"), ["  a -= b;\n"])
        self.assertEqual(mutants('f("a" + b + "c");\n', "arithmetic"), [])

    def test_counts_and_extremes_turn_round(self):
        self.assertEqual(mutants("  ++seen;\n", "count"), ["  --seen;\n"])
        self.assertEqual(mutants("  x = std::min(a, b);\n", "extreme"), ["  x = std::max(a, b);\n"])

    def test_a_condition_is_negated_whole(self):
        self.assertEqual(mutants("if (f(a) || !b)\n  g();\n", "negated condition"), ["if (!(f(a) || !b))\n  g();\n"])

    def test_a_condition_that_declares_is_not_negated(self):
        self.assertEqual(mutants("if (const auto* found = find(a))\n", "negated condition"), [])
        self.assertEqual(mutants("if (const auto a = f(); a)\n", "negated condition"), [])
        self.assertEqual(len(mutants("if (a == b)\n", "negated condition")), 1)

    def test_a_constant_is_off_by_one(self):
        self.assertEqual(mutants("f(9, 1'000, 7U);\n", "constant"),
                         ["f(10, 1'000, 7U);\n", "f(9, 1001, 7U);\n", "f(9, 1'000, 8U);\n"])

    def test_what_only_looks_like_a_constant_stays(self):
        self.assertEqual(mutants("f(0x10, 45s, 1.5, u8, is_v4, 100ms);\n", "constant"), [])

    def test_a_returned_bool_is_flipped(self):
        self.assertEqual(mutants("  return true;\n", "returned bool"), ["  return false;\n"])

    def test_an_early_return_is_removed_and_a_last_one_is_not(self):
        self.assertEqual(mutants("  if (a)\n    return {};\n  return b;\n", "early return"), ["  if (a)\n    {}\n  return b;\n"])

    def test_calls_assignments_and_counts_are_dropped(self):
        text = "{\n  a.f(b);\n  c_ = d;\n  ++e;\n  lane_.log().closed(x);\n}\n"
        self.assertEqual(mutants(text, "dropped statement"),
                         [text.replace(gone, "{}") for gone in ("a.f(b);", "c_ = d;", "++e;")])

    def test_declarations_returns_and_parts_of_statements_are_not_dropped(self):
        text = "{\n  const auto a = f(b);\n  std::string c(d);\n  return g(a);\n  f(a,\n    h(b));\n  throw x(y);\n}\n"
        self.assertEqual(mutants(text, "dropped statement"), [])

    def test_templates_and_references_are_no_comparisons(self):
        self.assertEqual(mutants("void f(std::vector<int>&& a, T&& b) noexcept;\n"), [])

    def test_what_is_not_code_is_left_alone(self):
        for text in ("// a < b, 7\n", "/* a == b\n 7 */\n", "#include <a/7.hpp>\n#define X a < b \\\n  7 == 8\n",
                     'f("a < b 7 \\" == 8");\n', "f('7', '\\'');\n", 'f(R"(a < b "7)");\n',
                     "static_assert(a < f(7));\n", "assert(a == b);\n", 'log::info("x", a + b, 7);\n',
                     "lane_.log().closed(a + b,\n  7);\n"):
            self.assertEqual(mutants(text), [], text)

    def test_code_beside_what_is_none_is_found_where_it_is(self):
        text = "// 'x\nf(1'000, 'a') < g(); // 3\nh(a < b);\n"
        self.assertEqual([(each.line(text), each.shown(text)) for each in operators.mutations_of(text)
                          if each.operator == "boundary"],
                         [(2, ("f(1'000, 'a') < g(); // 3", "f(1'000, 'a') <= g(); // 3")),
                          (3, ("h(a < b);", "h(a <= b);"))])


class Choice(unittest.TestCase):
    SOURCES = {"net/sip/a.cpp": "x = a < b + 7;\n" * 50, "policy/b.cpp": "x = c == d;\n" * 50, "actors/c.cpp": "x = c == d;\n"}

    def chosen(self, seed, count):
        return [next(order) for order in [mutate.in_order(self.SOURCES, seed)] for _ in range(count)]

    def test_a_seed_chooses_always_the_same(self):
        self.assertEqual(self.chosen(1, 40), self.chosen(1, 40))
        self.assertNotEqual(self.chosen(1, 40), self.chosen(2, 40))

    def test_folders_and_operators_take_turns_until_they_have_no_more(self):
        chosen = self.chosen(1, 61)
        self.assertEqual([sum(file.startswith(folder) for file, _ in chosen) for folder in ("net/sip", "policy", "actors")],
                         [30, 30, 1])
        kinds = [mutation.operator for file, mutation in chosen if file.startswith("net/sip")]
        self.assertEqual({kind: kinds.count(kind) for kind in kinds}, {"boundary": 10, "arithmetic": 10, "constant": 10})

    def test_every_source_of_the_tree_has_its_tests(self):
        self.assertTrue(all(mutate.folder_of(file) in mutate.TESTS for file in self.SOURCES))
        self.assertEqual(mutate.folder_of("actors/av/lane_allocations.cpp"), "actors")
        self.assertEqual(mutate.folder_of("net/io/lane.cpp"), "net/io")


class Changed(unittest.TestCase):
    def test_only_lines_of_the_diff_are_mutated(self):
        diff = "--- a/net/io/a.cpp\n+++ b/net/io/a.cpp\n@@ -1 +2 @@ f\n+x\n@@ -7,0 +9,2 @@\n+y\n+z\n@@ -20,3 +21,0 @@\n"
        self.assertEqual(mutate.changed_lines(diff), {"net/io/a.cpp": {2, 9, 10}})
        text = "a = b == c;\nd = e == f;\n"
        chosen = list(mutate.in_order({"net/io/a.cpp": text, "net/io/b.cpp": text}, 1, {"net/io/a.cpp": {2}}))
        self.assertEqual([(file, mutation.line(text)) for file, mutation in chosen], [("net/io/a.cpp", 2)])


if __name__ == "__main__":
    unittest.main()
