"""Writes the tables of keys in docs/configuration.md, and its example: `sallyport schema | python3 docs/key_tables.py`.

A table stands between `<!-- keys: pool -->` and `<!-- end -->`; what stands there is made anew of the schema.
"""

import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
GUIDE = HERE / "configuration.md"
EXAMPLE = HERE.parent / "config" / "example.yaml"


def sections(schema):
    """The schema's properties, those of a service's section taken from where they are judged."""
    whole = dict(schema["properties"])
    for rule in schema.get("allOf", []):
        whole.update(rule["then"]["properties"])
    return whole


def rows(path, key, is_required):
    """(path, schema of the key, whether it must be there) of what an operator writes, in the order of the tables. A
    section has a row where leaving it out means something."""
    below = key.get("items", key)
    if "properties" not in below or "items" in key or "x-default" in key:
        yield path, key, is_required
    for name, child in below.get("properties", {}).items():
        yield from rows(f"{path}.{name}" if path else name, child, name in below.get("required", []))


def as_written(value):
    return json.dumps(value) if isinstance(value, (bool, int)) else value


def default_of(key, is_required):
    if is_required:
        return "*required*"
    if "default" in key:
        return f"`{as_written(key['default'])}`"
    return key.get("x-default", "")


def range_of(key):
    if "x-least" in key:
        return f"{key['x-least']} to {key['x-most']}"
    if "minimum" in key:
        return f"{key['minimum']} to {key['maximum']}"
    return f"{key['minItems']} to {key['maxItems']} of them" if "maxItems" in key else ""


COLUMNS = {
    "key": lambda path, key, is_required: f"`{path}`",
    "default": lambda path, key, is_required: default_of(key, is_required),
    "from, to": lambda path, key, is_required: range_of(key),
    "renewed by": lambda path, key, is_required: "SIGHUP" if key.get("x-renewed-by") == "SIGHUP" else "",
    "meaning": lambda path, key, is_required: key["description"],
    "left as it is": lambda path, key, is_required: key.get("x-risk", ""),
}


def table(names, schema):
    """The keys of some sections. A column in which nothing would stand is left out."""
    known = sections(schema)
    found = list(rows("", {"properties": {name: known[name] for name in names}, "required": schema["required"]}, True))
    cells = {title: [cell(*row) for row in found] for title, cell in COLUMNS.items()}
    cells = {title: column for title, column in cells.items() if any(column)}
    lines = [list(cells), ["---"] * len(cells), *zip(*cells.values())]
    return "\n".join(re.sub(" +", " ", "| " + " | ".join(line) + " |") for line in lines)


def render(guide, schema, example):
    guide = re.sub(r"(?<=<!-- keys: )([a-z ]+)( -->\n).*?(?=<!-- end -->)",
                   lambda at: f"{at[1]}{at[2]}\n{table(at[1].split(), schema)}\n\n",
                   guide, flags=re.DOTALL)
    return re.sub(r"(?<=<!-- example -->\n```yaml\n).*?(?=```\n)", lambda _: example, guide, flags=re.DOTALL)


if __name__ == "__main__":
    GUIDE.write_text(render(GUIDE.read_text(), json.load(sys.stdin), EXAMPLE.read_text()))
