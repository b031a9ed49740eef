"""The parts of the suite: each yields its cases as they are done."""

import json
import os
import statistics
from contextlib import contextmanager
from dataclasses import dataclass

from machine import too_many
from many import many
from programs import Refused
from results import alternate, case, skipped
from steady import history_figures, rate_figures, realtime_figures

INTERVAL = 3  # seconds
TARGETS = 5  # ping targets of an agent: that many ping rows a bucket
FEW = 10  # agents whose memory is the program's own
SETTLE = 2  # seconds between the ramp and the first figure
HISTORY_SOCKETS = 16  # of the floor of history


@dataclass(frozen=True)
class Plan:
    runs: int
    micro_s: float  # at least, of each benchmark
    sizes: tuple  # agents
    seconds: int  # of the steady part
    size: int  # agents of the rows that are measured at one size; one of `sizes`
    agg_s: int
    contexts: bool  # compare them
    crowd: int  # agents that saturate
    history: int  # agents into the sink
    stored: int  # agents into the store
    far_h: int  # hours of ten agents
    many: int  # agents in several processes


PLANS = {
    "full": Plan(3, 0.5, (1000, 5000, 10_000, 19_500), 12, 5000, 60, True, 1000, 1000, 200, 9600, 50_000),
    "quick": Plan(1, 0.1, (1000, 5000), 9, 5000, 10, False, 1000, 200, 50, 9600, 20_000),
    # Does every row still run? Says nothing about speed.
    "smoke": Plan(1, 0.01, (40,), 3, 40, 3, True, 20, 4, 2, 48, 40),
}


# --- micro

def micro(programs, plan):
    out = programs.folder / "micro.json"
    programs.run(600, programs.micro, f"--benchmark_out={out}", "--benchmark_out_format=json",
                 f"--benchmark_min_time={plan.micro_s}", f"--benchmark_repetitions={plan.runs}",
                 "--benchmark_enable_random_interleaving=true")
    nanoseconds = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}
    done = {}
    # Repetitions of all benchmarks are interleaved; `family_index` is the order of the source.
    for b in sorted(json.loads(out.read_text())["benchmarks"], key=lambda b: b["family_index"]):
        if b["run_type"] != "iteration":
            continue
        figures = {"CPU a call": b["cpu_time"] * nanoseconds[b["time_unit"]]}
        if "bytes_per_second" in b:
            figures["bytes"] = b["bytes_per_second"] / 1e6
        done.setdefault(b["run_name"], []).append(figures)
    for name, runs in done.items():
        yield case("micro", name, runs)


# --- fleet

def _simulated(programs, agents, settle, seconds, *more, quiet_aggregates=True, fence="off"):
    """Figures of a run against a server of its own. Without fences, as the floor has none."""
    length = settle + seconds + 1.5  # points are a second long and may begin anywhere
    arguments = ["--count", agents, "--mode", "realtime", "--interval", f"{INTERVAL}s", "--connect-rate", 0,
                 "--duration", f"{length}s", "--fence", fence,
                 *(("--agg-interval", "24h") if quiet_aggregates else ()), *more]
    with programs.serving() as url:
        fleet = programs.register(url, agents)
        return realtime_figures(programs.simulate(length, url, "--fleet", fleet, *arguments), settle)


def _floor_figures(printed):
    return {"CPU a message": printed["cpu_us_per_message"], "messages": printed["messages"] / printed["wall_s"]}


def _floor(programs, agents, seconds):
    with programs.serving() as url:
        fleet = programs.register(url, agents)
        return _floor_figures(programs.send_plainly(seconds, url, fleet, agents, "--interval", f"{INTERVAL}s"))


def _only(figures, *names):
    return {n: figures[n] for n in names}


def _growth(programs, plan):
    """The rows of the scaling curve."""
    few = alternate(plan.runs, {"few": lambda: _simulated(programs, FEW, SETTLE, plan.seconds)})["few"]
    yield case("fleet", f"{FEW} agents, the fixed cost",
               [_only(r, "CPU of a core", "memory in all") for r in few])
    base = statistics.median(r["memory in all"] for r in few)
    for agents in plan.sizes:
        name = f"{agents} agents x {INTERVAL} s"
        if why := too_many(agents):
            yield skipped("fleet", name, why)
            continue
        done = alternate(plan.runs, {
            "simulator": lambda: _simulated(programs, agents, SETTLE, plan.seconds),
            "floor": lambda: _floor(programs, agents, plan.seconds),
        })
        runs = [{
            **_only(r, "CPU a message"),
            "memory an agent": (r["memory in all"] - base) / agents * 1e3,
            **_only(r, "connects", "steady lag p99", "send lag p50", "send lag p99", "send lag p99.9", "missed"),
        } for r in done["simulator"]]
        yield case("fleet", name, runs, done["floor"], agents=agents)


def _aggregates(programs, plan):
    """With and without aggregates in turn: the difference is what an aggregate costs."""
    done = alternate(plan.runs, {
        "without": lambda: _simulated(programs, plan.size, SETTLE, plan.seconds),
        "with": lambda: _simulated(programs, plan.size, plan.agg_s, plan.agg_s, "--agg-interval", f"{plan.agg_s}s",
                                   quiet_aggregates=False),
    })
    messages = plan.agg_s / INTERVAL  # for each aggregate
    runs = [{
        **_only(w, "CPU a message"),
        "CPU an aggregate": (w["CPU a message"] - o["CPU a message"]) * messages,
        **_only(w, "memory in all", "send lag p50", "send lag p99", "send lag p99.9", "missed"),
    } for w, o in zip(done["with"], done["without"])]
    yield case("fleet", f"{plan.size} agents, aggregates every {plan.agg_s} s", runs)


