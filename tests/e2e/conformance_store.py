"""Facts of protocol.md 3 and 4: what of a sample or an aggregate is stored, and how rows merge."""

from conformance import (SETTLED, VIEWS, WIDTHS, bucket_row, fact, iso, now, ping_row, ping_target, recent, same,
                         sample, true)


# 3.1, 3.3

for name, width in WIDTHS.items():
    @fact("3.1", f"A bucket of {name} is an index: its point is at bucket x {width} s")
    def _(t, name=name):
        agent, bucket = t.agent(), recent(name, 2)
        agent.aggregate(name, bucket_row(bucket, cpu=12.5, memory=25, disk=37.5, rx=7, tx=9, ping=4.5, pings=2))
        yield SETTLED
        same(t.point(agent.id, name, bucket), {
            "timestamp": iso(bucket * WIDTHS[name]), "cpu": 12.5, "memory": 25, "disk": 37.5, "net_rx": 7,
            "net_tx": 9, "ping_ms": 4.5})


@fact("3.1", "The point of a realtime sample is at the beginning of its five seconds and two minutes")
def _(t):
    agent, second = t.agent(), now() // 120 * 120 - 120 + 118
    agent.sample(at=second)
    yield SETTLED
    same([p["timestamp"] for p in t.history(agent.id, "1h")["data"]], [iso(second - 3)])
    same([p["timestamp"] for p in t.history(agent.id, "24h")["data"]], [iso(second - 118)])


