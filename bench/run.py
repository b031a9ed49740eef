#!/usr/bin/env python3
"""What a run costs, against the reference server in another process: `./run.sh bench`.

Every figure comes from the JSON summary of a run made here: CPU time and memory are those of the
simulator alone. Steady figures are taken from the time series, away from ramp and end.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

TOKEN = "bench-token"


@contextmanager
def server(binary, folder):
    """`serve` on a free port, ended with the block."""
    process = subprocess.Popen(
        [binary, "serve", "--listen", "127.0.0.1:0", "--db", folder / "bench.db", "--token", TOKEN, "--quiet"],
        stdout=subprocess.PIPE, text=True)
    try:
        first = process.stdout.readline()
        found = re.match(r"listening on (http://\S+)", first)
        if not found:
            sys.exit(f"the server did not start: {first!r}")
        yield found.group(1)
    finally:
        process.terminate()
        process.wait(120)


def simulate(binary, *arguments):
    """The JSON summary of a run against a server of its own."""
    with tempfile.TemporaryDirectory(prefix="vstats-sim-bench-") as folder:
        out = Path(folder) / "summary.json"
        with server(binary, Path(folder)) as url:
            done = subprocess.run(
                [binary, "run", "--server", url, "--token", TOKEN, "--quiet", "--out", f"json={out}",
                 *map(str, arguments)],
                stdout=subprocess.DEVNULL, timeout=600)
        if done.returncode:
            sys.exit(f"the run ended with {done.returncode}: {arguments}")
        return json.loads(out.read_text())


def phase(summary, name):
    return sum(p["took_s"] for p in summary["phases"] if p["name"] == name)


def steady(summary):
    """The points of the time series that lie inside the phase `run`, and how long each is."""
    before = sum(p["took_s"] for p in summary["phases"] if p["name"] not in ("run", "drain"))
    first, last = before + 2, before + phase(summary, "run") - 0.5
    points, previous = [], 0
    for point in summary["timeseries"]:
        if first <= previous and point["t"] <= last:
            points.append((point, point["t"] - previous))
        previous = point["t"]
    return points


def realtime(binary, agents, seconds, *more):
    s = simulate(binary, "--count", agents, "--mode", "realtime", "--interval", "3s", "--connect-rate", 0,
                 "--duration", f"{seconds}s", *more)
    points = steady(s)
    cpu = sum(p["cpu_pct"] / 100 * length for p, length in points)
    sent = sum(p["metrics_sent"] for p, _ in points)
    rss = max(p["rss_bytes"] for p, _ in points)
    return {
        "cpu_us_per_message": cpu / sent * 1e6,
        "lag_p99_ms": s["latency_ms"]["send_lag"]["p99"],
        "lag_p999_ms": s["latency_ms"]["send_lag"]["p999"],
        "connect_s": s["fleet"]["time_to_all_connected_s"],
        "register_s": phase(s, "register"),
        "rss_mb": rss / 1e6,
        "missed": s["messages"]["metrics"]["missed"],
    }


def history(binary, agents, hours):
    s = simulate(binary, "--count", agents, "--mode", "history", "--hours", hours)
    cpu = s["process"]["cpu_user_s"] + s["process"]["cpu_system_s"]
    sent = s["messages"]["history"]
    return {
        "cpu_ms_per_agent": cpu / agents * 1e3,
        "mb_per_cpu_s": sent["bytes"] / cpu / 1e6,
        "buckets_per_cpu_s": sent["buckets"] / cpu,
        "mb_per_agent": sent["bytes"] / agents / 1e6,
    }


def median_of(runs, job, *arguments):
    results = [job(*arguments) for _ in range(runs)]
    spread = {}
    for name in results[0]:
        values = [r[name] for r in results]
        spread[name] = {"median": statistics.median(values), "min": min(values), "max": max(values)}
    return spread


def main():
    parser = argparse.ArgumentParser(prog="run.sh bench", description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--quick", action="store_true", help="one short run of each instead of the median of three")
    parser.add_argument("--json", metavar="FILE", help="write the figures there, too")
    o = parser.parse_args()

    runs, seconds = (1, 10) if o.quick else (3, 30)
    agents = 1000 if o.quick else 5000
    jobs = [
        (f"{agents} agents x 3 s, no aggregates", realtime, agents, seconds, "--agg-interval", "24h"),
        (f"{agents} agents x 3 s, aggregates every 20 s", realtime, agents, max(seconds, 20), "--agg-interval", "20s"),
        ("10 agents x 3 s (the fixed cost)", realtime, 10, seconds, "--agg-interval", "24h"),
        (f"history, 2 h, {agents // 25} agents", history, agents // 25, 2),
        ("history, 9600 h, 10 agents", history, 10, 9600),
    ]
    print(time.strftime("%Y-%m-%d"), f"{os.cpu_count()} cores, load average", *os.getloadavg(), flush=True)
    figures = {}
    for name, job, *arguments in jobs:
        figures[name] = median_of(runs, job, o.binary, *arguments)
        print(f"\n{name}")
        for key, v in figures[name].items():
            print(f"  {key:<20} {v['median']:>12,.2f}   ({v['min']:,.2f} to {v['max']:,.2f})", flush=True)
    if o.json:
        Path(o.json).write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
