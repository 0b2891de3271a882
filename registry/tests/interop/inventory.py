#!/usr/bin/env python3
"""Reads everything that a registry has, and prints a line for each thing, sorted: two registries that
print the same have the same.

    inventory.py HOST:PORT

For each repository of the catalog its tags, each with its manifest and media type; then each manifest and
blob that can be reached from a tag, with its size. A manifest is read by HEAD and by GET, by tag and by
digest, which must agree; the bytes of everything must be what the digest says. What is named and not there
is printed as missing.
"""

import hashlib
import json
import re
import sys
import urllib.error
import urllib.request

ACCEPT = ", ".join([
    "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json"])
LONGEST = 60
PIECE = 1 << 20


class Missing(Exception):
    """The registry says that it has no such thing."""


class Registry:
    """One that answers without being asked for a name."""

    def __init__(self, address):
        self.base = f"http://{address}"

    def ask(self, path, method="GET"):
        request = urllib.request.Request(self.base + path, method=method, headers={"Accept": ACCEPT})
        try:
            return urllib.request.urlopen(request, timeout=LONGEST)
        except urllib.error.HTTPError as error:
            if error.code == 404:
                raise Missing(path) from error
            raise SystemExit(f"{method} {path}: {error}") from error

    def list(self, path, key):
        """All pages of a list."""
        found = []
        while path:
            with self.ask(path) as answer:
                found += json.load(answer)[key] or []
                following = re.match(r'<([^>]*)>; *rel="?next"?', answer.headers.get("Link", ""))
            path = following and re.sub(r"^https?://[^/]*", "", following[1])
        return found

    def manifest(self, name, reference):
        """A manifest's digest, media type and bytes."""
        path = f"/v2/{name}/manifests/{reference}"
        told = []
        for method in ("HEAD", "GET"):
            with self.ask(path, method) as answer:
                content = answer.read()
                told.append(tuple(answer.headers[key] for key in
                                  ("Docker-Content-Digest", "Content-Type", "Content-Length")))
        if told[0] != told[1] or told[0][2] != str(len(content)):
            sys.exit(f"{path}: HEAD says {told[0]}, GET says {told[1]}, there are {len(content)} bytes")
        digest, media_type, _ = told[0]
        check(path, digest, content)
        return digest, media_type, content

    def blob(self, name, digest):
        """A blob's size."""
        path = f"/v2/{name}/blobs/{digest}"
        hasher, size = hashlib.new(digest.split(":")[0]), 0
        with self.ask(path) as answer:
            while piece := answer.read(PIECE):
                hasher.update(piece)
                size += len(piece)
        if hasher.hexdigest() != digest.split(":")[1]:
            sys.exit(f"{path}: the bytes are not its own")
        return size


def check(path, digest, content):
    algorithm, encoded = digest.split(":")
    if hashlib.new(algorithm, content).hexdigest() != encoded:
        sys.exit(f"{path}: the bytes are not those of {digest}")


def reached(registry, name, start):
    """A line for each thing that a manifest leads to."""
    todo, done = [("manifest", start)], set()
    while todo:
        kind, digest = todo.pop()
        if digest in done:
            continue
        done.add(digest)
        try:
            if kind == "blob":
                yield f"{name} blob {digest} {registry.blob(name, digest)}"
                continue
            found, media_type, content = registry.manifest(name, digest)
        except Missing:
            yield f"{name} {kind} {digest} missing"
            continue
        if found != digest:
            sys.exit(f"{name}@{digest}: it says that it is {found}")
        yield f"{name} manifest {digest} {len(content)} {media_type}"
        document = json.loads(content)
        todo += [("manifest", part["digest"]) for part in document.get("manifests", [])]
        blobs = document.get("layers", []) + ([document["config"]] if "config" in document else [])
        todo += [("blob", part["digest"]) for part in blobs if not part.get("urls")]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    registry, lines = Registry(sys.argv[1]), set()
    for name in registry.list("/v2/_catalog", "repositories"):
        lines.add(f"{name} repository")
        try:
            tags = registry.list(f"/v2/{name}/tags/list", "tags")
        except Missing:
            continue
        for tag in tags:
            digest, media_type, _ = registry.manifest(name, tag)
            lines.add(f"{name} tag {tag} {digest} {media_type}")
            lines.update(reached(registry, name, digest))
    print(*sorted(lines), sep="\n")


if __name__ == "__main__":
    main()
