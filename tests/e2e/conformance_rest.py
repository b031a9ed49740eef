"""Facts of protocol.md 1.0 to 1.4 and 1.6: answers in general, login, servers, snapshots, online users."""

import json
import re
import time
from datetime import datetime

from conformance import SETTLED, bucket_row, fact, jwt_claims, now, recent, same, sample, true

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
ALWAYS = ["id", "name", "url", "location", "provider", "tag", "token", "version", "ip"]


# 1.0

@fact("1.0", "/health is answered OK as text")
def _(t):
    reply = t.call("GET", "/health", headers={})
    same((reply.status, reply.text), (200, "OK"))
    true(reply.headers["content-type"].startswith("text/plain"), reply.headers["content-type"])


for what, headers, text in (("no header", {}, "Missing authorization header"),
                            ("another scheme", {"Authorization": "Basic YQ=="}, "Invalid authorization header format"),
                            ("a small bearer", {"Authorization": "bearer x"}, "Invalid authorization header format"),
                            ("a bad token", {"Authorization": "Bearer x.y.z"}, "Invalid token")):
    @fact("1.0", f"A protected route with {what} is answered 401, {text}")
    def _(t, headers=headers, text=text):
        t.call("GET", "/api/auth/verify", headers=headers).error(401, text)


@fact("1.0", "Every protected route wants authorization")
def _(t):
    for method, path in (("POST", "/api/servers"), ("POST", "/api/servers/import"), ("GET", "/api/servers/export"),
                         ("PUT", "/api/servers/x"), ("DELETE", "/api/servers/x"), ("POST", "/api/servers/x/update"),
                         ("POST", "/api/agent/register"), ("GET", "/api/settings/probe"),
                         ("PUT", "/api/settings/probe"), ("GET", "/api/settings/geoip"), ("GET", "/api/traffic/stats"),
                         ("PUT", "/api/traffic/limit"), ("GET", "/api/traffic/summary")):
        same(t.call(method, path, headers={}).status, 401, f"{method} {path}")


for what, body in (("no JSON", "{"), ("empty", ""), ("of another type", "[]")):
    @fact("1.0", f"A body that is {what} is answered 400, Invalid request")
    def _(t, body=body):
        for method, path in (("POST", "/api/servers"), ("POST", "/api/agent/register"), ("PUT", "/api/settings/probe"),
                             ("POST", "/api/auth/login")):
            reply = t.call(method, path, body)
            same((reply.status, reply.text), (400, '{"error":"Invalid request"}'), f"{method} {path}")


@fact("1.0", "A field of another type is answered 400")
def _(t):
    t.call("POST", "/api/servers", {"name": 7}).error(400, "Invalid request")


@fact("1.0", "Names of fields fit whatever their letters, unknown ones are ignored, missing ones empty")
def _(t):
    server = t.call("POST", "/api/servers", {"NAME": t.name(), "Location": "L", "other": [1]}).json
    t.created(server["id"])
    true(server["name"].startswith(t.prefix), server["name"])
    same((server["location"], server["provider"]), ("L", ""))


@fact("1.0", "What comes behind the object of a body is not read, and null is an empty object")
def _(t):
    for body in (json.dumps({"name": t.name()}) + "{", "null"):
        reply = t.call("POST", "/api/servers", body)
        same(reply.status, 200, body)
        t.created(reply.json["id"])


@fact("1.0", "The content type of a request is not looked at")
def _(t):
    reply = t.call("POST", "/api/servers", {"name": t.name()}, t.admin(**{"Content-Type": "text/plain"}))
    t.created(reply.json["id"])
    same(reply.status, 200)


@fact("1.0", "JSON is answered as application/json; charset=utf-8")
def _(t):
    for path in ("/api/servers", "/api/version", "/api/metrics", "/api/history/x", "/api/online-users"):
        same(t.call("GET", path).headers.get("content-type"), "application/json; charset=utf-8", path)


@fact("1.0", "Every answer has the three CORS headers")
def _(t):
    for method, path in (("GET", "/health"), ("GET", "/api/servers"), ("GET", "/api/none"), ("POST", "/api/servers")):
        headers = t.call(method, path, headers={}).headers
        same([headers.get(f"access-control-allow-{k}") for k in ("origin", "methods", "headers")],
             ["*", "GET, POST, PUT, DELETE, OPTIONS", "*"], f"{method} {path}")


