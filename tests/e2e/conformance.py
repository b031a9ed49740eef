"""The table of facts about a vStats server and what runs it; the facts are in the modules conformance_*.

A fact is a section of protocol.md, a sentence, and a function that checks it against any server. One that
must wait (for the server's one-second buffers, for a tick of the dashboards) is a generator: it yields the
seconds, and meanwhile other facts run. Each works with servers of its own, so that order does not matter.
"""

import base64
import contextlib
import heapq
import http.client
import inspect
import itertools
import json
import os
import re
import sqlite3
import time
import traceback
from datetime import datetime, timezone
from typing import Callable, NamedTuple
from urllib.parse import urlsplit

from agent_client import WebSocket

SETTLED = 1.6  # seconds after which a fact finds in the history what it sent (protocol.md 4)
TICKED = 5.6  # seconds after which every viewer has been told (7.2)
WIDTHS = {"5sec": 5, "2min": 120, "15min": 900, "hourly": 3600, "daily": 86400}
VIEWS = {"5sec": "1h", "2min": "24h", "15min": "7d", "hourly": "30d", "daily": "1y"}
TABLES = {"5sec": "5sec", "2min": "2min", "15min": "15min_agg", "hourly": "hourly_agg", "daily": "daily_agg"}

FACTS = []


class Fact(NamedTuple):
    section: str
    sentence: str
    check: Callable
    needs: frozenset  # of traits that its server must have

    @property
    def name(self):
        words = re.sub(r"[^a-z0-9]+", "_", f"{self.section} {self.sentence}".lower()).strip("_")
        return f"test_{words}"


class Skipped(Exception):
    """Here the fact cannot be checked."""


def fact(section, sentence, *needs):
    """Adds the decorated function to the table. Traits: quirks (a row limit and a cache as vStats has
    them), plain (without them), db (the database file can be read), password (the admin's is known), mine
    (nobody else uses the server), slow (a wait of half a minute is welcome), alone (it changes what all
    agents are told)."""
    def add(check):
        FACTS.append(Fact(section, sentence, check, frozenset(needs)))
        return check
    return add


def same(got, wanted, what=""):
    if got != wanted:
        raise AssertionError(f"{what or 'value'}: got {got!r}, wanted {wanted!r}")


def true(condition, what):
    if not condition:
        raise AssertionError(what)


class Reply(NamedTuple):
    status: int
    headers: dict
    text: str

    @property
    def json(self):
        return json.loads(self.text)

    def error(self, status, text):
        same((self.status, self.text), (status, json.dumps({"error": text}, separators=(",", ":"))), "answer")


class Agent(WebSocket):
    """A connection of an agent that has introduced itself."""

    server = None

    @property
    def id(self):
        return self.server["id"]

    def introduce(self, server, **more):
        self.server = server
        return self.ask({"type": "auth", "server_id": server["id"], "token": server["token"], **more})

    def pushed(self):
        """The message that the server pushes, as text; afterwards anything may be asked of it.

        vStats pushes from another goroutine than the one that answers: an answer while a push is
        being written, or a push while an answer is, ends a connection or the whole server. Before a
        push stands a fence, behind it this moment.
        """
        text = self.receive()
        time.sleep(0.1)
        return text

    def sample(self, **values):
        """Sends a realtime sample and returns once it has been handled; what came meanwhile."""
        self.send({"type": "metrics", "metrics": sample(**values)})
        return self.fence()

    def aggregate(self, granularity, *rows, ping=(), **more):
        one = {"granularity": granularity, "interval": WIDTHS.get(granularity, 1), "metrics": rows, "ping": ping}
        self.send({"type": "aggregated_metrics", "granularities": [one], **more})
        return self.fence()

    def batch(self, items=(), aggregated=(), batch_id="b-1"):
        return self.ask({"type": "batch_metrics", "batch_id": batch_id, "metrics_batch": items,
                         "aggregated": aggregated})


