"""Holds descriptors against the JSON Schema of the language, with a validator that is not ours.

usage: descriptors.py SCHEMA FOLDER...

Good descriptors must be valid: all files of FOLDERs but those of a folder `fail`. Of the broken ones in
`fail`, those must be invalid of which the generator says that a key, a kind or a word is wrong: what an
editor can see in one file without knowing what names mean.
"""

import json
import pathlib
import re
import sys

import jsonschema
from ruamel.yaml import YAML, YAMLError
from ruamel.yaml.constructor import SafeConstructor

# What the structure of a single file shows.
STRUCTURAL = {"unknown-key", "wrong-type", "unknown-value", "missing-key", "reserved-key", "reserved-value"}
# Here the same ids tell of what a schema does not know: what the text of a key or of a URL may be.
BEYOND = {"reserved-sign.yaml", "server-url.yaml"}
# Tables of edits, which are no descriptors.
TABLES = "diff"


def read(path):
    """A file of YAML 1.2, in which a date is a text."""
    reader = YAML(typ="safe", pure=True)
    reader.constructor.yaml_constructors["tag:yaml.org,2002:timestamp"] = SafeConstructor.construct_yaml_str
    return reader.load(path.read_text())


def ids(path):
    """The ids of errors that the generator is known to report for a broken descriptor."""
    expected = path.with_suffix(".expected") if path.is_file() else path.parent / (path.name + ".expected")
    return set(re.findall(r"error\[([a-z-]+)\]", expected.read_text()))


def main():
    schema = json.loads(pathlib.Path(sys.argv[1]).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    good = broken = 0
    wrong = []
    for folder in map(pathlib.Path, sys.argv[2:]):
        for path in sorted(folder.rglob("*.yaml")):
            if path.parent.name == TABLES:
                continue
            if "fail" in path.parts:
                if path.parent.name != "fail" or not ids(path) & STRUCTURAL or path.name in BEYOND:
                    continue
                try:
                    document = read(path)
                except YAMLError:
                    continue
                broken += 1
                if validator.is_valid(document):
                    wrong.append(f"{path}: valid, and the generator says {', '.join(ids(path))}")
            else:
                good += 1
                wrong += [
                    f"{path}: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
                    for error in validator.iter_errors(read(path))
                ]
    print("\n".join(wrong))
    if wrong or good < 40 or broken < 12:
        sys.exit(f"FAILED: {len(wrong)} of {good} good and {broken} broken descriptors")
    print(f"descriptors: {good} files are valid, {broken} broken ones are not")


main()