@fact("1.0", "OPTIONS is answered 204 and empty, on any path")
def _(t):
    for path in ("/api/servers", "/api/no/such/path", "/ws/agent"):
        reply = t.call("OPTIONS", path, headers={})
        same((reply.status, reply.text, reply.headers.get("access-control-allow-origin")), (204, "", "*"), path)


for method, path in (("GET", "/api/none"), ("GET", "/ws/none"), ("PATCH", "/api/servers"), ("POST", "/health")):
    @fact("1.0", f"{method} {path} is not routed: 404 page not found")
    def _(t, method=method, path=path):
        reply = t.call(method, path)
        same((reply.status, reply.text), (404, "404 page not found"))


@fact("1.0", "A slash at the end is redirected, 301 for GET and 307 for others, the query kept")
def _(t):
    reply = t.call("GET", "/api/history/x/?range=1h")
    same((reply.status, reply.headers["location"]), (301, "/api/history/x?range=1h"))
    reply = t.call("POST", "/api/servers/", {})
    same((reply.status, reply.headers["location"]), (307, "/api/servers"))


# 1.1

@fact("1.1", "/version and /api/version are the same, with version and channel")
def _(t):
    found = [t.call("GET", path, headers={}).json for path in ("/version", "/api/version")]
    same(found[0], found[1])
    same(list(found[0]), ["version", "channel"])
    same(found[0]["channel"], "nightly" if "nightly" in found[0]["version"] else "stable")


@fact("1.1", "A good token is answered valid")
def _(t):
    same(t.call("GET", "/api/auth/verify").text, '{"status":"valid"}')


@fact("1.1", "/api/metrics is answered 501 with these words")
def _(t):
    reply = t.call("GET", "/api/metrics", headers={})
    same((reply.status, reply.text), (501, '{"error":"Local metrics collection is not available",'
                                           '"message":"Please install an agent to report metrics"}'))


@fact("1.1", "Groups, dimensions and site settings are public; the first two are arrays")
def _(t):
    groups, dimensions, site = (t.call("GET", p, headers={}).json
                                for p in ("/api/groups", "/api/dimensions", "/api/settings/site"))
    true(isinstance(groups, list) and isinstance(dimensions, list), "not arrays")
    true({"site_name", "site_description", "social_links"} <= set(site), f"site settings {site}")


@fact("1.1", "The dimensions of a fresh server are region, purpose and group, the last disabled", "mine")
def _(t):
    found = [d for d in t.get("/api/dimensions") if d["key"] in ("region", "purpose", "group")]
    same([(d["id"], d["enabled"], [o["id"] for o in d["options"]]) for d in found], [
        ("region", True, ["asia", "america", "europe", "other"]),
        ("purpose", True, ["production", "staging", "development", "testing"]), ("group", False, [])])


# 1.2

@fact("1.2", "A wrong password is answered 401, Invalid password")
def _(t):
    t.call("POST", "/api/auth/login", {"password": "wrong"}, {}).error(401, "Invalid password")


@fact("1.2", "The password is answered by a token for seven days", "password")
def _(t):
    reply = t.call("POST", "/api/auth/login", {"password": t.password}, {}).json
    same(list(reply), ["token", "expires_at"])
    ends = datetime.fromisoformat(reply["expires_at"]).timestamp()
    true(abs(ends - now() - 7 * 86_400) < 10, reply["expires_at"])
    same(t.call("GET", "/api/auth/verify", headers={"Authorization": f"Bearer {reply['token']}"}).status, 200)


@fact("1.2", "The token is a JWT, HS256, of admin", "password")
def _(t):
    token = t.call("POST", "/api/auth/login", {"password": t.password}, {}).json["token"]
    head, claims = jwt_claims(token)
    same((head["alg"], head["typ"], claims["sub"], sorted(claims)), ("HS256", "JWT", "admin", ["exp", "sub"]))
    true(abs(claims["exp"] - now() - 7 * 86_400) < 10, claims["exp"])


@fact("1.2", "Many tokens hold at once", "password")
def _(t):
    tokens = [t.call("POST", "/api/auth/login", {"password": t.password}, {}).json["token"] for _ in range(2)]
    for token in tokens:
        same(t.call("GET", "/api/auth/verify", headers={"Authorization": f"Bearer {token}"}).status, 200)


# 1.3

@fact("1.3", "Create answers the nine fields that are always there, in order, and an id and a token that are UUIDv4")
def _(t):
    server = t.create()
    same(list(server), ALWAYS)
    true(all(UUID4.fullmatch(server[k]) for k in ("id", "token")), f"{server}")
    same([server[k] for k in ("url", "location", "provider", "tag", "version", "ip")], [""] * 6)


