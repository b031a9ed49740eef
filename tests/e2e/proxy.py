"""A server that misbehaves on demand: in front of a reference server, or alone.

Every HTTP request goes to `http(request)`, every WebSocket upgrade to `websocket(link)`; what they
answer is sent, and None hands the request or the connection on to the reference server unchanged.
"""

import base64
import contextlib
import hashlib
import http.client
import socket
import socketserver
import struct
import threading
from dataclasses import dataclass

HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


@dataclass
class Request:
    method: str
    target: str
    headers: dict  # names in lower case
    body: bytes
    head: bytes  # as it came


@dataclass
class Reply:
    body: bytes = b""
    status: int = 200
    content_type: str = "application/json; charset=utf-8"
    promised: int | None = None  # Content-Length, if it is to be a lie


CLOSE = object()  # close the connection without an answer


class Link:
    """The server's end of a WebSocket connection, before or after the upgrade."""

    def __init__(self, sock, request, number):
        self.sock, self.request, self.number = sock, request, number
        self._input = None

    def accept(self):
        key = self.request.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        answer = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        self.sock.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                           f"Connection: Upgrade\r\nSec-WebSocket-Accept: {answer}\r\n\r\n").encode())
        self._input = self.sock.makefile("rb")

    def send(self, text):
        data = text.encode()
        assert len(data) < 65536
        size = bytes([len(data)]) if len(data) < 126 else b"\x7e" + struct.pack(">H", len(data))
        self.sock.sendall(b"\x81" + size + data)

    def receive(self):
        """(opcode, payload) of the next frame; None at the end of the connection."""
        head = self._input.read(2)
        if len(head) < 2:
            return None
        size = head[1] & 0x7F
        if size >= 126:
            size = int.from_bytes(self._input.read(2 if size == 126 else 8), "big")
        mask = self._input.read(4)
        data = self._input.read(size)
        return head[0] & 0x0F, bytes(b ^ mask[i % 4] for i, b in enumerate(data))

    def swallow(self):
        """Reads and answers nothing until the peer is gone."""
        while self.sock.recv(65536):
            pass


class Proxy:
    """Listens on a free loopback port for the time of a `with` block."""

    def __init__(self, upstream=None, http=lambda request: None, websocket=lambda link: None):
        self.upstream, self.http, self.websocket = upstream, http, websocket
        self.requests = []    # (method, target) of every HTTP request
        self.upgrades = 0     # WebSocket connections asked for
        self.bytes_in = 0     # bytes agents sent on tunnelled connections
        self._lock = threading.Lock()
        proxy = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                with contextlib.suppress(OSError):
                    proxy._serve(self.request)

        class Listener(socketserver.ThreadingTCPServer):
            request_queue_size = 256
            daemon_threads = True
            block_on_close = False
            allow_reuse_address = True

        self._listener = Listener(("127.0.0.1", 0), Handler)
        self.port = self._listener.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        threading.Thread(target=self._listener.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown()
        self._listener.server_close()

    def _serve(self, sock):
        stream = sock.makefile("rb")
        while request := self._read(stream):
            if request.headers.get("upgrade", "").lower() == "websocket":
                self._upgrade(sock, request)
                return
            with self._lock:
                self.requests.append((request.method, request.target))
            reply = self.http(request)
            if reply is CLOSE:
                return
            if reply is None:
                reply = self._forward(request)
            length = len(reply.body) if reply.promised is None else reply.promised
            sock.sendall((f"HTTP/1.1 {reply.status} Some Reason\r\nContent-Type: {reply.content_type}\r\n"
                          f"Content-Length: {length}\r\n\r\n").encode() + reply.body)
            if reply.promised is not None:
                return

    @staticmethod
    def _read(stream):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = stream.readline()
            if not line:
                return None
            head += line
        first, *lines = head.decode("latin-1").rstrip().split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (l.partition(":") for l in lines)}
        body = stream.read(int(headers.get("content-length", 0)))
        return Request(method, target, headers, body, head)

    def _forward(self, request):
        headers = {k: v for k, v in request.headers.items() if k not in HOP_BY_HOP}
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=60)) as up:
            up.request(request.method, request.target, request.body, headers)
            answer = up.getresponse()
            return Reply(answer.read(), answer.status, answer.headers.get("Content-Type", "text/plain"))

    def _upgrade(self, sock, request):
        with self._lock:
            self.upgrades += 1
            number = self.upgrades
        if self.websocket(Link(sock, request, number)) is None and self.upstream:
            with socket.create_connection(("127.0.0.1", self.upstream)) as up:
                up.sendall(request.head)
                back = threading.Thread(target=self._pump, args=(up, sock), daemon=True)
                back.start()
                self._pump(sock, up, counts=True)
                back.join(10)

    def _pump(self, source, target, counts=False):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if counts:
                    with self._lock:
                        self.bytes_in += len(data)
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)
