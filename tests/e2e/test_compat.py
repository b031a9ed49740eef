"""The predecessor's flags, spelt its way, and its environment."""

from harness import PREFIX, TOKEN, Case, environment, main


class Flags(Case):
    def test_gos_single_dash(self):
        server = self.server()
        self.run_sim("-count", "5", "-mode", "history", "-hours", "0.1", "-token", TOKEN, "-server", server.url)
        self.assertEqual([s["name"] for s in server.servers(PREFIX)], [f"{PREFIX}{i:03}" for i in range(5)])
        for agent in server.servers(PREFIX):
            server.wait_for_history(agent["id"])

    def test_with_an_equals_sign(self):
        server = self.server()
        self.run_sim("-count=2", "--mode=history", "-hours=0.1", f"--token={TOKEN}", f"-server={server.url}")
        self.assertEqual(len(server.servers(PREFIX)), 2)

    def test_a_bare_interval_is_seconds(self):
        server = self.server()
        process = self.start("--server", server.url, "--token", TOKEN, "--count", "1", "--mode", "realtime",
                             "--interval", "1", "--agg-interval", "2")
        server.wait_for_agents(1)
        process.interrupt()
        self.assertEqual(process.wait(), 0, process.describe())

    def test_the_environment(self):
        server = self.server()
        self.run_sim(env=environment(VSTATS_SERVER_URL=server.url, VSTATS_SERVER_COUNT="4", VSTATS_MODE="history",
                                     VSTATS_HISTORY_HOURS="0.1", VSTATS_TOKEN=TOKEN, VSTATS_INTERVAL="2",
                                     VSTATS_AGG_INTERVAL="30"))
        self.assertEqual(len(server.servers(PREFIX)), 4)

    def test_a_flag_wins_over_the_environment_and_a_later_flag_over_an_earlier_one(self):
        server = self.server()
        self.run_sim("--count", "9", "--count", "2", "--server", server.url, "--token", TOKEN, "--mode", "history",
                     "--hours", "0.1", env=environment(VSTATS_SERVER_COUNT="7"))
        self.assertEqual(len(server.servers(PREFIX)), 2)


if __name__ == "__main__":
    main()
