"""The reference server's own options: TLS, the web dashboard, the habits of vStats."""

import contextlib
import http.client
import os
import socket
import ssl
import subprocess
import time
from pathlib import Path

from harness import PREFIX, TOKEN, Case, main

HTML, JS = "text/html; charset=utf-8", "text/javascript; charset=utf-8"


def make_certificate(folder, name="server"):
    """A key and a certificate of its own for 127.0.0.1: (certificate, key)."""
    cert, key = Path(folder) / f"{name}.crt", Path(folder) / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1",
         "-out", cert, "-keyout", key], check=True, capture_output=True)
    return cert, key


class Tls(Case):
    def test_a_fleet_over_tls(self):
        cert, key = make_certificate(self.folder)
        server = self.server("--cert", cert, "--key", key)
        self.assertTrue(server.url.startswith("https://127.0.0.1:"))
        fleet = ["run", "--server", server.url, "--token", TOKEN, "--count", "3", "--hours", "0.1",
                 "--interval", "200ms", "--duration", "1s"]
        self.run_sim(*fleet, "--cacert", cert)
        self.assertEqual(len(server.servers(PREFIX)), 3)
        for one in server.servers(PREFIX):
            self.assertGreater(len(server.wait_for_history(one["id"])), 60)
        self.run_sim(*fleet, "--insecure")
        # It is verified unless somebody says otherwise.
        refused = self.run_sim(*fleet, expect=1)
        self.assert_says(refused, "certificate")
        other, _ = make_certificate(self.folder, "other")
        self.run_sim(*fleet, "--cacert", other, expect=1)
        self.assertEqual(server.stop(), 0, server.describe())

    def test_the_connection_is_tls_1_2_or_later(self):
        cert, key = make_certificate(self.folder)
        server = self.server("--cert", cert, "--key", key)
        context = ssl.create_default_context(cafile=cert)
        with socket.create_connection((server.host, server.port), timeout=20) as plain, \
                context.wrap_socket(plain, server_hostname=server.host) as secured:
            self.assertIn(secured.version(), ("TLSv1.2", "TLSv1.3"))
        # Somebody who speaks plain HTTP to it gets no page, and the server lives on.
        with contextlib.closing(http.client.HTTPConnection(server.host, server.port, timeout=20)) as plain:
            plain.request("GET", "/health")
            with self.assertRaises((http.client.HTTPException, OSError)):
                plain.getresponse()
        self.assertEqual(server.request("GET", "/api/servers"), [])

    def test_what_makes_no_tls_is_refused(self):
        cert, key = make_certificate(self.folder)
        _, other_key = make_certificate(self.folder, "other")
        nonsense = self.folder / "nonsense.pem"
        nonsense.write_text("no certificate\n")
        missing = self.folder / "missing.pem"
        cases = [
            (["--cert", cert], ["--cert", cert, "--key"]),
            (["--key", key], ["--key", key, "--cert"]),
            (["--cert", missing, "--key", key], ["--cert", missing, "No such file"]),
            (["--cert", cert, "--key", missing], ["--key", missing, "No such file"]),
            (["--cert", nonsense, "--key", key], ["--cert", nonsense]),
            (["--cert", cert, "--key", nonsense], ["--key", nonsense]),
            (["--cert", cert, "--key", other_key], ["--key", other_key, "mismatch"]),
        ]
        for arguments, words in cases:
            with self.subTest(" ".join(Path(str(a)).name for a in arguments)):
                process = self.run_sim("serve", "--listen", "127.0.0.1:0", *arguments, expect=2, seconds=20)
                self.assert_says(process, *words)
                self.assertEqual(process.out, "")
                self.assertEqual(len(process.err.strip().splitlines()), 1, process.err)


