#!/usr/bin/env python3
"""Compares images byte for byte: what the first holds must be in the second.

    same_image.py EXPECTED ACTUAL
    same_image.py --unpacked [--platform linux/amd64] EXPECTED ACTUAL

Without options both are OCI layouts: begins at the one descriptor in EXPECTED's index.json, which
ACTUAL's must name too, and follows manifests, configs and layers. Prints the number of blobs compared.

With `--unpacked` the image went through a client that keeps layers unpacked and packs them anew: ACTUAL
is a layout, or an archive as `docker save` writes it; manifests and compression may differ, but not the
bytes of the config, nor what any layer unpacks to. Of an index it takes the image for the platform.
Prints the number of layers compared.

Fails at the first thing that differs.
"""

import argparse
import gzip
import hashlib
import json
import pathlib
import subprocess
import sys
import tarfile

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"


def tops(layout):
    return [entry["digest"] for entry in json.loads((layout / "index.json").read_text())["manifests"]]


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


def compare_blobs(expected, actual):
    start, *more = tops(expected)
    if more:
        sys.exit(f"{expected}: more than one entry in index.json")
    if start not in tops(actual):
        sys.exit(f"{actual}: holds {tops(actual)}, not {start}")
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
    return len(done)


def plain(content):
    if content.startswith(GZIP):
        return gzip.decompress(content)
    if content.startswith(ZSTD):
        return subprocess.run(["zstd", "-q", "-d", "-c"], input=content, stdout=subprocess.PIPE, check=True).stdout
    return content


def from_layout(layout, platform):
    """The config, and the hash of what each layer unpacks to."""
    [start] = tops(layout)
    document = json.loads(blob(layout, start))
    if "manifests" in document:
        system, architecture = platform.split("/")
        [start] = [entry["digest"] for entry in document["manifests"]
                   if (entry["platform"]["os"], entry["platform"]["architecture"]) == (system, architecture)]
        document = json.loads(blob(layout, start))
    layers = [hashlib.sha256(plain(blob(layout, part["digest"]))).hexdigest() for part in document["layers"]]
    return blob(layout, document["config"]["digest"]), layers


def from_archive(path):
    """The same of an archive; a layer that is there twice may be a link to the first."""
    with tarfile.open(path) as tar:
        [entry] = json.load(tar.extractfile("manifest.json"))
        layers = []
        for name in entry["Layers"]:
            with tar.extractfile(name) as content:
                layers.append(hashlib.file_digest(content, "sha256").hexdigest())
        return tar.extractfile(entry["Config"]).read(), layers


def compare_unpacked(expected, actual, platform):
    config, layers = from_layout(expected, platform)
    found_config, found_layers = (from_layout(actual, platform) if actual.is_dir() else from_archive(actual))
    if found_config != config:
        sys.exit(f"{actual}: another config: {found_config!r}, not {config!r}")
    if found_layers != layers:
        sys.exit(f"{actual}: other layers: {found_layers}, not {layers}")
    if layers != [digest.removeprefix("sha256:") for digest in json.loads(config)["rootfs"]["diff_ids"]]:
        sys.exit(f"{expected}: the config names other layers")
    return len(layers)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--unpacked", action="store_true")
    parser.add_argument("--platform", default="linux/amd64")
    parser.add_argument("expected", type=pathlib.Path)
    parser.add_argument("actual", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.unpacked:
        print(compare_unpacked(arguments.expected, arguments.actual, arguments.platform))
    else:
        print(compare_blobs(arguments.expected, arguments.actual))


if __name__ == "__main__":
    main()
