"""A raw WebSocket client of the standard library: every bit of a frame is the caller's to choose.

Tests use it to speak to a server as no proper client would: unmasked frames, fragments with control
frames in between, bytes that are no frames. What has to be proper goes through `send` and `receive`.
Thread-bound: one socket, one caller; every wait is bounded.
"""

import base64
import hashlib
import json
import os
import socket
import ssl
import struct
import time
from datetime import datetime, timezone
from typing import NamedTuple
from urllib.parse import urlsplit

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
CONTINUATION = 0x0
KEY_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3
PATIENCE = 10  # seconds any single answer may take; sanitizers are slow


class Frame(NamedTuple):
    is_last: bool
    opcode: int
    payload: bytes
    reserved: int = 0


class Closed(Exception):
    """The other side closed: with a close frame (code, reason) or without one (code None)."""

    def __init__(self, code=None, reason=""):
        super().__init__(f"closed: {code} {reason}")
        self.code, self.reason = code, reason


class Refused(Exception):
    """The answer to the handshake was not 101."""

    def __init__(self, status, headers, body):
        super().__init__(f"handshake answered {status}: {body[:200]!r}")
        self.status, self.headers, self.body = status, headers, body


def encode_frame(opcode, payload=b"", is_last=True, mask=None, reserved=0):
    """The bytes of one frame; `mask` is the four-byte key, or None for an unmasked frame."""
    size = len(payload)
    marked = 0x80 if mask is not None else 0
    head = bytes([(0x80 if is_last else 0) | reserved << 4 | opcode])
    if size < 126:
        head += bytes([marked | size])
    elif size < 1 << 16:
        head += struct.pack("!BH", marked | 126, size)
    else:
        head += struct.pack("!BQ", marked | 127, size)
    if mask is None:
        return head + payload
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "little")
    return head + mask + (int.from_bytes(payload, "little") ^ key).to_bytes(size, "little")


