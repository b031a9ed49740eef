"""Facts of protocol.md 2.3 to 2.9: auth, what is answered and what is not, pushes, batches, two logins."""

import json
import time

from conformance import (SETTLED, bucket_row, fact, iso, now, ping_row, ping_target, recent, same, sample, true)

NOT_FOUND = {"type": "auth", "status": "error", "message": "Server not found"}
NOT_AUTHENTICATED = '{"type":"error","message":"Not authenticated"}'


# 2.3

for kind, message in (("metrics", {"type": "metrics", "metrics": sample()}),
                      ("aggregated_metrics", {"type": "aggregated_metrics", "granularities": []}),
                      ("batch_metrics", {"type": "batch_metrics", "batch_id": "b"})):
    @fact("2.3", f"Before auth, {kind} is answered by the error `Not authenticated`, byte for byte")
    def _(t, message=message):
        agent = t.connect()
        agent.send(message)
        same(agent.receive(), NOT_AUTHENTICATED)
        same(agent.introduce(t.server())["status"], "ok", "auth on the same connection")


@fact("2.3", "What comes before auth is discarded")
def _(t):
    agent, server = t.connect(), t.server()
    agent.ask({"type": "metrics", "metrics": sample()})
    agent.introduce(server)
    yield SETTLED
    same(t.live(server["id"])["metrics"], None)
    same(t.history(server["id"], "1h")["data"], None)


@fact("2.3", "metrics without its object is answered by the same error after auth, too")
def _(t):
    agent = t.agent()
    for message in ({"type": "metrics"}, {"type": "metrics", "metrics": None}):
        agent.send(message)
        same(agent.receive(), NOT_AUTHENTICATED)


@fact("2.3", "Neither metrics nor aggregated_metrics is acknowledged")
def _(t):
    agent = t.agent()
    same(agent.sample(), [])
    same(agent.aggregate("5sec", bucket_row(recent("5sec", 20))), [])


# 2.4

@fact("2.4", "Auth with an id and its token is answered by status ok, the keys in alphabetical order")
def _(t):
    agent, server = t.connect(), t.server()
    agent.send({"type": "auth", "server_id": server["id"], "token": server["token"]})
    text = agent.receive()
    true(text.endswith('"status":"ok","type":"auth"}'), f"the reply is {text}")
    reply = agent.introduce(server)
    same([k for k in reply if k != "ping_targets"], ["status", "type"], "keys for a server without data")


for what, change in (("an empty server_id", {"server_id": ""}), ("an empty token", {"token": ""}),
                     ("no server_id", {"server_id": None}), ("no token", {"token": None})):
    @fact("2.4", f"Auth with {what} is met with silence")
    def _(t, change=change):
        agent, server = t.connect(), t.server()
        agent.send({"type": "auth", "server_id": server["id"], "token": server["token"], **change})
        same(agent.fence(), [])


@fact("2.4", "A wrong token is answered twice: `Invalid token`, then `Server not found`")
def _(t):
    agent = t.connect()
    same(agent.introduce({**t.server(), "token": "wrong"}), {**NOT_FOUND, "message": "Invalid token"})
    same(agent.receive_json(), NOT_FOUND)
    same(agent.fence(), [])


@fact("2.4", "The refusals of auth are these bytes")
def _(t):
    agent = t.connect()
    agent.send({"type": "auth", "server_id": t.server()["id"], "token": "wrong"})
    same([agent.receive(), agent.receive()], ['{"type":"auth","status":"error","message":"Invalid token"}',
                                              '{"type":"auth","status":"error","message":"Server not found"}'])


@fact("2.4", "An unknown id is answered once: `Server not found`")
def _(t):
    agent = t.connect()
    same(agent.introduce({"id": "no-such-id", "token": "x"}), NOT_FOUND)
    same(agent.fence(), [])


@fact("2.4", "The token of another server is a wrong token")
def _(t):
    agent = t.connect()
    same(agent.introduce({**t.server(), "token": t.server()["token"]})["message"], "Invalid token")


@fact("2.4", "After a refusal the connection may try again")
def _(t):
    agent, server = t.connect(), t.server()
    agent.introduce({"id": "no-such-id", "token": "x"})
    same(agent.introduce(server)["status"], "ok")