def _fences(programs, plan):
    """With and without the ping behind each message in turn: the difference is what a fence costs."""
    done = alternate(plan.runs, {
        fence: lambda fence=fence: _simulated(programs, plan.size, SETTLE, plan.seconds, fence=fence)
        for fence in ("off", "on")
    })
    runs = [{
        **_only(on, "CPU a message"),
        "CPU a fence": on["CPU a message"] - off["CPU a message"],
        "memory a fence": (on["memory in all"] - off["memory in all"]) / plan.size * 1e3,
        **_only(on, "steady lag p99", "fence p50", "fence p99", "missed"),
    } for on, off in zip(done["on"], done["off"])]
    yield case("fleet", f"{plan.size} agents, a fence behind each message", runs)


def _contexts(programs, plan):
    threads = max(2, os.cpu_count())
    ways = {"one shared context": 1, "a context per thread": threads}
    jobs = {way: lambda n=n: _simulated(programs, plan.size, SETTLE, plan.seconds, "--threads", threads,
                                        "--io-contexts", n) for way, n in ways.items()}
    done = alternate(plan.runs, {**jobs, "floor": lambda: _floor(programs, plan.size, plan.seconds)})
    for way in ways:
        yield case("fleet", f"{plan.size} agents, {threads} threads, {way}",
                   [_only(r, "CPU a message", "send lag p50", "send lag p99", "send lag p99.9") for r in done[way]],
                   done["floor"])


def _saturated(programs, plan):
    """Interval 0: as fast as the sockets take it, into the sink and into the server."""
    seconds = plan.seconds // 3 + 1
    length = SETTLE + seconds + 1.5
    arguments = ["--mode", "realtime", "--interval", "0", "--agg-interval", "24h", "--connect-rate", 0, "--duration",
                 f"{length}s"]

    def simulated(listening, agents):
        with listening() as (url, fleet):
            summary = programs.simulate(length, url, "--fleet", fleet, "--count", agents, *arguments)
        return _only(rate_figures(summary, SETTLE), "messages", "CPU a message")

    def floor(listening, agents):
        with listening() as (url, fleet):
            return _floor_figures(programs.send_plainly(seconds, url, fleet, agents, "--interval", "0"))

    for place, listening in _places(programs, plan.crowd).items():
        # What the sockets hold must be read by the server before the goodbye's ping is.
        agents = plan.crowd if place == "sink" else plan.crowd // 10
        name = f"{agents} agents, saturated, into the {place}"
        try:
            done = alternate(plan.runs, {"simulator": lambda: simulated(listening, agents),
                                         "floor": lambda: floor(listening, agents)})
        except Refused as why:
            if "--interval" not in str(why).splitlines()[-1]:
                raise
            yield skipped("fleet", name, "this binary has no --interval 0")
            continue
        yield case("fleet", name, done["simulator"], done["floor"])


def fleet(programs, plan):
    yield from _growth(programs, plan)
    if why := too_many(plan.size):
        yield skipped("fleet", f"{plan.size} agents with aggregates, and by contexts", why)
    else:
        yield from _fences(programs, plan)
        yield from _aggregates(programs, plan)
        if plan.contexts:
            yield from _contexts(programs, plan)
    yield from _saturated(programs, plan)


# --- history

def _places(programs, agents):
    """Name → context that yields the URL of a fresh server and a fleet it lets in."""
    @contextmanager
    def sink():
        with programs.sinking() as url:
            yield url, programs.strangers(agents)

    @contextmanager
    def store():
        with programs.serving() as url:
            yield url, programs.register(url, agents)

    return {"sink": sink, "store": store}


def _history(programs, place, agents, hours):
    with _places(programs, agents)[place]() as (url, fleet):
        summary = programs.simulate(60, url, "--fleet", fleet, "--mode", "history", "--hours", hours)
    sent = summary["messages"]["history"]
    return history_figures(summary, agents, TARGETS), sent["bytes"] // sent["sent"]


def _history_floor(programs, payload):
    """The same messages, made beforehand: bytes that send() alone gets through in a CPU second."""
    with _places(programs, HISTORY_SOCKETS)["sink"]() as (url, fleet):
        printed = programs.send_plainly(2, url, fleet, HISTORY_SOCKETS, "--interval", "0", "--payload", payload)
    return {"bytes a CPU second": printed["bytes"] / printed["cpu_s"] / 1e6}


def history(programs, plan):
    for place, agents, hours in (("sink", plan.history, 2), ("store", plan.stored, 2), ("sink", FEW, plan.far_h)):
        payload = 0

        def simulated():
            nonlocal payload
            figures, payload = _history(programs, place, agents, hours)
            return figures

        jobs = {"simulator": simulated}
        if place == "sink":  # the floor has no store behind it
            jobs["floor"] = lambda: _history_floor(programs, payload)
        done = alternate(plan.runs, jobs)
        yield case("history", f"{hours} h of {agents} agents into the {place}", done["simulator"],
                   done.get("floor", ()))


# --- floor

def floor(programs, plan):
    """The floor alone: what this machine charges for the bytes, whatever sends them."""
    for agents in plan.sizes:
        name = f"{agents} sockets x {INTERVAL} s"
        if why := too_many(agents):
            yield skipped("floor", name, why)
            continue
        yield case("floor", name,
                   alternate(plan.runs, {"floor": lambda: _floor(programs, agents, plan.seconds)})["floor"])


# `fleet` and `history` measure the floors that they need; `floor` is for when it alone is asked for.
DEFAULT_PARTS = ("micro", "fleet", "history", "many")
PARTS = {"micro": micro, "floor": floor, "fleet": fleet, "history": history, "many": many}
