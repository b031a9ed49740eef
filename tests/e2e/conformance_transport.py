"""Facts of protocol.md 2.1: the handshake, frames and messages of /ws/agent."""

import http.client
import json
import socket

from agent_client import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Closed, Refused, encode_frame
from conformance import SETTLED, fact, recent, same, sample, true


def auth_of(server):
    return json.dumps({"type": "auth", "server_id": server["id"], "token": server["token"]})


@fact("2.1", "The answer 101 has the headers Upgrade, Connection and Sec-WebSocket-Accept and no others")
def _(t):
    same(sorted(t.connect().headers), ["connection", "sec-websocket-accept", "upgrade"], "headers")


@fact("2.1", "An offered compression is not accepted, and plain messages work")
def _(t):
    agent = t.connect(headers=[("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits")])
    true("sec-websocket-extensions" not in agent.headers, "an extension was accepted")
    same(agent.introduce(t.server())["status"], "ok")


@fact("2.1", "No origin is refused and no subprotocol is chosen")
def _(t):
    agent = t.connect(headers=[("Origin", "http://elsewhere.test"), ("Sec-WebSocket-Protocol", "chat")])
    true("sec-websocket-protocol" not in agent.headers, "a subprotocol was chosen")
    same(agent.introduce(t.server())["status"], "ok")


@fact("2.1", "A GET without upgrade is answered 400, Bad Request and the version 13")
def _(t):
    reply = t.call("GET", "/ws/agent", headers={})
    same((reply.status, reply.text.strip(), reply.headers.get("sec-websocket-version")), (400, "Bad Request", "13"))


@fact("2.1", "A GET of the dashboards' path without upgrade is answered the same")
def _(t):
    reply = t.call("GET", "/ws", headers={})
    same((reply.status, reply.text.strip(), reply.headers.get("sec-websocket-version")), (400, "Bad Request", "13"))


UPGRADE = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
           "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}

for what, change in (("for another version than 13", {"Sec-WebSocket-Version": "12"}),
                     ("without a key", {"Sec-WebSocket-Key": None}),
                     ("without Connection: Upgrade", {"Connection": "keep-alive"})):
    @fact("2.1", f"An upgrade {what} is answered 400")
    def _(t, change=change):
        headers = {k: v for k, v in {**UPGRADE, **change}.items() if v is not None}
        same(t.call("GET", "/ws/agent", headers=headers).status, 400, "status")


@fact("2.1", "An upgrade with the key of RFC 6455 is answered with its accept value")
def _(t):
    connection = http.client.HTTPConnection(t.host, t.port, timeout=10)
    connection.request("GET", "/ws/agent", headers=UPGRADE)
    reply = connection.getresponse()
    connection.close()
    same((reply.status, reply.getheader("Sec-WebSocket-Accept")), (101, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))


@fact("2.1", "A text and a binary frame are treated alike")
def _(t):
    agent = t.connect()
    for opcode in (TEXT, BINARY):
        agent.send(auth_of(t.server()), opcode=opcode)
        same(agent.receive_json()["status"], "ok", f"opcode {opcode}")


@fact("2.1", "Invalid UTF-8 in a text frame does not close the connection")
def _(t):
    agent = t.connect()
    agent.send(b"\xff\xfe\x80")
    same(agent.fence(), [])
    same(agent.introduce(t.server())["status"], "ok")


@fact("2.1", "Invalid UTF-8 inside a string is replaced and the message kept")
def _(t):
    agent = t.agent()
    text = json.dumps({"type": "metrics", "metrics": sample()}).encode()
    agent.send(text.replace(b'"conform"', b'"a\xffb"'))
    agent.fence()
    same(t.live(agent.id)["metrics"]["hostname"], "a\ufffdb")


@fact("2.1", "A message in fragments of 4096 bytes is handled like one in a single frame")
def _(t):
    agent = t.agent()
    padding = "x" * 300_000
    agent.send({"type": "metrics", "padding": padding, "metrics": sample(hostname="in-pieces")}, fragment=4096)
    agent.fence()
    same(t.live(agent.id)["metrics"]["hostname"], "in-pieces")


@fact("2.1", "Fragments may be of one byte, or empty")
def _(t):
    agent, text = t.connect(), auth_of(t.server()).encode()
    agent.send_frame(TEXT, b"", is_last=False)
    for i in range(len(text)):
        agent.send_frame(CONTINUATION, text[i:i + 1], is_last=False)
    agent.send_frame(CONTINUATION, b"")
    same(agent.receive_json()["status"], "ok")


@fact("2.1", "A ping in the middle of a fragmented message is answered at once")
def _(t):
    agent, text = t.connect(), auth_of(t.server()).encode()
    agent.send_frame(TEXT, text[:20], is_last=False)
    agent.send_frame(PING, b"between")
    frame = agent.read_frame()
    same((frame.opcode, frame.payload), (PONG, b"between"))
    agent.send_frame(CONTINUATION, text[20:])
    same(agent.receive_json()["status"], "ok")


