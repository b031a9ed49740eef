"""Bad values are refused with exit code 2 before anything is sent, and the message says why."""

import os
import stat
from collections import Counter
from pathlib import Path

from harness import PREFIX, TOKEN, Case, environment, main

# arguments, words that the message must hold
BAD = [
    (["--no-such-flag"], ["--no-such-flag"]),
    (["--count", "0"], ["count", "0"]),
    (["--count", "-1"], ["count", "-1"]),
    (["--count", "abc"], ["count", "abc"]),
    (["--count", "1e9"], ["count", "1e9"]),
    (["--count"], ["count"]),
    (["--interval", "9ms"], ["interval", "9ms"]),
    (["--interval", "soon"], ["interval", "soon"]),
    (["--agg-interval", "0"], ["agg-interval", "0"]),
    (["--hours", "-1"], ["hours", "-1"]),
    (["--hours", "nan"], ["hours", "nan"]),
    (["--duration", "5 parsecs"], ["duration", "5 parsecs"]),
    (["--connect-rate", "-3"], ["connect-rate", "-3"]),
    (["--source-ip", "eth0"], ["source-ip", "eth0"]),
    (["--source-ip", "127.0.0.9-127.0.0.2"], ["source-ip", "127.0.0.9-127.0.0.2"]),
    (["--tick", "0"], ["tick", "0"]),
    (["--threads", "0"], ["threads", "0"]),
    (["--seed", "x"], ["seed", "x"]),
    (["--mode", "nonsense"], ["mode", "nonsense", "history", "realtime", "both"]),
    (["--server", "not a url"], ["server", "not a url"]),
    (["--server", "ftp://localhost:3001"], ["server", "ftp"]),
    (["--server", "http://localhost:99999"], ["server", "99999"]),
    (["--server", "http://"], ["server"]),
    (["--out", "json"], ["out", "json"]),
    (["--out", "nonsense=x"], ["out", "nonsense"]),
    (["--config", "/no/such/file.toml"], ["/no/such/file.toml"]),
    (["serve", "--listen", "nowhere"], ["listen", "nowhere"]),
    (["cleanup", "--prefix", ""], ["prefix"]),
    (["register", "--count", "3"], ["fleet"]),
]


class BadValues(Case):
    def test_each_is_refused_and_named(self):
        for arguments, words in BAD:
            with self.subTest(" ".join(arguments)):
                given = arguments if arguments[0] in ("serve", "cleanup", "register") else \
                    ["--token", TOKEN, *arguments]
                process = self.run_sim(*given, expect=2, seconds=20)
                self.assert_says(process, *words)
                self.assertEqual(process.out, "", "the reason goes to stderr")

    def test_a_bad_environment_variable_is_named(self):
        for name in ("VSTATS_SERVER_COUNT", "VSTATS_INTERVAL", "VSTATS_HISTORY_HOURS",
                     "VSTATS_AGG_INTERVAL", "VSTATS_SERVER_URL", "VSTATS_MODE"):
            with self.subTest(name):
                process = self.run_sim("run", "--token", TOKEN, expect=2, seconds=20,
                                       env=environment(**{name: "not good"}))
                self.assert_says(process, name, "not good")

    def test_a_bad_mode_deletes_and_registers_nothing(self):
        server = self.server()
        server.add(PREFIX + "007")
        before = server.servers()
        self.run_sim("--server", server.url, "--token", TOKEN, "--mode", "nonsense", expect=2)
        self.assertEqual(server.servers(), before)

    def test_help_and_version_are_answers_not_errors(self):
        for arguments in (["--help"], ["run", "--help"], ["serve", "--help"], ["version"], ["--version"]):
            with self.subTest(" ".join(arguments)):
                process = self.run_sim(*arguments, seconds=20)
                self.assertIn("vstats-sim", process.out)


def connected_from(port):
    """The local addresses of connections to that port of this machine, one entry a connection."""
    sources = []
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        local, remote, state = line.split()[1:4]
        if state == "01" and int(remote.split(":")[1], 16) == port:
            sources.append(".".join(str(b) for b in bytes.fromhex(local.split(":")[0])[::-1]))
    return sources


