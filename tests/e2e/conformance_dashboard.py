"""Facts of protocol.md 7: the stream and the deltas that a dashboard gets on /ws."""

import json

from agent_client import CLOSE, PING, PONG
from conformance import SETTLED, TICKED, fact, iso, now, ping_target, same, sample, true

SETTINGS = "/api/settings/site"


def deltas(viewer):
    """The deltas that have come since the last look."""
    return [m for m in map(json.loads, viewer.fence()) if m["type"] == "delta"]


def entries(viewer, server_id):
    """What they say of one server."""
    return [e for m in deltas(viewer) for e in m["d"] if e["id"] == server_id]


def watched(t, **values):
    """An agent and a viewer that knows of its first sample."""
    agent = t.agent()
    agent.sample(**values)
    yield TICKED
    viewer, _ = t.viewer()
    return agent, viewer


# 7.1

@fact("7.1", "The answer 101 has no further headers, and no compression")
def _(t):
    viewer = t.connect("/ws", [("Sec-WebSocket-Extensions", "permessage-deflate")])
    same(sorted(viewer.headers), ["connection", "sec-websocket-accept", "upgrade"])


@fact("7.1", "A viewer gets stream_init, one stream_server for each server, and stream_end")
def _(t):
    t.server()
    yield TICKED
    _, stream = t.viewer()
    total = stream[0]["total_servers"]
    same([m["type"] for m in stream], ["stream_init", *["stream_server"] * total, "stream_end"])
    same([m["index"] for m in stream[1:-1]], list(range(total)))
    same({m["total"] for m in stream[1:-1]}, {total})
    same(stream[-1], {"type": "stream_end"})


@fact("7.1", "stream_init has the site settings, and dimensions or groups when there are any")
def _(t):
    _, stream = t.viewer()
    same(stream[0]["site_settings"], t.get(SETTINGS))
    dimensions, groups = t.get("/api/dimensions"), t.get("/api/groups")
    same(stream[0].get("group_dimensions"), dimensions or None)
    same(stream[0].get("groups"), groups or None)


@fact("7.1", "The servers come in the order of the list")
def _(t):
    made = [t.create()["id"] for _ in range(3)]
    yield TICKED
    _, stream = t.viewer()
    same([m["server"]["server_id"] for m in stream[1:-1] if m["server"]["server_id"] in made], made)


@fact("7.1", "What a viewer sends is ignored, its pings are answered, its close is echoed")
def _(t):
    viewer, _ = t.viewer()
    viewer.send("anything")
    viewer.send(b"\xff\x00", opcode=2)
    viewer.send_frame(PING, b"p")
    while (frame := viewer.read_frame()).opcode != PONG:
        pass
    same(frame.payload, b"p")
    viewer.send_frame(CLOSE, b"\x03\xe8")
    while (frame := viewer.read_frame()).opcode != CLOSE:
        pass
    same(frame.payload, b"\x03\xe8")


@fact("7.1", "No authorization is needed")
def _(t):
    true(len(t.viewer()[1]) >= 2, "no stream")


# 7.2, 7.3

@fact("7.3", "A server that never reported has no metrics and is offline")
def _(t):
    server = t.create(location="L", notes="n")
    yield TICKED
    _, stream = t.viewer()
    found = next(m["server"] for m in stream[1:-1] if m["server"]["server_id"] == server["id"])
    same(found, {"server_id": server["id"], "server_name": server["name"], "location": "L", "provider": "", "tag": "",
                 "notes": "n", "version": "", "ip": "", "online": False, "metrics": None})


@fact("7.3", "The stream shows a server as /api/metrics/all does")
def _(t):
    agent = t.agent(t.create(tag="t"))
    agent.sample(version="v5", gpu={"gpus": [{"index": 0, "name": "g", "vendor": "NVIDIA"}]},
                 ping={"targets": [ping_target()], "timestamp": now()})
    yield TICKED
    _, stream = t.viewer()
    found = next(m["server"] for m in stream[1:-1] if m["server"]["server_id"] == agent.id)
    same(found, t.live(agent.id))


@fact("7.3", "Metrics are re-serialised: every field that must be there is, missing arrays as null")
def _(t):
    agent = t.agent()
    agent.send({"type": "metrics", "metrics": {"timestamp": "2026-11-24T03:46:33Z", "cpu": {"usage": 5}}})
    agent.fence()
    same(t.live(agent.id)["metrics"], {
        "timestamp": "2026-11-24T03:46:33Z", "hostname": "",
        "os": {"name": "", "version": "", "kernel": "", "arch": ""},
        "cpu": {"brand": "", "cores": 0, "usage": 5, "frequency": 0, "per_core": None},
        "memory": {"total": 0, "used": 0, "available": 0, "swap_total": 0, "swap_used": 0, "usage_percent": 0},
        "disks": None, "network": {"interfaces": None, "total_rx": 0, "total_tx": 0, "rx_speed": 0, "tx_speed": 0},
        "uptime": 0, "load_average": {"one": 0, "five": 0, "fifteen": 0}})


