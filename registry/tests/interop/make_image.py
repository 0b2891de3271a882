#!/usr/bin/env python3
"""Makes an OCI image layout from nothing, the same bytes on every run; prints the digest of its tag.

    make_image.py DIRECTORY [--kind KIND] [--tag v1] [--seed TEXT] [--layers N] [--layer-size BYTES] [--without-empty]

The kinds:

    index     an index of images for two platforms, which share their first layer as images do that are
              built from one base; each has N layers in all (the default)
    image     one image of N layers
    empty     one image with a layer, a layer without any file, and that one again
    zstd      one image whose layers are compressed by zstd
    stored    one image whose layers are gzip streams that compress nothing: large ones are made quickly
    docker    a Docker manifest list of images of schema 2
    artifact  an artifact with a file of text, one of no bytes (not `--without-empty`), and as its subject the image that the kind
              `image` makes of the same seed, layers and size (it is in the layout too, without a tag)

Another seed makes other bytes.
"""

import argparse
import dataclasses
import gzip
import hashlib
import io
import json
import pathlib
import random
import subprocess
import tarfile

OCI = "application/vnd.oci"
DOCKER = "application/vnd.docker"
INDEX = f"{OCI}.image.index.v1+json"
MANIFEST = f"{OCI}.image.manifest.v1+json"
PLATFORMS = [("linux", "amd64"), ("linux", "arm64")]
PIECE = 1 << 20


def deflated(plain):
    return gzip.compress(plain, mtime=0)


def stored(plain):
    return gzip.compress(plain, compresslevel=0, mtime=0)


def zstandard(plain):
    return subprocess.run(["zstd", "-q", "-c"], input=plain, stdout=subprocess.PIPE, check=True).stdout


@dataclasses.dataclass(frozen=True)
class Types:
    """The media types of a family of images, and how their layers are packed."""

    index: str
    manifest: str
    config: str
    layer: str
    pack: object


OCI_GZIP = Types(INDEX, MANIFEST, f"{OCI}.image.config.v1+json", f"{OCI}.image.layer.v1.tar+gzip", deflated)
OCI_STORED = dataclasses.replace(OCI_GZIP, pack=stored)
OCI_ZSTD = dataclasses.replace(OCI_GZIP, layer=f"{OCI}.image.layer.v1.tar+zstd", pack=zstandard)
SCHEMA_2 = Types(
    f"{DOCKER}.distribution.manifest.list.v2+json", f"{DOCKER}.distribution.manifest.v2+json",
    f"{DOCKER}.container.image.v1+json", f"{DOCKER}.image.rootfs.diff.tar.gzip", deflated)


class Layout:
    """A layout that is being written."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.blobs = self.root / "blobs" / "sha256"
        self.blobs.mkdir(parents=True, exist_ok=True)

    def blob(self, media_type, content):
        """Writes a blob and gives its descriptor."""
        digest = hashlib.sha256(content).hexdigest()
        (self.blobs / digest).write_bytes(content)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(content)}

    def json(self, media_type, document):
        return self.blob(media_type, json.dumps(document, indent=2, sort_keys=True).encode())

    def finish(self, descriptor, tag):
        """Names the descriptor by the tag, as the layout's only entry."""
        entry = descriptor | {"annotations": {"org.opencontainers.image.ref.name": tag}}
        (self.root / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
        (self.root / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')


def archive(seed, size):
    """An archive of one file; of none where there is no seed."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", bufsize=tarfile.BLOCKSIZE) as tar:
        if seed is not None:
            # In pieces: no more than 2^31 bits can be asked for at once.
            source = random.Random(seed)
            content = b"".join(source.randbytes(min(PIECE, size - done)) for done in range(0, size, PIECE))
            entry = tarfile.TarInfo(f"data/{hashlib.sha256(seed.encode()).hexdigest()[:12]}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return output.getvalue()


def image(layout, types, architecture, seeds, size):
    """Writes an image with a layer for each seed, and gives its descriptor."""
    plain = {seed: archive(seed, size) for seed in seeds}
    layers = {seed: layout.blob(types.layer, types.pack(content)) for seed, content in plain.items()}
    config = layout.json(types.config, {
        "architecture": architecture,
        "os": "linux",
        "config": {"Env": ["PATH=/bin"], "Cmd": ["/bin/true"]},
        "rootfs": {"type": "layers",
                   "diff_ids": ["sha256:" + hashlib.sha256(plain[seed]).hexdigest() for seed in seeds]},
        "history": [{"created_by": f"layer {n}"} for n, _ in enumerate(seeds)],
    })
    return layout.json(types.manifest, {
        "schemaVersion": 2,
        "mediaType": types.manifest,
        "config": config,
        "layers": [layers[seed] for seed in seeds],
    })


def index(layout, types, arguments):
    images = []
    for system, architecture in PLATFORMS:
        own = [f"{arguments.seed}/{architecture}/{n}" for n in range(1, arguments.layers)]
        made = image(layout, types, architecture, [f"{arguments.seed}/base"] + own, arguments.layer_size)
        images.append(made | {"platform": {"os": system, "architecture": architecture}})
    return layout.json(types.index, {"schemaVersion": 2, "mediaType": types.index, "manifests": images})


def one_image(layout, types, arguments):
    seeds = [f"{arguments.seed}/{n}" for n in range(arguments.layers)]
    return image(layout, types, "amd64", seeds, arguments.layer_size)


def artifact(layout, arguments):
    files = [layout.blob("text/plain", f"notes on {arguments.seed}\n".encode())]
    if not arguments.without_empty:
        files.append(layout.blob("application/octet-stream", b""))
    return layout.json(MANIFEST, {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": "application/vnd.example.notes",
        "config": layout.blob(f"{OCI}.empty.v1+json", b"{}"),
        "layers": files,
        "subject": one_image(layout, OCI_GZIP, arguments),
        "annotations": {"org.example.seed": arguments.seed},
    })


KINDS = {
    "index": lambda layout, arguments: index(layout, OCI_GZIP, arguments),
    "image": lambda layout, arguments: one_image(layout, OCI_GZIP, arguments),
    "empty": lambda layout, arguments: image(
        layout, OCI_GZIP, "amd64", [f"{arguments.seed}/0", None, None], arguments.layer_size),
    "zstd": lambda layout, arguments: one_image(layout, OCI_ZSTD, arguments),
    "stored": lambda layout, arguments: one_image(layout, OCI_STORED, arguments),
    "docker": lambda layout, arguments: index(layout, SCHEMA_2, arguments),
    "artifact": artifact,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory")
    parser.add_argument("--kind", choices=KINDS, default="index")
    parser.add_argument("--tag", default="v1")
    parser.add_argument("--seed", default="interop")
    parser.add_argument("--without-empty", action="store_true")
    parser.add_argument("--layers", type=int, default=3)
    parser.add_argument("--layer-size", type=int, default=100_000)
    arguments = parser.parse_args()
    if arguments.layers < 1:
        parser.error("an image here has a layer at least")

    layout = Layout(arguments.directory)
    made = KINDS[arguments.kind](layout, arguments)
    layout.finish(made, arguments.tag)
    print(made["digest"])


if __name__ == "__main__":
    main()
