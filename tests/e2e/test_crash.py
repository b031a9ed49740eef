"""A server that dies in the middle leaves a database that is whole and misses nothing it promised."""

import contextlib
import sqlite3
import threading
import time

from agent_client import AgentClient, Closed, reading
from harness import TOKEN, Case, eventually, main

ROUNDS = 3
PROMISED = 2.0  # seconds after which a sample that was taken is on disk
BATCH = 10


class Kill(Case):
    def load(self, server):
        """A small fleet that keeps the database busy; it fails when the server dies."""
        return self.start("run", "--server", server.url, "--token", TOKEN, "--count", "30", "--mode", "realtime",
                          "--interval", "50ms", "--agg-interval", "1s", "--connect-rate", "0", "--duration", "30s")

    def samples(self, server, who, sent):
        """Numbered samples until the server is gone; `sent` is when each had been read."""
        with contextlib.suppress(OSError, Closed), AgentClient(server) as agent:
            agent.auth(who)
            while True:
                number = len(sent) + 1
                agent.send({"type": "metrics", "metrics": reading(number)})
                agent.fence()
                sent.append(time.monotonic())
                time.sleep(0.002)

    def batches(self, server, who, acknowledged, next_number):
        """Numbered batches until the server is gone; each item has a 5 s bucket of its own."""
        with contextlib.suppress(OSError, Closed), AgentClient(server) as agent:
            agent.auth(who)
            while True:
                numbers = range(next_number[0], next_number[0] + BATCH)
                next_number[0] += BATCH
                items = [{"timestamp": reading(n, time_of(n))["timestamp"], "metrics": reading(n)} for n in numbers]
                ack = agent.ask({"type": "batch_metrics", "batch_id": f"b{numbers[0]}", "metrics_batch": items})
                assert ack["accepted"] == BATCH, ack
                acknowledged.update(numbers)
                time.sleep(0.01)

    def stored(self, server, who):
        with contextlib.closing(sqlite3.connect(server.db)) as db:
            self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            return [n for n, in db.execute("SELECT net_rx FROM metrics_raw WHERE server_id = ?", (who["id"],))]

    def test_what_was_acknowledged_or_is_two_seconds_old_survives_kill_9(self):
        sent, acknowledged, next_number = [], set(), [1]
        promised = 0  # samples 1 .. that
        server = self.server()
        live, backlog = server.add("live"), server.add("backlog")
        for round_ in range(ROUNDS):
            self.load(server)
            time.sleep(1)  # a registration is no message: nothing acknowledges that it is on disk
            before = len(sent), len(acknowledged)
            talkers = [threading.Thread(target=self.samples, args=(server, live, sent)),
                       threading.Thread(target=self.batches, args=(server, backlog, acknowledged, next_number))]
            for t in talkers:
                t.start()
            eventually(lambda: len(sent) > before[0] and len(acknowledged) > before[1], 30, "both are heard")
            time.sleep(3.3 + 0.37 * round_)
            killed = time.monotonic()
            server.popen.kill()
            self.assertEqual(server.wait(), -9)
            for t in talkers:
                t.join(20)
            already = promised
            promised = max([promised, *(i + 1 for i, at in enumerate(sent) if at < killed - PROMISED)])
            self.assertGreater(promised, already)

            for who, wanted in ((live, range(1, promised + 1)), (backlog, acknowledged)):
                found = self.stored(server, who)
                self.assertEqual(len(found), len(set(found)), "something is stored twice")
                self.assertEqual(sorted(set(wanted) - set(found)), [], f"round {round_}: lost of {who['name']}")
            # What was sent and not stored is numbered again, as an agent does that knows no better.
            del sent[max(self.stored(server, live)):]

            server = self.server()
            self.assertEqual({s["name"] for s in server.servers()} & {"live", "backlog"}, {"live", "backlog"})
            self.assertTrue(server.history(live["id"], "1h")["data"])
        self.assertEqual(server.stop(), 0, server.describe())


START = time.time() - 60


def time_of(number):
    return START - 5 * number


if __name__ == "__main__":
    main()
