"""What verification says about what a server holds, checked against the database by other means."""

import contextlib
import json
import re
import sqlite3
import time

from harness import SETTLING, TOKEN, Case, main

REALTIME = ["--mode", "realtime", "--connect-rate", "0", "--interval", "500ms", "--agg-interval", "2s"]
TABLES = {"5sec": "5sec", "2min": "2min", "15min": "15min_agg", "hourly": "hourly_agg", "daily": "daily_agg"}


class Verify(Case):
    def run_against(self, server, *arguments, expect=0):
        out = self.folder / "summary.json"
        process = self.run_sim("run", "--server", server.url, "--token", TOKEN, *arguments,
                               "--out", f"json={out}", expect=expect)
        return process, self.summary(out)

    def verify(self, *arguments, expect=0):
        out = self.folder / "verify.json"
        process = self.run_sim("verify", self.folder / "run.ledger", *arguments, "--out", f"json={out}",
                               expect=expect)
        return process, self.summary(out)["verify"]

    def change(self, path, sql, *values):
        with contextlib.closing(sqlite3.connect(path, timeout=20)) as db:
            changed = db.execute(sql, values).rowcount
            db.commit()
        self.assertEqual(changed, 1, sql)

    def row_counts(self, server):
        return {(kind, name): server.rows(f"SELECT count(*) AS n FROM {kind}_{table}")[0]["n"]
                for kind in ("metrics", "ping") for name, table in TABLES.items()}

    def assert_clean(self, verify):
        self.assertEqual([verify[k] for k in ("missing", "altered", "foreign", "twice", "agents_with_loss")],
                         [0] * 5, verify)
        self.assertEqual(verify["examples"], [])

    def test_a_clean_run_is_proved_embedded_over_rest_and_from_the_file_later(self):
        out = self.folder / "embedded.json"
        process = self.run_sim("run", "--embedded", "--count", "10", "--hours", "1", "--duration", "3s",
                               "--verify", *REALTIME[2:], "--out", f"json={out}")
        self.assert_says(process, "Verification", "metrics 5sec", "ping daily", "samples")
        embedded = self.summary(out)
        self.assert_clean(embedded["verify"])
        self.assertEqual(embedded["verify"]["samples"][0]["found"], embedded["messages"]["metrics"]["sent"])

        server = self.server("--quirks")  # with the row limits of the real one
        process, summary = self.run_against(
            server, "--count", "10", "--hours", "1", "--duration", "3s", *REALTIME[2:],
            "--fleet-mix", "20%:no-store", "--verify", "--ledger", self.folder / "run.ledger")
        over_rest = summary["verify"]
        self.assert_clean(over_rest)
        self.assertEqual(over_rest["source"], server.url)
        self.assertNotIn("samples", over_rest)
        self.assertGreater(over_rest["buckets_found"], 5 * 700)
        self.assertNotIn(TOKEN, (self.folder / "run.ledger").read_text())

        _, from_file = self.verify("--db", server.db)
        self.assert_clean(from_file)
        counts = self.row_counts(server)
        for kind in ("metrics", "ping"):
            for row in from_file[kind]:
                self.assertEqual(row["found"], counts[kind, row["granularity"]], row)
        self.assertEqual(from_file["samples"][0]["found"], server.rows("SELECT count(*) AS n FROM metrics_raw")[0]["n"])
        _, few = self.verify("--agents", "3")
        self.assertEqual(few["agents"], 3)
        self.assert_clean(few)

    def test_what_a_server_drops_is_named_agent_by_agent(self):
        server = self.server("--fault", "drop-writes:25%")
        _, summary = self.run_against(
            server, *REALTIME, "--count", "20", "--duration", "6s", "--verify",
            "--ledger", self.folder / "run.ledger", expect=97)
        self.assertEqual([f["exit_code"] for f in summary["findings"]], [97])
        self.assertGreater(summary["verify"]["missing"] + summary["verify"]["altered"], 0)
        time.sleep(SETTLING)
        process, found = self.verify("--db", server.db, expect=97)
        self.assert_says(process, "FAIL", "missing", "(exit code", "not stored")
        sent = summary["messages"]["metrics"]["sent"]
        kept = server.rows("SELECT count(*) AS n FROM metrics_raw")[0]["n"]
        samples = found["samples"][0]
        self.assertEqual((samples["expected"], samples["found"], samples["missing"]), (sent, kept, sent - kept))
        for kind in ("metrics", "ping"):
            for row in found[kind]:
                self.assertEqual(row["found"], self.row_counts(server)[kind, row["granularity"]], row)
        ids = {s["name"]: s["id"] for s in server.servers()}
        for e in found["examples"]:
            self.assertTrue(e["cause"])
            if e["kind"] == "missing" and e["granularity"] == "raw":
                n = server.rows("SELECT count(*) AS n FROM metrics_raw WHERE server_id = ? AND bucket_5sec = ?",
                                ids[e["agent"]], e["bucket"])[0]["n"]
                self.assertEqual((n, e["expected"] > n), (e["found"], True), e)
            elif e["kind"] == "missing":
                table = ("ping_" if "target" in e else "metrics_") + TABLES[e["granularity"]]
                rows = server.rows(f"SELECT * FROM {table} WHERE server_id = ? AND bucket = ?",
                                   ids[e["agent"]], e["bucket"])
                self.assertEqual([r for r in rows if r.get("target_name") == e.get("target")], [], e)
            elif "target" not in e and e["field"] != "target_host":
                row, = server.rows(f"SELECT * FROM metrics_{TABLES[e['granularity']]} WHERE server_id = ? AND bucket = ?",
                                   ids[e["agent"]], e["bucket"])
                self.assertEqual(row[e["field"]], e["found"], e)

    def test_a_row_that_is_altered_deleted_or_added_is_found_exactly(self):
        server = self.server()
        self.run_against(server, "--count", "5", "--hours", "0.5", "--mode", "history",
                         "--ledger", self.folder / "run.ledger")
        time.sleep(SETTLING)
        victim = server.servers()[2]
        row = server.rows("SELECT * FROM metrics_2min WHERE server_id = ? ORDER BY bucket", victim["id"])[7]
        self.assert_clean(self.verify("--db", server.db)[1])

        self.change(server.db, "UPDATE metrics_2min SET disk_sum = disk_sum + 0.01 WHERE server_id = ? AND bucket = ?",
                    victim["id"], row["bucket"])
        process, found = self.verify("--db", server.db, expect=97)
        example, = found["examples"]
        self.assertEqual((example["kind"], example["granularity"], example["agent"], example["bucket"], example["field"],
                          example["tolerance"]),
                         ("altered", "2min", victim["name"], row["bucket"], "disk_sum", 0), example)
        self.assertEqual(example["expected"], row["disk_sum"])
        self.assertAlmostEqual(example["found"], row["disk_sum"] + 0.01, 9)
        self.assertEqual((found["altered"], found["missing"], found["agents_with_loss"]), (1, 0, 1))
        self.assert_says(process, victim["name"], "disk_sum", str(row["bucket"]))
        _, over_rest = self.verify(expect=97)  # the mean tells it, too
        self.assertEqual([(e["kind"], e["field"], e["bucket"]) for e in over_rest["examples"]],
                         [("altered", "disk", row["bucket"])])

        self.change(server.db, "DELETE FROM metrics_2min WHERE server_id = ? AND bucket = ?", victim["id"], row["bucket"])
        _, found = self.verify("--db", server.db, expect=97)
        self.assertEqual([(e["kind"], e["bucket"]) for e in found["examples"]], [("missing", row["bucket"])])
        self.assertEqual((found["altered"], found["missing"]), (0, 1))
        self.assertEqual(self.verify(expect=97)[1]["missing"], 1)

        self.change(server.db, "INSERT INTO metrics_2min SELECT server_id, bucket + 500000, cpu_sum, cpu_max, memory_sum, "
                    "memory_max, disk_sum, net_rx, net_tx, ping_sum, ping_count, sample_count FROM metrics_2min "
                    "WHERE server_id = ? LIMIT 1", victim["id"])
        _, found = self.verify("--db", server.db, expect=97)
        self.assertEqual(found["foreign"], 1)
        self.assertIn("foreign", [e["kind"] for e in found["examples"]])

    def test_what_cannot_be_verified_is_said_before_anything_is_read(self):
        self.assert_says(self.run_sim("verify", expect=2), "needs the ledger")
        self.assert_says(self.run_sim("verify", self.folder / "none", expect=1), "cannot read")
        bad = self.folder / "run.ledger"
        bad.write_text("{}\n")
        self.assert_says(self.run_sim("verify", bad, expect=2), "is not a ledger: line 1: ledger is missing")
        self.assert_says(self.run_sim("verify", bad, "--db", "x", "--server", "http://127.0.0.1:1", expect=2), "--db")
        self.assert_says(self.run_sim("--verify=none", expect=2), "--verify", "'none'")
        self.assert_says(self.run_sim("--verify", "--interval", "0", "--mode", "realtime", expect=2), "--verify")
        self.assert_says(self.run_sim("--embedded", "--count", "1", "--ledger", "/no/such/folder/x", expect=1), "--ledger")
        config = self.folder / "run.toml"
        for value, shown in (("true", "verify = true"), ("20", "verify = 20"), ("false", "verify = false")):
            config.write_text(f"verify = {value}\n")
            self.assert_says(self.run_sim("--config", config, "--print-config"), shown)
        server = self.server()
        ledger = self.folder / "good.ledger"
        self.run_sim("run", "--server", server.url, "--token", TOKEN, *REALTIME, "--count", "1", "--duration", "1s",
                     "--ledger", ledger)
        self.assertEqual(len(ledger.read_text().splitlines()), 2)
        self.assertEqual(json.loads(ledger.read_text().splitlines()[0])["ledger"], 1)
        server.stop()
        self.assert_says(self.run_sim("verify", ledger, expect=1), re.sub("^http://", "", server.url))
        self.assert_says(self.run_sim("verify", ledger, "--db", self.folder / "none.db", expect=1), "none.db")


if __name__ == "__main__":
    main()