@fact("2.4", "A failed auth does not clear an earlier successful one")
def _(t):
    agent = t.agent()
    same(agent.ask({"type": "auth", "server_id": "no-such-id", "token": "x"}), NOT_FOUND)
    same(agent.sample(hostname="still"), [])
    same(t.live(agent.id)["metrics"]["hostname"], "still")


@fact("2.4", "The last successful auth decides whose the messages are")
def _(t):
    first, second = t.server(), t.server()
    agent = t.agent(first)
    agent.sample(hostname="one")
    same(agent.introduce(second)["status"], "ok")
    agent.sample(hostname="two")
    same([t.live(s["id"])["metrics"]["hostname"] for s in (first, second)], ["one", "two"])


@fact("2.4", "The version of an auth is stored, and an empty one changes nothing")
def _(t):
    agent, server = t.connect(), t.server()
    agent.introduce(server, version="v1.2.3")
    same(t.configured(server["id"])["version"], "v1.2.3")
    agent.introduce(server, version="")
    same(t.configured(server["id"])["version"], "v1.2.3")


@fact("2.4", "last_buckets has each granularity that has a bucket, and only those, in alphabetical order")
def _(t):
    agent = t.agent()
    wanted = {g: recent(g, 1) for g in ("15min", "5sec", "daily", "hourly")}
    for granularity, bucket in wanted.items():
        agent.aggregate(granularity, bucket_row(bucket), bucket_row(bucket - 1))
    yield SETTLED
    reply = agent.introduce(agent.server)
    same(reply["last_buckets"], wanted)
    same(list(reply["last_buckets"]), sorted(wanted), "order")


