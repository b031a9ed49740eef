"""The search for the largest fleet: finds where a server breaks, explains itself, goes on after a stop."""

import json

from harness import PREFIX, TOKEN, Case, eventually, main

# Aggregates come once, at the goodbye; nothing but the criterion that is meant decides.
STEP = ["--step-duration", "1s", "--interval", "200ms", "--connect-rate", "0", "--agg-interval", "1h",
        "--settle", "0"]


class Capacity(Case):
    def search(self, *arguments, expect=0, **named):
        """The process, and its summary."""
        out = self.folder / "capacity.json"
        process = self.run_sim("capacity", *STEP, *arguments, "--out", f"json={out}", expect=expect, **named)
        summary = self.summary(out)
        self.assertEqual(summary["run"]["exit_code"], process.code)
        return process, summary

    def on(self, server):
        return ["--server", server.url, "--token", TOKEN]

    def sizes(self, summary):
        return [step["agents"] for step in summary["capacity"]["steps"]]

    def test_a_limit_is_found_between_two_sizes_and_named(self):
        # A limit that no machine's speed can move.
        process, summary = self.search(
            "--embedded", "--from", "5", "--to", "40", "--resolution", "60%",
            "--threshold", "fleet.connected_peak<=12", "--threshold", "errors.count==0")
        capacity = summary["capacity"]
        self.assertEqual(capacity["answer"]["ended_by"], "found")
        accepted, rejected = capacity["answer"]["accepted"], capacity["answer"]["rejected"]
        self.assertEqual((accepted, rejected), (10, 15))
        self.assertEqual(capacity["answer"]["broke_first"], "fleet.connected_peak<=12")
        self.assertEqual(self.sizes(summary), [5, 10, 20, 15])
        self.assertEqual(summary["run"]["count"], accepted)  # the rest is the run of the answer
        self.assertEqual(summary["fleet"]["connected_peak"], accepted)
        for line in (">-- iteration 1: 5 agents for 1s", "--> accepting iteration 1",
                     "fleet.connected_peak  FAIL  [ 20 <= 12 ]", "--> rejecting iteration 3",
                     f"Capacity: {accepted} agents; {rejected} were too many"):
            self.assertIn(line, process.out, process.describe())

    def test_a_server_that_loses_connections_breaks_the_first_step(self):
        server = self.server("--fault", "close:100%/s")
        process, summary = self.search(
            *self.on(server), "--from", "5", "--to", "40", "--threshold", "agents.disconnected==0", expect=99)
        self.assertEqual(summary["capacity"]["answer"]["ended_by"], "from_rejected")
        self.assertEqual(self.sizes(summary), [5])
        self.assert_says(process, "below 5 agents")
        self.assertEqual(len(server.servers(PREFIX)), 40)  # the whole fleet was registered once

    def test_what_is_not_measured_is_not_met(self):
        _, summary = self.search("--embedded", "--from", "5", "--to", "5", "--threshold", "server.cpu<80%", expect=99)
        criterion = summary["capacity"]["steps"][0]["criteria"][0]
        self.assertEqual((criterion["ok"], criterion["note"]), (False, "--watch-pid is not given"))

    def test_a_stopped_search_goes_on_and_only_with_the_same_arguments(self):
        server = self.server()
        state = self.folder / "state.json"
        options = [*self.on(server), "--from", "4", "--to", "16", "--threshold", "errors.count==0",
                   "--state", state]
        process = self.start("capacity", *STEP, *options)
        eventually(lambda: "iteration 2" in process.out or process.code is not None, 60, "the second step")
        process.interrupt()
        process.wait()
        self.assert_exit(process, 1)
        self.assert_says(process, "stopped before there was an answer", "the same command again goes on", state)
        done = [step["agents"] for step in json.loads(state.read_text())["steps"]]
        self.assertIn(done, ([4], [4, 8]))
        self.assertNotIn(TOKEN, state.read_text())

        other = self.run_sim("capacity", *STEP, *options, "--seed", "7", expect=2)
        self.assert_says(other, f"--state '{state}': the search was begun with seed = 1, now it is 7")

        ids = {s["id"] for s in server.servers(PREFIX)}
        process, summary = self.search(*options)
        self.assertEqual(self.sizes(summary), [4, 8, 16])
        self.assertEqual(summary["capacity"]["answer"]["ended_by"], "to_accepted")
        self.assertEqual(process.out.count(">-- iteration"), 3 - len(done), process.describe())
        self.assertEqual(len(ids), 16)

        # Every step began anew: nobody went through the day up to now to make its bucket whole.
        fullest = server.rows("SELECT max(sample_count) AS n FROM metrics_daily_agg")[0]["n"]
        self.assertTrue(0 < fullest < 1000, fullest)

        # Complete: told again without a step.
        process, summary = self.search(*options)
        self.assertNotIn(">-- iteration", process.out)
        self.assertEqual(self.sizes(summary), [4, 8, 16])

    def test_a_signal_ends_the_rest_between_two_steps(self):
        server = self.server()
        process = self.start("capacity", *STEP, "--settle", "1h", *self.on(server), "--from", "2", "--to", "4",
                             "--threshold", "errors.count==0")
        eventually(lambda: "--> accepting iteration 1" in process.out or process.code is not None, 60, "a step")
        process.interrupt()
        process.wait()
        self.assert_exit(process, 1)
        self.assert_says(process, "stopped before there was an answer; 2 agents were accepted", "--state FILE")

    def test_a_server_that_is_not_there_is_said_and_no_answer_is_made_up(self):
        process = self.run_sim("capacity", *STEP, "--server", "http://127.0.0.1:9", "--token", TOKEN,
                               "--from", "2", "--to", "4", expect=1)
        self.assertNotIn("Capacity:", process.out)

    def test_the_plan_connects_nothing(self):
        process = self.run_sim("capacity", *STEP, "--server", "http://127.0.0.1:9", "--from", "5", "--to", "40",
                               "--dry-run")
        self.assert_says(process, "search: 5 to 40 agents", "fence.p99<100ms, freshness.p95<8s",
                         "steps: at most", "open files:")


if __name__ == "__main__":
    main()
