"""What the server holds after a run is what the run says it sent, exactly."""

import time
from collections import defaultdict
from datetime import datetime, timezone

from harness import PREFIX, SETTLING, TOKEN, Case, main

AGENTS, HOURS, INTERVAL = 50, 2, 1
WIDTHS = {"5sec": 5, "2min": 120, "15min": 900, "hourly": 3600, "daily": 86400}
METRICS = {"5sec": "metrics_5sec", "2min": "metrics_2min", "15min": "metrics_15min_agg",
           "hourly": "metrics_hourly_agg", "daily": "metrics_daily_agg"}
PING = {g: table.replace("metrics", "ping") for g, table in METRICS.items()}
RANGES = {"1h": "5sec", "24h": "2min", "7d": "15min", "30d": "hourly", "1y": "daily"}

SUMMED = ("cpu_sum", "memory_sum", "disk_sum", "ping_sum", "ping_count", "sample_count")
HIGHEST = ("cpu_max", "memory_max", "net_rx", "net_tx")


def seconds(timestamp):
    return datetime.strptime(timestamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp()


class Run(Case):
    """One run, looked at from all sides; it is made once."""

    @classmethod
    def setUpClass(cls):
        maker = cls("make")
        maker.setUp()
        cls.addClassCleanup(maker.doCleanups)
        cls.began = time.time()
        cls.reference = maker.server()
        out = maker.folder / "summary.json"
        cls.process = maker.run_sim(
            "--server", cls.reference.url, "--token", TOKEN, "--count", AGENTS, "--hours", HOURS,
            "--interval", f"{INTERVAL}s", "--agg-interval", "3s", "--duration", "8s",
            "--connect-rate", "0", "--seed", "7", "--out", f"json={out}")
        cls.ended = time.time()
        time.sleep(SETTLING)
        cls.sums = maker.summary(out)
        cls.agents = cls.reference.servers(PREFIX)

    def make(self):
        """Only there for setUpClass to have a Case to work with."""

    def table(self, name, key=("server_id", "bucket")):
        return {tuple(row[k] for k in key): row for row in self.reference.rows(f"SELECT * FROM {name}")}

    def test_every_agent_is_there_and_named(self):
        self.assertEqual(sorted(s["name"] for s in self.agents), [f"{PREFIX}{i:03}" for i in range(AGENTS)])
        self.assertEqual(self.sums["fleet"]["registered"], AGENTS)
        self.assertEqual(self.sums["fleet"]["connected_peak"], AGENTS)
        self.assertEqual(self.sums["fleet"]["never_connected"], 0)
        self.assertEqual(self.sums["errors"], [])

    def test_every_range_shows_history_that_lies_in_the_past(self):
        for agent in self.agents:
            for span, granularity in RANGES.items():
                width = WIDTHS[granularity]
                for kind in ("metrics", "ping"):
                    answer = self.reference.history(agent["id"], span, kind)
                    points = answer["data"] if kind == "metrics" else answer["ping_targets"][0]["data"]
                    where = f"{agent['name']} {span} {kind}"
                    self.assertTrue(points, where)
                    times = [seconds(p["timestamp"]) for p in points]
                    self.assertEqual(times, sorted(times), where)
                    self.assertLessEqual(times[-1], self.ended, where)
                    self.assertGreater(times[0], self.began - HOURS * 3600 - width - 5, where)

    def test_there_is_no_gap_between_the_first_bucket_and_the_last(self):
        for granularity, name in METRICS.items():
            buckets = defaultdict(list)
            for server_id, bucket in self.table(name):
                buckets[server_id].append(bucket)
            self.assertEqual(len(buckets), AGENTS, name)
            for server_id, found in buckets.items():
                self.assertEqual(sorted(found), list(range(min(found), max(found) + 1)), f"{name} {server_id}")
                span = (max(found) - min(found) + 1) * WIDTHS[granularity]
                self.assertGreaterEqual(span, HOURS * 3600, name)

    def test_a_coarse_bucket_is_the_fold_of_the_fine_ones(self):
        fine = self.table(METRICS["5sec"])
        first = {}
        for server_id, bucket in fine:
            first[server_id] = min(bucket, first.get(server_id, bucket))
        for granularity in ("2min", "15min", "hourly", "daily"):
            width = WIDTHS[granularity]
            folded = defaultdict(list)
            for (server_id, bucket), row in fine.items():
                folded[server_id, bucket * 5 // width].append(row)
            coarse = self.table(METRICS[granularity])
            self.assertEqual(set(coarse), set(folded), granularity)
            compared = 0
            for key, row in coarse.items():
                if key[1] * width < first[key[0]] * 5 and granularity != "daily":
                    continue  # its beginning may lie before the first fine bucket
                compared += 1
                for column in SUMMED:
                    self.assertAlmostEqual(row[column], sum(r[column] for r in folded[key]), 4,
                                           f"{granularity} {key} {column}")
                for column in HIGHEST:  # realtime maxima passed through a float32, aggregates did not
                    self.assertAlmostEqual(row[column], max(r[column] for r in folded[key]), 5,
                                           f"{granularity} {key} {column}")
            self.assertGreaterEqual(compared, AGENTS, granularity)

    def test_coarse_ping_rows_are_the_fold_of_the_fine_ones(self):
        key = ("server_id", "target_name", "bucket")
        fine = self.table(PING["5sec"], key)
        self.assertTrue(fine)
        first = {}
        for server_id, target, bucket in fine:
            first[server_id] = min(bucket, first.get(server_id, bucket))
        for granularity in ("2min", "15min"):
            width = WIDTHS[granularity]
            folded = defaultdict(list)
            for (server_id, target, bucket), row in fine.items():
                folded[server_id, target, bucket * 5 // width].append(row)
            compared = 0
            for where, row in self.table(PING[granularity], key).items():
                if where[2] * width < first[where[0]] * 5:
                    continue
                compared += 1
                for column in ("latency_sum", "latency_count", "ok_count", "fail_count"):
                    self.assertAlmostEqual(row[column], sum(r[column] for r in folded[where]), 4,
                                           f"{granularity} {where} {column}")
                self.assertEqual(row["latency_max"], max(r["latency_max"] for r in folded[where]))
            self.assertGreater(compared, AGENTS, granularity)

    def test_ping_rows_agree_with_the_metrics_row_of_their_bucket(self):
        samples = self.table(METRICS["5sec"])
        latencies, pings = defaultdict(float), defaultdict(int)
        for row in self.reference.rows(f"SELECT * FROM {PING['5sec']}"):
            where = row["server_id"], row["bucket"]
            self.assertEqual(row["ok_count"] + row["fail_count"], samples[where]["sample_count"], str(row))
            self.assertLessEqual(row["latency_count"], row["ok_count"])
            latencies[where] += row["latency_sum"]
            pings[where] += row["latency_count"]
        for where, row in samples.items():
            self.assertEqual(row["ping_count"], pings[where], str(where))
            self.assertAlmostEqual(row["ping_sum"], latencies[where], 4, str(where))

    def test_counters_never_fall_and_values_are_in_range(self):
        for name in METRICS.values():
            highest = {}
            for (server_id, _), row in sorted(self.table(name).items()):
                for column in ("net_rx", "net_tx"):
                    self.assertGreaterEqual(row[column], highest.get((server_id, column), 0), f"{name} {row}")
                    highest[server_id, column] = row[column]
                for kind in ("cpu", "memory"):
                    mean = row[f"{kind}_sum"] / row["sample_count"]
                    self.assertTrue(0 <= mean <= row[f"{kind}_max"] + 1e-6 <= 100 + 2e-6, f"{name} {row}")

    def test_sample_counts_fit_the_interval(self):
        for granularity, name in METRICS.items():
            most = WIDTHS[granularity] // INTERVAL + 1
            for row in self.table(name).values():
                self.assertTrue(1 <= row["sample_count"] <= most, f"{name} {row}")
        for total in self.reference.rows(
                f"SELECT sum(sample_count) AS n FROM {METRICS['daily']} GROUP BY server_id"):
            self.assertAlmostEqual(total["n"], (HOURS * 3600 + 8) / INTERVAL, delta=90)

    def test_agents_are_not_copies_of_each_other(self):
        curves = {tuple(r["cpu_sum"] for _, r in sorted(self.table(METRICS["2min"]).items()) if r["server_id"] == s["id"])
                  for s in self.agents}
        self.assertEqual(len(curves), AGENTS)

    def test_every_realtime_sample_is_stored_and_counted_once(self):
        raw = defaultdict(list)
        for row in self.reference.rows("SELECT * FROM metrics_raw"):
            raw[row["server_id"], row["bucket_5sec"]].append(row)
        self.assertEqual(sum(map(len, raw.values())), self.sums["messages"]["metrics"]["sent"])
        first = {}
        for server_id, bucket in raw:
            first[server_id] = min(bucket, first.get(server_id, bucket))
        self.assertEqual(len(first), AGENTS)
        stored = self.table(METRICS["5sec"])
        compared = 0
        for (server_id, bucket), samples in raw.items():
            if bucket == first[server_id]:
                continue  # shared with the history before it
            compared += 1
            row = stored[server_id, bucket]
            self.assertEqual(row["sample_count"], len(samples), str(row))
            self.assertAlmostEqual(row["cpu_sum"], sum(s["cpu_usage"] for s in samples), 4, str(row))
            self.assertAlmostEqual(row["memory_sum"], sum(s["memory_usage"] for s in samples), 4, str(row))
            self.assertAlmostEqual(row["disk_sum"], sum(s["disk_usage"] for s in samples), 4, str(row))
            self.assertEqual(row["net_rx"], max(s["net_rx"] for s in samples), str(row))
        self.assertGreaterEqual(compared, AGENTS)

    def test_the_summary_tells_what_was_sent(self):
        messages = self.sums["messages"]
        self.assertEqual(messages["metrics"]["missed"], 0)
        # 8 s after the ramp, one a second; the last may fall to either side of the end.
        self.assertAlmostEqual(messages["metrics"]["sent"], AGENTS * 8 / INTERVAL, delta=AGENTS * 2)
        self.assertGreaterEqual(messages["history"]["buckets"], AGENTS * (HOURS * 3600 // 5))
        self.assertGreater(messages["aggregated"]["sent"], 0)
        run = self.sums["run"]
        self.assertEqual((run["mode"], run["count"], run["seed"], run["stopped_by"], run["exit_code"]),
                         ("both", AGENTS, 7, "duration", 0))
        for name in ("register", "connect", "auth", "send_lag"):
            self.assertGreater(self.sums["latency_ms"][name]["count"], 0, name)


class Repeat(Case):
    def test_the_same_seed_sends_the_same_history_shape(self):
        """Facts of a machine do not depend on the run: same seed, same memory and disk sizes."""
        server = self.server()
        job = ["--server", server.url, "--token", TOKEN, "--count", "3", "--mode", "realtime",
               "--interval", "200ms", "--duration", "1s", "--connect-rate", "0"]
        facts = []
        for seed in ("3", "3", "4"):
            self.run_sim(*job, "--seed", seed)
            facts.append(sorted(
                (s["server_name"], s["metrics"]["memory"]["total"], s["metrics"]["cpu"]["brand"],
                 s["metrics"]["disks"][0]["total"], s["location"])
                for s in server.request("GET", "/api/metrics/all")))
        self.assertEqual(facts[0], facts[1])
        self.assertNotEqual(facts[0], facts[2])


if __name__ == "__main__":
    main()
