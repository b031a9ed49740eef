#!/usr/bin/env python3
"""Reads what a program writes of the made-up run, as somebody who knows only the formats would.

usage: check_outputs.py PROGRAM    where PROGRAM KIND [failed] prints csv, hdr, html, json, prometheus
"""

import csv
import html.parser
import io
import json
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import hdr_log


def rows_of(text):
    """CSV as dictionaries; every line ends in CR LF and has as many cells as the header."""
    assert text.endswith("\r\n") and text.count("\n") == text.count("\r\n"), "lines do not end in CR LF"
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert all(len(r) == len(rows[0]) for r in rows), "lines of different length"
    return [dict(zip(rows[0], r)) for r in rows[1:]]


class Page(html.parser.HTMLParser):
    """The text of each script by its id, and whatever would load something."""

    VOID = {"meta", "br", "link", "img", "input", "hr"}

    def __init__(self, text):
        super().__init__()
        self.scripts, self.words, self.loads, self.open = {}, [], [], []
        self.feed(text)
        self.close()
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append((tag, dict(attrs).get("id")))
        for name, value in attrs:
            if name in {"src", "href", "srcset", "data", "action", "poster"} or name.startswith("on"):
                self.loads.append((tag, name, value))
        if tag in {"link", "img", "iframe", "object", "embed", "base"}:
            self.loads.append((tag, "", ""))

    def handle_endtag(self, tag):
        assert self.open and self.open[-1][0] == tag, f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1][0] == "script":
            self.scripts[self.open[-1][1]] = self.scripts.get(self.open[-1][1], "") + data
        elif self.open and self.open[-1][0] != "style":
            self.words.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.words))


def page_of(text, allowed=()):
    """The page and its data; `allowed`: addresses that may stand in it as text."""
    page = Page(text)
    assert not page.loads, page.loads
    outside = text.replace(page.scripts["chart-js"], "")
    for address in allowed:
        outside = outside.replace(address, "")
    found = re.findall(r".{20}(?:https?:)?//[\w.].{20}", re.sub(r"^// ---.*$", "", outside, flags=re.M))
    found = [f for f in found if re.search(r"https?://|src=|[\"'(]//\w", f)]
    assert not found, found
    assert not re.search(r"url\(|@import|\bfetch\(|XMLHttpRequest|WebSocket\(", outside), "it loads something"
    assert "default-src 'none'" in text
    # Chart.js names its home in comments, nowhere else.
    chart_js = re.sub(r"/\*.*?\*/", "", page.scripts["chart-js"], flags=re.S)
    assert not re.search(r"https?://", chart_js)
    return page, json.loads(page.scripts["data"])


def check_csv(text, summary):
    rows = rows_of(text)
    assert len(rows) == len(summary["timeseries"])
    for row, point in zip(rows, summary["timeseries"]):
        server = point.pop("server", {})
        flat = {**point, **{f"server_{k}": v for k, v in server.items()}}
        cells = {re.sub(r"^t_s$", "t", k).removesuffix("_ms"): v for k, v in row.items()}
        assert {k: float(v) for k, v in cells.items() if v} == flat, (cells, flat)
        assert set(flat) <= set(cells)


def check_hdr(text, summary):
    _, intervals = hdr_log.read(text)
    sums = hdr_log.totals(intervals)
    ramp = summary.get("latency_ramp_ms", {})
    assert set(sums) == set(summary["latency_ms"]) | set(ramp), sums.keys()
    for name, facts in summary["latency_ms"].items():
        assert sum(sums[name].values()) == facts["count"] + ramp.get(name, {"count": 0})["count"], name
        if name in ramp:
            continue # the summary has its percentiles apart
        for member, q in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1)):
            value = hdr_log.quantile(sums[name], q) / 1e6
            assert abs(value - facts[member]) <= facts[member] * 0.0011 + 0.0005, (name, member, value, facts)


def check_html(text, summary):
    page, data = page_of(text, [summary["run"]["server"]])
    assert len(data["t"]) == len(summary["timeseries"])
    assert {d["name"] for d in data["distributions"]} == set(summary["latency_ms"])
    for error in summary["errors"]:
        assert error["kind"] in page.text
    assert any(word in page.text for word in ("PASS", "FAIL", "INVALID"))


def check_prometheus(text, summary):
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
    samples = re.findall(r"^([a-z_]+)(\{[^}]*\})? (\S+)$", text, re.M)
    assert len(samples) + len(types) + len(re.findall(r"^# HELP ", text, re.M)) == text.count("\n")
    values = {name + labels: float(value) for name, labels, value in samples}
    assert values["vstats_sim_metrics_sent_total"] == summary["messages"]["metrics"]["sent"]
    assert types["vstats_sim_metrics_sent_total"] == "counter"
    for error in summary["errors"]:
        assert values[f'vstats_sim_errors_total{{kind="{error["kind"]}"}}'] == error["count"]
    for name, facts in summary["latency_ms"].items():
        metric = f"vstats_sim_{name}_seconds"
        assert types[metric] == "histogram"
        buckets = [float(v) for n, labels, v in samples if n == metric + "_bucket"]
        assert buckets == sorted(buckets) and buckets[-1] == facts["count"], (name, buckets)
        assert values[f"{metric}_count"] == facts["count"]
        assert abs(values[f"{metric}_sum"] - facts["mean"] * facts["count"] / 1e3) < 1e-3 * facts["count"]


CHECKS = {"csv": check_csv, "hdr": check_hdr, "html": check_html, "prometheus": check_prometheus}


def main():
    failed = 0
    for run in ([], ["failed"]):
        def printed(kind):
            return subprocess.run([sys.argv[1], kind, *run], check=True, capture_output=True, timeout=30).stdout.decode()
        for kind, check in CHECKS.items():
            try:
                check(printed(kind), json.loads(printed("json")))
            except (AssertionError, ValueError, KeyError) as problem:
                failed += 1
                print(kind, *run, type(problem).__name__, problem)
    print("ok" if failed == 0 else f"{failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