class SourceAddresses(Case):
    def test_agents_are_spread_over_them_evenly(self):
        server = self.server()
        process = self.start("run", "--server", server.url, "--token", TOKEN, "--count", "20",
                             "--mode", "realtime", "--interval", "200ms", "--tick", "20ms",
                             "--source-ip", "127.0.0.2-127.0.0.5")
        server.wait_for_agents(20)
        sources = Counter(connected_from(server.port))
        process.interrupt()
        process.wait()
        self.assert_exit(process, 0)
        sources.pop("127.0.0.1", None)  # REST
        self.assertEqual(sources, {f"127.0.0.{n}": 5 for n in range(2, 6)}, process.describe())

    def test_one_that_is_not_ours_is_refused_before_anything_is_registered(self):
        server = self.server()
        server.add(PREFIX + "007")
        before = server.servers()
        for more in ([], ["--dry-run"]):
            process = self.run_sim("run", "--server", server.url, "--token", TOKEN, "--count", "20",
                                   "--source-ip", "127.0.0.2,192.0.2.1", *more, expect=2, seconds=20)
            self.assert_says(process, "--source-ip", "'192.0.2.1'", "not an address of this machine")
            self.assertEqual(len(process.err.splitlines()), 1, process.describe())
        self.run_sim("run", "--server", server.url, "--token", TOKEN, "--source-ip", "::1", expect=2)
        self.assertEqual(server.servers(), before)


class Outputs(Case):
    def test_a_path_that_cannot_be_written_is_refused_at_the_start(self):
        server = self.server()
        server.add(PREFIX + "007")
        before = server.servers()
        target = self.folder / "no" / "such" / "folder" / "summary.json"
        process = self.run_sim("--server", server.url, "--token", TOKEN, "--count", "2", "--mode", "history",
                               "--hours", "0.1", "--out", f"json={target}", expect=(1, 2))
        self.assert_says(process, target)
        self.assertEqual(server.servers(), before)

    def test_a_full_disk_is_reported(self):
        server = self.server()
        process = self.run_sim("--server", server.url, "--token", TOKEN, "--count", "2", "--mode", "history",
                               "--hours", "0.1", "--out", "json=/dev/full", expect=1)
        self.assert_says(process, "/dev/full", "no space")


class Token(Case):
    def test_a_wrong_token_changes_nothing(self):
        server = self.server()
        server.add(PREFIX + "007")
        before = server.servers()
        for arguments in (["run", "--mode", "history", "--hours", "0.1"], ["cleanup", "--yes"],
                          ["register", "--fleet", self.folder / "fleet.json"]):
            with self.subTest(arguments[0]):
                self.run_sim(*arguments, "--server", server.url, "--token", "wrong", expect=3)
                self.assertEqual(server.servers(), before)

    def test_no_token_and_nobody_to_ask(self):
        server = self.server()
        self.run_sim("run", "--server", server.url, "--count", "1", expect=(2, 3), seconds=20)
        self.assertEqual(server.servers(), [])

    def test_it_can_come_from_a_file_or_the_environment(self):
        server = self.server()
        file = self.folder / "token"
        file.write_text(TOKEN + "\n")
        job = ["run", "--server", server.url, "--count", "1", "--mode", "history", "--hours", "0.1"]
        self.run_sim(*job, "--token-file", file)
        self.run_sim(*job, env=environment(VSTATS_TOKEN=TOKEN))

    def test_it_is_shown_nowhere(self):
        server = self.server()
        secret = "very-secret-81f2"
        out = self.folder / "summary.json"
        process = self.start("run", "--server", server.url, "--token", secret, "--count", "1",
                             "--out", f"json={out}", "-v")
        process.wait()
        self.assertNotIn(secret, process.out + process.err)
        if out.exists():
            self.assertNotIn(secret, out.read_text())
        running = self.start("run", "--server", server.url, "--token", TOKEN, "--count", "1",
                             "--mode", "realtime")
        server.wait_for_agents(1)
        with open(f"/proc/{running.popen.pid}/cmdline") as line:
            self.assertNotIn(TOKEN, line.read())
        running.interrupt()
        running.wait()


