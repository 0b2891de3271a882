#!/usr/bin/env python3
"""Makes an OCI image layout from nothing: a multi-platform index, the same bytes on every run.

    make_image.py DIRECTORY [--tag v1] [--seed TEXT] [--layers N] [--layer-size BYTES]

The index has one image for each of two platforms. The images share their first layer, as images that
are built from one base do; each has N layers in all. Another seed makes other bytes.
"""

import argparse
import gzip
import hashlib
import io
import json
import pathlib
import random
import tarfile

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
PLATFORMS = [("linux", "amd64"), ("linux", "arm64")]


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


def layer(seed, size):
    """A compressed archive of one file; gives the diff id and the bytes."""
    content = random.Random(seed).randbytes(size)
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        entry = tarfile.TarInfo(f"data/{hashlib.sha256(seed.encode()).hexdigest()[:12]}")
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    plain = archive.getvalue()
    return "sha256:" + hashlib.sha256(plain).hexdigest(), gzip.compress(plain, mtime=0)


def image(layout, system, architecture, seeds, size):
    """Writes one image and gives its descriptor."""
    made = [layer(seed, size) for seed in seeds]
    config = layout.json(CONFIG, {
        "architecture": architecture,
        "os": system,
        "config": {"Env": ["PATH=/bin"], "Cmd": ["/bin/true"]},
        "rootfs": {"type": "layers", "diff_ids": [diff_id for diff_id, _ in made]},
        "history": [{"created_by": f"layer {n}"} for n, _ in enumerate(made)],
    })
    manifest = layout.json(MANIFEST, {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": config,
        "layers": [layout.blob(LAYER, content) for _, content in made],
    })
    return manifest | {"platform": {"os": system, "architecture": architecture}}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory")
    parser.add_argument("--tag", default="v1")
    parser.add_argument("--seed", default="interop")
    parser.add_argument("--layers", type=int, default=3)
    parser.add_argument("--layer-size", type=int, default=100_000)
    arguments = parser.parse_args()
    if arguments.layers < 1:
        parser.error("an image here has a layer at least")

    layout = Layout(arguments.directory)
    images = []
    for system, architecture in PLATFORMS:
        own = [f"{arguments.seed}/{architecture}/{n}" for n in range(1, arguments.layers)]
        seeds = [f"{arguments.seed}/base"] + own
        images.append(image(layout, system, architecture, seeds, arguments.layer_size))
    index = layout.json(INDEX, {"schemaVersion": 2, "mediaType": INDEX, "manifests": images})
    entry = index | {"annotations": {"org.opencontainers.image.ref.name": arguments.tag}}
    (layout.root / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
    (layout.root / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    print(index["digest"])


if __name__ == "__main__":
    main()
