"""--watch-pid: what the server's process uses, in the summary and on the time line."""

import subprocess

from harness import TOKEN, Case, main

SHORT = ["--count", "10", "--mode", "realtime", "--interval", "100ms", "--duration", "4s"]


class Watch(Case):
    def test_the_server_is_watched(self):
        server = self.server()
        out = self.folder / "summary.json"
        run = self.run_sim("run", "--server", server.url, "--token", TOKEN, "--watch-pid", server.popen.pid,
                           "--out", f"json={out}", *SHORT)
        summary = self.summary(out)
        watched = summary["server_process"]
        self.assertEqual(watched["pid"], server.popen.pid)
        self.assertFalse(watched["ended"])
        self.assertGreater(watched["cpu_s"], 0)
        self.assertGreater(watched["cpu_live_s"], 0)
        self.assertLessEqual(watched["cpu_live_s"], watched["cpu_s"])
        sent = summary["messages"]["metrics"]["sent"]
        self.assertAlmostEqual(watched["cpu_us_per_message"], watched["cpu_live_s"] / sent * 1e6, delta=1)
        self.assertGreater(watched["rss_start_bytes"], 1e6)
        self.assertGreaterEqual(watched["rss_peak_bytes"], watched["rss_start_bytes"])
        self.assertIn("rss_per_agent_bytes", watched)
        self.assertGreaterEqual(watched["threads_peak"], 1)
        self.assertGreaterEqual(watched["fds_peak"], 10, "one for each agent")
        self.assertIn("written_bytes", watched)
        points = [p["server"] for p in summary["timeseries"]]  # in each
        self.assertTrue(all(p["rss_bytes"] > 1e6 and p["threads"] >= 1 for p in points), points)
        self.assertGreater(max(p["cpu_pct"] for p in points), 0)
        self.assertGreaterEqual(max(p["fds"] for p in points), 10)
        self.assert_says(run, "Server process", f"pid {server.popen.pid}", "µs a message", "an agent")

    def test_its_end_is_said_once_and_does_not_end_the_run(self):
        server = self.server()
        out = self.folder / "summary.json"
        with subprocess.Popen(["sleep", "600"]) as other:
            run = self.start("run", "--server", server.url, "--token", TOKEN, "--watch-pid", other.pid,
                             "--out", f"json={out}", *SHORT)
            server.wait_for_agents(1)
            other.kill()
        run.wait()
        self.assert_exit(run, 0)
        self.assertEqual(run.err.count(f"process {other.pid} (sleep) has ended"), 1, run.describe())
        summary = self.summary(out)
        self.assertTrue(summary["server_process"]["ended"])
        self.assertNotIn("cpu_us_per_message", summary["server_process"])
        self.assertNotIn("server", summary["timeseries"][-1])

    def test_what_cannot_be_watched_is_refused_before_anything_starts(self):
        for pid, why in ((4194304, "no process"), ("nginx", "1 to 4194304")):
            run = self.run_sim("run", "--watch-pid", pid, "--dry-run", expect=2)
            self.assert_says(run, "--watch-pid", pid, why)
        run = self.run_sim("run", "--embedded", "--watch-pid", "1", expect=2)
        self.assert_says(run, "--embedded", "--watch-pid")


if __name__ == "__main__":
    main()
