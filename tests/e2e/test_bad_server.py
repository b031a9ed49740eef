"""Servers that are down, wrong or broken: the program says so, in bounded time."""

import socket
import threading
import time

from harness import PREFIX, TOKEN, Case, eventually, main
from proxy import CLOSE, Proxy, Reply

HISTORY = ["--count", "3", "--mode", "history", "--hours", "0.1"]


def is_registration(request):
    return request.method == "POST" and request.target.startswith(("/api/servers", "/api/agent"))


class Unreachable(Case):
    def test_nobody_listens(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))  # bound, not listening: refused
            port = unused.getsockname()[1]
            began = time.monotonic()
            process = self.run_sim("--server", f"http://127.0.0.1:{port}", "--token", TOKEN, *HISTORY, expect=1)
        self.assertLess(time.monotonic() - began, 15)
        self.assert_says(process, f"127.0.0.1:{port}")

    def test_cleanup_of_a_server_that_is_down_fails(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            self.run_sim("cleanup", "--server", f"http://127.0.0.1:{unused.getsockname()[1]}",
                         "--token", TOKEN, "--yes", expect=1)

    def test_an_unknown_host(self):
        self.run_sim("--server", "http://no-such-host.invalid:3001", "--token", TOKEN, *HISTORY, expect=1)

    def test_it_accepts_and_never_answers(self):
        with Proxy(http=lambda request: time.sleep(90) or CLOSE) as silent:
            process = self.run_sim("--server", silent.url, "--token", TOKEN, *HISTORY, expect=1, seconds=80)
        self.assert_says(process, str(silent.port))


class NotAVstatsServer(Case):
    def refused(self, answer, *words):
        with Proxy(http=lambda request: answer) as wrong:
            process = self.run_sim("--server", wrong.url, "--token", TOKEN, *HISTORY, expect=1, seconds=90)
            self.assertEqual(wrong.upgrades, 0)
        self.assert_says(process, *words)

    def test_it_answers_html(self):
        self.refused(Reply(b"<!doctype html><title>hello</title>", content_type="text/html"))

    def test_it_answers_truncated_json(self):
        self.refused(Reply(b'[{"id":"386671fc-898f'))

    def test_it_closes_in_the_middle_of_an_answer(self):
        self.refused(Reply(b'[{"id":', promised=500))

    def test_it_closes_without_an_answer(self):
        self.refused(CLOSE)

    def test_it_answers_500(self):
        self.refused(Reply(b'{"error":"on fire"}', status=500), "500")

    def test_it_answers_json_of_another_kind(self):
        self.refused(Reply(b'{"hello":"world"}'))


class Registration(Case):
    def test_every_registration_is_refused(self):
        server = self.server()

        def http(request):
            return Reply(b'{"error":"no room"}', status=500) if is_registration(request) else None

        with Proxy(server.port, http) as proxy:
            process = self.run_sim("--server", proxy.url, "--token", TOKEN, *HISTORY, expect=1)
        self.assert_says(process, "500")
        self.assertEqual(server.servers(), [])


class Handshake(Case):
    def run_against(self, websocket, *arguments, expect, seconds=100):
        """A run whose WebSocket connections go to `websocket`; the process and its summary."""
        server = self.server()
        out = self.folder / "summary.json"
        with Proxy(server.port, websocket=websocket) as proxy:
            process = self.run_sim("--server", proxy.url, "--token", TOKEN, "--out", f"json={out}",
                                   *(arguments or HISTORY), expect=expect, seconds=seconds)
        self.assertTrue(out.exists(), process.describe())
        return process, self.summary(out), server

    def test_the_server_closes_during_the_handshake(self):
        def websocket(link):
            link.sock.close()
            return True
        _, summary, _ = self.run_against(websocket, expect=1)
        self.assertTrue(summary["errors"])

    def test_the_server_refuses_the_upgrade(self):
        def websocket(link):
            link.sock.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return True
        process, summary, _ = self.run_against(websocket, expect=1)
        self.assertIn("403", process.out + process.err + str(summary["errors"]))

    def test_auth_is_never_answered(self):
        def websocket(link):
            link.accept()
            link.swallow()
            return True
        _, summary, _ = self.run_against(websocket, expect=1)
        self.assertTrue(summary["errors"])

    def test_auth_is_never_answered_in_realtime(self):
        def websocket(link):
            link.accept()
            link.swallow()
            return True
        _, summary, _ = self.run_against(
            websocket, "--count", "3", "--mode", "realtime", "--duration", "2s", expect=1)
        self.assertEqual(summary["fleet"]["connected_peak"], 0)

    def test_one_agent_is_refused_and_the_others_go_on(self):
        lock, refused = threading.Lock(), []

        def websocket(link):
            if link.number != 1:
                return None
            link.accept()
            while (frame := link.receive()) and frame[0] == 1:
                with lock:
                    refused.append(frame[1])
                link.send('{"type":"auth","status":"error","message":"Invalid token"}')
                link.send('{"type":"auth","status":"error","message":"Server not found"}')
            return True

        process, summary, server = self.run_against(websocket, *HISTORY, expect=(0, 1))
        self.assertTrue(refused)
        self.assertTrue(any("auth" in e["kind"] for e in summary["errors"]), summary["errors"])
        self.assert_says(process, "auth")
        def stored():
            return sum(bool(server.history(s["id"], "1h")["data"]) for s in server.servers(PREFIX))
        eventually(lambda: stored() >= 2, 5, "the history of the other two")

    def test_a_connection_that_breaks_in_realtime_is_made_again(self):
        def websocket(link):
            if link.number > 2:
                return None
            link.accept()
            link.receive()
            link.send('{"status":"ok","type":"auth"}')
            link.receive()
            link.sock.close()
            return True
        _, summary, _ = self.run_against(
            websocket, "--count", "2", "--mode", "realtime", "--interval", "200ms", "--duration", "14s",
            "--connect-rate", "0", expect=0)
        self.assertEqual(summary["fleet"]["disconnects"], 2)
        self.assertEqual(summary["fleet"]["reconnects"], 2)

    def test_a_server_that_dies_before_the_end_is_no_success(self):
        server = self.server()
        out = self.folder / "summary.json"
        process = self.start("run", "--server", server.url, "--token", TOKEN, "--count", "3", "--mode", "realtime",
                             "--interval", "200ms", "--connect-rate", "0", "--duration", "4s", "--out", f"json={out}")
        server.wait_for_agents(3)
        server.popen.kill()
        process.wait()
        self.assert_exit(process, 1)
        self.assert_says(process, "3 of 3 agents were cut off")
        summary = self.summary(out)
        self.assertEqual(summary["fleet"]["disconnects"], 3)
        self.assertEqual(sum(e["count"] for e in summary["errors"] if e["kind"].startswith("connection")), 3)
        self.assertGreater(summary["messages"]["metrics"]["missed"], 3)


if __name__ == "__main__":
    main()
