"""Agents that lose their server, are cut off, misbehave or fall ill: what the server holds afterwards."""

import time
from collections import defaultdict
from datetime import datetime

from harness import PREFIX, SETTLING, TOKEN, Case, eventually, main

METRICS = {5: "metrics_5sec", 120: "metrics_2min", 900: "metrics_15min_agg", 3600: "metrics_hourly_agg",
           86400: "metrics_daily_agg"}


def unix(timestamp):
    return datetime.fromisoformat(timestamp.replace("Z", "+00:00")).timestamp()


class Life(Case):
    def begin(self, server, *arguments):
        self.out = self.folder / "summary.json"
        return self.start("run", "--server", server.url, "--token", TOKEN, "--mode", "realtime", "--connect-rate",
                          "0", "--interval", "1s", "--agg-interval", "4s", "--out", f"json={self.out}", *arguments)

    def end(self, process, expect=0):
        process.wait()
        self.assert_exit(process, expect)
        time.sleep(SETTLING)
        return self.summary(self.out)

    def live(self, server, *arguments):
        return self.end(self.begin(server, *arguments))

    def table(self, server, name):
        rows = defaultdict(dict)
        for row in server.rows(f"SELECT * FROM {name}"):
            rows[row["server_id"]][row["bucket"]] = row
        return rows

    def assert_no_gap(self, server, agents):
        """Every sample of every second is in its five seconds, and coarse buckets are folds of those."""
        fine = self.table(server, METRICS[5])
        self.assertEqual(len(fine), agents)
        for server_id, buckets in fine.items():
            first, last = min(buckets), max(buckets)
            self.assertEqual(sorted(buckets), list(range(first, last + 1)), server_id)
            for bucket in range(first + 1, last):
                self.assertEqual(buckets[bucket]["sample_count"], 5, f"{server_id} {bucket}")
        for width, name in list(METRICS.items())[1:]:
            coarse = self.table(server, name)
            for server_id, buckets in fine.items():
                folded = defaultdict(lambda: [0, 0.0, 0])
                for bucket, row in buckets.items():
                    into = folded[bucket * 5 // width]
                    into[0] += row["sample_count"]
                    into[1] += row["cpu_sum"]
                    into[2] += row["ping_count"]
                self.assertEqual(set(coarse[server_id]), set(folded), f"{name} {server_id}")
                for bucket, (samples, cpu, pings) in folded.items():
                    row = coarse[server_id][bucket]
                    self.assertEqual((row["sample_count"], row["ping_count"]), (samples, pings), f"{name} {row}")
                    self.assertAlmostEqual(row["cpu_sum"], cpu, 4, f"{name} {row}")

    def names(self, server):
        return {s["name"]: s["id"] for s in server.servers(PREFIX)}

    def test_a_server_killed_under_500_agents_has_everything_when_they_are_back(self):
        server = self.server()
        process = self.begin(server, "--count", "500", "--duration", "24s")
        eventually(lambda: server.rows("SELECT count(DISTINCT server_id) AS n FROM metrics_raw")[0]["n"] == 500,
                   60, "500 agents")
        time.sleep(2)
        server.popen.kill()
        server.wait()
        killed = time.monotonic()
        time.sleep(2)
        again = self.server("--listen", f"127.0.0.1:{server.port}")
        eventually(lambda: sum(bool(s["online"]) for s in again.request("GET", "/api/metrics/all")) == 500,
                   30, "500 agents back")
        # 5 s and half of that; as much again and the double delay for whom the ports kept waiting.
        self.assertLess(time.monotonic() - killed, 12)
        summary = self.end(process)
        self.assertEqual(summary["fleet"]["disconnects"], 500)
        self.assertGreaterEqual(summary["fleet"]["reconnects"], 500)
        self.assertGreaterEqual(summary["messages"]["metrics"]["missed"], 500 * 3)
        self.assert_no_gap(again, 500)

    def test_an_outage_of_half_the_fleet_and_its_herd_lose_nothing(self):
        server = self.server()
        summary = self.live(server, "--count", "60", "--outage", "2s:6s:50%", "--reconnect", "storm",
                            "--duration", "14s")
        [outage] = summary["outages"]
        hit = set(outage["agents"])
        self.assertTrue(18 <= len(hit) <= 42, hit)
        self.assertEqual(summary["faults"]["cut"], len(hit))
        self.assertEqual((summary["fleet"]["reconnects"], summary["fleet"]["disconnects"]), (len(hit), 0))
        self.assertEqual(summary["errors"], [])
        self.assert_no_gap(server, 60)
        # Who was cut off said nothing in that time, the others did; and all came back at its end.
        began, ended = unix(outage["started_at"]), unix(outage["ended_at"])
        for name, server_id in self.names(server).items():
            times = [unix(row["timestamp"]) for row in server.rows(
                "SELECT timestamp FROM metrics_raw WHERE server_id = ?", server_id)]
            inside = [t for t in times if began + 1 < t < ended - 1]
            self.assertEqual(len(inside) == 0, name in hit, f"{name} {inside}")
            self.assertTrue(any(ended <= t < ended + 2.5 for t in times), f"{name} {times}")

    def test_half_open_connections_and_churn_lose_nothing_either(self):
        server = self.server()
        summary = self.live(server, "--count", "30", "--outage", "2s:3s:half-open", "--churn", "100%",
                            "--reconnect", "storm", "--duration", "14s")
        self.assertGreater(summary["faults"]["churned"], 1)
        self.assertGreater(summary["faults"]["cut"], 20)
        self.assertEqual((summary["errors"], summary["fleet"]["disconnects"]), ([], 0))
        self.assert_no_gap(server, 30)

    def test_an_incident_is_in_the_history_of_those_it_struck(self):
        server = self.server()
        summary = self.live(server, "--count", "40", "--incident", "4s:11s:cpu:50%", "--incident",
                            "4s:11s:ping:50%", "--duration", "18s")
        found = {i["kind"]: i for i in summary["incidents"]}
        self.assertEqual(set(found), {"cpu", "ping"})
        names = self.names(server)
        rows = self.table(server, METRICS[5])
        for kind, incident in found.items():
            began, ended = unix(incident["started_at"]), unix(incident["ended_at"])
            self.assertAlmostEqual(ended - began, 11, 1)
            self.assertTrue(10 <= len(incident["agents"]) <= 30, incident)
            inside = outside = calm = 0
            for name, server_id in names.items():
                for bucket, row in rows[server_id].items():
                    during = began <= bucket * 5 and bucket * 5 + 5 <= ended
                    if kind == "cpu":
                        is_ill = row["cpu_sum"] / row["sample_count"] >= 93
                    else:
                        is_ill = row["ping_count"] == 0
                    if during and name in incident["agents"]:
                        inside += 1
                        self.assertTrue(is_ill, f"{kind} {name} {row}")
                    elif bucket * 5 + 5 <= began or bucket * 5 >= ended or name not in incident["agents"]:
                        outside += 1
                        calm += not is_ill  # some machines are as busy by nature, some pings are lost
            self.assertGreaterEqual(inside, len(incident["agents"]))
            self.assertGreater(outside, 40)
            self.assertGreater(calm, 0.75 * outside)

    def test_a_silent_machine_leaves_a_hole_and_its_agent_stays(self):
        server = self.server()
        summary = self.live(server, "--count", "10", "--incident", "3s:11s:silent", "--duration", "18s")
        [incident] = summary["incidents"]
        began, ended = unix(incident["started_at"]), unix(incident["ended_at"])
        self.assertEqual(summary["fleet"]["reconnects"], 0)
        for server_id, buckets in self.table(server, METRICS[5]).items():
            during = [b for b in buckets if began <= b * 5 and b * 5 + 5 <= ended]
            self.assertEqual(during, [], server_id)
            self.assertTrue(any(b * 5 + 5 > ended for b in buckets), server_id)

    def test_other_ping_targets_reach_the_stored_rows_at_once(self):
        server = self.server()
        process = self.begin(server, "--count", "20", "--duration", "10s")
        server.wait_for_agents(20)
        time.sleep(2)
        server_targets = [{"name": "Web", "host": "example.test", "type": "tcp", "port": 443}]
        self.assertIsNone(server.request("PUT", "/api/settings/probe", {"ping_targets": server_targets}))
        changed = time.time()
        summary = self.end(process)
        self.assertEqual(summary["messages"]["received"]["configs"], 20)
        rows = server.rows("SELECT * FROM ping_5sec")
        new = [r for r in rows if r["target_name"] == "Web"]
        self.assertEqual({r["target_host"] for r in new}, {"example.test"})
        self.assertEqual(len({r["server_id"] for r in new}), 20)
        for server_id in {r["server_id"] for r in new}:
            first = min(r["bucket"] for r in new if r["server_id"] == server_id) * 5
            self.assertTrue(changed - 5 <= first <= changed + 3, f"{first} {changed}")
        self.assertFalse([r for r in rows if r["target_name"] != "Web" and r["bucket"] * 5 > changed + 2])

    def test_a_mixed_fleet_does_what_its_parts_say(self):
        server = self.server()
        summary = self.live(
            server, "--count", "60", "--duration", "8s", "--fleet-mix", "30%:no-store", "--fleet-mix",
            "20%:targets=0,payload=8KB", "--fleet-mix", "10%:shuffle", "--fleet-mix", "10%:repeat", "--fleet-mix",
            "10%:double-login", "--fleet-mix", "10%:slow-reader")
        self.assertEqual((summary["errors"], summary["fleet"]["disconnects"]), ([], 0))
        self.assertGreater(summary["faults"]["double_logins"], 0)
        with_aggregates = {r["server_id"] for r in server.rows("SELECT DISTINCT server_id FROM metrics_daily_agg")}
        with_samples = {r["server_id"] for r in server.rows("SELECT DISTINCT server_id FROM metrics_5sec")}
        self.assertEqual(len(with_samples), 60)
        self.assertTrue(30 <= len(with_aggregates) <= 52, with_aggregates)
        pinging = {r["server_id"] for r in server.rows("SELECT DISTINCT server_id FROM ping_5sec")}
        self.assertTrue(38 <= len(pinging) <= 56, pinging)
        large = [s for s in server.request("GET", "/api/metrics/all")
                 if len(s["metrics"]["network"]["interfaces"]) > 20]
        self.assertTrue(4 <= len(large) <= 22, len(large))

    def test_batches_bring_the_samples_of_an_absence(self):
        server = self.server()
        summary = self.live(server, "--count", "10", "--outage", "2s:5s", "--reconnect", "storm", "--backlog", "batch",
                            "--duration", "14s")
        batch = summary["messages"]["batch"]
        self.assertEqual((batch["sent"], batch["rejected"]), (10, 0))
        self.assertTrue(10 * 4 <= batch["accepted"] <= 10 * 6, batch)
        self.assertEqual(summary["latency_ms"]["batch_ack"]["count"], 10)
        self.assertGreater(server.rows("SELECT count(*) AS n FROM ping_raw")[0]["n"], 0)
        self.assert_no_gap(server, 10)

    def test_a_fleet_of_an_earlier_run_goes_on_where_it_stopped(self):
        server = self.server()
        fleet = self.folder / "fleet.json"
        self.run_sim("register", "--server", server.url, "--token", TOKEN, "--count", "8", "--fleet", fleet)
        run = ["run", "--server", server.url, "--fleet", fleet, "--interval", "1s", "--agg-interval", "3s",
               "--connect-rate", "0"]
        self.run_sim(*run, "--mode", "history", "--hours", "0.2")
        time.sleep(SETTLING + 5)
        self.run_sim(*run, "--mode", "realtime", "--duration", "4s")
        time.sleep(SETTLING)
        fine = self.table(server, METRICS[5])
        self.assertEqual(len(fine), 8)
        for server_id, buckets in fine.items():
            first, last = min(buckets), max(buckets)
            self.assertGreaterEqual(last - first, 0.2 * 720)
            for bucket in range(first + 1, last):
                self.assertEqual(buckets[bucket]["sample_count"], 5, f"{server_id} {bucket}")
        for row in server.rows("SELECT * FROM metrics_daily_agg"):
            self.assertGreaterEqual(row["sample_count"],
                                    sum(r["sample_count"] for r in fine[row["server_id"]].values()
                                        if r["bucket"] * 5 // 86400 == row["bucket"]))


if __name__ == "__main__":
    main()