@fact("7.3", "The version shown is that of the last metrics, else the one of auth")
def _(t):
    first, second = t.connect(), t.connect()
    servers = t.server(), t.server()
    first.introduce(servers[0], version="auth")
    second.introduce(servers[1], version="auth")
    second.send({"type": "aggregated_metrics", "last_metrics": sample(version="metrics")})
    second.fence()
    same([t.live(s["id"])["version"] for s in servers], ["auth", "metrics"])


@fact("7.3", "Without a snapshot the stream shows the newest raw row, /api/metrics/all nothing")
def _(t):
    agent, second = t.agent(), now() - 60
    ping = {"targets": [ping_target(10, name="A"), ping_target(20, name="B")]}
    # A batch whose last item is empty is stored and leaves no snapshot (2.8).
    agent.batch([{"timestamp": iso(second), "metrics": sample(cpu=12.5, memory=25, disk=37.5, rx=7, tx=9, ping=ping)},
                 {"timestamp": iso(second)}])
    yield SETTLED
    yield TICKED
    _, stream = t.viewer()
    same(t.live(agent.id)["metrics"], None)
    found = next(m["server"] for m in stream[1:-1] if m["server"]["server_id"] == agent.id)
    metrics = found["metrics"]
    same((found["online"], metrics["timestamp"], metrics["cpu"]["usage"], metrics["memory"]["usage_percent"],
          [d["usage_percent"] for d in metrics["disks"]], metrics["network"]["total_rx"], metrics["load_average"]["one"],
          [(x["name"], x["latency_ms"]) for x in metrics["ping"]["targets"]]),
         (False, iso(second), 12.5, 25, [37.5], 7, 0.25, [("avg", 15)]))


# 7.4

@fact("7.4", "A delta has type, ts and d in this order; ts is the server's second")
def _(t):
    agent, viewer = yield from watched(t)
    agent.sample(rx_speed=11)
    yield TICKED
    text = next(m for m in viewer.fence() if m.startswith('{"type":"delta"'))
    true(text.startswith('{"type":"delta","ts":'), text[:40])
    message = json.loads(text)
    same(list(message), ["type", "ts", "d"])
    true(abs(message["ts"] - now()) <= 8, f"ts {message['ts']} at {now()}")


@fact("7.4", "The first sample of a server is told as on with all five values")
def _(t):
    viewer, _ = t.viewer()
    agent = t.agent()
    agent.sample(cpu=12.96, memory=50.5, disk=30.99, rx_speed=10, tx_speed=5)
    yield TICKED
    same(entries(viewer, agent.id), [{"id": agent.id, "on": True, "m": {"c": 12, "m": 50, "d": 30, "rx": 10, "tx": 5}}])


@fact("7.4", "The keys of an entry come in this order: id, on, m, and c, m, d, rx, tx")
def _(t):
    viewer, _ = t.viewer()
    agent = t.agent()
    agent.sample(cpu=1, memory=2, disk=3, rx_speed=4, tx_speed=5)
    yield TICKED
    texts = [m for m in viewer.fence() if agent.id in m and '"type":"delta"' in m]
    wanted = f'{{"id":"{agent.id}","on":true,"m":{{"c":1,"m":2,"d":3,"rx":4,"tx":5}}}}'
    true(any(wanted in text for text in texts), f"{texts}"[:300])


@fact("7.4", "Afterwards only what changed is told, and no `on`")
def _(t):
    agent, viewer = yield from watched(t, cpu=12.5, memory=50, disk=30, rx_speed=10, tx_speed=5)
    agent.sample(cpu=13.5, memory=50, disk=30, rx_speed=10, tx_speed=6)
    yield TICKED
    same(entries(viewer, agent.id), [{"id": agent.id, "m": {"c": 13, "tx": 6}}])


@fact("7.4", "A change behind the point of a percentage tells nothing")
def _(t):
    agent, viewer = yield from watched(t, cpu=12.01, memory=50, disk=30)
    agent.sample(cpu=12.99, memory=50.5, disk=30.9)
    yield TICKED
    same(entries(viewer, agent.id), [])


@fact("7.4", "A change of uptime or counters alone tells nothing, and uptime is never told")
def _(t):
    agent, viewer = yield from watched(t)
    agent.sample(rx=99_999, tx=88_888, uptime=2000)
    yield TICKED
    same(entries(viewer, agent.id), [])


