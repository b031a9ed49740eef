"""More agents than one process can have files: several simulators, each from a source address of its own to a server
of its own, side by side."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from machine import too_many
from programs import Failed
from results import case, skipped
from steady import rate_figures

AGENTS_A_PROCESS = 16_700
INTERVAL = 10  # seconds: two cores carry both sides of 50,000
RAMP = 120  # seconds that all may take to connect; they start together
SETTLE = 5


def _one(programs, number, agents, seconds):
    with ExitStack() as stack:
        url = stack.enter_context(programs.serving())
        fleet = programs.register(url, agents, f"fleet-{number}.json")
        return programs.simulate(
            RAMP + seconds, url, "--fleet", fleet, "--count", agents, "--mode", "realtime", "--interval", f"{INTERVAL}s",
            "--agg-interval", "24h", "--fence", "off", "--connect-rate", 1000, "--source-ip", f"127.0.0.{2 + number}",
            "--duration", f"{SETTLE + seconds + 1.5}s", name=f"summary-{number}.json")


def _together(programs, total, seconds):
    sizes = [AGENTS_A_PROCESS] * (total // AGENTS_A_PROCESS)
    if total % AGENTS_A_PROCESS:
        sizes.append(total % AGENTS_A_PROCESS)
    with ThreadPoolExecutor(len(sizes)) as pool:
        jobs = [pool.submit(_one, programs, i, n, seconds) for i, n in enumerate(sizes)]
        try:
            summaries = [j.result() for j in jobs]
        except BaseException:  # also the signal that ends the suite
            programs.end_all()
            raise
    for summary, size in zip(summaries, sizes):
        if summary["fleet"]["connected_peak"] != size:
            raise Failed(f"{summary['fleet']['connected_peak']} of {size} agents were connected at once")
    rates = [rate_figures(s, SETTLE) for s in summaries]
    return {
        "CPU a message": sum(r["CPU of a core"] for r in rates) * 1e4 / sum(r["messages"] for r in rates),
        "memory in all": sum(r["memory in all"] for r in rates),
        "messages": sum(r["messages"] for r in rates),
        "send lag p99": max(s["latency_ms"]["send_lag"]["p99"] for s in summaries),
        "missed": sum(s["messages"]["metrics"]["missed"] for s in summaries),
    }


def many(programs, plan):
    name = f"{plan.many} agents x {INTERVAL} s in processes of {AGENTS_A_PROCESS}"
    if why := too_many(min(plan.many, AGENTS_A_PROCESS)):
        yield skipped("many", name, why)
    else:
        yield case("many", name, [_together(programs, plan.many, plan.seconds)])