@fact("3.2", "Seconds sent as buckets of five seconds give a point in a far year")
def _(t):
    agent, bucket = t.agent(), now() // 5 * 5
    agent.aggregate("5sec", bucket_row(bucket))
    yield SETTLED
    same([p["timestamp"][:3] for p in t.history(agent.id, "1h")["data"]], [str(1970 + bucket * 5 // 31_556_952)[:3]])


@fact("3.2", "Seconds sent as buckets of fifteen minutes give no point, and no fallback either")
def _(t):
    agent = t.agent()
    agent.sample(at=now() - 3600)
    agent.aggregate("15min", bucket_row(now() // 900 * 900))
    yield SETTLED
    same(t.history(agent.id, "7d")["data"], None)


@fact("3.2", "Seconds sent as buckets poison last_buckets and last_seen")
def _(t):
    agent, bucket = t.agent(), now() // 120 * 120
    agent.aggregate("2min", bucket_row(bucket))
    yield SETTLED
    reply = agent.introduce(agent.server)
    same(reply["last_buckets"], {"2min": bucket})
    true(reply["last_seen"] > "2200", reply["last_seen"])


@fact("3.2", "The last_seen of seconds sent as buckets of two minutes is in the year of their product")
def _(t):
    agent = t.agent()
    agent.aggregate("2min", bucket_row(1795492080))
    yield SETTLED
    same(agent.introduce(agent.server)["last_seen"], iso(1795492080 * 120))


@fact("3.3", "A bucket older than its view is stored and not shown", "db")
def _(t):
    agent, bucket = t.agent(), recent("5sec", 800)
    agent.aggregate("5sec", bucket_row(bucket))
    yield SETTLED
    true(t.row("5sec", agent.id, bucket) is not None, "no row")
    same(t.history(agent.id, "1h")["data"], None)


# 3.4

def repeat(t, values, second=None):
    agent, second = t.agent(), second or now() // 5 * 5 - 60
    for value in values:
        agent.sample(at=second, **value)
    return agent, second // 5


@fact("3.4", "Realtime samples of one bucket add up: its point is their mean")
def _(t):
    agent, bucket = repeat(t, [{"cpu": 10, "memory": 20, "disk": 30}, {"cpu": 20, "memory": 60, "disk": 31}])
    yield SETTLED
    for name, at in (("5sec", bucket), ("2min", bucket * 5 // 120)):
        point = t.point(agent.id, name, at)
        same((point["cpu"], point["memory"], point["disk"]), (15, 40, 30.5), name)


@fact("3.4", "Counters of realtime samples take their maximum")
def _(t):
    agent, bucket = repeat(t, [{"rx": 500, "tx": 40}, {"rx": 400, "tx": 50}])
    yield SETTLED
    point = t.point(agent.id, "5sec", bucket)
    same((point["net_rx"], point["net_tx"]), (500, 50))


@fact("3.4", "Maxima of realtime samples are kept", "db")
def _(t):
    agent, bucket = repeat(t, [{"cpu": 10, "memory": 60}, {"cpu": 20, "memory": 20}])
    yield SETTLED
    row = t.row("5sec", agent.id, bucket)
    same((row["cpu_sum"], row["cpu_max"], row["memory_max"], row["sample_count"]), (30, 20, 60, 2))


@fact("3.4", "ping_sum of a sample adds the mean of its targets that have a latency, ping_count one", "db")
def _(t):
    ping = {"targets": [ping_target(10, name="A"), ping_target(20, name="B"), ping_target(None, "error", "C")]}
    agent, bucket = repeat(t, [{"ping": ping}, {"ping": {"targets": [ping_target(None, "error")]}}, {}])
    yield SETTLED
    row = t.row("5sec", agent.id, bucket)
    same((row["ping_sum"], row["ping_count"], row["sample_count"]), (15, 1, 3))


def twice(t, name, first, second, apart):
    """The same bucket sent twice, into one flush of the server or into two."""
    agent, bucket = t.agent(), recent(name, 3)
    agent.aggregate(name, bucket_row(bucket, **first))
    if apart:
        yield SETTLED
    agent.aggregate(name, bucket_row(bucket, **second))
    yield SETTLED
    return agent, bucket


for apart, when in ((False, "within a second"), (True, "in two flushes")):
    @fact("3.4", f"An aggregate replaces sums and counts of an earlier one, {when}")
    def _(t, apart=apart):
        agent, bucket = yield from twice(t, "2min", {"cpu": 80, "count": 20, "ping": 9, "pings": 3},
                                         {"cpu": 10, "count": 4, "ping": 5, "pings": 1}, apart)
        point = t.point(agent.id, "2min", bucket)
        same((point["cpu"], point["ping_ms"]), (10, 5))

    @fact("3.4", f"Counters of aggregates take their maximum, {when}")
    def _(t, apart=apart):
        agent, bucket = yield from twice(t, "hourly", {"rx": 500, "tx": 5}, {"rx": 400, "tx": 50}, apart)
        point = t.point(agent.id, "hourly", bucket)
        same((point["net_rx"], point["net_tx"]), (500, 50))

    @fact("3.4", f"Maxima of aggregates take their maximum, {when}", "db")
    def _(t, apart=apart):
        agent, bucket = yield from twice(t, "5sec", {"cpu": 80, "memory": 10}, {"cpu": 10, "memory": 80}, apart)
        row = t.row("5sec", agent.id, bucket)
        same((row["cpu_max"], row["memory_max"]), (80, 80))

    @fact("3.4", f"A ping row of an aggregate replaces all but its maximum, which is the greater, {when}", "db")
    def _(t, apart=apart):
        agent, bucket = t.agent(), recent("15min", 3)
        agent.aggregate("15min", ping=[ping_row(bucket, 90, 3, host="192.0.2.1")])
        if apart:
            yield SETTLED
        agent.aggregate("15min", ping=[ping_row(bucket, 10, 2, failed=1, host="192.0.2.2")])
        yield SETTLED
        row = t.row("15min", agent.id, bucket, "ping")
        same((row["latency_sum"], row["latency_max"], row["latency_count"], row["ok_count"], row["fail_count"],
              row["target_host"]), (20, 90, 2, 2, 1, "192.0.2.2"))


@fact("3.4", "A zero count in an aggregate replaces, too: the point becomes 0 and loses its ping")
def _(t):
    agent, bucket = yield from twice(t, "5sec", {"cpu": 80, "ping": 5, "pings": 2}, {"count": 0}, True)
    point = t.point(agent.id, "5sec", bucket)
    same((point["cpu"], "ping_ms" in point), (0, False))


@fact("3.4", "The name of a ping target identifies it, not its host")
def _(t):
    agent, bucket = t.agent(), recent("5sec", 20)
    agent.aggregate("5sec", ping=[ping_row(bucket, 10, host="192.0.2.1"), ping_row(bucket + 1, 20, host="192.0.2.2"),
                                  ping_row(bucket, 30, name="Other", host="192.0.2.1")])
    yield SETTLED
    same(sorted(x["name"] for x in t.history(agent.id, "1h", "ping")["ping_targets"]), ["CF", "Other"])
    same([p["latency_ms"] for p in t.pings(agent.id, "5sec").values()], [10, 20])


@fact("3.5", "The raw row keeps the zone of the sample, the buckets do not depend on it", "db")
def _(t):
    agent, second = t.agent(), now() - 60
    stamp = iso(second + 8 * 3600)[:-1]
    agent.sample(at=stamp + ".75+08:00")
    yield SETTLED
    rows = t.rows("SELECT * FROM metrics_raw WHERE server_id = ?", agent.id)
    same([(r["timestamp"], r["bucket_5sec"], r["bucket_5min"]) for r in rows],
         [(stamp + "+08:00", second // 5, second // 120)])


@fact("3.6", "A realtime sample sent twice counts twice", "db")
def _(t):
    agent, bucket = repeat(t, [{}, {}])
    yield SETTLED
    same(t.row("5sec", agent.id, bucket)["sample_count"], 2)
    same(len(t.rows("SELECT * FROM metrics_raw WHERE server_id = ?", agent.id)), 2, "raw rows")


# 4

@fact("4", "A raw row has the values of the sample, disk of the first disk, ping the mean latency", "db")
def _(t):
    agent, second = t.agent(), now() - 60
    ping = {"targets": [ping_target(10, name="A"), ping_target(20, name="B"), ping_target(None, "error", "C")]}
    disks = [{"name": "a", "usage_percent": 44}, {"name": "b", "usage_percent": 99}]
    agent.sample(at=second, cpu=12.5, memory=25, rx=7, tx=9, ping=ping, disks=disks)
    yield SETTLED
    row = t.rows("SELECT * FROM metrics_raw WHERE server_id = ?", agent.id)[0]
    wanted = {"timestamp": iso(second), "cpu_usage": 12.5, "memory_usage": 25, "disk_usage": 44, "net_rx": 7,
              "net_tx": 9, "load_1": 0.25, "load_5": 0.5, "load_15": 0.75, "ping_ms": 15,
              "bucket_5sec": second // 5, "bucket_5min": second // 120}
    same({k: row[k] for k in wanted}, wanted)


@fact("4", "A sample without disks has disk 0, without latencies a raw ping of NULL", "db")
def _(t):
    agent = t.agent()
    agent.sample(disks=[], ping={"targets": [ping_target(None, "error")]})
    yield SETTLED
    row = t.rows("SELECT * FROM metrics_raw WHERE server_id = ?", agent.id)[0]
    same((row["disk_usage"], row["ping_ms"]), (0, None))


@fact("4", "A ping row of five seconds is at the time of the ping, if it has one, else of the sample")
def _(t):
    agent, second = t.agent(), now() // 5 * 5
    agent.sample(at=second - 60, ping={"targets": [ping_target(1)], "timestamp": second - 300})
    agent.sample(at=second - 120, ping={"targets": [ping_target(2)]})
    agent.sample(at=second - 180, ping={"targets": [ping_target(3)], "timestamp": 0})
    yield SETTLED
    same({k: p["latency_ms"] for k, p in t.pings(agent.id, "5sec").items()},
         {iso(second - 300): 1, iso(second - 180): 3, iso(second - 120): 2})


@fact("4", "A ping row of five seconds is replaced by the next one of its bucket, maximum included", "db")
def _(t):
    ping = [{"ping": {"targets": [ping_target(90)]}}, {"ping": {"targets": [ping_target(10)]}}]
    agent, bucket = repeat(t, ping)
    yield SETTLED
    row = t.row("5sec", agent.id, bucket, "ping")
    same((row["latency_sum"], row["latency_max"], row["latency_count"], row["ok_count"], row["fail_count"]),
         (10, 10, 1, 1, 0))


@fact("4", "Only the status ok counts as success, whatever else is said as failure")
def _(t):
    agent, second = t.agent(), now() // 5 * 5 - 60
    agent.sample(at=second, ping={"targets": [ping_target(5, "fine", "A"), ping_target(5, "OK", "B"),
                                              ping_target(5, "ok", "C"), ping_target(None, "ok", "D")]})
    yield SETTLED
    found = {x["name"]: x["data"][0] for x in t.history(agent.id, "1h", "ping")["ping_targets"]}
    same({n: (p["latency_ms"], p["status"]) for n, p in found.items()},
         {"A": (5, "error"), "B": (5, "error"), "C": (5, "ok"), "D": (None, "ok")})


AGG = {"2min": "agg_2min", "15min": "agg_15min", "hourly": "agg_hourly", "daily": "agg_daily"}
for name, field in AGG.items():
    @fact("4", f"Ping rows of {name} come from ping.{field} as given, and replace all columns", "db")
    def _(t, name=name, field=field):
        agent, bucket = t.agent(), recent(name, 1)
        for latency, count in ((90, 3), (10, 2)):
            entry = {"name": "CF", "host": "192.0.2.1", "bucket": bucket, "latency_sum": latency * count,
                     "latency_max": latency, "latency_count": count, "ok_count": count, "fail_count": 0}
            agent.sample(ping={"targets": [ping_target()], field: [entry]})
        yield SETTLED
        row = t.row(name, agent.id, bucket, "ping")
        same((row["latency_sum"], row["latency_max"], row["latency_count"], row["ok_count"]), (20, 10, 2, 2))
        same([p["latency_ms"] for p in t.pings(agent.id, name).values()], [10])


@fact("4", "Aggregates of ping are not read when there are no targets")
def _(t):
    agent, bucket = t.agent(), recent("2min", 1)
    entry = {"name": "CF", "host": "192.0.2.1", "bucket": bucket, "latency_sum": 1, "latency_count": 1, "ok_count": 1}
    agent.sample(ping={"targets": [], "agg_2min": [entry]})
    yield SETTLED
    same(t.pings(agent.id, "2min"), {})


@fact("4", "Without ping.agg_2min a sample leaves no ping of two minutes")
def _(t):
    agent = t.agent()
    agent.sample(ping={"targets": [ping_target()]})
    yield SETTLED
    same((len(t.pings(agent.id, "5sec")), t.pings(agent.id, "2min")), (1, {}))


@fact("4", "Samples fill neither the coarse tables nor the raw ping table", "db")
def _(t):
    agent = t.agent()
    agent.sample(ping={"targets": [ping_target()]})
    yield SETTLED
    for table in ("metrics_15min_agg", "metrics_hourly_agg", "metrics_daily_agg", "ping_15min_agg", "ping_raw"):
        same(t.rows(f"SELECT * FROM {table} WHERE server_id = ?", agent.id), [], table)


@fact("4", "Samples, then their aggregate, then a sample: the sums of the aggregate and what came after it")
def _(t):
    agent, bucket = repeat(t, [{"cpu": 10}, {"cpu": 12.5}, {"cpu": 15}])
    yield SETTLED
    same(t.point(agent.id, "5sec", bucket)["cpu"], 12.5, "three samples")
    agent.aggregate("5sec", bucket_row(bucket, count=3, cpu=30))
    yield SETTLED
    same(t.point(agent.id, "5sec", bucket)["cpu"], 30, "the aggregate")
    agent.sample(at=bucket * 5, cpu=50)
    yield SETTLED
    same(t.point(agent.id, "5sec", bucket)["cpu"], 35, "and one more")


@fact("4", "A sample after an aggregate of ping replaces even the maximum", "db")
def _(t):
    agent, bucket = t.agent(), recent("5sec", 20)
    agent.aggregate("5sec", ping=[ping_row(bucket, 90)])
    yield SETTLED
    agent.sample(at=bucket * 5, ping={"targets": [ping_target(10)]})
    yield SETTLED
    same(t.row("5sec", agent.id, bucket, "ping")["latency_max"], 10)


@fact("4", "A message is in memory at once, in the history within a second and a half")
def _(t):
    agent = t.agent()
    agent.sample(hostname="at once", at=now() - 10)
    same(t.live(agent.id)["metrics"]["hostname"], "at once")
    yield SETTLED
    same(len(t.history(agent.id, "1h")["data"]), 1)


@fact("4", "A sample with a counter of 2^63 loses its row, others of its second do not")
def _(t):
    agent, other, second = t.agent(), t.agent(), now() // 5 * 5 - 60
    other.sample(at=second)
    agent.sample(at=second, rx=1 << 63)
    agent.sample(at=second + 5)
    yield SETTLED
    same([p["timestamp"] for p in t.history(agent.id, "1h")["data"]], [iso(second + 5)])
    same([p["timestamp"] for p in t.history(other.id, "1h")["data"]], [iso(second)])


@fact("4", "A counter of 2^63 in an aggregate loses its row, other granularities are stored", "alone", "mine")
def _(t):
    agent, bucket = t.agent(), recent("5sec", 20)
    agent.aggregate("5sec", bucket_row(bucket, rx=1 << 63))
    agent.aggregate("2min", bucket_row(bucket * 5 // 120))
    yield SETTLED
    same((t.history(agent.id, "1h")["data"], len(t.history(agent.id, "24h")["data"])), (None, 1))


@fact("4", "It takes with it the other rows of its granularity in that flush", "alone", "mine", "quirks")
def _(t):
    agent, other, bucket = t.agent(), t.agent(), recent("5sec", 20)
    agent.aggregate("5sec", bucket_row(bucket, rx=1 << 63), bucket_row(bucket + 1))
    other.aggregate("5sec", bucket_row(bucket))
    yield SETTLED
    same([t.history(a.id, "1h")["data"] for a in (agent, other)], [None, None])


@fact("4", "The first element of ip_addresses becomes the ip, and the version of a sample is stored")
def _(t):
    agent = t.agent()
    agent.sample(ip_addresses=["conform-label", "192.0.2.2"], version="v3")
    stored = t.configured(agent.id)
    same((stored["ip"], stored["version"]), ("conform-label", "v3"))
    agent.sample(ip_addresses=[""], version="")
    stored = t.configured(agent.id)
    same((stored["ip"], stored["version"]), ("", "v3"))


@fact("9.5", "An empty first element of ip_addresses leaves the ip empty")
def _(t):
    agent = t.agent()
    agent.sample(ip_addresses=[""])
    same(t.configured(agent.id)["ip"], "")


assert set(VIEWS) == set(WIDTHS)
assert sample(at=0)["timestamp"] == iso(0)