@fact("7.4", "Speeds are told exactly, up to 2^64-1, and back to 0")
def _(t):
    agent, viewer = yield from watched(t)
    agent.sample(rx_speed=(1 << 64) - 1, tx_speed=(1 << 53) + 1)
    yield TICKED
    same(entries(viewer, agent.id)[-1]["m"], {"rx": (1 << 64) - 1, "tx": (1 << 53) + 1})
    agent.sample(rx_speed=0, tx_speed=0)
    yield TICKED
    same(entries(viewer, agent.id), [{"id": agent.id, "m": {"rx": 0, "tx": 0}}])


@fact("7.4", "Without disks there is no d")
def _(t):
    viewer, _ = t.viewer()
    agent = t.agent()
    agent.sample(disks=[])
    yield TICKED
    same(entries(viewer, agent.id)[0]["m"], {"c": 12, "m": 50, "rx": 10, "tx": 5})


@fact("7.4", "Of the first of several disks, and of the latest of several samples, a delta tells")
def _(t):
    agent, viewer = yield from watched(t)
    agent.sample(rx_speed=11)
    agent.sample(rx_speed=12, disks=[{"name": "a", "usage_percent": 44}, {"name": "b", "usage_percent": 99}])
    yield TICKED
    told = {}
    for entry in entries(viewer, agent.id):  # two, if a tick came between the samples
        told.update(entry["m"])
    same(told, {"d": 44, "rx": 12})


@fact("7.4", "last_metrics of aggregates is told like a sample")
def _(t):
    agent, viewer = yield from watched(t, cpu=10)
    agent.send({"type": "aggregated_metrics", "last_metrics": sample(cpu=77)})
    yield TICKED
    same(entries(viewer, agent.id), [{"id": agent.id, "m": {"c": 77}}])


@fact("7.4", "All viewers get the same deltas")
def _(t):
    agent, first = yield from watched(t)
    second, _ = t.viewer()
    first.fence()
    agent.sample(rx_speed=77)
    yield TICKED
    told = [[m for m in v.fence() if agent.id in m] for v in (first, second)]
    true(told[0], "nothing came")
    same(told[0], told[1])


@fact("7.2", "Deltas come five seconds apart")
def _(t):
    agent, viewer = yield from watched(t)
    stamps = []
    for i in range(3):
        agent.sample(rx_speed=100 + i)
        yield TICKED
        stamps += [m["ts"] for m in deltas(viewer)]
    gaps = [b - a for a, b in zip(stamps, stamps[1:])]
    true(gaps and all(abs(gap - round(gap / 5) * 5) <= 1 and gap >= 4 for gap in gaps), f"ts {stamps}")


@fact("7.4", "A server that came later is told in deltas, never in a stream_server")
def _(t):
    viewer, _ = t.viewer()
    agent = t.agent(t.create())
    agent.sample()
    yield TICKED
    told = [m for m in map(json.loads, viewer.fence()) if agent.id in json.dumps(m)]
    same([m["type"] for m in told], ["delta"])


@fact("7.4", "A deletion is not told")
def _(t):
    agent, viewer = yield from watched(t)
    viewer.fence()
    t.call("DELETE", f"/api/servers/{agent.id}")
    yield TICKED
    same([m for m in viewer.fence() if agent.id in m], [])


@fact("7.4", "New site settings are told to every viewer")
def _(t):
    viewer, _ = t.viewer()
    before = t.get(SETTINGS)
    same(t.call("PUT", SETTINGS, before).status, 200)
    told = [m for m in map(json.loads, viewer.fence()) if m["type"] == "site_settings"]
    same(told, [{"type": "site_settings", "site_settings": before}])


@fact("7.2", "A server that falls silent is told offline after 30 to 36 seconds, and without values", "slow")
def _(t):
    agent, viewer = yield from watched(t)
    agent.sample(rx_speed=11)
    yield 22
    same([e for e in entries(viewer, agent.id) if "on" in e], [], "before 30 s")
    true(t.live(agent.id)["online"], "offline in /api/metrics/all")
    yield 14
    same(entries(viewer, agent.id), [{"id": agent.id, "on": False}])
    true(not t.live(agent.id)["online"], "online in /api/metrics/all")
    same(t.live(agent.id)["metrics"]["network"]["rx_speed"], 11, "what it last sent")
    agent.sample(rx_speed=12)
    yield TICKED
    same(entries(viewer, agent.id), [{"id": agent.id, "on": True, "m": {"rx": 12}}])
    _, stream = t.viewer()
    true(next(m["server"]["online"] for m in stream[1:-1] if m["server"]["server_id"] == agent.id), "offline")
