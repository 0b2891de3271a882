#!/usr/bin/env python3
"""Moves an image between a layout and a registry by oras-py; used by oras_py.sh.

    oras_py.py push LAYOUT REFERENCE | pull REFERENCE LAYOUT | tags REPOSITORY | delete REFERENCE

Blobs go up by POST and PUT, those over 4 MiB in chunks with Content-Range, as oras-py does it for large
files.
"""

import hashlib
import json
import pathlib
import sys

import oras.container
import oras.provider

CHUNK = 4 << 20


class Client(oras.provider.Registry):
    """A client that moves manifests as they are: oras-py writes and reads them as JSON of its own."""

    def raw_manifest(self, container):
        headers = {"Accept": ", ".join([
            "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json",
            "application/vnd.docker.distribution.manifest.list.v2+json",
            "application/vnd.docker.distribution.manifest.v2+json"])}
        answer = self.do_request(f"{self.prefix}://{container.manifest_url()}", "GET", headers=headers)
        answer.raise_for_status()
        return answer.headers["Content-Type"], answer.content

    def put_raw_manifest(self, container, media_type, content):
        answer = self.do_request(f"{self.prefix}://{container.manifest_url()}", "PUT",
                                 headers={"Content-Type": media_type}, data=content)
        answer.raise_for_status()


def path_of(layout, digest):
    return layout / "blobs" / digest.replace(":", "/")


def parts(document):
    """The manifests that a manifest names, and its other descriptors."""
    blobs = document.get("layers", []) + ([document["config"]] if "config" in document else [])
    return document.get("manifests", []), blobs


def push(client, layout, reference):
    [top] = json.loads((layout / "index.json").read_text())["manifests"]

    def put(descriptor, name):
        content = path_of(layout, descriptor["digest"]).read_bytes()
        repository = oras.container.Container(name)
        manifests, blobs = parts(json.loads(content))
        for part in manifests:
            put(part, f"{reference.rpartition(':')[0]}@{part['digest']}")
        for part in blobs:
            answer = client.upload_blob(str(path_of(layout, part["digest"])), repository, part,
                                        do_chunked=part["size"] > CHUNK, chunk_size=CHUNK)
            answer.raise_for_status()
        client.put_raw_manifest(repository, descriptor["mediaType"], content)

    put(top, reference)


def pull(client, reference, layout):
    repository = oras.container.Container(reference)
    name = f"{repository.registry}/{repository.api_prefix}"

    def get(container):
        media_type, content = client.raw_manifest(container)
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        path_of(layout, digest).parent.mkdir(parents=True, exist_ok=True)
        path_of(layout, digest).write_bytes(content)
        manifests, blobs = parts(json.loads(content))
        for part in manifests:
            get(oras.container.Container(f"{name}@{part['digest']}"))
        for part in blobs:
            client.download_blob(container, part["digest"], str(path_of(layout, part["digest"])))
        return {"mediaType": media_type, "digest": digest, "size": len(content)}

    layout.mkdir(parents=True)
    top = get(repository)
    (layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [top]}))


def main():
    command, *arguments = sys.argv[1:]
    client = Client(insecure=True)
    if command == "push":
        push(client, pathlib.Path(arguments[0]), arguments[1])
    elif command == "pull":
        pull(client, arguments[0], pathlib.Path(arguments[1]))
    elif command == "tags":
        print(*client.get_tags(arguments[0]), sep="\n")
    elif command == "delete":
        repository, _, tag = arguments[0].rpartition(":")
        if not client.delete_tag(oras.container.Container(repository), tag):
            sys.exit(f"{arguments[0]}: not deleted")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
