"""`sallyport schema` says of every key what `check` does, and the guide says what the schema does."""

import copy
import json
import os
import pathlib
import re
import subprocess
import sys

import jsonschema
import pytest
import yaml

SOURCE = pathlib.Path(os.environ.get("SALLYPORT_SOURCE", "."))
PROGRAM = os.environ.get("SALLYPORT_BINARY", "sallyport")
EXAMPLE = SOURCE / "config" / "example.yaml"

sys.path.insert(0, str(SOURCE / "docs"))
import key_tables  # noqa: E402

UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000,
         "": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "/s": 1}


def read_schema():
    done = subprocess.run([PROGRAM, "schema"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and not done.stderr, done
    return json.loads(done.stdout)


# Each is a test of its own, so they are known before any runs. Without a program, conftest.py says what is missing.
SCHEMA = read_schema() if os.access(PROGRAM, os.X_OK) else {"properties": {}, "required": []}
KEYS = {path: (key, is_required)
        for path, key, is_required in key_tables.rows("", {**SCHEMA, "properties": key_tables.sections(SCHEMA)}, True)}
SECTIONS = sorted({path.rsplit(".", 1)[0] for path in KEYS if "." in path})


@pytest.fixture(scope="module")
def example():
    return yaml.safe_load(EXAMPLE.read_text())


def place(tree, path):
    """The section that holds the key at the end of `path`, of a list the first, and the key's name."""
    *above, name = path.split(".")
    for step in above:
        tree = tree[step]
        tree = tree[0] if isinstance(tree, list) else tree
    return tree, name


def has_key(tree, path):
    section, name = place(tree, path)
    return name in section


def refusals(tmp_path, tree):
    """What `check` prints of a configuration; files that are not there are no matter here."""
    file = tmp_path / "edge.yaml"
    file.write_text(json.dumps(tree))  # Which is YAML.
    return subprocess.run([PROGRAM, "check", file], capture_output=True, text=True, timeout=30).stderr


def takes(tree):
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(tree)


def test_the_schema_is_one_and_takes_the_example(example):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(example)


def test_a_schema_that_cannot_be_written_is_said():
    with open("/dev/full", "w") as full:
        assert subprocess.run([PROGRAM, "schema"], stdout=full, timeout=30).returncode == os.EX_IOERR


def test_the_guide_has_the_tables_and_the_example():
    guide = key_tables.GUIDE.read_text()

    assert guide == key_tables.render(guide, SCHEMA, EXAMPLE.read_text()), "run `make key-tables`"
    assert all(f"| `{path}` |" in guide for path in KEYS)


@pytest.mark.parametrize("path", [path for path in KEYS if not path.startswith(("pool.secrets.", "av.secrets."))])
def test_the_example_has_every_key(example, path):
    assert has_key(example, path)


@pytest.mark.parametrize("path", [path for path, (key, _) in KEYS.items() if "default" in key])
def test_the_example_shows_every_default(example, path):
    section, name = place(example, path)

    assert number_of(section[name]) == number_of(KEYS[path][0]["default"])


def number_of(text):
    """A number with a unit as one without; anything else as it is."""
    if not isinstance(text, str):
        return text
    digits = text.rstrip("msh/KMGiB")
    return int(digits) * UNITS[text[len(digits):]] if digits.isdigit() else text


@pytest.mark.parametrize("path", [path for path, (_, is_required) in KEYS.items() if not is_required
                                  and ".secrets." not in path])
def test_what_need_not_be_said_has_a_default_and_the_risk_of_leaving_it(path):
    key, _ = KEYS[path]

    assert "default" in key or key.get("x-default")
    assert key.get("x-risk")


@pytest.mark.parametrize("path", [path for path, (_, is_required) in KEYS.items() if is_required])
def test_what_must_be_said_is_missed_by_both(example, tmp_path, path):
    tree = copy.deepcopy(example)
    section, name = place(tree, path)
    del section[name]

    assert not takes(tree)
    assert "is missing" in refusals(tmp_path, tree)


@pytest.mark.parametrize("path", [path for path in KEYS if path != "version" and not path.endswith((".file", ".env"))])
def test_every_key_is_read_by_what_runs(path):
    name = path.rsplit(".", 1)[-1]
    member = name.replace("_max", "_bytes_max"), name, f"{name}_max"
    sources = [file.read_text() for folder in ("actors", "policy") for file in (SOURCE / folder).rglob("*.cpp")]
    sources += [(SOURCE / file).read_text() for file in ("main.cpp", "config/validate.cpp", "config/turn_credentials.cpp")]

    assert any(re.search(rf"(\.|->)({'|'.join(member)})\b", text) for text in sources)


@pytest.mark.parametrize("path", SECTIONS)
def test_a_key_that_is_none_is_refused_by_both(example, tmp_path, path):
    tree = copy.deepcopy(example)
    section, _ = place(tree, path + ".x")
    section["furlongs"] = 1

    assert not takes(tree)
    told = refusals(tmp_path, tree)
    assert "unknown key 'furlongs'" in told or "secret is never written" in told


def past(text, step):
    """One more or less than `text`, in its unit or in the smallest."""
    digits = text.rstrip("msh/KMGiB")
    unit = text[len(digits):]
    smallest = {"m": "ms", "h": "ms", "s": "ms", "KiB": "", "MiB": "", "GiB": ""}.get(unit, unit)
    return f"{number_of(text) + step}{smallest}"


@pytest.mark.parametrize("path", [path for path, (key, _) in KEYS.items() if "x-least" in key or "minimum" in key])
def test_bounds_are_those_of_the_schema(example, tmp_path, path):
    key, _ = KEYS[path]
    is_count = key["type"] == "integer"
    least, most = (str(key["minimum"]), str(key["maximum"])) if is_count else (key["x-least"], key["x-most"])
    tree = copy.deepcopy(example)
    section, name = place(tree, path)
    refused = f"{path}: '{{}}' is out of range"

    for value in (least, most):
        section[name] = int(value) if is_count else value
        assert takes(tree)
        assert refused.format(value) not in refusals(tmp_path, tree)
    for value in (past(least, -1), past(most, 1)):
        section[name] = int(value) if value.lstrip("-").isdigit() else value
        told = refusals(tmp_path, tree)
        assert refused.format(value) in told or f"{path}: '{value}' is not a number" in told
        if is_count:
            assert not takes(tree)


@pytest.mark.parametrize("path", [path for path, (key, _) in KEYS.items() if "enum" in key or "boolean" == key.get("type")])
def test_words_are_those_of_the_schema(example, tmp_path, path):
    words = KEYS[path][0].get("enum", ["true", "false"])
    tree = copy.deepcopy(example)
    section, name = place(tree, path)
    section[name] = "furlong"

    assert not takes(tree)
    assert f"is not one of {', '.join(words)}" in refusals(tmp_path, tree)


def test_lists_are_as_long_as_the_schema_says(example, tmp_path):
    for path, (key, _) in KEYS.items():
        if "maxItems" not in key or path == "services":
            continue
        tree = copy.deepcopy(example)
        section, name = place(tree, path)
        section[name] = section[name][:1] * (key["maxItems"] + 1)

        assert not takes(tree)
        assert f"the limit is {key['maxItems']}" in refusals(tmp_path, tree), path


def test_a_section_of_a_service_that_is_not_run_may_be_unfinished(example, tmp_path):
    tree = copy.deepcopy(example)
    tree["services"] = ["access"]
    tree["av"] = {}

    assert takes(tree)
    assert "av." not in refusals(tmp_path, tree)
    del tree["av"], tree["access"]
    assert not takes(tree)
    assert "access: is missing" in refusals(tmp_path, tree)
