"""What every end-to-end test uses: the program, a reference server of its own, bounded waits.

A test file ends in `main()` and is run as `python3 test_x.py PATH-OF-VSTATS-SIM [unittest options]`.
"""

import contextlib
import http.client
import json
import os
import re
import signal
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "e2e-admin-token-5b1f"
PREFIX = "Debug-Server-"
SETTLING = 1.5  # seconds after which what a server has accepted is committed (protocol.md 4)
LIMIT = 120  # seconds any single process may take; sanitizers are slow

binary = None


def main():
    global binary
    if len(sys.argv) < 2 or not os.access(sys.argv[1], os.X_OK):
        sys.exit(f"usage: {sys.argv[0]} PATH-OF-VSTATS-SIM [unittest options]")
    binary = os.path.abspath(sys.argv.pop(1))
    unittest.main(module="__main__")


def environment(**extra):
    """The caller's, without settings of vstats-sim that would change what a test means. Runs may be as late
    as they like: a slow machine must fail no test that is about something else."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("VSTATS_")}
    return {**kept, "NO_COLOR": "1", "VSTATS_MAX_LAG": "24h", **extra}


def eventually(condition, seconds, what):
    """Waits until `condition()` is true and returns its value."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


def end(popen):
    """Nothing that a test started outlives it."""
    if popen.poll() is None:
        popen.kill()
        popen.wait(10)


class Process:
    """A running program; both outputs are collected while it runs. Ended with the `with` block."""

    def __init__(self, *arguments, command=None, env=None, cwd=None):
        self.arguments = arguments
        self.popen = subprocess.Popen(
            [*(command or [binary]), *map(str, arguments)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env or environment(), cwd=cwd)
        self._parts = {"out": [], "err": []}
        self._readers = [threading.Thread(target=self._read, args=(name, pipe), daemon=True)
                         for name, pipe in (("out", self.popen.stdout), ("err", self.popen.stderr))]
        for reader in self._readers:
            reader.start()

    def _read(self, name, pipe):
        with pipe:
            while chunk := pipe.read1(65536):
                self._parts[name].append(chunk.decode(errors="replace"))

    @property
    def out(self):
        return "".join(self._parts["out"])

    @property
    def err(self):
        return "".join(self._parts["err"])

    @property
    def code(self):
        return self.popen.poll()

    def interrupt(self):
        self.popen.send_signal(signal.SIGINT)

    def wait(self, seconds=LIMIT):
        """Its exit code; a program that does not end in time is a failure of the test."""
        try:
            self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {seconds} s: {self.describe()}") from None
        for reader in self._readers:
            reader.join(5)
        return self.popen.returncode

    def describe(self):
        return (f"vstats-sim {' '.join(map(str, self.arguments))}\nexit code {self.code}\n"
                f"--- stdout\n{self.out[-4000:]}\n--- stderr\n{self.err[-4000:]}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        end(self.popen)
        for reader in self._readers:
            reader.join(5)


class Server(Process):
    """`vstats-sim serve` on a free port, with a database that can be read while it runs."""

    def __init__(self, folder, *arguments, token=TOKEN):
        self.db = Path(folder) / "server.db"
        access = ["--token", token] if token else []  # without: what the arguments say
        super().__init__("serve", "--listen", "127.0.0.1:0", "--db", self.db, *access, *arguments)
        found = eventually(lambda: re.search(r"^listening on (https?)://([\d.]+):(\d+)$", self.out, re.M)
                           or self.code is not None, 30, "the line `listening on`")
        if found is True:
            raise AssertionError(f"the server did not start: {self.describe()}")
        self.host, self.port = found.group(2), int(found.group(3))
        self.url = f"{found.group(1)}://{self.host}:{self.port}"

    def connection(self):
        """A new one; the certificate of an https server is not looked at."""
        if self.url.startswith("https"):
            trusting = ssl._create_unverified_context()
            return http.client.HTTPSConnection(self.host, self.port, timeout=20, context=trusting)
        return http.client.HTTPConnection(self.host, self.port, timeout=20)

    def request(self, method, path, body=None, token=TOKEN):
        with contextlib.closing(self.connection()) as connection:
            connection.request(method, path, None if body is None else json.dumps(body),
                               {"Authorization": f"Bearer {token}"})
            reply = connection.getresponse()
            text = reply.read()
        if reply.status != 200:
            raise AssertionError(f"{method} {path}: {reply.status} {text[:200]!r}")
        return json.loads(text) if text else None

    def servers(self, prefix=""):
        return [s for s in self.request("GET", "/api/servers") or [] if s["name"].startswith(prefix)]

    def add(self, name):
        return self.request("POST", "/api/servers", {"name": name})

    def history(self, server_id, span, kind="metrics", since=None):
        more = f"&since={since}" if since is not None else ""
        return self.request("GET", f"/api/history/{server_id}?range={span}&type={kind}{more}")

    def wait_for_history(self, server_id, span="1h"):
        """The points, once there are any: what was accepted is readable a second later."""
        return eventually(lambda: self.history(server_id, span)["data"], 5, f"history of {server_id}")

    def rows(self, sql, *arguments):
        """Rows of its database, as dictionaries."""
        with contextlib.closing(sqlite3.connect(f"file:{self.db}?mode=ro", uri=True, timeout=10)) as db:
            db.row_factory = sqlite3.Row
            return [dict(row) for row in db.execute(sql, arguments)]

    def wait_for_agents(self, count):
        """Until that many have sent something and count as online."""
        def online():
            return sum(bool(s["online"]) for s in self.request("GET", "/api/metrics/all") or [])
        eventually(lambda: online() >= count, 30, f"{count} agents online")

    def stop(self):
        self.popen.terminate()
        return self.wait(30)


class Case(unittest.TestCase):
    """A test with a folder of its own and helpers that say what a program printed when they fail."""

    maxDiff = 4000

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vstats-sim-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def server(self, *arguments, **named):
        server = Server(self.folder, *arguments, **named)
        self.addCleanup(server.__exit__)
        return server

    def start(self, *arguments, **named):
        process = Process(*arguments, **named)
        self.addCleanup(process.__exit__)
        return process

    def run_sim(self, *arguments, expect=0, seconds=LIMIT, **named):
        """Runs to the end and checks the exit code: a number, or a tuple of those accepted."""
        process = self.start(*arguments, **named)
        process.wait(seconds)
        self.assert_exit(process, expect)
        return process

    def assert_exit(self, process, expect):
        accepted = expect if isinstance(expect, tuple) else (expect,)
        self.assertIn(process.code, accepted, process.describe())

    def assert_says(self, process, *words):
        """Every word stands in what it printed, whatever the case of its letters."""
        text = (process.out + process.err).lower()
        for word in words:
            self.assertIn(str(word).lower(), text, process.describe())

    def summary(self, path):
        """A JSON summary that fits its schema."""
        sys.path.insert(0, str(ROOT / "tests" / "report"))
        import check_schema
        schema = json.loads((ROOT / "src/report/summary.schema.json").read_text())
        summary = json.loads(Path(path).read_text())
        self.assertEqual(list(check_schema.problems(summary, schema, schema)), [])
        return summary
