"""Thresholds are judged, listed and end in exit code 99; bad ones are refused before anything is sent."""

from harness import Case, main

RUN = ["run", "--embedded", "--mode", "realtime", "--count", "5", "--interval", "100ms", "--connect-rate", "0",
       "--duration", "2s"]


class Thresholds(Case):
    def judged(self, *thresholds, expect=0):
        """The process, and the thresholds of its summary by expression."""
        out = self.folder / "summary.json"
        options = [word for t in thresholds for word in ("--threshold", t)]
        process = self.run_sim(*RUN, *options, "--out", f"json={out}", expect=expect)
        summary = self.summary(out)
        self.assertEqual(summary["run"]["exit_code"], process.code)
        return process, summary, {t["expr"]: t for t in summary["thresholds"]}

    def test_thresholds_that_are_met_are_listed_and_change_nothing(self):
        process, summary, all = self.judged(
            "errors.count==0", "metrics.sent>=5", "metrics.sent.rate>0/s @last=1s", "send_lag.p99<1h",
            "fleet.never_connected<1", "process.rss_peak<100GB", "errors{connect.refused}==0")
        self.assertTrue(all and all["errors.count==0"]["ok"])
        self.assertEqual([t for t in all.values() if not t["ok"]], [])
        self.assertEqual(all["metrics.sent>=5"]["value"], summary["messages"]["metrics"]["sent"])
        self.assertEqual(summary["findings"], [])
        first, rest = process.out.split("\n", 1)
        self.assertTrue(first.startswith("PASS  5 agents"), process.describe())
        self.assertTrue(rest.startswith("\nThresholds\n  PASS  errors.count==0 "), process.describe())

    def test_one_that_is_crossed_or_not_measured_is_exit_code_99(self):
        process, summary, all = self.judged(
            "metrics.sent<1", "errors.rate<0.1%", "verify.missing==0", "send_lag.p50<0@last=1h", expect=99)
        self.assertEqual([t["ok"] for t in summary["thresholds"]], [False, True, False, False])
        self.assertEqual(all["verify.missing==0"]["note"], "--verify is off, or could not be done")
        self.assertNotIn("value", all["verify.missing==0"])
        self.assertIn("the run phase was shorter", all["send_lag.p50<0@last=1h"]["note"])
        self.assertEqual(summary["findings"], [{"exit_code": 99, "text": "3 of 4 thresholds were not met"}])
        self.assert_says(process, "not measured: --verify is off")

    def test_a_bad_one_is_refused_at_once(self):
        process = self.run_sim(*RUN, "--threshold", "fnce.p99<50ms", expect=2)
        self.assertEqual(process.out, "")
        self.assertTrue(process.err.startswith(
            "vstats-sim: --threshold: 'fnce.p99<50ms': there is no metric 'fnce' (accepted: fence,"),
            process.describe())
        self.assertEqual(process.err.count("\n"), 1)
        config = self.folder / "x.toml"
        config.write_text('threshold = ["errors.rate<5"]\n')
        process = self.run_sim(*RUN, "--config", config, expect=2)
        self.assert_says(process, "x.toml:1: threshold: 'errors.rate<5': '5' does not fit errors.rate")


if __name__ == "__main__":
    main()
