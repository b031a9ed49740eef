"""`serve --strict` says what a vStats server hides, and nothing of a fleet that does it right."""

import re
import time

from agent_client import AgentClient, reading
from harness import TOKEN, Case, main


class Strict(Case):
    def totals(self, server):
        """What it said at its end: words of a kind to their count."""
        return {what: int(n.replace(",", "")) for n, what in
                re.findall(r"strict: in all ([\d,]+) (.+)$", server.err, re.M)}

    def test_our_own_fleet_shows_nothing(self):
        server = self.server("--strict")
        self.run_sim("--server", server.url, "--token", TOKEN, "--count", "5", "--hours", "30", "--interval", "200ms",
                     "--agg-interval", "1s", "--duration", "4s", "--connect-rate", "0")
        self.assertEqual(server.stop(), 0, server.describe())
        self.assertEqual(self.totals(server), {}, server.describe())
        self.assertIn("strict: nothing that a vStats server would hide", server.err)

    def test_the_old_generators_buckets_and_broken_messages_are_reported(self):
        server = self.server("--strict")
        who = server.add("Debug-Server-000")
        with AgentClient(server) as agent:
            agent.send({"type": "auth", "server_id": "", "token": who["token"]})
            agent.ask({"type": "metrics", "metrics": reading(1)})
            agent.auth(who)
            for _ in range(7):
                agent.send({"type": "metrics", "metrics": {**reading(5), "uptime": 1.5}})
            agent.send({"type": "auth", "server_id": 1, "token": who["token"]})
            agent.send({"type": "aggregated_metrics", "granularities": [
                {"granularity": "5sec", "metrics": [{"bucket": int(time.time()) // 5 * 5, "sample_count": 1}]}]})
            agent.send({"type": "metrics", "metrics": reading(5)})
            agent.send({"type": "metrics", "metrics": reading(4, time.time() + 1)})
            agent.send({"type": "metrics", "metrics": {**reading(0), "timestamp": "2026-11-24T03:00:00+08:00"}})
            agent.send({"type": "hello"})
            agent.fence()
        self.assertEqual(server.stop(), 1, server.describe())
        totals = self.totals(server)
        for words, count in (("could not be decoded", 8), ("before a successful auth", 1), ("without id or token", 1),
                             ("look like time stamps", 1), ("counters that fall", 1), ("not in UTC", 1),
                             ("unknown type", 1)):
            self.assertEqual([n for what, n in totals.items() if words in what], [count], f"{words}: {totals}")
        self.assertEqual(server.err.count("metrics.uptime: expected"), 3, server.err)
        self.assertIn("Debug-Server-000", server.err)
        self.assertNotIn(who["token"], server.err)
        self.assertEqual(server.out.count("\n"), 1, "only where it listens")

    def test_without_strict_the_same_is_no_failure(self):
        server = self.server()
        with AgentClient(server) as agent:
            agent.send("{")
            agent.fence()
        self.assertEqual(server.stop(), 0, server.describe())
        self.assertNotIn("strict", server.err)


if __name__ == "__main__":
    main()
