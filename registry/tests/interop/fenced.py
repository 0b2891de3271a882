#!/usr/bin/env python3
"""Runs the shell commands of documents as their reader would: in order, in a clone.

    fenced.py [--skip COMMAND]... DOCUMENT...

A document is given by its path in the repository. Every block that is fenced as `sh` is run by bash,
which stops at the first command that fails; all blocks of a document start in the same directory, at
first the top of the clone, and keep each other's exported variables and changes of directory. A block
whose last command serves (`... serve ...`) runs in the background until the document ends, and the
blocks behind it begin when it listens; it must end well when it is told to. Where the document tells its
reader to stop what was started, a line `<!-- stop -->` does that here. `--skip` leaves out lines that
were run before in full.

A block that is fenced as `diff` is given to `git apply`. One that is fenced as `output` is what the block
before it must have printed, from its first line to its last; `...` stands for anything. Blocks with other
words behind the fence are left alone.
"""

import argparse
import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

LONGEST_BLOCK = 1800
LONGEST_START = 1200
LONGEST_STOP = 60
STOP = "<!-- stop -->"
READY = re.compile(rb"listening|http://\d")
SERVES = re.compile(r"\s(serve|mock)(\s|$)|^cargo run$")


def blocks(text):
    """The blocks of a document that are for us: the numbers of their first lines, their words, their lines."""
    lines = text.splitlines()
    found, start, indent = [], None, ""
    for number, line in enumerate(lines, 1):
        fence = re.match(r"^(\s*)```(.*)$", line)
        if start is None:
            if fence:
                start, indent, word = number, fence[1], fence[2].strip()
                content = []
            elif line.strip() == STOP:
                found.append((number, "stop", []))
        elif fence and not fence[2].strip():
            if word in ("sh", "diff", "output"):
                found.append((start + 1, word, content))
            start = None
        else:
            content.append(line.removeprefix(indent))
    if start is not None:
        sys.exit(f"line {start}: a fence that is not closed")
    return found


def serves(commands):
    """Whether the last command of a block runs until it is stopped."""
    plain = [line for line in commands if line.strip() and not line.lstrip().startswith("#")]
    return bool(plain) and bool(SERVES.search(plain[-1])) and not plain[-1].rstrip().endswith("&")


def stopped(server, log):
    """Whether it has ended well: ours says so itself, of another program nothing must be left."""
    text = log.read_bytes()
    if b"msg=listening" in text:
        # A shell in front of the server may die of the signal before the server has drained, so its end
        # says little; the server's own last words count.
        return b"msg=stopped" in text
    return server.poll() is not None


class Reader:
    """Someone who follows a document, command by command."""

    def __init__(self, clone, scratch):
        self.environment = dict(os.environ, CARGO_TERM_COLOR="never")
        self.directory = clone
        self.scratch = pathlib.Path(scratch)
        self.servers = []
        self.printed = ""

    def run(self, where, commands):
        state, log = self.scratch / "state", self.scratch / "printed"
        script = "\n".join(["set -euo pipefail", *commands, f'{{ pwd; env -0; }} >"{state}"'])
        print(f"  {where}: {'; '.join(commands)}", flush=True)
        try:
            with log.open("wb") as output:
                done = subprocess.run(["bash", "-c", script], cwd=self.directory, env=self.environment,
                                      stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                      timeout=LONGEST_BLOCK, check=False)
        except subprocess.TimeoutExpired:
            sys.exit(f"FAILED: {where}: not within {LONGEST_BLOCK} seconds")
        finally:
            self.printed = log.read_text(errors="replace")
            print(self.printed, end="", flush=True)
        if done.returncode:
            sys.exit(f"FAILED: {where}: exit code {done.returncode}")
        directory, variables = state.read_bytes().split(b"\n", 1)
        self.directory = directory.decode()
        pairs = (item.split(b"=", 1) for item in variables.split(b"\0") if b"=" in item)
        self.environment = {key.decode(): value.decode(errors="replace") for key, value in pairs}

    def apply(self, where, lines):
        print(f"  {where}: a patch", flush=True)
        patch = "\n".join([*lines, ""])
        done = subprocess.run(["git", "apply", "-"], cwd=self.directory, input=patch.encode(), check=False)
        if done.returncode:
            sys.exit(f"FAILED: {where}: the patch does not apply")

    def compare(self, where, lines):
        """Holds a block against what the commands before it have printed."""
        wanted = "\n".join(lines).strip()
        pattern = ".*".join(re.escape(part) for part in wanted.split("..."))
        if not re.fullmatch(pattern, self.printed.strip(), re.DOTALL):
            sys.exit(f"FAILED: {where}: what was printed is not\n{wanted}")

    def serve(self, where, commands):
        log = self.scratch / f"server-{len(self.servers)}.log"
        print(f"  {where}: {'; '.join(commands)} (in the background)", flush=True)
        with log.open("wb") as output:
            # A group of its own: what is typed is a build tool or a shell, and the server its child.
            server = subprocess.Popen(["bash", "-euo", "pipefail", "-c", "\n".join(commands)], cwd=self.directory,
                                      env=self.environment, stdin=subprocess.DEVNULL, stdout=output,
                                      stderr=subprocess.STDOUT, start_new_session=True)
        self.servers.append((where, server, log))
        deadline = time.monotonic() + LONGEST_START
        while not READY.search(log.read_bytes()):
            if server.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"FAILED: {where}: it does not listen\n{log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.2)

    def stop(self):
        """Ends the servers; gives the places of those that did not end well."""
        bad = []
        for where, server, log in self.servers:
            if server.poll() is None:
                os.killpg(server.pid, signal.SIGTERM)
            deadline = time.monotonic() + LONGEST_STOP
            while not stopped(server, log) and time.monotonic() < deadline:
                time.sleep(0.2)
            if not stopped(server, log):
                bad.append(f"{where}: it did not stop\n{log.read_text(errors='replace')[-4000:]}")
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
            server.wait()
        self.servers = []
        return bad


def follow(document, clone, scratch, skip):
    """Runs one document; gives the number of its blocks that were run."""
    text = (pathlib.Path(clone) / document).read_text()
    reader, count, bad = Reader(clone, scratch), 0, []
    try:
        for line, word, commands in blocks(text):
            where = f"{document}:{line}"
            if word == "stop":
                print(f"  {where}: stop", flush=True)
                if bad := reader.stop():
                    break
                continue
            if word in ("diff", "output"):
                {"diff": reader.apply, "output": reader.compare}[word](where, commands)
                continue
            kept = [command for command in commands if command.strip() not in skip]
            if not any(command.strip() and not command.lstrip().startswith("#") for command in kept):
                print(f"  {where}: ran before", flush=True)
                count += 1
                continue
            (reader.serve if serves(kept) else reader.run)(where, kept)
            count += 1
    finally:
        bad += reader.stop()
    if bad:
        sys.exit("FAILED: " + "\n".join(bad))
    if not count:
        sys.exit(f"FAILED: {document}: no commands in it")
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--skip", action="append", default=[], help="a command that was run before")
    parser.add_argument("documents", nargs="+")
    arguments = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parents[3]
    total = 0
    with tempfile.TemporaryDirectory() as scratch:
        clone = f"{scratch}/clone"
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(root), clone], check=True)
        for document in arguments.documents:
            # Not a clone for each, as the same program would be built for each of them.
            subprocess.run(["git", "-C", clone, "clean", "-fdxq", "-e", "target"], check=True)
            total += follow(document, clone, scratch, set(arguments.skip))
    print(f"fenced: {total} passed, 0 failed")


if __name__ == "__main__":
    main()
