#!/usr/bin/env python3
"""A proxy that damages one exchange, once, and passes on everything else.

    cut.py HOST:PORT FAULT [--at BYTES]

Listens on loopback at a port that the system chooses, and prints `listening 127.0.0.1:PORT`, then
`fault: ...` when it has done what it is for. FAULT is one of

    upload      resets a connection when BYTES of an upload's body, PATCH or PUT, have passed
    pull        resets a connection when BYTES of one answer have passed
    end         ends a connection as a server does that stops, when BYTES of one answer have passed
    manifest    lets a PUT of a manifest through, and resets the connection instead of passing the answer
    closing     the same for the PUT that ends an upload
    none        passes everything

It looks at requests where they begin, at the start of a piece of data behind an answer, and no deeper:
clients wait for an answer before they send another request on a connection.
"""

import argparse
import asyncio
import re
import signal
import socket
import struct
import sys

PIECE = 16384
UPLOAD = re.compile(rb"(PATCH|PUT) \S*/blobs/uploads/\S* HTTP/1\.1\r\n")
MANIFEST = re.compile(rb"PUT \S*/manifests/\S+ HTTP/1\.1\r\n")
CLOSING = re.compile(rb"PUT \S*/blobs/uploads/\S*[?&]digest=\S* HTTP/1\.1\r\n")


class Proxy:
    """What the connections share: the fault, until it has happened."""

    def __init__(self, host, port, fault, at):
        self.host, self.port, self.fault, self.at = host, port, fault, at

    def happened(self, what):
        self.fault = "none"
        print(f"fault: {what}", flush=True)


class Connection:
    """A client's connection and the one behind it."""

    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server = proxy, client, server
        self.request = b""
        self.sent = 0
        self.answered = 0
        self.fresh = True

    def happened(self, what):
        self.proxy.happened(f"{what}: {self.request.decode(errors='replace').strip()}")

    def reset(self, what):
        self.happened(what)
        for _, writer in (self.client, self.server):
            # Without lingering a close is a reset: the peer sees an error, not an end.
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    def upward(self, data):
        """Looks at what the client sends; false when the connection was cut."""
        if self.fresh:
            self.request, _, body = data.partition(b"\r\n")
            self.request += b"\r\n"
            self.fresh, self.sent, self.answered = False, len(body), 0
        else:
            self.sent += len(data)
        if self.proxy.fault == "upload" and UPLOAD.match(self.request) and self.sent > self.proxy.at:
            self.reset(f"cut an upload behind {self.sent} bytes")
            return False
        return True

    def downward(self, data):
        """Looks at what the server sends; false when the connection was cut."""
        if data.startswith(b"HTTP/1.1 100"):
            return True
        self.fresh = True
        self.answered += len(data)
        fault = self.proxy.fault
        if fault == "pull" and self.answered > self.proxy.at:
            self.reset(f"cut an answer behind {self.answered} bytes")
            return False
        if fault == "end" and self.answered > self.proxy.at:
            self.happened(f"ended an answer behind {self.answered} bytes")
            self.server[1].transport.abort()
            self.client[1].close()
            return False
        lost = {"manifest": MANIFEST, "closing": CLOSING}.get(fault)
        if lost and lost.match(self.request) and data.startswith(b"HTTP/1.1 201"):
            self.reset("dropped an answer")
            return False
        return True


async def pump(reader, writer, look):
    while data := await reader.read(PIECE):
        if not look(data):
            return
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


async def serve(proxy):
    async def accept(*client):
        try:
            server = await asyncio.open_connection(proxy.host, proxy.port)
        except OSError:
            client[1].transport.abort()
            return
        connection = Connection(proxy, client, server)
        try:
            await asyncio.gather(pump(client[0], server[1], connection.upward),
                                 pump(server[0], client[1], connection.downward))
        except OSError:
            pass
        finally:
            client[1].close()
            server[1].close()

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, listener.close)
    print("listening 127.0.0.1:%d" % listener.sockets[0].getsockname()[1], flush=True)
    try:
        await listener.serve_forever()
    except asyncio.CancelledError:
        sys.exit(0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("registry")
    parser.add_argument("fault", choices=["upload", "pull", "end", "manifest", "closing", "none"])
    parser.add_argument("--at", type=int, default=1_000_000)
    arguments = parser.parse_args()
    host, port = arguments.registry.rsplit(":", 1)
    asyncio.run(serve(Proxy(host, int(port), arguments.fault, arguments.at)))


if __name__ == "__main__":
    main()
