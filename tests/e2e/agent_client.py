"""A vStats agent by hand: a WebSocket client that sends what it is told and nothing else."""

import base64
import contextlib
import json
import os
import socket
import struct
import time
from datetime import datetime, timezone


def timestamp(unix_seconds):
    """RFC 3339 with milliseconds, in UTC."""
    return datetime.fromtimestamp(unix_seconds, timezone.utc).isoformat(timespec="milliseconds")[:-6] + "Z"


def reading(number, at=None):
    """SystemMetrics that can be found again: `number` becomes net_rx and net_tx of its row."""
    return {"timestamp": timestamp(time.time() if at is None else at), "ip_addresses": [""],
            "cpu": {"usage": 10}, "network": {"total_rx": number, "total_tx": number}}


class AgentClient:
    """One connection to /ws/agent. Every wait is bounded by `seconds`."""

    def __init__(self, server, seconds=20):
        self._socket = socket.create_connection((server.host, server.port), timeout=seconds)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(
            (f"GET /ws/agent HTTP/1.1\r\nHost: {server.host}\r\nUpgrade: websocket\r\n"
             "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n").encode())
        self._input = self._socket.makefile("rb")
        answer = self._input.readline()
        if b" 101 " not in answer:
            raise ConnectionError(f"no upgrade: {answer!r}")
        while self._input.readline().strip():
            pass

    def send(self, message):
        """A dictionary as JSON, or text as it is."""
        text = message if isinstance(message, str) else json.dumps(message)
        self._frame(1, text.encode())

    def receive(self):
        """The next message."""
        while True:
            opcode, data = self._next()
            if opcode == 1:
                return json.loads(data)

    def ask(self, message):
        self.send(message)
        return self.receive()

    def fence(self):
        """Returns when the server has read everything sent before."""
        self._frame(9, b"fence")
        while self._next() != (10, b"fence"):
            pass

    def auth(self, server):
        answer = self.ask({"type": "auth", "server_id": server["id"], "token": server["token"]})
        if answer.get("status") != "ok":
            raise ConnectionError(f"auth: {answer}")
        return answer

    def close(self):
        with contextlib.suppress(OSError):
            self._input.close()
            self._socket.close()

    def _frame(self, opcode, data):
        size = len(data)
        head = bytes([0x80 | opcode])
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 65536:
            head += b"\xfe" + struct.pack(">H", size)
        else:
            head += b"\xff" + struct.pack(">Q", size)
        self._socket.sendall(head + b"\0\0\0\0" + data)  # a mask of zeros masks, too

    def _next(self):
        head = self._input.read(2)
        if len(head) < 2:
            raise ConnectionError("the server is gone")
        size = head[1] & 0x7F
        if size >= 126:
            size = int.from_bytes(self._input.read(2 if size == 126 else 8), "big")
        return head[0] & 0x0F, self._input.read(size)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