class Target:
    """A server under test. Makes servers with a prefix of its own, and removes them with `clean_up`."""

    def __init__(self, url, token, password=None, db=None, traits=()):
        parts = urlsplit(url)
        self.url, self.host, self.port, self.is_tls = url, parts.hostname, parts.port, parts.scheme == "https"
        self.password, self.db = password, db
        self.prefix = f"conform-{os.urandom(4).hex()}-"
        self.traits = {"alone", *traits, *(["db"] if db else []), *(["password"] if password else [])}
        self._made, self._spare, self._open = set(), [], []
        self._count = itertools.count()
        self.token = token or self.call("POST", "/api/auth/login", {"password": password}).json["token"]

    # REST.

    def call(self, method, path, body=None, headers=None):
        """`body` is anything JSON, or text or bytes as they are. `headers` replace the admin's token."""
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        if headers is None:
            headers = self.admin() if getattr(self, "token", None) else {}
        kind = http.client.HTTPSConnection if self.is_tls else http.client.HTTPConnection
        with contextlib.closing(kind(self.host, self.port, timeout=20)) as connection:
            connection.request(method, path, body, headers)
            reply = connection.getresponse()
            return Reply(reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read().decode())

    def admin(self, **more):
        return {"Authorization": f"Bearer {self.token}", **more}

    def get(self, path):
        """The JSON of an answer that must be 200."""
        reply = self.call("GET", path)
        same(reply.status, 200, path)
        return reply.json

    def created(self, server_id):
        """Has the server removed at the end, whatever its name; returns its id."""
        self._made.add(server_id)
        return server_id

    def name(self):
        return f"{self.prefix}{next(self._count):04}"

    def server(self):
        """A server nobody has used: its id, name and token."""
        if not self._spare:
            wanted = [{"name": self.name()} for _ in range(50)]
            reply = self.call("POST", "/api/servers/import", wanted)
            same(reply.status, 200, "import")
            ids = {self.created(i) for i in reply.json["server_ids"]}
            self._spare = [s for s in self.get("/api/servers") if s["id"] in ids]
            same(len(self._spare), 50, "imported servers")
        return self._spare.pop(0)

    def create(self, **fields):
        server = self.call("POST", "/api/servers", {"name": self.name(), **fields}).json
        self.created(server["id"])
        return server

    def live(self, server_id):
        """Its element of /api/metrics/all, None if it has none."""
        return next((s for s in self.get("/api/metrics/all") or [] if s["server_id"] == server_id), None)

    def configured(self, server_id):
        return next((s for s in self.get("/api/servers") if s["id"] == server_id), None)

    def history(self, server_id, span, kind="metrics", since=None):
        more = "" if since is None else f"&since={since}"
        return self.get(f"/api/history/{server_id}?range={span}&type={kind}{more}")

    def point(self, server_id, granularity, bucket):
        """The point of a bucket, None if there is none."""
        since = bucket if granularity in ("5sec", "2min") else None
        data = self.history(server_id, VIEWS[granularity], since=since)["data"] or []
        return next((p for p in data if p["timestamp"] == iso(bucket * WIDTHS[granularity])), None)

    def pings(self, server_id, granularity, name="CF"):
        """Points of a ping target by time stamp."""
        targets = self.history(server_id, VIEWS[granularity], "ping").get("ping_targets", [])
        return {p["timestamp"]: p for t in targets if t["name"] == name for p in t["data"]}

    def rows(self, sql, *arguments):
        with contextlib.closing(sqlite3.connect(f"file:{self.db}?mode=ro", uri=True, timeout=10)) as db:
            db.row_factory = sqlite3.Row
            return [dict(row) for row in db.execute(sql, arguments)]

    def row(self, granularity, server_id, bucket, kind="metrics"):
        table = f"{kind}_{TABLES[granularity]}"
        found = self.rows(f"SELECT * FROM {table} WHERE server_id = ? AND bucket = ?", server_id, bucket)
        return found[0] if found else None

    # WebSockets; all are dropped at the end.

    def connect(self, path="/ws/agent", headers=()):
        self._open.append(Agent(self.url, path, headers))
        return self._open[-1]

    def agent(self, server=None):
        """Connected and introduced as that server, or as one of its own; ready for pushes."""
        agent = self.connect()
        same(agent.introduce(server or self.server())["status"], "ok", "status")
        agent.fence()
        return agent

    def viewer(self, **headers):
        """A dashboard connection and the messages of its initial stream."""
        viewer = self.connect("/ws", [(k.replace("_", "-"), v) for k, v in headers.items()])
        stream = []
        while not stream or stream[-1]["type"] != "stream_end":
            stream.append(viewer.receive_json())
        return viewer, stream

    def clean_up(self):
        for one in self._open:
            one.drop()
        listed = {s["id"] for s in self.get("/api/servers") or [] if s["name"].startswith(self.prefix)}
        for server_id in listed | self._made:
            self.call("DELETE", f"/api/servers/{server_id}")
            time.sleep(0.005)  # vStats drops what too many at once would write