GIVEN = {"url": "http://x.test", "location": "Tokyo", "provider": "P", "tag": "t", "group_id": "g",
         "group_values": {"purpose": "no-such-option"}, "price_amount": "5", "price_period": "month",
         "price_currency": "EUR", "purchase_date": "2026-01-01", "expiry_date": "2027-01-01", "auto_renew": True,
         "tip_badge": "b", "notes": "n", "sale_status": "s", "sale_contact_url": "u"}


@fact("1.3", "Create takes every optional field, unchecked, and the list has it")
def _(t):
    server = t.create(**GIVEN)
    same({k: server.get(k) for k in GIVEN}, GIVEN)
    same(t.configured(server["id"]), server)


@fact("1.3", "Create does not take id, token, version or ip")
def _(t):
    server = t.create(id="mine", token="mine", version="v", ip="192.0.2.1")
    true("mine" not in (server["id"], server["token"]), f"{server}")
    same((server["version"], server["ip"]), ("", ""))


@fact("1.3", "Empty and equal names are accepted")
def _(t):
    server = t.call("POST", "/api/servers", {}).json
    t.created(server["id"])
    same(server["name"], "")
    name = t.name()
    same(len({t.create(name=name)["id"] for _ in range(2)}), 2)


@fact("1.3", "The list is public, with the tokens, in the order of creation")
def _(t):
    made = [t.create() for _ in range(3)]
    listed = t.call("GET", "/api/servers", headers={}).json
    same([s for s in listed if s["id"] in {m["id"] for m in made}], made)


@fact("1.3", "Import answers how many and which; a row without a name fails alone")
def _(t):
    reply = t.call("POST", "/api/servers/import", [{"name": t.name()}, {"location": "x"}, {"name": t.name()}])
    same(reply.status, 200)
    ids = [t.created(i) for i in reply.json["server_ids"]]
    same(reply.json, {"success": 2, "failed": 1, "errors": ["Row 2: name is required"], "server_ids": ids})
    true(all(t.configured(i) for i in ids), "not in the list")


@fact("1.3", "Import leaves out errors when there are none, and ids, with 200 all the same")
def _(t):
    reply = t.call("POST", "/api/servers/import", [{}])
    same((reply.status, reply.json), (200, {"success": 0, "failed": 1, "errors": ["Row 1: name is required"]}))
    reply = t.call("POST", "/api/servers/import", [{"name": t.name()}])
    t.created(reply.json["server_ids"][0])
    same(list(reply.json), ["success", "failed", "server_ids"])


for what, body, text in (("an empty array", [], "No servers to import"),
                         ("101 rows", [{}] * 101, "Maximum 100 servers per import"),
                         ("an object", {}, "Invalid JSON format"), ("no JSON", "[", "Invalid JSON format")):
    @fact("1.3", f"Import of {what} is answered 400, {text}")
    def _(t, body=body, text=text):
        t.call("POST", "/api/servers/import", body).error(400, text)


@fact("1.3", "Import leaves out url and what is for sale")
def _(t):
    reply = t.call("POST", "/api/servers/import", [{"name": t.name(), **GIVEN}])
    server = t.configured(t.created(reply.json["server_ids"][0]))
    left_out = {"url", "group_id", "sale_status", "sale_contact_url"}
    same({k: server.get(k) for k in GIVEN if k not in left_out}, {k: v for k, v in GIVEN.items() if k not in left_out})
    same([server.get(k) for k in sorted(left_out)], [None, None, None, ""])


@fact("1.3", "Export has the tokens only when asked, and their number")
def _(t):
    server = t.create(location="X", tag="t")
    for query, token in (("", None), ("?include_tokens=true", server["token"])):
        reply = t.get(f"/api/servers/export{query}")
        same(reply["count"], len(reply["servers"]))
        true(re.match(r"\d{4}-\d\d-\d\dT", reply["exported_at"]), reply["exported_at"])
        mine = next(s for s in reply["servers"] if s["id"] == server["id"])
        same((mine["name"], mine["location"], mine.get("token") or None), (server["name"], "X", token))


@fact("1.3", "Update changes the fields that are there and not null, and answers the server")
def _(t):
    server = t.create(location="A", provider="P", notes="n")
    reply = t.call("PUT", f"/api/servers/{server['id']}", {"location": "B", "provider": None, "tag": "t", "notes": ""})
    wanted = {**server, "location": "B", "tag": "t"}
    del wanted["notes"]
    same((reply.status, reply.json), (200, wanted))
    same(t.configured(server["id"]), wanted)


