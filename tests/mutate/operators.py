"""What may be changed in a source so that a test should notice. Pure: text in, mutations out.

The sources are formatted, and the operators rely on it: a comparison has spaces around it and a template's bracket has
none, a statement that fits stands on one line.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    operator: str
    begin: int  # In the text.
    end: int
    new: str

    def apply(self, text):
        return text[:self.begin] + self.new + text[self.end:]

    def line(self, text):
        return text.count("\n", 0, self.begin) + 1

    def shown(self, text):
        """The lines that it touches, before and after."""
        first = text.rfind("\n", 0, self.begin) + 1
        last = text.find("\n", self.end)
        last = len(text) if last < 0 else last
        old = text[first:last]
        new = text[first:self.begin] + self.new + text[self.end:last]
        return " ".join(old.split()), " ".join(new.split())


# What is not code: comments, what quotes hold, the preprocessor's lines. A quote between digits is none.
NOT_CODE = re.compile(r"""
    //[^\n]* | /\*.*?\*/
  | R"(?P<fence>[^()\s\\]*)\(.*?\)(?P=fence)"
  | "(?:[^"\\\n]|\\.)*"
  | (?<![0-9A-Fa-f])'(?:[^'\\\n]|\\.)+'
  | ^[ \t]*\#(?:[^\n\\]|\\.|\\\n)*
""", re.VERBOSE | re.DOTALL | re.MULTILINE)

# Calls that say something or check it, and do nothing else.
SAYS_OR_CHECKS = re.compile(r"\b(?:static_assert|assert|log::\w+|log\(\)\.\w+|log_\.\w+)\s*\(")


def code_of(text):
    """The text, of the same length, with blanks where nothing is to be changed; quotes stay."""
    def blank(match):
        kept = [" " if character != "\n" else "\n" for character in match[0]]
        if match[0][-1] in "\"'":
            kept[0] = kept[-1] = match[0][-1]
        return "".join(kept)
    code = NOT_CODE.sub(blank, text)
    for match in SAYS_OR_CHECKS.finditer(code):
        end = closing(code, match.end() - 1)
        code = code[:match.start()] + re.sub(r"[^\n]", " ", code[match.start():end]) + code[end:]
    return code


def closing(code, opening):
    """Past the parenthesis that closes the one at `opening`."""
    depth = 0
    for at in range(opening, len(code)):
        depth += {"(": 1, ")": -1}.get(code[at], 0)
        if depth == 0:
            return at + 1
    return len(code)


SWAPS = {  # operator: what becomes what; between two words or brackets, never beside a quote (strings are added too).
    "boundary": {"<": "<=", "<=": "<", ">": ">=", ">=": ">"},
    "equality": {"==": "!=", "!=": "=="},
    "logic": {"&&": "||", "||": "&&"},
    "arithmetic": {"+": "-", "-": "+", "+=": "-=", "-=": "+="},
}
NEGATED = re.compile(r"\bif (\()")
COUNTED = re.compile(r"(?<=[^\w\n])(\+\+|--)(?=\w)")
EXTREME = re.compile(r"\bstd::(min|max)\b")
CONSTANT = re.compile(r"(?<![\w.'])(\d[\d']*)(?:[uU]?)(?![\w.'])")  # Decimal and bare: no duration, no fraction.
RETURNED_BOOL = re.compile(r"\breturn (true|false);")
# Behind an `if` on the line before: without it, what follows is done too.
EARLY_RETURN = re.compile(r"\bif \([^\n]*\)\n +(return\b[^;{}\n]*(?:\{[^\n]*\})?;)\n")
# A call, an assignment or a count that fills its line. What declares is none: two words stand at its beginning.
STATEMENT = re.compile(r"(?<=[;{})\n])\n +((?!return\b|throw\b|else\b|co_)[\w:.\[\]*>()-]+?(?:\([^\n]*\)| [-+|&]?= [^\n]+);"
                       r"|(?:\+\+|--)[^\n;]+;)(?=\s)")


def swaps(code):
    for operator, table in SWAPS.items():
        tokens = "|".join(re.escape(token) for token in table)
        for match in re.finditer(rf'(?<=[^\s"]) ({tokens}) (?=[^\s"])', code):
            yield Mutation(operator, match.start(1), match.end(1), table[match[1]])


def negated_conditions(code):
    for match in NEGATED.finditer(code):
        end = closing(code, match.start(1))
        condition = code[match.start(1) + 1:end - 1]
        if ";" not in condition and not re.search(r"(?<![=!<>])= ", condition):  # It declares nothing.
            yield match.start(1), end


def mutations_of(text):
    """Every mutation of a source, in its order."""
    code = code_of(text)
    found = list(swaps(code))
    for begin, end in negated_conditions(code):
        found.append(Mutation("negated condition", begin, end, f"(!{text[begin:end]})"))
    for match in COUNTED.finditer(code):
        found.append(Mutation("count", match.start(1), match.end(1), "--" if match[1] == "++" else "++"))
    for match in EXTREME.finditer(code):
        found.append(Mutation("extreme", match.start(1), match.end(1), "max" if match[1] == "min" else "min"))
    for match in CONSTANT.finditer(code):
        found.append(Mutation("constant", match.start(1), match.end(1), str(int(match[1].replace("'", "")) + 1)))
    for match in RETURNED_BOOL.finditer(code):
        found.append(Mutation("returned bool", match.start(1), match.end(1), "false" if match[1] == "true" else "true"))
    for match in EARLY_RETURN.finditer(code):
        found.append(Mutation("early return", match.start(1), match.end(1), "{}"))
    for match in STATEMENT.finditer(code):
        found.append(Mutation("dropped statement", match.start(1), match.end(1), "{}"))
    return sorted(found, key=lambda each: (each.begin, each.operator))
