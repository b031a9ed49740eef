"""The programs of the suite as processes: started, waited for within bounds, ended whatever happens."""

import json
import os
import re
import select
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

TOKEN = "bench-token"
PATIENCE = 300  # seconds beyond what a program was asked to take


class Failed(Exception):
    """A run that gave no figures; the text says why."""


class Refused(Failed):
    """The program does not know an option or a value: it is older than the row that asks for it."""


def _environment():
    """The caller's, without settings of vstats-sim that would change what a row means. A late run is no
    failure here: its lag is one of the figures."""
    return {**{k: v for k, v in os.environ.items() if not k.startswith("VSTATS_")}, "VSTATS_MAX_LAG": "24h"}


def _tail(path):
    return Path(path).read_text(errors="replace").strip()[-2000:]


class Programs:
    """Where the binaries are, and a folder for what they write. Use as a context."""

    def __init__(self, binary, programs):
        self.sim = Path(binary)
        self.floor, self.sink, self.micro = (Path(programs) / n for n in ("floor", "sink", "micro"))
        self._under_way = set()

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="vstats-sim-bench-")
        self.folder = Path(self._folder.name)
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    def run(self, seconds, *command):
        """Its standard output. Failed when it does not end well within `seconds` and some patience."""
        command = [str(c) for c in command]
        name = Path(command[0]).name
        try:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True, env=_environment())
        except OSError as e:
            raise Failed(f"{command[0]} cannot be run: {e.strerror}") from None
        self._under_way.add(process)
        try:
            out, err = process.communicate(timeout=seconds + PATIENCE)
        except subprocess.TimeoutExpired:
            raise Failed(f"{name} had not ended after {seconds + PATIENCE:.0f} s: {' '.join(command)}") from None
        finally:
            process.kill()  # does nothing to one that has ended
            process.wait()
            self._under_way.discard(process)
        if process.returncode:
            said = (err.strip() or out.strip())[-2000:]
            kind = Refused if process.returncode == 2 else Failed
            raise kind(f"{name} ended with {process.returncode}: {' '.join(command)}\n{said}")
        return out

    def end_all(self):
        """Ends what other threads wait for in run()."""
        for process in list(self._under_way):
            process.kill()

    @contextmanager
    def _listening(self, *command):
        """A server's URL; the server ends with the block, and must not have ended before."""
        with tempfile.NamedTemporaryFile("w", dir=self.folder, prefix="server-", delete=False) as log:
            process = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=log, text=True, env=_environment())
        with process.stdout:
            try:
                ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
                found = re.match(r"listening on (http://\S+)", process.stdout.readline() if ready else "")
                if not found:
                    raise Failed(f"{command[0]} did not start: {_tail(log.name)}")
                yield found.group(1)
                if process.poll() is not None:
                    raise Failed(f"{command[0]} ended with {process.returncode} under load: {_tail(log.name)}")
            finally:
                process.terminate()
                try:
                    process.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    @contextmanager
    def serving(self):
        """The reference server with an empty database."""
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            with self._listening(self.sim, "serve", "--listen", "127.0.0.1:0", "--db", Path(place) / "bench.db",
                                 "--token", TOKEN, "--quiet") as url:
                yield url

    @contextmanager
    def sinking(self):
        """A server that takes everything and keeps nothing."""
        with self._listening(self.sink) as url:
            yield url

    def register(self, url, count, name="fleet.json"):
        """A fleet file of agents that `url` knows."""
        path = self.folder / name
        self.run(60, self.sim, "register", "--server", url, "--token", TOKEN, "--count", count, "--fleet", path,
                 "--quiet")
        return path

    def strangers(self, count):
        """A fleet file for a sink, which lets everybody in."""
        path = self.folder / "strangers.json"
        path.write_text(json.dumps([{"id": f"bench-{i}", "name": f"Debug-Server-{i:03}", "token": f"token-{i}"}
                                    for i in range(count)]))
        return path

    def simulate(self, seconds, url, *arguments, name="summary.json"):
        """The JSON summary of a run, which must have gone well."""
        out = self.folder / name
        out.unlink(missing_ok=True)
        self.run(seconds, self.sim, "run", "--server", url, "--quiet", "--out", f"json={out}", *arguments)
        summary = json.loads(out.read_text())
        if summary["errors"] or summary["fleet"]["disconnects"]:
            raise Failed(f"agents met errors: {summary['errors']}, {summary['fleet']['disconnects']} disconnects")
        return summary

    def send_plainly(self, seconds, url, fleet, count, *arguments):
        """What `floor` prints."""
        return json.loads(self.run(seconds, self.floor, "--server", url, "--fleet", fleet, "--count", count,
                                   "--duration", f"{seconds}s", *arguments))