for size in (0, 8, 125):
    @fact("2.1", f"A ping of {size} bytes is answered by a pong of the same bytes")
    def _(t, size=size):
        agent, payload = t.connect(), bytes(range(size))
        agent.send_frame(PING, payload)
        frame = agent.read_frame()
        same((frame.is_last, frame.opcode, frame.payload), (True, PONG, payload))


@fact("2.1", "A pong that nobody asked for is ignored")
def _(t):
    agent = t.connect()
    agent.send_frame(PONG, b"unasked")
    same(agent.introduce(t.server())["status"], "ok")


@fact("2.1", "The server's messages are single unmasked text frames")
def _(t):
    agent = t.connect()
    agent.send(auth_of(t.server()))
    frame = agent.read_frame()
    same((frame.is_last, frame.opcode, frame.reserved), (True, TEXT, 0))


@fact("2.1", "A message of 8 MB is accepted")
def _(t):
    agent = t.agent()
    agent.send({"type": "metrics", "padding": "x" * 8_000_000, "metrics": sample(hostname="large")})
    agent.fence()
    same(t.live(agent.id)["metrics"]["hostname"], "large")


@fact("2.1", "Several frames in one segment and one frame in several are read alike")
def _(t):
    agent, mask = t.connect(), b"\x01\x02\x03\x04"
    first, second = (encode_frame(TEXT, auth_of(t.server()).encode(), mask=mask) for _ in range(2))
    agent.send_bytes(first + second[:3])
    same(agent.receive_json()["status"], "ok")
    agent.send_bytes(second[3:9])
    agent.send_bytes(second[9:])
    same(agent.receive_json()["status"], "ok")


for code in (1000, 1001, 4001):
    @fact("2.1", f"A close with {code} is answered with {code}, and the connection ends")
    def _(t, code=code):
        agent = t.connect()
        agent.send_frame(CLOSE, code.to_bytes(2, "big") + b"going")
        frame = agent.read_frame()
        same((frame.opcode, frame.payload), (CLOSE, code.to_bytes(2, "big")))
        same(end_of(agent), None)


@fact("2.1", "A close without a code is answered without one")
def _(t):
    agent = t.connect()
    agent.send_frame(CLOSE)
    frame = agent.read_frame()
    same((frame.opcode, frame.payload), (CLOSE, b""))


def end_of(agent):
    """How the stream ends: the code of a close frame, or None."""
    try:
        while True:
            agent.receive()
    except Closed as closed:
        return closed.code


@fact("2.1", "The reason of the close that answers an unmasked frame is `bad MASK`")
def _(t):
    agent = t.connect()
    agent.send_frame(TEXT, b"{}", is_masked=False)
    frame = agent.read_frame()
    same((frame.opcode, frame.payload), (CLOSE, b"\x03\xeabad MASK"))


BROKEN = {
    "that is unmasked": lambda a: a.send_frame(TEXT, b"{}", is_masked=False),
    "with a reserved bit": lambda a: a.send_frame(TEXT, b"{}", reserved=4),
    "of an unknown kind": lambda a: a.send_frame(0x3, b"{}"),
    "that continues nothing": lambda a: a.send_frame(CONTINUATION, b"{}"),
    "that begins a message within another": lambda a: (a.send_frame(TEXT, b"{", is_last=False),
                                                       a.send_frame(TEXT, b"{}")),
    "that is a ping in fragments": lambda a: a.send_frame(PING, b"x", is_last=False),
    "that is a ping of 126 bytes": lambda a: a.send_frame(PING, bytes(126)),
    "that closes with 1005": lambda a: a.send_frame(CLOSE, b"\x03\xed"),
    "that closes with invalid UTF-8": lambda a: a.send_frame(CLOSE, b"\x03\xe8\xff"),
}
for what, act in BROKEN.items():
    @fact("2.1", f"A frame {what} is answered by a close with 1002")
    def _(t, act=act):
        agent = t.connect()
        act(agent)
        same(end_of(agent), 1002, "close code")


@fact("2.1", "A connection that breaks off in the middle of a message leaves no trace")
def _(t):
    agent = t.agent()
    text = json.dumps({"type": "metrics", "metrics": sample()}).encode()
    agent.send_frame(TEXT, text, is_last=False)
    agent.socket.shutdown(socket.SHUT_RDWR)
    yield SETTLED
    same(t.live(agent.id)["metrics"], None)


@fact("2.1", "A POST to the agents' path is not routed")
def _(t):
    same(t.call("POST", "/ws/agent", {}).status, 404)


@fact("2.1", "A path below the agents' path is not an agent's")
def _(t):
    try:
        t.connect("/ws/agents")
    except Refused as refused:
        same(refused.status, 404)
    else:
        raise AssertionError("an upgrade at another path was accepted")


@fact("2.1", "An agent that only idles keeps its connection")
def _(t):
    agent = t.agent()
    yield 12
    same(agent.sample(), [])
    bucket = recent("5sec", 0)
    yield SETTLED
    true(any(t.point(agent.id, "5sec", b) for b in (bucket, bucket - 1)), "no point of a sample after 12 s")