# Times and messages.

def now():
    return int(time.time())


def iso(second):
    return datetime.fromtimestamp(second, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def recent(granularity, back):
    """The bucket that many before the current one."""
    return now() // WIDTHS[granularity] - back


def ping_target(latency=11.25, status="ok", name="CF", host="192.0.2.1"):
    return {"name": name, "host": host, "type": "icmp", "latency_ms": latency,
            "packet_loss": 0 if latency is not None else 100, "status": status}


def sample(cpu=12.5, memory=50, disk=30.5, rx=1000, tx=500, rx_speed=10, tx_speed=5, at=None, **more):
    """A SystemMetrics; `at` is a second or the text of a time stamp."""
    stamp = at if isinstance(at, str) else iso(now() if at is None else at)
    return {
        "timestamp": stamp, "hostname": "conform",
        "os": {"name": "ubuntu", "version": "22.04", "kernel": "5.15.0", "arch": "amd64"},
        "cpu": {"brand": "Sim CPU", "cores": 2, "usage": cpu, "frequency": 2400, "per_core": [10, 15]},
        "memory": {"total": 8192, "used": 4096, "available": 4096, "swap_total": 0, "swap_used": 0,
                   "usage_percent": memory},
        "disks": [{"name": "vda", "total": 4096, "usage_percent": disk, "used": 1024}],
        "network": {"interfaces": [{"name": "eth0", "rx_bytes": 1000, "tx_bytes": 500, "rx_packets": 10,
                                    "tx_packets": 5}],
                    "total_rx": rx, "total_tx": tx, "rx_speed": rx_speed, "tx_speed": tx_speed},
        "uptime": 1000, "load_average": {"one": 0.25, "five": 0.5, "fifteen": 0.75}, "ip_addresses": [""],
        **more}


def bucket_row(bucket, count=2, cpu=10, memory=20, disk=30, rx=1000, tx=500, ping=0, pings=0, **more):
    """A row of aggregated metrics whose means are the values given."""
    return {"bucket": bucket, "cpu_sum": cpu * count, "cpu_max": cpu, "memory_sum": memory * count,
            "memory_max": memory, "disk_sum": disk * count, "net_rx": rx, "net_tx": tx,
            "ping_sum": ping * pings, "ping_count": pings, "sample_count": count, **more}


def ping_row(bucket, latency=10, count=2, failed=0, name="CF", host="192.0.2.1", **more):
    return {"bucket": bucket, "target_name": name, "target_host": host, "latency_sum": latency * count,
            "latency_max": latency, "latency_count": count, "ok_count": count, "fail_count": failed, **more}


def jwt_claims(token):
    head, claims, _ = token.split(".")
    return tuple(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in (head, claims))


# Running.

class Outcome(NamedTuple):
    word: str  # ok, differs, skipped
    why: str = ""
    trace: str = ""


class Run:
    """Checks facts, each against the target that `target_for` names, and keeps the outcomes by name."""

    def __init__(self, facts, target_for):
        self.outcomes = {}
        shared = [f for f in facts if "alone" not in f.needs]
        self._rounds(shared, target_for)
        for one in facts:
            if "alone" in one.needs:
                self._rounds([one], target_for)

    def _rounds(self, facts, target_for):
        waiting, order = [], itertools.count()
        for one in facts:
            self._step(one, lambda one=one: self._begin(one, target_for), waiting, order)
        while waiting:
            due, _, one, steps = heapq.heappop(waiting)
            time.sleep(max(0, due - time.monotonic()))
            self._step(one, lambda: steps, waiting, order)

    @staticmethod
    def _begin(one, target_for):
        target = target_for(one)
        missing = one.needs - target.traits
        if missing:
            raise Skipped(f"needs {', '.join(sorted(missing))}")
        result = one.check(target)
        return result if inspect.isgenerator(result) else iter(())

    def _step(self, one, steps_of, waiting, order):
        try:
            steps = steps_of()
            wait = next(steps)
            heapq.heappush(waiting, (time.monotonic() + wait, next(order), one, steps))
        except StopIteration:
            self.outcomes[one.name] = Outcome("ok")
        except Skipped as why:
            self.outcomes[one.name] = Outcome("skipped", str(why))
        except Exception as error:
            why = f"{'' if isinstance(error, AssertionError) else type(error).__name__ + ': '}{error}"
            self.outcomes[one.name] = Outcome("differs", why, traceback.format_exc())
