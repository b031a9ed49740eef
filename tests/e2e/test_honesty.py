"""Whether the figures can be trusted: fences that time the server, and a generator that says when it was
the bottleneck itself."""

import os
import subprocess
import sys

import harness
from harness import TOKEN, Case

CORE = min(os.sched_getaffinity(0))
HOGS = 4  # processes that want the core for themselves
BURN = "import sys, time\nend = time.monotonic() + float(sys.argv[1])\nwhile time.monotonic() < end: pass"
AGENTS = 40
GENEROUS = ("--max-lag", "30s")  # what is slow here is the machine that the tests run on


class Honesty(Case):
    def arguments(self, server, *more):
        """A run of some seconds with hundreds of samples a second, from one thread."""
        return ("run", "--server", server.url, "--token", TOKEN, "--mode", "realtime", "--count", AGENTS,
                "--interval", "100ms", "--connect-rate", "0", "--threads", "1", "--out",
                f"json={self.folder / 'summary.json'}", *more)

    def figures(self, process, expect=0):
        process.wait()
        self.assert_exit(process, expect)
        return self.summary(self.folder / "summary.json")

    def burn(self, seconds):
        """Processes that keep CORE busy, for so long at most."""
        hogs = [subprocess.Popen(["taskset", "-c", str(CORE), sys.executable, "-c", BURN, str(seconds)])
                for _ in range(HOGS)]
        for hog in hogs:
            self.addCleanup(hog.wait)
            self.addCleanup(hog.kill)
        return hogs

    def test_a_starved_generator_says_that_the_run_is_invalid(self):
        server = self.server()
        starving = ["nice", "-n", "19", "taskset", "-c", str(CORE), harness.binary]
        process = self.start(*self.arguments(server, "--duration", "6s", "--max-lag", "100ms"), command=starving)
        server.wait_for_agents(AGENTS)
        # From the run phase on, but not for its end: goodbyes want CPU, too.
        for hog in self.burn(8):
            hog.wait(60)
        summary = self.figures(process, expect=98)
        self.assertTrue(process.out.startswith("INVALID"), process.describe())
        self.assertEqual(summary["run"]["verdict"], "invalid")
        self.assertEqual(summary["findings"][0]["exit_code"], 98)
        honesty = summary["honesty"]
        self.assertFalse(honesty["valid"])
        self.assertGreater(honesty["own_lag_p99_ms"], 100)
        self.assertIn("the generator was late", honesty["reasons"][0])
        self.assertEqual(len(honesty["threads_busy"]), 1)

    def test_the_same_run_without_starving_is_valid_and_fenced(self):
        server = self.server()
        summary = self.figures(self.start(*self.arguments(server, "--duration", "4s", *GENEROUS)))
        self.assertTrue(summary["honesty"]["valid"])
        self.assertEqual(summary["honesty"]["max_lag_ms"], 30_000)
        metrics, fences = summary["messages"]["metrics"], summary["messages"]["fences"]
        self.assertGreater(metrics["sent"], AGENTS)
        self.assertEqual(fences["sent"], metrics["sent"])
        self.assertEqual(fences["answered"], fences["sent"])
        # Ramp and run together are all of them, and the first of them belong to the ramp.
        run, ramp = summary["latency_ms"], summary.get("latency_ramp_ms", {})
        for name in ("send_lag", "fence", "fence_uncorrected"):
            in_ramp = ramp[name]["count"] if name in ramp else 0
            self.assertEqual(run[name]["count"] + in_ramp, metrics["sent"], name)
        self.assertGreaterEqual(run["fence"]["p50"], run["fence_uncorrected"]["p50"])
        self.assertTrue(any("fence_p99" in point for point in summary["timeseries"]))

    def test_a_stalled_server_shows_in_the_fences_and_is_not_our_fault(self):
        server = self.server("--fault", "stall:3s@4s")
        summary = self.figures(self.start(*self.arguments(server, "--duration", "8s", *GENEROUS)))
        self.assertTrue(summary["honesty"]["valid"])
        self.assertGreater(summary["latency_ms"]["fence"]["max"], 2000)
        self.assertEqual(summary["messages"]["fences"]["answered"], summary["messages"]["fences"]["sent"])

    def test_without_fences_or_a_schedule_nothing_is_timed(self):
        server = self.server()
        summary = self.figures(self.start(*self.arguments(server, "--duration", "1s", "--fence", "off", *GENEROUS)))
        self.assertEqual(summary["messages"]["fences"], {"sent": 0, "answered": 0})
        self.assertNotIn("fence", summary["latency_ms"])
        self.assertIn("send_lag", summary["latency_ms"])
        arguments = [a if a != "100ms" else "0" for a in self.arguments(server, "--duration", "1s")]
        summary = self.figures(self.start(*arguments, "--count", "2"))
        self.assertEqual(summary["messages"]["fences"]["sent"], 0)
        self.assertTrue(summary["honesty"]["valid"])
        self.assertIn("without a schedule", summary["honesty"]["warnings"][0])


if __name__ == "__main__":
    harness.main()
