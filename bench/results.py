"""Figures: what one is, the table they make, and how two files of them compare."""

import statistics

# Of each figure: its unit, and whether more of it is better.
FIGURES = {
    "CPU a call": ("ns", False),
    "bytes": ("MB/s", True),
    "CPU a message": ("µs", False),
    "CPU an aggregate": ("µs", False),
    "CPU a fence": ("µs", False),
    "memory a fence": ("KB", False),
    "fence p50": ("ms", False),
    "fence p99": ("ms", False),
    "CPU of a core": ("%", False),
    "memory an agent": ("KB", False),
    "memory in all": ("MB", False),
    "connects": ("1/s", True),
    "send lag p50": ("ms", False),
    "send lag p99": ("ms", False),
    "send lag p99.9": ("ms", False),
    "steady lag p99": ("ms", False),
    "missed": ("samples", False),
    "messages": ("1/s", True),
    "CPU an agent": ("ms", False),
    "bytes a CPU second": ("MB", True),
    "buckets a CPU second": ("thousand", True),
    "rows a CPU second": ("thousand", True),
    "bytes end to end": ("MB/s", True),
}
# Two files differ in a figure when the medians are further apart than both spreads together, and
# than this share: runs of one hour agree better than two hours of a shared machine do.
LEAST_NOISE = 0.05
LEAST_RUNS = 3  # a spread of fewer says little


def spread_of(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "runs": len(values)}


def alternate(runs, jobs):
    """Runs every job in turn, `runs` times over, so that all see the same hours of a shared machine.

    `jobs`: name → function that returns {figure: value}. Returns name → list of those, a run each.
    """
    done = {name: [] for name in jobs}
    for _ in range(runs):
        for name, job in jobs.items():
            done[name].append(job())
    return done


def case(part, name, runs, floors=(), **more):
    """`runs`: a {figure: value} each; `floors`: the same of the floor, for some of the figures.

    `x floor` is what a thing costs as a multiple of the floor, run by run: a floor of speed is divided
    by the speed.
    """
    figures = {}
    for figure in runs[0]:
        more_is_better = FIGURES[figure][1]
        entry = spread_of([r[figure] for r in runs])
        pairs = [(r[figure], f[figure]) for r, f in zip(runs, floors) if figure in f]
        if pairs:
            entry["floor"] = spread_of([f for _, f in pairs])
            if all(v > 0 and f > 0 for v, f in pairs):
                entry["x floor"] = spread_of([f / v if more_is_better else v / f for v, f in pairs])
        figures[figure] = entry
    return {"part": part, "name": name, **more, "figures": figures}


def skipped(part, name, why):
    return {"part": part, "name": name, "skipped": why, "figures": {}}


# --- The table

COLUMNS = (("case", -50), ("figure", -21), ("unit", -8), ("median", 10), ("min", 10), ("max", 10), ("floor", 10),
           ("x floor", 8))


def _line(*cells):
    texts = (f"{cell:<{-width}}" if width < 0 else f"{cell:>{width}}"
             for cell, (_, width) in zip(cells, COLUMNS))
    return " ".join(texts).rstrip()


def number(x):
    """Four digits that mean something, whatever the size."""
    if x == 0:
        return "0"
    digits = 0 if abs(x) >= 1000 else 1 if abs(x) >= 100 else 2 if abs(x) >= 1 else 3
    return f"{x:,.{digits}f}"


def table_head():
    names = [name for name, _ in COLUMNS]
    return _line(*names) + "\n" + "-" * (sum(abs(w) for _, w in COLUMNS) + len(COLUMNS) - 1)


def table_rows(c):
    """The lines of one case; its name stands before the first."""
    title = f"{c['part']}: {c['name']}"
    if "skipped" in c:
        return [f"{title:<50} skipped: {c['skipped']}"]
    rows = []
    for figure, v in c["figures"].items():
        floor = number(v["floor"]["median"]) if "floor" in v else ""
        ratio = number(v["x floor"]["median"]) if "x floor" in v else ""
        rows.append(_line(title if not rows else "", figure, FIGURES[figure][0], number(v["median"]),
                          number(v["min"]), number(v["max"]), floor, ratio))
    return rows


# --- Comparing

def verdict(old, new, more_is_better):
    """One word for a figure that went from `old` to `new`, and the noise it was judged by."""
    noise = max(old["max"] - old["min"] + new["max"] - new["min"], LEAST_NOISE * abs(old["median"]))
    if min(old["runs"], new["runs"]) < LEAST_RUNS:
        return "few runs", noise
    difference = new["median"] - old["median"]
    if abs(difference) <= noise:
        return "noise", noise
    return ("better" if (difference > 0) == more_is_better else "WORSE"), noise


def _pairs(old, new):
    """(title, figure, old spread, new spread, is more better) of what both files have."""
    before = {(c["part"], c["name"]): c["figures"] for c in old["cases"]}
    for c in new["cases"]:
        known = before.get((c["part"], c["name"]), {})
        for figure, v in c["figures"].items():
            if figure not in known:
                continue
            title = f"{c['part']}: {c['name']}"
            yield title, figure, known[figure], v, FIGURES[figure][1]
            if "x floor" in v and "x floor" in known[figure]:
                yield title, f"{figure} / floor", known[figure]["x floor"], v["x floor"], False


def compare(old, new):
    """The lines of a comparison, what differs between the two machines first."""
    lines = [f"other {key}: {old['machine'].get(key)} before, {value} now"
             for key, value in new["machine"].items()
             if key not in ("date", "command", "load average", "commit") and old["machine"].get(key) != value]
    lines += [f"before: {old['machine']['date']}, {old['machine']['commit']}, load average "
              f"{old['machine']['load average']}"]
    widths = (50, 29, 10, 10, 7, 8)
    head = ("case", "figure", "before", "now", "ratio", "noise")

    def line(title, figure, *numbers):
        cells = "".join(f" {n:>{w}}" for n, w in zip(numbers, widths[2:]))
        return f"{title:<{widths[0]}} {figure:<{widths[1]}}{cells}"

    lines += ["", line(*head) + "  verdict", "-" * (sum(widths) + 14)]
    shown = None
    found = 0
    for title, figure, a, b, more_is_better in _pairs(old, new):
        word, noise = verdict(a, b, more_is_better)
        ratio = number(b["median"] / a["median"]) if a["median"] else "-"
        share = f"{noise / abs(a['median']):.0%}" if a["median"] else "-"
        lines.append(line(title if title != shown else "", figure, number(a["median"]), number(b["median"]), ratio,
                          "?" if word == "few runs" else share) + f"  {word}")
        shown = title
        found += 1
    return lines if found else lines[:-2] + ["the two files have no figure in common"]