class Commands(Case):
    def test_cleanup_deletes_its_prefix_and_nothing_else(self):
        server = self.server()
        for name in (PREFIX + "000", PREFIX + "001", "production", "debug-server-2"):
            server.add(name)
        self.run_sim("cleanup", "--server", server.url, "--token", TOKEN, "--yes")
        self.assertEqual(sorted(s["name"] for s in server.servers()), ["debug-server-2", "production"])

    def test_the_predecessors_cleanup_flag(self):
        server = self.server()
        server.add(PREFIX + "000")
        server.add("production")
        self.run_sim("--cleanup", "--yes", "--server", server.url, "--token", TOKEN)
        self.assertEqual([s["name"] for s in server.servers()], ["production"])

    def test_cleanup_of_another_prefix(self):
        server = self.server()
        server.add("Mine-1")
        server.add(PREFIX + "000")
        self.run_sim("cleanup", "--prefix", "Mine-", "--server", server.url, "--token", TOKEN, "--yes")
        self.assertEqual([s["name"] for s in server.servers()], [PREFIX + "000"])

    def test_register_then_run_with_the_same_identities(self):
        server = self.server()
        fleet = self.folder / "fleet.json"
        self.run_sim("register", "--server", server.url, "--token", TOKEN, "--count", "3", "--fleet", fleet)
        self.assertEqual(stat.S_IMODE(os.stat(fleet).st_mode), 0o600)
        before = {s["id"] for s in server.servers(PREFIX)}
        self.assertEqual(len(before), 3)
        self.run_sim("run", "--server", server.url, "--token", TOKEN, "--count", "3", "--fleet", fleet,
                     "--mode", "history", "--hours", "0.1")
        self.assertEqual({s["id"] for s in server.servers()}, before)
        for server_id in before:
            server.wait_for_history(server_id)

    def test_dry_run_connects_nothing(self):
        server = self.server()
        server.add(PREFIX + "000")
        before = server.servers()
        self.run_sim("--server", server.url, "--token", TOKEN, "--count", "5", "--dry-run")
        self.assertEqual(server.servers(), before)

    def test_keep_leaves_earlier_servers_and_their_absence_does_not(self):
        server = self.server()
        old = server.add(PREFIX + "900")["id"]
        job = ["run", "--server", server.url, "--token", TOKEN, "--count", "2", "--mode", "history",
               "--hours", "0.1"]
        self.run_sim(*job, "--keep")
        self.assertIn(old, [s["id"] for s in server.servers()])
        self.run_sim(*job)
        self.assertNotIn(old, [s["id"] for s in server.servers()])
        self.assertEqual(len(server.servers(PREFIX)), 2)

    def test_cleanup_after_leaves_nothing(self):
        server = self.server()
        server.add("production")
        self.run_sim("run", "--server", server.url, "--token", TOKEN, "--count", "3", "--mode", "history",
                     "--hours", "0.1", "--cleanup-after")
        self.assertEqual([s["name"] for s in server.servers()], ["production"])

    def test_serve_ends_on_sigterm_and_keeps_its_database(self):
        server = self.server()
        self.run_sim("run", "--server", server.url, "--token", TOKEN, "--count", "1", "--mode", "history",
                     "--hours", "0.1")
        self.assertEqual(server.stop(), 0, server.describe())
        self.assertTrue(server.rows("SELECT * FROM metrics_5sec LIMIT 1"))

    def test_embedded_needs_neither_server_nor_token(self):
        db = self.folder / "embedded.db"
        out = self.folder / "summary.json"
        self.run_sim("run", "--embedded", "--embedded-db", db, "--count", "5", "--hours", "0.1",
                     "--duration", "2s", "--interval", "500ms", "--out", f"json={out}",
                     env=environment(VSTATS_SERVER_URL="http://localhost:1", VSTATS_TOKEN="unused"))
        self.assertTrue(db.exists())
        self.assertEqual(self.summary(out)["fleet"]["registered"], 5)


if __name__ == "__main__":
    main()
