"""A server that misbehaves on demand does what `--fault` says, and the simulator says what it met."""

import http.client
import re
import time

from harness import PREFIX, SETTLING, TOKEN, Case, eventually, main

REALTIME = ["--mode", "realtime", "--connect-rate", "0", "--agg-interval", "1h"]


class Faults(Case):
    def run_against(self, server, *arguments, expect=0, **named):
        """A realtime run; the process and its summary."""
        out = self.folder / "summary.json"
        process = self.run_sim("run", "--server", server.url, "--token", TOKEN, *REALTIME, *arguments,
                               "--out", f"json={out}", expect=expect, **named)
        return process, self.summary(out)

    def stored_samples(self, server):
        return server.rows("SELECT count(*) AS n FROM metrics_raw")[0]["n"]

    def assert_all_stored(self, server, summary):
        time.sleep(SETTLING)
        self.assertEqual(self.stored_samples(server), summary["messages"]["metrics"]["sent"])

    def wait_for(self, server, words):
        eventually(lambda: words in server.err or server.code is not None, 60, words)
        self.assertIn(words, server.err, server.describe())

    def test_a_share_of_what_was_sent_is_missing_and_nobody_is_told(self):
        server = self.server("--fault", "drop-writes:30%")
        _, summary = self.run_against(server, "--count", "10", "--interval", "100ms", "--duration", "4s")
        self.assertEqual(server.stop(), 0, server.describe())
        sent = summary["messages"]["metrics"]["sent"]
        kept = self.stored_samples(server)
        self.assertTrue(0.55 * sent < kept < 0.85 * sent, f"{kept} of {sent}")
        self.assertEqual(summary["errors"], [])
        lost = int(re.search(r"([\d,]+) messages not stored, as --fault said", server.err).group(1).replace(",", ""))
        self.assertTrue(sent - kept <= lost <= sent - kept + summary["messages"]["aggregated"]["sent"],
                        server.describe())

    def test_a_stall_is_silence_and_loses_nothing(self):
        server = self.server("--fault", "stall:3s@4s")
        out = self.folder / "summary.json"
        process = self.start("run", "--server", server.url, "--token", TOKEN, *REALTIME, "--count", "5",
                             "--interval", "100ms", "--duration", "9s", "--out", f"json={out}")
        self.wait_for(server, "fault: nothing is handled for 3s")
        began = time.monotonic()
        self.health(server)
        self.assertGreater(time.monotonic() - began, 1.5)
        process.wait()
        self.assert_exit(process, 0)
        summary = self.summary(out)
        self.assertEqual((summary["errors"], summary["fleet"]["disconnects"]), ([], 0))
        self.assert_all_stored(server, summary)

    def test_a_stall_does_not_hold_the_first_signal(self):
        server = self.server("--fault", "stall:10m@1s")
        self.wait_for(server, "fault: nothing is handled for 10m")
        self.assertEqual(server.stop(), 0, server.describe())

    def health(self, server):
        connection = http.client.HTTPConnection(server.host, server.port, timeout=20)
        connection.request("GET", "/health")
        self.assertEqual(connection.getresponse().read(), b"OK")
        connection.close()

    def test_a_killed_server_cuts_every_agent_off_and_leaves_what_it_had(self):
        server = self.server("--fault", "kill@8s")
        process, summary = self.run_against(
            server, "--count", "5", "--interval", "100ms", "--duration", "10s", expect=1)
        self.assertEqual(server.wait(), -9, server.describe())
        self.assertIn("fault: killed", server.err)
        self.assert_says(process, "5 of 5 agents were cut off")
        self.assertEqual(summary["fleet"]["disconnects"], 5)
        kinds = {e["kind"]: e["count"] for e in summary["errors"]}
        self.assertEqual(sum(n for kind, n in kinds.items() if kind.startswith("connection")), 5, kinds)
        again = self.server()
        self.assertEqual(len(again.servers(PREFIX)), 5)
        self.assertGreater(self.stored_samples(again), 0)

    def test_connections_that_are_closed_are_counted_and_made_again(self):
        server = self.server("--fault", "close:15%/s")
        _, summary = self.run_against(
            server, "--count", "20", "--interval", "200ms", "--duration", "12s", expect=(0, 1))
        server.stop()
        closed = sum(map(int, re.findall(r"fault: closed (\d+) connections of agents", server.err)))
        fleet = summary["fleet"]
        self.assertGreater(closed, 5, server.describe())
        self.assertTrue(0 < fleet["disconnects"] <= closed, summary)
        self.assertGreater(fleet["reconnects"], 0)
        self.assertEqual(sum(e["count"] for e in summary["errors"]), fleet["disconnects"], summary["errors"])
        for e in summary["errors"]:
            self.assertIn(e["kind"], ("connection.closed", "goodbye.closed"))

    def test_agents_that_are_refused_come_when_the_door_is_open_again(self):
        # The ramp takes 10 s, so that the refusal falls into it however long registering takes.
        server = self.server("--fault", "refuse:3s@5s")
        process, summary = self.run_against(server, "--count", "20", "--connect-rate", "2", "--interval", "200ms",
                                            "--duration", "14s")
        self.assertIn("fault: connections are refused for 3s", server.err)
        self.assertIn("fault: connections are accepted again", server.err)
        fleet = summary["fleet"]
        self.assertEqual((fleet["disconnects"], fleet["never_connected"]), (0, 0), process.describe())
        refused = sum(e["count"] for e in summary["errors"])
        self.assertGreater(refused, 0)
        self.assertEqual([e for e in summary["errors"] if "unreachable" not in e["kind"]], [])
        self.assert_all_stored(server, summary)

    def test_a_slow_reader_is_waited_for_and_loses_nothing(self):
        rate, agents = 5 * 1024, 2
        server = self.server("--fault", "slow-read:5KB/s")
        began = time.monotonic()
        _, summary = self.run_against(server, "--count", agents, "--interval", "100ms", "--duration", "4s")
        took = time.monotonic() - began
        messages = summary["messages"]
        expected = (messages["metrics"]["bytes"] + messages["aggregated"]["bytes"]) / agents / rate
        self.assertGreater(expected, 9)  # else a server that reads at once would be as slow
        self.assertGreater(took, expected)
        self.assertEqual((summary["errors"], summary["fleet"]["disconnects"]), ([], 0))
        self.assert_all_stored(server, summary)

    def test_a_fault_that_makes_no_sense_is_refused_before_anything_starts(self):
        for wrong, says in (("drop-write:10%", "accepted: drop-writes:SHARE"), ("drop-writes:101%", "'101%'"),
                            ("stall:5s", "LENGTH@TIME"), ("kill@", "kill@"), ("slow-read:0KB/s", "'0KB/s'")):
            process = self.run_sim("serve", "--listen", "127.0.0.1:0", "--fault", wrong, expect=2)
            self.assert_says(process, "--fault", f"'{wrong}' is not accepted", says)
            self.assertEqual(process.out, "")


if __name__ == "__main__":
    main()