@fact("2.4", "Realtime samples count for last_buckets of 5sec and 2min only")
def _(t):
    agent, second = t.agent(), now() - 60
    agent.sample(at=second)
    yield SETTLED
    same(agent.introduce(agent.server)["last_buckets"], {"2min": second // 120, "5sec": second // 5})


@fact("2.4", "A bucket of 0 or below is not in last_buckets")
def _(t):
    agent = t.agent()
    agent.aggregate("5sec", bucket_row(0))
    agent.aggregate("hourly", bucket_row(-5))
    yield SETTLED
    true("last_buckets" not in agent.introduce(agent.server), "last_buckets was sent")


@fact("2.4", "Ping rows alone do not count for last_buckets")
def _(t):
    agent = t.agent()
    agent.aggregate("5sec", ping=[ping_row(recent("5sec", 3))])
    yield SETTLED
    true("last_buckets" not in agent.introduce(agent.server), "last_buckets was sent")


@fact("2.4", "last_seen is the latest of the newest sample and the newest buckets of 5sec and 2min")
def _(t):
    five, two, hour, raw = (t.agent() for _ in range(4))
    buckets = recent("5sec", 7), recent("2min", 9), recent("hourly", 1)
    five.aggregate("5sec", bucket_row(buckets[0]))
    two.aggregate("2min", bucket_row(buckets[1]))
    hour.aggregate("hourly", bucket_row(buckets[2]))
    second = now() // 120 * 120 - 60 + 3
    raw.sample(at=second)
    yield SETTLED
    seen = [a.introduce(a.server).get("last_seen") for a in (five, two, hour, raw)]
    same(seen, [iso(buckets[0] * 5), iso(buckets[1] * 120), None, iso(second)])


# 2.6

@fact("2.6", "An unknown granularity is skipped, the others of the message are stored")
def _(t):
    agent, bucket = t.agent(), recent("5sec", 20)
    agent.send({"type": "aggregated_metrics", "granularities": [
        {"granularity": "10sec", "metrics": [bucket_row(bucket)]},
        {"granularity": "5sec", "interval": 777, "metrics": [bucket_row(bucket, cpu=25)]}]})
    same(agent.fence(), [])
    yield SETTLED
    same(t.point(agent.id, "5sec", bucket)["cpu"], 25)


@fact("2.6", "The interval of a granularity is ignored")
def _(t):
    agent, bucket = t.agent(), recent("2min", 3)
    agent.send({"type": "aggregated_metrics", "granularities": [
        {"granularity": "2min", "interval": 5, "metrics": [bucket_row(bucket)]}]})
    yield SETTLED
    true(t.point(agent.id, "2min", bucket), "the point is missing")


@fact("2.6", "Missing fields of a row are zero")
def _(t):
    agent, bucket = t.agent(), recent("5sec", 20)
    agent.aggregate("5sec", {"bucket": bucket, "cpu_sum": 30, "sample_count": 2})
    yield SETTLED
    same(t.point(agent.id, "5sec", bucket), {"timestamp": iso(bucket * 5), "cpu": 15, "memory": 0, "disk": 0,
                                             "net_rx": 0, "net_tx": 0})


@fact("2.6", "last_metrics alone is a valid message and updates the snapshot only")
def _(t):
    agent = t.agent()
    agent.send({"type": "aggregated_metrics", "last_metrics": sample(
        hostname="last", version="v9", ip_addresses=["192.0.2.9"])})
    same(agent.fence(), [])
    live, stored = t.live(agent.id), t.configured(agent.id)
    same((live["metrics"]["hostname"], live["online"]), ("last", True))
    same((stored["version"], stored["ip"]), ("", ""), "version and ip")
    same((live["version"], live["ip"]), ("v9", ""), "shown version and ip")
    yield SETTLED
    same(t.history(agent.id, "1h")["data"], None, "history")


# 2.7; all but the last two change what every agent is told

def with_targets(t, targets, check):
    """Puts ping targets, has them checked, and puts back what there was."""
    before = t.get("/api/settings/probe")
    try:
        reply = t.call("PUT", "/api/settings/probe", targets)
        same((reply.status, reply.text), (200, ""), "PUT /api/settings/probe")
        check()
    finally:
        t.call("PUT", "/api/settings/probe", before)


TARGETS = [{"name": "CF", "host": "192.0.2.1"},
           {"name": "Web", "host": "example.test", "type": "tcp", "port": 443}]


@fact("2.7", "New ping targets are pushed to every agent as a config message", "alone")
def _(t):
    agents = [t.agent(), t.agent()]

    def check():
        for agent in agents:
            message = agent.pushed()
            true(message.startswith('{"ping_targets":[') and message.endswith('],"type":"config"}'), message)
        same(t.get("/api/settings/probe"), {"ping_targets": TARGETS})
    with_targets(t, {"ping_targets": TARGETS}, check)


@fact("2.7", "A target is pushed as it was given: type and port only where they were", "alone")
def _(t):
    agent = t.agent()
    with_targets(t, {"ping_targets": TARGETS}, lambda: same(json.loads(agent.pushed())["ping_targets"], TARGETS))


@fact("2.7", "A connection that has not introduced itself gets no push", "alone")
def _(t):
    stranger = t.connect()
    with_targets(t, {"ping_targets": TARGETS}, lambda: same(stranger.fence(), []))


for what, body, pushed in (("an empty list", {"ping_targets": []}, []), ("no list", {}, None)):
    @fact("2.7", f"{what.capitalize()} of targets is pushed as {str(pushed).replace('None', 'null')}", "alone")
    def _(t, body=body, pushed=pushed):
        agent = t.agent()

        def check():
            same(json.loads(agent.pushed()), {"ping_targets": pushed, "type": "config"})
            same(t.get("/api/settings/probe")["ping_targets"], pushed)
            true("ping_targets" not in agent.introduce(agent.server), "ping_targets in the auth reply")
            agent.fence()
        with_targets(t, body, check)


@fact("2.4", "The auth reply has the ping targets when there are any", "alone")
def _(t):
    def check():
        agent = t.connect()
        same(agent.introduce(t.server())["ping_targets"], TARGETS)
        agent.fence()
    with_targets(t, {"ping_targets": TARGETS}, check)


@fact("2.7", "Update of a connected agent sends it the command and says so")
def _(t):
    agent = t.agent()
    reply = t.call("POST", f"/api/servers/{agent.id}/update", {"download_url": "http://192.0.2.1/a", "force": True})
    same((reply.status, reply.json), (200, {"success": True, "message": "Update command sent to agent"}))
    same(agent.pushed(), '{"type":"command","command":"update","download_url":"http://192.0.2.1/a","force":true}')


@fact("2.7", "The command leaves out an empty download_url and force when it is false")
def _(t):
    agent = t.agent()
    for body in ({"download_url": "", "force": False}, None):
        same(t.call("POST", f"/api/servers/{agent.id}/update", body).json["success"], True)
        same(agent.pushed(), '{"type":"command","command":"update"}')


@fact("2.7", "Update of an agent that is not connected says so, with 200")
def _(t):
    reply = t.call("POST", f"/api/servers/{t.server()['id']}/update", {})
    same((reply.status, reply.json), (200, {"success": False, "message": "Agent is not connected"}))


# 2.8

def item(second, **values):
    return {"timestamp": iso(second), "metrics": sample(at=second, **values)}


@fact("2.8", "A batch is answered by its id, accepted and rejected, keys in alphabetical order")
def _(t):
    agent = t.agent()
    agent.send({"type": "batch_metrics", "batch_id": "b-7", "metrics_batch": [item(now() - 60)]})
    same(agent.receive(), '{"accepted":1,"batch_id":"b-7","rejected":0,"type":"batch_ack"}')


@fact("2.8", "An empty batch is answered, with an empty id")
def _(t):
    same(t.agent().ask({"type": "batch_metrics"}), {"accepted": 0, "batch_id": "", "rejected": 0, "type": "batch_ack"})


@fact("2.8", "Rejected are items without metrics or with a bad time stamp, and null aggregates")
def _(t):
    second = now() - 60
    items = [item(second), {"timestamp": iso(second)}, {"timestamp": "yesterday", "metrics": sample()}]
    reply = t.agent().batch(items, [None])
    same((reply["accepted"], reply["rejected"]), (1, 3))


@fact("2.8", "An item under `metrics`, as the real agent spells it, drops the message without ack")
def _(t):
    agent = t.agent()
    agent.send({"type": "batch_metrics", "batch_id": "b", "metrics": [item(now() - 60)]})
    same(agent.fence(), [])


@fact("2.8", "The time stamp of an item overrides that of its metrics")
def _(t):
    agent, second = t.agent(), now() // 5 * 5 - 60
    agent.batch([{"timestamp": iso(second), "metrics": sample(at=second - 300)}])
    yield SETTLED
    same([p["timestamp"] for p in t.history(agent.id, "1h")["data"]], [iso(second)])


@fact("2.8", "Of items in one bucket of five seconds only the first is stored, though all are accepted")
def _(t):
    agent, second = t.agent(), now() // 5 * 5 - 60
    same(agent.batch([item(second, cpu=10)])["accepted"], 1)
    yield SETTLED
    same(agent.batch([item(second + 1, cpu=90), item(second, cpu=90), item(second + 5, cpu=30)])["accepted"], 3)
    yield SETTLED
    same([p["cpu"] for p in t.history(agent.id, "1h")["data"]], [10, 30])


@fact("2.8", "Ping rows of 5sec and 2min, and raw ones, come from the targets of an item", "db")
def _(t):
    agent, second = t.agent(), now() - 60
    agent.batch([item(second, ping={"targets": [ping_target(11.25), ping_target(None, "timeout", "Lost")],
                                    "timestamp": second - 600})])
    yield SETTLED
    for granularity, bucket in (("5sec", second // 5), ("2min", second // 120)):
        found = t.rows(f"SELECT * FROM ping_{granularity} WHERE server_id = ? ORDER BY target_name", agent.id)
        same([(r["bucket"], r["target_name"], r["latency_sum"], r["latency_count"], r["ok_count"], r["fail_count"])
              for r in found], [(bucket, "CF", 11.25, 1, 1, 0), (bucket, "Lost", 0, 0, 0, 1)], granularity)
    same(len(t.rows("SELECT * FROM ping_raw WHERE server_id = ?", agent.id)), 2, "raw rows")


def summary(start, **changes):
    return {"start_time": iso(start), "end_time": iso(start + 60), "sample_count": 12, "cpu_avg": 10, "cpu_max": 20,
            "memory_avg": 40, "memory_max": 42, "disk_avg": 30, "disk_max": 30, "net_rx_max": 5, "net_tx_max": 6,
            "uptime_max": 7, "ping_avg": 12.5, **changes}


@fact("2.8", "An aggregated item becomes a bucket of two minutes, without ping")
def _(t):
    agent, bucket = t.agent(), recent("2min", 5)
    same(agent.batch([], [summary(bucket * 120)])["accepted"], 1)
    yield SETTLED
    same(t.point(agent.id, "2min", bucket), {"timestamp": iso(bucket * 120), "cpu": 10, "memory": 40, "disk": 30,
                                             "net_rx": 5, "net_tx": 6})
    same(t.history(agent.id, "1h")["data"], None, "5sec")


@fact("2.8", "An aggregated item never changes a bucket that exists")
def _(t):
    agent, bucket = t.agent(), recent("2min", 5)
    agent.aggregate("2min", bucket_row(bucket, cpu=50))
    yield SETTLED
    same(agent.batch([], [summary(bucket * 120)])["accepted"], 1)
    yield SETTLED
    same(t.point(agent.id, "2min", bucket)["cpu"], 50)


@fact("2.8", "last_metrics of an aggregated item is a sample at its end")
def _(t):
    agent, start = t.agent(), recent("2min", 5) * 120
    agent.batch([], [summary(start, last_metrics=sample(at=start + 7, cpu=77)),
                     summary(start + 240, end_time="soon", last_metrics=sample(at=start, cpu=66))])
    yield SETTLED
    data = t.history(agent.id, "1h")["data"]
    same([(p["timestamp"], p["cpu"]) for p in data], [(iso(start + 60), 77), (iso(start + 300), 66)])


@fact("2.8", "An aggregated item without a readable start is accepted and lost")
def _(t):
    agent = t.agent()
    same(agent.batch([], [summary(0, start_time="then", last_metrics=sample())])["accepted"], 1)
    yield SETTLED
    same([t.history(agent.id, span)["data"] for span in ("1h", "24h")], [None, None])


@fact("2.8", "The snapshot is the last item of a batch, or the last aggregate's last_metrics")
def _(t):
    first, second = t.agent(), t.agent()
    aggregate = summary(now() - 600, last_metrics=sample(hostname="of the aggregate"))
    first.batch([item(now() - 70, hostname="a"), item(now() - 60, hostname="b")], [aggregate])
    second.batch([], [aggregate])
    same([t.live(a.id)["metrics"]["hostname"] for a in (first, second)], ["b", "of the aggregate"])


@fact("2.8", "A batch whose last item has no metrics leaves the snapshot as it is")
def _(t):
    agent = t.agent()
    agent.batch([item(now() - 60, hostname="a"), {"timestamp": iso(now())}])
    same(t.live(agent.id)["metrics"], None)


# 2.9

def told(t, agent):
    """Whether that connection is the one that gets its server's commands."""
    agent.fence()
    same(t.call("POST", f"/api/servers/{agent.id}/update", {}).status, 200, "POST update")
    time.sleep(0.1)  # see Agent.pushed
    return len(agent.fence()) > 0


@fact("2.9", "Two connections of one server stay open, and both may send")
def _(t):
    server = t.server()
    first, second, bucket = t.agent(server), t.agent(server), recent("5sec", 20)
    first.aggregate("5sec", bucket_row(bucket))
    second.aggregate("5sec", bucket_row(bucket + 1))
    yield SETTLED
    true(all(t.point(server["id"], "5sec", b) for b in (bucket, bucket + 1)), "a row is missing")


@fact("2.9", "Of two connections the one that introduced itself last gets what is pushed")
def _(t):
    server = t.server()
    first, second = t.agent(server), t.agent(server)
    same(told(t, second), True, "the second")
    same(first.fence(), [], "the first")
    first.introduce(server)
    same(told(t, first), True, "the first, after another auth")


@fact("2.9", "When one of two closes, the other gets no more pushes until it introduces itself again")
def _(t):
    server = t.server()
    first, second = t.agent(server), t.agent(server)
    first.close()
    yield 0.5
    same(t.call("POST", f"/api/servers/{server['id']}/update", {}).json["message"], "Agent is not connected")
    second.introduce(server)
    same(told(t, second), True)
