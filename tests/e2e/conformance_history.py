"""Facts of protocol.md 1.5: what GET /api/history answers."""

from conformance import (SETTLED, VIEWS, WIDTHS, bucket_row, fact, iso, now, ping_row, ping_target, recent, same, true)

LIMITS = {"5sec": 720, "2min": 720, "hourly": 720, "daily": 365}


def filled(t, granularity, count):
    """An agent with that many buckets, the newest of them six after the present one."""
    agent, last = t.agent(), recent(granularity, -6)
    agent.aggregate(granularity, *(bucket_row(last - i) for i in range(count)))
    return agent


@fact("1.5", "An unknown server has an empty history, with 200")
def _(t):
    reply = t.history("no-such-id", "1h", "all")
    same({k: v for k, v in reply.items() if k != "last_bucket"}, {"server_id": "no-such-id", "range": "1h", "data": None})


@fact("1.5", "It needs no authorization")
def _(t):
    same(t.call("GET", "/api/history/no-such-id?range=7d", headers={}).status, 200)


@fact("1.5", "Without a range it is 24h, without a type all")
def _(t):
    agent, bucket = t.agent(), recent("2min", 3)
    agent.aggregate("2min", bucket_row(bucket), ping=[ping_row(bucket)])
    yield SETTLED
    reply = t.get(f"/api/history/{agent.id}")
    same((reply["range"], len(reply["data"]), len(reply["ping_targets"])), ("24h", 1, 1))
    true(abs(reply["last_bucket"] - now() // 120) <= 1, "last_bucket")


@fact("1.5", "last_bucket is the server's clock, and only for 1h and 24h")
def _(t):
    server_id = t.server()["id"]
    for span, width in (("1h", 5), ("24h", 120)):
        last = t.history(server_id, span)["last_bucket"]
        true(abs(last - now() // width) <= 1, f"{span}: {last}")
    for span in ("7d", "30d", "1y", "2w"):
        true("last_bucket" not in t.history(server_id, span), span)


@fact("1.5", "incremental is there, and true, only when since is above 0")
def _(t):
    server_id = t.server()["id"]
    same([t.history(server_id, "1h", since=s).get("incremental") for s in (None, 0, 1, "x", "")],
         [None, None, True, None, None])


@fact("1.5", "A since of another kind than a number is none; its leading digits count")
def _(t):
    server_id = t.server()["id"]
    same([t.history(server_id, "1h", since=s).get("incremental") for s in ("abc", "12abc", "1.5", "-7")],
         [None, True, True, None])


@fact("1.5", "since is inclusive")
def _(t):
    agent, bucket = t.agent(), recent("5sec", 20)
    agent.aggregate("5sec", *(bucket_row(bucket + i) for i in range(3)),
                    ping=[ping_row(bucket + i) for i in range(3)])
    yield SETTLED
    reply = t.history(agent.id, "1h", since=bucket + 1)
    same([p["timestamp"] for p in reply["data"]], [iso((bucket + i) * 5) for i in (1, 2)])
    points = t.history(agent.id, "1h", "ping", bucket + 1)["ping_targets"][0]["data"]
    same([p["timestamp"] for p in points], [iso((bucket + i) * 5) for i in (1, 2)])


@fact("1.5", "A since older than the range does not widen it")
def _(t):
    agent, bucket = t.agent(), recent("5sec", 800)
    agent.aggregate("5sec", bucket_row(bucket), bucket_row(bucket + 700))
    yield SETTLED
    same(len(t.history(agent.id, "1h", since=bucket)["data"]), 1)


@fact("1.5", "7d, 30d and 1y do not honour since")
def _(t):
    agent = t.agent()
    for granularity in ("15min", "hourly", "daily"):
        agent.aggregate(granularity, bucket_row(recent(granularity, 3)), bucket_row(recent(granularity, 1)))
    yield SETTLED
    for granularity in ("15min", "hourly", "daily"):
        reply = t.history(agent.id, VIEWS[granularity], since=recent(granularity, 1))
        same((len(reply["data"]), reply["incremental"]), (2, True), granularity)


@fact("1.5", "The type metrics leaves out the ping, the type ping the metrics, any other both")
def _(t):
    agent, bucket = t.agent(), recent("5sec", 20)
    agent.aggregate("5sec", bucket_row(bucket), ping=[ping_row(bucket)])
    yield SETTLED
    replies = [t.history(agent.id, "1h", kind) for kind in ("all", "metrics", "ping", "cpu")]
    same([(r["data"] is not None, "ping_targets" in r) for r in replies],
         [(True, True), (True, False), (False, True), (False, False)])


@fact("1.5", "A range that is unknown has no data, and ping as 24h")
def _(t):
    agent, bucket = t.agent(), recent("2min", 3)
    agent.aggregate("2min", bucket_row(bucket), ping=[ping_row(bucket)])
    yield SETTLED
    reply = t.history(agent.id, "2w", "all")
    same((reply["range"], reply["data"], len(reply["ping_targets"])), ("2w", None, 1))


@fact("1.5", "An empty range is echoed as such")
def _(t):
    reply = t.history(t.server()["id"], "")
    same(reply["range"], "")
    true(abs(reply["last_bucket"] - now() // 120) <= 1, "last_bucket")


@fact("1.5", "Points ascend in time, whatever the order they came in")
def _(t):
    agent, bucket = t.agent(), recent("2min", 30)
    order = [7, 2, 9, 4, 0, 5]
    agent.aggregate("2min", *(bucket_row(bucket + i) for i in order), ping=[ping_row(bucket + i) for i in order])
    yield SETTLED
    wanted = [iso((bucket + i) * 120) for i in sorted(order)]
    same([p["timestamp"] for p in t.history(agent.id, "24h")["data"]], wanted)
    same(list(t.pings(agent.id, "2min")), wanted)


@fact("1.5", "A point has these keys in this order, ping_ms only with a ping")
def _(t):
    agent, bucket = t.agent(), recent("5sec", 20)
    agent.aggregate("5sec", bucket_row(bucket, ping=4, pings=1), bucket_row(bucket + 1))
    yield SETTLED
    keys = ["timestamp", "cpu", "memory", "disk", "net_rx", "net_tx"]
    same([list(p) for p in t.history(agent.id, "1h")["data"]], [keys + ["ping_ms"], keys])


@fact("1.5", "Percentages are float32: a mean of 0.1 is shown as 0.1")
def _(t):
    agent, bucket = t.agent(), recent("5sec", 20)
    agent.aggregate("5sec", {"bucket": bucket, "cpu_sum": 0.3, "memory_sum": 0.7, "sample_count": 3})
    yield SETTLED
    text = t.call("GET", f"/api/history/{agent.id}?range=1h&type=metrics").text
    true('"cpu":0.1,"memory":0.23333333,' in text, text)


@fact("1.5", "A bucket of no samples is shown as 0 percent")
def _(t):
    agent, bucket = t.agent(), recent("5sec", 20)
    agent.aggregate("5sec", bucket_row(bucket, cpu=50, count=0, cpu_sum=50, rx=7))
    yield SETTLED
    point = t.point(agent.id, "5sec", bucket)
    same((point["cpu"], point["net_rx"]), (0, 7))


@fact("1.5", "Counts below zero are as good as zero")
def _(t):
    agent, bucket = t.agent(), recent("5sec", 20)
    agent.aggregate("5sec", bucket_row(bucket, count=-2, ping=5, pings=-1))
    yield SETTLED
    point = t.point(agent.id, "5sec", bucket)
    same((point["cpu"], "ping_ms" in point), (0, False))


@fact("1.5", "A ping point is an error as soon as one failed, with the mean of what succeeded")
def _(t):
    agent, bucket = t.agent(), recent("5sec", 20)
    agent.aggregate("5sec", ping=[ping_row(bucket, 10, 3, failed=1), ping_row(bucket + 1, 10, 3),
                                  ping_row(bucket + 2, 0, 0, failed=2)])
    yield SETTLED
    same(list(t.pings(agent.id, "5sec").values()), [
        {"timestamp": iso(bucket * 5), "latency_ms": 10, "status": "error"},
        {"timestamp": iso(bucket * 5 + 5), "latency_ms": 10, "status": "ok"},
        {"timestamp": iso(bucket * 5 + 10), "latency_ms": None, "status": "error"}])


@fact("1.5", "The host of a ping target is that of its oldest row")
def _(t):
    agent, bucket = t.agent(), recent("5sec", 20)
    agent.aggregate("5sec", ping=[ping_row(bucket + 1, host="192.0.2.2"), ping_row(bucket, host="192.0.2.1")])
    yield SETTLED
    same([x["host"] for x in t.history(agent.id, "1h", "ping")["ping_targets"]], ["192.0.2.1"])


for name, span in VIEWS.items():
    @fact("1.5", f"Ping of {name} is in the view {span}")
    def _(t, name=name, span=span):
        agent, bucket = t.agent(), recent(name, 1)
        agent.aggregate(name, ping=[ping_row(bucket, 12.5)])
        yield SETTLED
        same({s: len(t.history(agent.id, s, "ping").get("ping_targets", [])) for s in VIEWS.values()},
             {s: int(s == span) for s in VIEWS.values()})
        same(t.pings(agent.id, name), {iso(bucket * WIDTHS[name]): {
            "timestamp": iso(bucket * WIDTHS[name]), "latency_ms": 12.5, "status": "ok"}})


def sampled(t, second):
    """An agent with samples only, in two quarters of an hour of one half day."""
    agent = t.agent()
    for at, cpu, rx in ((second, 10, 1000), (second + 60, 30, 1700), (second + 900, 50, 3000)):
        agent.sample(at=at, cpu=cpu, rx=rx, tx=2 * rx, ping={"targets": [ping_target(5)]})
    return agent


def half_day(width):
    """The start of a bucket of that width, a while ago, that has an hour to go in its half day."""
    start = (now() - 8 * 3600) // 43_200 * 43_200
    return (start + 3600) // width * width


for span, width in (("7d", 900), ("30d", 3600), ("1y", 43_200)):
    @fact("1.5", f"Without aggregates {span} falls back to the raw samples, by {width} s; counters are differences")
    def _(t, span=span, width=width):
        second = half_day(3600) + 30
        agent = sampled(t, second)
        yield SETTLED
        groups = {}
        for at, cpu, rx in ((second, 10, 1000), (second + 60, 30, 1700), (second + 900, 50, 3000)):
            groups.setdefault(at // width, []).append((at, cpu, rx))
        data = t.history(agent.id, span)["data"]
        # Half a day is named after its first sample, the others after their beginning.
        same([(p["timestamp"], p["cpu"], p["net_rx"], p["net_tx"], p["ping_ms"]) for p in data],
             [(iso(v[0][0] if span == "1y" else at * width), sum(c for _, c, _ in v) / len(v),
               v[-1][2] - v[0][2], 2 * (v[-1][2] - v[0][2]), 5) for at, v in groups.items()])


@fact("1.5", "1h and 24h have no fallback: the raw samples of a batch are in them as buckets")
def _(t):
    agent = t.agent()
    agent.batch([{"timestamp": iso(now() - 60), "metrics": {"timestamp": iso(now() - 60)}}])
    yield SETTLED
    same([len(t.history(agent.id, span)["data"]) for span in ("1h", "24h")], [1, 1])


for name, limit in LIMITS.items():
    @fact("1.5", f"{VIEWS[name]} has at most {limit} points, the oldest: the newest bucket is cut off", "quirks")
    def _(t, name=name, limit=limit):
        agent = filled(t, name, limit + 8)
        yield SETTLED
        data = t.history(agent.id, VIEWS[name])["data"]
        same(len(data), limit)
        true(data[-1]["timestamp"] < iso(recent(name, 0) * WIDTHS[name]), "the newest bucket is there")

    @fact("1.5", f"{VIEWS[name]} has all its buckets, the newest as well", "plain")
    def _(t, name=name, limit=limit):
        agent = filled(t, name, limit + 8)
        yield SETTLED
        stamps = [p["timestamp"] for p in t.history(agent.id, VIEWS[name])["data"]]
        true(iso(recent(name, 0) * WIDTHS[name]) in stamps, "the newest bucket is missing")
        true(len(stamps) > limit, f"{len(stamps)} points")


@fact("1.5", "A since lets 1h show the newest bucket")
def _(t):
    agent = filled(t, "5sec", 730)
    yield SETTLED
    newest = recent("5sec", -1)
    true(iso(newest * 5) in [p["timestamp"] for p in t.history(agent.id, "1h", since=newest - 20)["data"]], "missing")


@fact("1.5", "7d is not cut off")
def _(t):
    agent = filled(t, "15min", 680)
    yield SETTLED
    stamps = [p["timestamp"] for p in t.history(agent.id, "7d")["data"]]
    true(iso(recent("15min", 0) * 900) in stamps, "the newest bucket is missing")


@fact("1.5", "Ping has no limit of points")
def _(t):
    agent, last = t.agent(), recent("5sec", -2)
    agent.aggregate("5sec", ping=[ping_row(last - i) for i in range(730)])
    yield SETTLED
    true(len(t.pings(agent.id, "5sec")) > 720, "points are missing")


def one_more(t, agent, bucket):
    agent.aggregate("5sec", bucket_row(bucket))
    return SETTLED


@fact("1.5", "The type all is answered from a cache for 10 s, the type metrics is not", "quirks")
def _(t):
    agent, bucket = t.agent(), recent("5sec", 20)
    yield one_more(t, agent, bucket)
    same(len(t.history(agent.id, "1h", "all")["data"]), 1, "first")
    yield one_more(t, agent, bucket + 1)
    same(len(t.history(agent.id, "1h", "all")["data"]), 1, "cached")
    same(len(t.history(agent.id, "1h", "metrics")["data"]), 2, "type=metrics")
    yield 10.5
    same(len(t.history(agent.id, "1h", "all")["data"]), 2, "after 10 s")


@fact("1.5", "The type all is as fresh as the type metrics", "plain")
def _(t):
    agent, bucket = t.agent(), recent("5sec", 20)
    for count in (1, 2):
        yield one_more(t, agent, bucket + count)
        same([len(t.history(agent.id, "1h", kind)["data"]) for kind in ("all", "metrics")], [count, count])


@fact("1.5", "A since of the type all appends its rows to the cached answer, again and again", "quirks")
def _(t):
    agent, bucket = t.agent(), recent("5sec", 20)
    agent.aggregate("5sec", bucket_row(bucket), bucket_row(bucket + 1))
    yield SETTLED
    counts = [len(t.history(agent.id, "1h", "all")["data"])]
    for _ in range(2):
        same(len(t.history(agent.id, "1h", "all", bucket + 1)["data"]), 1, "the answer to since")
        counts.append(len(t.history(agent.id, "1h", "all")["data"]))
    same(counts, [2, 3, 4])


@fact("1.5", "7d, 30d and 1y are not cached", "quirks")
def _(t):
    agent = t.agent()
    for count in (1, 2):
        agent.aggregate("15min", bucket_row(recent("15min", count)))
        yield SETTLED
        same(len(t.history(agent.id, "7d", "all")["data"]), count)
