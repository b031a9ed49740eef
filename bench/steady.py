"""What a run's JSON summary says about its steady part."""

import statistics

from programs import Failed

BEFORE_THE_END = 0.5  # seconds that are left out: the stop falls into them


def phase(summary, name):
    return sum(p["took_s"] for p in summary["phases"] if p["name"] == name)


def steady_points(summary, settle):
    """(point, its length in seconds) of the time series, from `settle` seconds after the ramp on."""
    before = sum(p["took_s"] for p in summary["phases"] if p["name"] not in ("run", "drain"))
    first, last = before + settle, before + phase(summary, "run") - BEFORE_THE_END
    points, previous = [], 0
    for point in summary["timeseries"]:
        if first <= previous and point["t"] <= last:
            points.append((point, point["t"] - previous))
        previous = point["t"]
    if not points or not any(p["metrics_sent"] for p, _ in points):
        raise Failed("the run has no steady part: no point of its time series lies between ramp and end")
    return points


def rate_figures(summary, settle):
    points = steady_points(summary, settle)
    cpu = sum(p["cpu_pct"] / 100 * length for p, length in points)
    sent = sum(p["metrics_sent"] for p, _ in points)
    seconds = sum(length for _, length in points)
    return {
        "CPU a message": cpu / sent * 1e6,
        "CPU of a core": cpu / seconds * 100,
        "memory in all": max(p["rss_bytes"] for p, _ in points) / 1e6,
        "messages": sent / seconds,
    }


def realtime_figures(summary, settle):
    """Lags are those of the run phase, missed samples those of the whole run. Of the lag of each second
    there is the p99; the median of the steady ones is given."""
    lag = summary["latency_ms"]["send_lag"]
    fence = summary["latency_ms"].get("fence")
    by_second = [p["send_lag_p99"] for p, _ in steady_points(summary, settle) if "send_lag_p99" in p]
    return {
        **rate_figures(summary, settle),
        "steady lag p99": statistics.median(by_second),
        "send lag p50": lag["p50"],
        "send lag p99": lag["p99"],
        "send lag p99.9": lag["p999"],
        **({"fence p50": fence["p50"], "fence p99": fence["p99"]} if fence else {}),
        "missed": summary["messages"]["metrics"]["missed"],
        "connects": summary["fleet"]["connected_peak"] / summary["fleet"]["time_to_all_connected_s"],
    }


def history_figures(summary, agents, targets):
    sent = summary["messages"]["history"]
    cpu = summary["process"]["cpu_user_s"] + summary["process"]["cpu_system_s"]
    if sent["agents_done"] != agents or not sent["bytes"]:
        raise Failed(f"{sent['agents_done']} of {agents} agents sent their history")
    return {
        "CPU an agent": cpu / agents * 1e3,
        "bytes a CPU second": sent["bytes"] / cpu / 1e6,
        "buckets a CPU second": sent["buckets"] / cpu / 1e3,
        "rows a CPU second": sent["buckets"] * (1 + targets) / cpu / 1e3,
        "bytes end to end": sent["bytes"] / phase(summary, "history") / 1e6,
        "memory in all": summary["process"]["rss_peak_bytes"] / 1e6,
    }