class Web(Case):
    def setUp(self):
        super().setUp()
        self.web = self.folder / "web"
        for name, text in {"index.html": "<html>index", "assets/app.js": "let a = 1", "vite.svg": "<svg/>"}.items():
            (self.web / name).parent.mkdir(parents=True, exist_ok=True)
            (self.web / name).write_text(text)
        (self.folder / "secret").write_text("secret")
        os.symlink(self.folder / "secret", self.web / "leak.txt")

    def ask(self, server, method, path, headers=None):
        with contextlib.closing(server.connection()) as connection:
            connection.request(method, path, headers=headers or {})
            reply = connection.getresponse()
            return reply.status, reply.getheader("Content-Type"), reply.read().decode(), reply

    def test_files_pages_and_what_is_neither(self):
        server = self.server("--web", self.web)
        self.assert_says(server, "leak.txt")
        for method, path, status, kind, text in [
            ("GET", "/", 200, HTML, "<html>index"),
            ("GET", "/server/0712?range=7d", 200, HTML, "<html>index"),
            ("GET", "/assets/app.js", 200, JS, "let a = 1"),
            ("GET", "/assets/app.js?v=1", 200, JS, "let a = 1"),
            ("HEAD", "/assets/app.js", 200, JS, ""),
            ("HEAD", "/", 200, HTML, ""),
            ("GET", "/vite.svg", 200, "image/svg+xml", "<svg/>"),
            ("GET", "/assets/none.js", 404, "text/plain", "404 page not found"),
            ("GET", "/api/none", 404, "text/plain", "404 page not found"),
            ("GET", "/ws/none", 404, "text/plain", "404 page not found"),
            ("GET", "/leak.txt", 200, HTML, "<html>index"),
            ("GET", "/../secret", 400, "text/plain; charset=utf-8", "invalid URL path\n"),
            ("GET", "/%2e%2e/secret", 400, "text/plain; charset=utf-8", "invalid URL path\n"),
            ("GET", "/health", 200, "text/plain; charset=utf-8", "OK"),
            ("OPTIONS", "/", 204, None, ""),
        ]:
            with self.subTest(f"{method} {path}"):
                self.assertEqual(self.ask(server, method, path)[:3], (status, kind, text))
        reply = self.ask(server, "HEAD", "/assets/app.js")[3]
        self.assertEqual(reply.getheader("Content-Length"), "9")
        again = self.ask(server, "GET", "/assets/app.js", {"If-Modified-Since": reply.getheader("Last-Modified")})
        self.assertEqual((again[0], again[2]), (304, ""))
        self.assertEqual(server.request("GET", "/api/servers"), [])

    def test_a_folder_that_is_no_build_is_refused(self):
        empty = self.folder / "empty"
        empty.mkdir()
        for folder, why in [(self.folder / "none", "is no folder"), (self.folder / "secret", "is no folder"),
                            (empty, "index.html")]:
            with self.subTest(folder.name):
                process = self.run_sim("serve", "--listen", "127.0.0.1:0", "--web", folder, expect=2, seconds=20)
                self.assert_says(process, "--web", folder, why)
                self.assertEqual(process.out, "")
                self.assertEqual(len(process.err.strip().splitlines()), 1, process.err)


class Quirks(Case):
    """An hour of history without a gap, read from both kinds of server on the same database."""

    def setUp(self):
        super().setUp()
        server = self.server()
        self.run_sim("run", "--server", server.url, "--token", TOKEN, "--count", "1", "--mode", "history",
                     "--hours", "1.2")
        self.id = server.servers(PREFIX)[0]["id"]
        server.wait_for_history(self.id)
        self.assertEqual(server.stop(), 0)

    def points(self, server, kind="all", since=None):
        return [p["timestamp"] for p in server.history(self.id, "1h", kind, since)["data"]]

    def test_without_them_the_hour_is_whole_and_fresh(self):
        server = self.server()
        before = self.points(server)
        self.assertEqual(len(before), len(set(before)))
        newest = server.history(self.id, "1h", "metrics")["last_bucket"]
        self.points(server, since=newest - 60)
        after = self.points(server)
        self.assertEqual(len(after), len(set(after)), "nothing is appended")
        rows = server.rows("SELECT MAX(bucket) AS newest FROM metrics_5sec")[0]["newest"]
        self.assertEqual(before[-1], time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(rows * 5)))

    def test_with_them_the_newest_is_cut_off_and_a_since_duplicates(self):
        server = self.server("--quirks")
        # Fill what has gone by since the history ended, and beyond, so that the hour has 721 buckets.
        now = int(time.time()) // 5
        self.fill(now - 730, now + 60)
        cut = self.points(server, "metrics")
        self.assertEqual(len(cut), 720)
        self.assertEqual(self.points(server, "metrics", now - 1)[0], self.text(now - 1))
        full = self.points(server)
        self.assertEqual(len(full), 720)
        self.assertEqual(self.points(server), full, "from the cache")
        since = now - 3
        more = self.points(server, since=since)
        self.assertIn(self.text(now), more)
        self.assertNotIn(self.text(now + 60), full)
        doubled = self.points(server)
        self.assertEqual(doubled[-len(more):], more)
        self.assertGreater(len(doubled), len(set(doubled)), "appended without looking")

    @staticmethod
    def text(bucket):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(bucket * 5))

    def fill(self, first, last):
        import sqlite3
        with contextlib.closing(sqlite3.connect(self.folder / "server.db", timeout=20)) as db, db:
            db.executemany("INSERT OR REPLACE INTO metrics_5sec (server_id, bucket, cpu_sum, sample_count) "
                           "VALUES (?, ?, 10, 1)", [(self.id, b) for b in range(first, last + 1)])


if __name__ == "__main__":
    main()