class WebSocket:
    """An open connection; closed abruptly at the end of the `with` block."""

    def __init__(self, url, path, headers=(), patience=PATIENCE, context=None):
        """Connects and upgrades. `headers` are further (name, value) pairs; `context` is for https."""
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        self.patience = patience
        self.socket = socket.create_connection((parts.hostname, port), patience)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if parts.scheme == "https":
            context = context or ssl.create_default_context()
            self.socket = context.wrap_socket(self.socket, server_hostname=parts.hostname)
        self._unread = b""
        self._partial = None  # of a fragmented message: its opcode and payloads so far
        try:
            self._upgrade(f"{parts.hostname}:{port}", path, headers)
        except BaseException:
            self.socket.close()
            raise

    def _upgrade(self, host, path, headers):
        key = base64.b64encode(os.urandom(16))
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade",
                 f"Sec-WebSocket-Key: {key.decode()}", "Sec-WebSocket-Version: 13",
                 *(f"{name}: {value}" for name, value in headers)]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        deadline = time.monotonic() + self.patience
        while b"\r\n\r\n" not in self._unread:
            self._fill(deadline)
        head, self._unread = self._unread.split(b"\r\n\r\n", 1)
        first, *rest = head.decode("latin-1").split("\r\n")
        self.status = int(first.split()[1])
        self.headers = {k.strip().lower(): v.strip() for k, v in (line.split(":", 1) for line in rest)}
        if self.status != 101:
            wanted = int(self.headers.get("content-length", 0))
            while len(self._unread) < wanted:
                self._fill(deadline)
            raise Refused(self.status, self.headers, self._unread)
        accept = base64.b64encode(hashlib.sha1(key + KEY_GUID).digest()).decode()
        if self.headers.get("sec-websocket-accept") != accept:
            raise AssertionError(f"Sec-WebSocket-Accept is {self.headers.get('sec-websocket-accept')!r}")

    # Bytes and frames.

    def send_bytes(self, data):
        self.socket.settimeout(self.patience)
        self.socket.sendall(data)

    def send_frame(self, opcode, payload=b"", is_last=True, is_masked=True, reserved=0):
        mask = os.urandom(4) if is_masked else None
        self.send_bytes(encode_frame(opcode, payload, is_last, mask, reserved))

    def _fill(self, deadline):
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("nothing arrived in time")
        self.socket.settimeout(left)
        try:
            got = self.socket.recv(1 << 16)
        except ConnectionError as error:
            raise Closed(None, str(error)) from None
        if not got:
            raise Closed(None, "end of stream")
        self._unread += got

    def _take(self, size, deadline):
        while len(self._unread) < size:
            self._fill(deadline)
        taken, self._unread = self._unread[:size], self._unread[size:]
        return taken

    def read_frame(self, seconds=None):
        """The next frame as it came. A server's frame is never masked (RFC 6455, 5.1)."""
        deadline = time.monotonic() + (self.patience if seconds is None else seconds)
        while len(self._unread) < 2:  # taken whole: a wait that ends early loses nothing
            self._fill(deadline)
        size, extra = self._unread[1] & 0x7F, 2
        if size >= 126:
            extra = 4 if size == 126 else 10
            while len(self._unread) < extra:
                self._fill(deadline)
            size = int.from_bytes(self._unread[2:extra], "big")
        first, second = self._unread[0], self._unread[1]
        if second & 0x80:
            raise AssertionError("the server masked a frame")
        payload = self._take(extra + size, deadline)[extra:]
        return Frame(bool(first & 0x80), first & 0x0F, payload, first >> 4 & 0x7)

    # Messages.

    def send(self, message, fragment=None, opcode=TEXT):
        """A message: text, bytes, or anything JSON; in pieces of `fragment` bytes if that is given."""
        if not isinstance(message, (str, bytes)):
            message = json.dumps(message)
        data = message.encode() if isinstance(message, str) else message
        pieces = [data[i:i + fragment] for i in range(0, len(data), fragment)] if fragment else [data]
        for i, piece in enumerate(pieces):
            self.send_frame(CONTINUATION if i else opcode, piece, is_last=i + 1 == len(pieces))

    def receive(self, seconds=None):
        """The next message as text; answers pings, and raises Closed at a close frame."""
        deadline = time.monotonic() + (self.patience if seconds is None else seconds)
        while True:
            frame = self.read_frame(max(0, deadline - time.monotonic()))
            if frame.opcode == PING:
                self.send_frame(PONG, frame.payload)
            elif frame.opcode == CLOSE:
                code = int.from_bytes(frame.payload[:2], "big") if len(frame.payload) >= 2 else None
                raise Closed(code, frame.payload[2:].decode(errors="replace"))
            elif frame.opcode != PONG:
                self._partial = (self._partial or b"") + frame.payload
                if frame.is_last:
                    whole, self._partial = self._partial, None
                    return whole.decode()

    def receive_json(self, seconds=None):
        return json.loads(self.receive(seconds))

    def ask(self, message):
        """Sends a message and returns the next one that arrives."""
        self.send(message)
        return self.receive_json()

    def fence(self):
        """Sends a ping and returns the messages that came before its pong.

        A server answers in order, so these are all answers to what was sent before: none means that
        it was met with silence, and in any case it has been handled.
        """
        payload = os.urandom(8)
        self.send_frame(PING, payload)
        came = []
        while True:
            frame = self.read_frame()
            if frame.opcode == PONG and frame.payload == payload:
                return came
            if frame.opcode == CLOSE:
                raise Closed(int.from_bytes(frame.payload[:2], "big"), frame.payload[2:].decode(errors="replace"))
            if frame.opcode in (TEXT, BINARY):
                came.append(frame.payload.decode())

    def close(self, code=1000, reason=""):
        """The closing handshake; returns the code that came back, None for an end without one."""
        self.send_frame(CLOSE, struct.pack("!H", code) + reason.encode())
        try:
            while True:
                self.receive()
        except Closed as closed:
            return closed.code
        finally:
            self.drop()

    def drop(self):
        """Ends it without a word."""
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.drop()


class AgentClient(WebSocket):
    """A vStats agent by hand, on a server of the harness."""

    def __init__(self, server):
        super().__init__(server.url, "/ws/agent")

    def auth(self, server):
        answer = self.ask({"type": "auth", "server_id": server["id"], "token": server["token"]})
        if answer.get("status") != "ok":
            raise ConnectionError(f"auth: {answer}")
        return answer


def timestamp(unix_seconds):
    """RFC 3339 with milliseconds, in UTC."""
    return datetime.fromtimestamp(unix_seconds, timezone.utc).isoformat(timespec="milliseconds")[:-6] + "Z"


def reading(number, at=None):
    """SystemMetrics that can be found again: `number` becomes net_rx and net_tx of its row."""
    return {"timestamp": timestamp(time.time() if at is None else at), "ip_addresses": [""],
            "cpu": {"usage": 10}, "network": {"total_rx": number, "total_tx": number}}
