"""--out of every kind and --prometheus, of real runs, read by somebody who knows only the formats."""

import http.client
import json
import os
import re
import signal
import socket
import sys
import time
from pathlib import Path

from harness import ROOT, Case, eventually, main

sys.path.insert(0, str(ROOT / "tests" / "report"))
import check_outputs
import hdr_log

KINDS = ["json", "csv", "ndjson", "hdr", "html"]
ADDED_UP = ["metrics_sent", "bytes_sent", "errors", "missed"]


def lines_of(path):
    """NDJSON as objects; what stands behind the last newline is not a line yet."""
    text = Path(path).read_text() if Path(path).exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


class Outputs(Case):
    def paths(self):
        return {kind: self.folder / f"run.{kind}" for kind in KINDS}

    def all_outputs(self):
        return [a for kind, path in self.paths().items() for a in ("--out", f"{kind}={path}")]

    def fleet(self, *arguments, count=20, duration="4s"):
        return ["--embedded", "--count", count, "--mode", "realtime", "--interval", "250ms", "--connect-rate", "0",
                "--duration", duration, "--no-color", *arguments]

    def test_all_kinds_at_once_tell_the_same_run(self):
        run = self.start(*self.fleet("--prometheus", "127.0.0.1:0", "--incident", "1s:1s:cpu",
                                     *self.all_outputs(), duration="6s"))
        port = self.metrics_port(run)
        scraped = eventually(lambda: self.scrape(port, "vstats_sim_metrics_sent_total"), 60, "a sample was sent")
        values = dict(re.findall(r"^(vstats_sim_\S+) (\S+)$", scraped, re.M))
        self.assertEqual(float(values["vstats_sim_agents_requested"]), 20)
        self.assertGreater(float(values["vstats_sim_process_resident_memory_bytes"]), 1e6)
        self.assertGreater(float(values["vstats_sim_send_lag_seconds_count"]), 0)
        phases = [v for k, v in values.items() if k.startswith("vstats_sim_phase")]
        self.assertEqual((len(phases), phases.count("1") <= 1), (6, True))  # none between two
        self.assertEqual(self.get(port, "/")[0], 404)
        run.wait()
        self.assert_exit(run, 0)
        with self.assertRaises(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=5)

        paths = self.paths()
        summary = self.summary(paths["json"])
        self.check_ndjson(lines_of(paths["ndjson"]), summary)
        _, data = check_outputs.page_of(paths["html"].read_text(), [summary["run"]["server"]])
        self.assertEqual(len(data["t"]), len(summary["timeseries"]))
        self.assertEqual([e["kind"] for e in data["events"]], ["cpu"])
        self.assertTrue(0 <= data["events"][0]["from"] <= data["events"][0]["until"], data["events"])
        check_outputs.check_html(paths["html"].read_text(), summary)
        check_outputs.check_hdr(paths["hdr"].read_text(), summary)
        start, intervals = hdr_log.read(paths["hdr"].read_text())
        self.assertLess(abs(start - time.time()), 600)
        self.assertGreaterEqual(len({i.start for i in intervals}), 2, "slices of 5 s")
        check_outputs.check_csv(paths["csv"].read_bytes().decode(), summary)

    def check_ndjson(self, lines, summary):
        first, points, last = lines[0], lines[1:-1], lines[-1]
        self.assertEqual([first["type"], last["type"]], ["start", "end"])
        self.assertEqual({p["type"] for p in points}, {"point"})
        self.assertEqual((first["count"], first["interval_s"], first["embedded"]), (20, 0.25, True))
        self.assertEqual((last["verdict"], last["exit_code"]), ("pass", 0))
        for name in ADDED_UP:
            self.assertEqual(sum(p[name] for p in points), last[name], name)
        self.assertEqual(last["metrics_sent"], summary["messages"]["metrics"]["sent"])
        for point, same in zip(points, summary["timeseries"], strict=True):
            self.assertEqual({k: v for k, v in point.items() if k != "type"}, same)

    def metrics_port(self, run):
        found = eventually(lambda: re.search(r"http://127\.0\.0\.1:(\d+)/metrics", run.err), 60, "the address of /metrics")
        return int(found.group(1))

    def get(self, port, path):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request("GET", path)
            reply = connection.getresponse()
            return reply.status, reply.getheader("Content-Type"), reply.read().decode()
        finally:
            connection.close()

    def scrape(self, port, counter):
        """The text, once that counter is above 0."""
        status, kind, text = self.get(port, "/metrics")
        if status == 503:
            return None  # the run has not begun
        self.assertEqual((status, kind), (200, "text/plain; version=0.0.4; charset=utf-8"))
        return text if float(re.search(rf"^{counter} (\S+)$", text, re.M).group(1)) > 0 else None

    def test_ndjson_is_there_while_the_run_goes_on_and_stays_when_it_is_killed(self):
        path = self.folder / "live.ndjson"
        run = self.start(*self.fleet("--out", f"ndjson={path}", "--out", f"json={self.folder / 'x'}", duration="5m"))
        eventually(lambda: len([x for x in lines_of(path) if x.get("metrics_sent")]) >= 2, 60, "two points with samples")
        run.popen.send_signal(signal.SIGKILL)
        run.wait()
        self.assertEqual(lines_of(path)[0]["type"], "start")
        self.assertFalse((self.folder / "x").exists())

    def test_everything_is_written_when_the_run_is_stopped_or_fails(self):
        stopped = self.start(*self.fleet(*self.all_outputs(), duration="5m"))
        eventually(lambda: any(x.get("metrics_sent") for x in lines_of(self.paths()["ndjson"])), 60, "a sample")
        stopped.interrupt()
        stopped.wait()
        self.assert_exit(stopped, 0)
        summary = self.summary(self.paths()["json"])
        self.assertEqual(summary["run"]["stopped_by"], "signal")
        self.assertEqual(lines_of(self.paths()["ndjson"])[-1]["stopped_by"], "signal")
        check_outputs.check_hdr(self.paths()["hdr"].read_text(), summary)

        failed = self.run_sim("--server", "http://127.0.0.1:1", "--token", "x", *self.all_outputs(), expect=1)
        self.assertEqual(lines_of(self.paths()["ndjson"])[-1]["exit_code"], 1, failed.describe())
        check_outputs.check_html(self.paths()["html"].read_text(), self.summary(self.paths()["json"]))
        self.assertEqual(hdr_log.read(self.paths()["hdr"].read_text())[1], [])

    def test_a_place_that_cannot_be_written_is_refused_before_anything_happens(self):
        for kind in KINDS:
            path = self.folder / "none" / "x"
            run = self.run_sim(*self.fleet("--out", f"{kind}={path}", "--out", f"ndjson={self.folder / 'y'}"),
                               expect=1)
            self.assert_says(run, "--out", path)
            self.assertFalse((self.folder / "y").exists() or "PASS" in run.out, run.describe())

    def test_a_full_disk_is_told_and_the_rest_is_written(self):
        for kind in ("ndjson", "html"):
            path = self.folder / f"{kind}.json"
            run = self.run_sim(*self.fleet("--out", f"{kind}=/dev/full", "--out", f"json={path}", duration="1s"), expect=1)
            self.assert_says(run, "--out", "/dev/full", "No space left")
            self.summary(path)

    def test_one_output_may_have_standard_output(self):
        run = self.run_sim(*self.fleet("--out", "ndjson=-", duration="1s"))
        lines = [json.loads(line) for line in run.out.splitlines()]
        self.assertEqual((lines[0]["type"], lines[-1]["type"]), ("start", "end"))
        self.assert_says(run, "PASS")
        for arguments, words in [
            (["--out", "ndjson=-", "--out", "csv=-"], ["ndjson=-", "csv=-", "standard output"]),
            (["--out", "hdr=a", "--out", "html=a"], ["hdr=a", "html=a", "one file"]),
            (["--out", "pdf=a"], ["pdf=a", "json=PATH, csv=PATH, ndjson=PATH, hdr=PATH, html=PATH"]),
            (["--prometheus", "9100"], ["--prometheus", "9100", "127.0.0.1:3001"]),
        ]:
            self.assert_says(self.run_sim("--embedded", *arguments, expect=2), *words)

    def test_an_address_that_is_taken_is_refused_before_anything_happens(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            run = self.run_sim(*self.fleet("--prometheus", address, "--out", f"json={self.folder / 'x'}"), expect=1)
        self.assert_says(run, "--prometheus", address)
        self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    main()
