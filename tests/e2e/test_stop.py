"""Ctrl-C in every phase: it stops soon, writes its summary, and leaves nothing behind in silence."""

import threading

from harness import PREFIX, SETTLING, TOKEN, Case, eventually, main
from proxy import Proxy

SOON = 40  # seconds; sanitizers are slow


class Gate:
    """Holds whoever passes until it is opened."""

    def __init__(self):
        self.reached, self._open = threading.Event(), threading.Event()

    def hold(self):
        self.reached.set()
        self._open.wait(60)

    def open(self):
        self._open.set()


class Interrupt(Case):
    def interrupted(self, arguments, when, http=lambda request: None, websocket=lambda link: None,
                    before=0, gate=None):
        """Runs with `arguments`, interrupts once `when(process, proxy)` is true."""
        server = self.server()
        for i in range(before):
            server.add(f"{PREFIX}{i:03}")
        self.out = self.folder / "summary.json"
        with Proxy(server.port, http, websocket) as proxy:
            process = self.start("run", "--server", proxy.url, "--token", TOKEN,
                                 "--out", f"json={self.out}", *arguments)
            eventually(lambda: when(proxy) or process.code is not None, SOON, process.describe())
            self.assertIsNone(process.code, process.describe())
            process.interrupt()
            if gate:
                gate.open()
            process.wait(SOON)
        self.assertTrue(self.out.exists(), process.describe())
        summary = self.summary(self.out)
        self.assertEqual(summary["run"]["stopped_by"], "signal")
        self.assertEqual(summary["run"]["exit_code"], process.code)
        left = server.servers(PREFIX)
        if left:
            self.assert_says(process, "cleanup")
        return process, summary, server, left

    def test_while_old_servers_are_deleted(self):
        gate = Gate()

        def http(request):
            if request.method == "DELETE":
                gate.hold()

        process, summary, _, _ = self.interrupted(
            ["--count", "5", "--mode", "history"], lambda proxy: gate.reached.is_set(), http,
            before=30, gate=gate)
        self.assert_exit(process, (0, 1))
        self.assertEqual(summary["fleet"]["registered"], 0)

    def test_while_agents_are_registered(self):
        gate = Gate()

        def http(request):
            if request.method == "POST" and not request.target.startswith("/api/auth"):
                gate.hold()

        process, summary, _, left = self.interrupted(
            ["--count", "500", "--mode", "history"], lambda proxy: gate.reached.is_set(), http, gate=gate)
        self.assert_exit(process, (0, 1))
        self.assertEqual(summary["fleet"]["registered"], len(left), "it must know what it registered")

    def test_registered_servers_go_with_cleanup_after(self):
        gate = Gate()

        def http(request):
            if request.method == "POST" and not request.target.startswith("/api/auth"):
                gate.hold()

        _, _, _, left = self.interrupted(
            ["--count", "500", "--mode", "history", "--cleanup-after"],
            lambda proxy: gate.reached.is_set(), http, gate=gate)
        self.assertEqual(left, [])

    def test_while_history_is_sent(self):
        process, summary, _, _ = self.interrupted(
            ["--count", "300", "--mode", "history", "--hours", "24"], lambda proxy: proxy.bytes_in > 1_000_000)
        self.assert_exit(process, (0, 1))
        self.assertGreater(summary["messages"]["history"]["bytes"], 0)

    def test_in_the_ramp(self):
        process, summary, _, _ = self.interrupted(
            ["--count", "200", "--mode", "realtime", "--connect-rate", "10"],
            lambda proxy: proxy.upgrades >= 5)
        self.assert_exit(process, 0)
        self.assertGreater(summary["fleet"]["connected_peak"], 0)
        self.assertLess(summary["fleet"]["connected_peak"], 200)

    def test_in_realtime(self):
        process, summary, server, _ = self.interrupted(
            ["--count", "5", "--mode", "realtime", "--interval", "200ms", "--connect-rate", "0"],
            lambda proxy: proxy.bytes_in > 100_000)
        self.assert_exit(process, 0)
        self.assertEqual(summary["fleet"]["connected_peak"], 5)
        self.assertEqual(summary["fleet"]["disconnects"], 0, "our own closing is no disconnect")
        sent = summary["messages"]["metrics"]["sent"]
        eventually(lambda: server.rows("SELECT count(*) AS n FROM metrics_raw")[0]["n"] == sent,
                   SETTLING, f"{sent} samples stored")

    def test_twice_ends_it_at_once(self):
        server = self.server()
        process = self.start("run", "--server", server.url, "--token", TOKEN, "--count", "5",
                             "--mode", "realtime", "--interval", "500ms")
        server.wait_for_agents(5)
        process.interrupt()
        eventually(lambda: "again" in process.err.lower() or process.code is not None, 20,
                   "a word on what a second Ctrl-C does")
        process.interrupt()
        self.assertEqual(process.wait(5), 130, process.describe())


if __name__ == "__main__":
    main()
