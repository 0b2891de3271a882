#!/usr/bin/env python3
"""Compares two OCI layouts byte for byte: what is named by the first must be in the second.

    same_image.py EXPECTED ACTUAL

Begins at the one descriptor in index.json, which must be the same in both, and follows manifests,
configs and layers. Prints the number of blobs compared; fails at the first that differs.
"""

import hashlib
import json
import pathlib
import sys


def top(layout):
    manifests = json.loads((layout / "index.json").read_text())["manifests"]
    if len(manifests) != 1:
        sys.exit(f"{layout}: {len(manifests)} entries in index.json, not 1")
    return manifests[0]["digest"]


def blob(layout, digest):
    algorithm, encoded = digest.split(":")
    path = layout / "blobs" / algorithm / encoded
    if not path.is_file():
        sys.exit(f"{layout}: {digest} is missing")
    content = path.read_bytes()
    if hashlib.new(algorithm, content).hexdigest() != encoded:
        sys.exit(f"{layout}: the bytes of {digest} are not its own")
    return content


def named(content):
    """The digests that a manifest or an index names; nothing for anything else."""
    try:
        document = json.loads(content)
    except ValueError:
        return []
    if not isinstance(document, dict) or document.get("schemaVersion") != 2:
        return []
    parts = document.get("manifests", []) + document.get("layers", [])
    if "config" in document:
        parts.append(document["config"])
    return [part["digest"] for part in parts]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    expected, actual = (pathlib.Path(argument) for argument in sys.argv[1:])
    start = top(expected)
    if top(actual) != start:
        sys.exit(f"{actual}: holds {top(actual)}, not {start}")
    todo, done = [start], set()
    while todo:
        digest = todo.pop()
        if digest in done:
            continue
        content = blob(expected, digest)
        if blob(actual, digest) != content:
            sys.exit(f"{actual}: {digest} differs")
        done.add(digest)
        todo.extend(named(content))
    print(len(done))


if __name__ == "__main__":
    main()