@fact("1.3", "Update cannot change id, token, url, ip or version")
def _(t):
    server = t.create(url="http://x.test")
    reply = t.call("PUT", f"/api/servers/{server['id']}", {k: "other" for k in ("id", "token", "url", "ip", "version")})
    same(reply.json, server)


@fact("1.3", "Update of an unknown id is answered 404, of a bad body 400")
def _(t):
    t.call("PUT", "/api/servers/no-such-id", {}).error(404, "Server not found")
    t.call("PUT", f"/api/servers/{t.server()['id']}", "[").error(400, "Invalid request")


@fact("1.3", "Delete is answered 200 and empty, for unknown ids as well")
def _(t):
    server = t.create()
    for _ in range(2):
        reply = t.call("DELETE", f"/api/servers/{server['id']}")
        same((reply.status, reply.text), (200, ""))
    same((t.configured(server["id"]), t.live(server["id"])), (None, None))


@fact("1.3", "The agent of a deleted server stays connected, and what it sends is stored")
def _(t):
    agent, bucket = t.agent(t.create()), recent("5sec", 20)
    t.call("DELETE", f"/api/servers/{agent.id}")
    same(agent.aggregate("5sec", bucket_row(bucket)), [])
    same(agent.sample(at=bucket * 5 + 5), [])
    yield SETTLED
    same(len(t.history(agent.id, "1h")["data"]), 2)
    same(t.live(agent.id), None)


@fact("1.3", "A deleted server cannot introduce itself again, and its history stays")
def _(t):
    agent, bucket = t.agent(t.create()), recent("5sec", 20)
    agent.aggregate("5sec", bucket_row(bucket))
    yield SETTLED
    t.call("DELETE", f"/api/servers/{agent.id}")
    same(agent.introduce(agent.server)["message"], "Server not found")
    true(t.point(agent.id, "5sec", bucket), "its history is gone")


@fact("1.3", "Register answers an id and a token, both UUIDv4, and nothing else")
def _(t):
    reply = t.call("POST", "/api/agent/register", {"name": t.name(), "location": "L", "provider": "P", "tag": "t"})
    t.created(reply.json["id"])
    same(list(reply.json), ["id", "token"])
    true(all(UUID4.fullmatch(v) for v in reply.json.values()), reply.text)
    server = t.configured(reply.json["id"])
    same((server["token"], server["location"], server["provider"], server["tag"]), (reply.json["token"], "L", "P", ""))


# 1.4

@fact("1.4", "/api/metrics/all has every configured server in order, without metrics and offline at first")
def _(t):
    made = [t.create(location="L", tag="t") for _ in range(2)]
    found = [s for s in t.get("/api/metrics/all") if s["server_id"] in {m["id"] for m in made}]
    same(found, [{"server_id": m["id"], "server_name": m["name"], "location": "L", "provider": "", "tag": "t",
                  "version": "", "ip": "", "online": False, "metrics": None} for m in made])


@fact("1.4", "/api/metrics/all shows the optional fields of a server, and is public")
def _(t):
    server = t.create(**GIVEN)
    found = next(s for s in t.call("GET", "/api/metrics/all", headers={}).json if s["server_id"] == server["id"])
    same({k: found.get(k) for k in GIVEN if k != "url"}, {k: v for k, v in GIVEN.items() if k != "url"})


@fact("1.4", "A sample puts its server online, and shows there as it was sent")
def _(t):
    agent, sent = t.agent(), sample(at="2026-11-24T03:46:33.25Z", version="v5")
    agent.send({"type": "metrics", "metrics": sent})
    agent.fence()
    found = t.live(agent.id)
    same((found["online"], found["version"]), (True, "v5"))
    same(found["metrics"], sent | {"ip_addresses": [""]})


# 1.6

def until(condition, what, seconds=5):
    deadline = time.monotonic() + seconds
    while not condition():
        true(time.monotonic() < deadline, what)
        time.sleep(0.05)


@fact("1.6", "Online users are the distinct addresses of viewers; from loopback X-Forwarded-For counts")
def _(t):
    before = t.get("/api/online-users")["count"]
    viewers = [t.connect("/ws", [("X-Forwarded-For", f"192.0.2.{i}")]) for i in (201, 202, 202)]
    until(lambda: t.get("/api/online-users") == {"count": before + 2}, "two more users")
    viewers[2].close()
    viewers[0].close()
    until(lambda: t.get("/api/online-users") == {"count": before + 1}, "one user less")
