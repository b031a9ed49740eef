"""Those who look at the server while agents report: how old what they see is, and whether it is true."""

from harness import TOKEN, Case, main


class Viewers(Case):
    def look(self, *arguments):
        out = self.folder / "summary.json"
        process = self.run_sim("run", "--mode", "realtime", "--count", "20", "--connect-rate", "0", "--interval", "1s",
                               "--out", f"json={out}", *arguments)
        return self.summary(out), process

    def test_a_healthy_server_shows_every_agent_within_its_tick(self):
        found, process = self.look("--embedded", "--viewers", "2", "--readers", "1", "--duration", "12s")
        freshness = found["freshness"]
        self.assertEqual((freshness["viewers"], freshness["connected"]), (2, 2))
        self.assertEqual((freshness["agents"], freshness["never_seen"]), (20, 0))
        self.assertEqual((freshness["false_offline"], freshness["unmatched"]), (0, 0))
        self.assertEqual(freshness["floor_s"], 5)
        self.assertEqual(freshness["disconnects"], 0)
        age = found["latency_ms"]["freshness"]
        # Two ticks at least, at each of which most of five samples of 20 agents are told to two pages.
        self.assertGreaterEqual(age["count"], 2 * 20 * 5)
        self.assertEqual(age["count"], found["latency_ms"]["freshness_excess"]["count"])
        self.assertGreater(age["p50"], 0)
        self.assertLess(age["p50"], 10000)
        readers = found["readers"]
        self.assertEqual((readers["readers"], readers["errors"]), (1, 0))
        self.assertGreaterEqual(readers["reads"], 1)
        self.assertEqual(found["latency_ms"]["history_read"]["count"], readers["reads"])
        self.assert_says(process, "Freshness", "age shown", "0 of 20 never seen", "histories read")

    def test_a_stall_shows_in_the_ages_and_not_as_agents_that_are_gone(self):
        server = self.server("--fault", "stall:6s@9s")
        found, _ = self.look("--server", server.url, "--token", TOKEN, "--viewers", "1", "--duration", "16s")
        # The tick at 10 s comes at 15 s, for samples that were due before the stall began at 9 s.
        self.assertGreater(found["latency_ms"]["freshness"]["max"], 5500)
        self.assertGreater(found["latency_ms"]["freshness_excess"]["max"], 2500)
        self.assertEqual(found["freshness"]["never_seen"], 0)
        self.assertEqual(found["freshness"]["false_offline"], 0)


if __name__ == "__main__":
    main()
