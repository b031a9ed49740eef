"""Facts of protocol.md 1.8, 1.9 and 9.5: traffic limits, groups and dimensions, GeoIP."""

import json

from conformance import fact, same, true


# 1.8

def put_limit(t, server_id, **more):
    return t.call("PUT", "/api/traffic/limit", {"server_id": server_id, "monthly_limit_gb": 100, **more})


@fact("1.8", "A limit is answered success and pushed to its agent, which gets it at auth, too")
def _(t):
    agent, other = t.agent(), t.agent()
    reply = put_limit(t, agent.id, monthly_limit_gb=5.5, threshold_type="max", reset_day=5)
    same((reply.status, reply.text), (200, '{"success":true}'))
    config = {"monthly_limit_gb": 5.5, "reset_day": 5, "threshold_type": "max"}
    same(json.loads(agent.pushed()), {"traffic_config": config, "type": "config"})
    same(other.fence(), [], "another agent")
    same(agent.introduce(agent.server)["traffic_config"], config)


@fact("1.8", "A limit for an unknown server is accepted")
def _(t):
    same(put_limit(t, f"{t.prefix}unknown").json, {"success": True})


@fact("1.8", "A limit without a server, or with an unknown type, is answered 400")
def _(t):
    put_limit(t, "").error(400, "server_id is required")
    put_limit(t, t.server()["id"], threshold_type="min").error(
        400, "invalid threshold_type, must be one of: sum, max, up, down")


@fact("1.8", "An empty type is sum, a reset day outside 1 to 28 is 1")
def _(t):
    server_id = t.server()["id"]
    put_limit(t, server_id, threshold_type="", reset_day=31)
    found = t.get(f"/api/traffic/stats/{server_id}")
    same((found["threshold_type"], found["reset_day"], found["monthly_limit_gb"]), ("sum", 1, 100))


@fact("1.8", "The statistics of a server have these fields; without any they are 404")
def _(t):
    server_id = t.server()["id"]
    t.call("GET", f"/api/traffic/stats/{server_id}").error(404, "Server not found")
    put_limit(t, server_id, reset_day=5)
    found = t.get(f"/api/traffic/stats/{server_id}")
    same(set(found) - {"baseline_time"}, {
        "server_id", "period_start", "period_end", "reset_day", "tx_bytes", "rx_bytes", "tx_bytes_gb", "rx_bytes_gb",
        "total_bytes", "total_bytes_gb", "monthly_limit_gb", "threshold_type", "usage_percent", "last_updated"})
    same((found["total_bytes"], found["usage_percent"], found["period_start"][8:19]), (0, 0, "05T00:00:00"))
    true(any(s["server_id"] == server_id for s in t.get("/api/traffic/stats")), "not among all statistics")


@fact("1.8", "The summary counts servers with limits")
def _(t):
    put_limit(t, t.server()["id"])
    found = t.get("/api/traffic/summary")
    same(set(found), {"total_servers", "servers_with_limit", "over_limit_count", "warning_count", "stats"})
    true(found["servers_with_limit"] >= 1 and found["total_servers"] == len(found["stats"]), f"{found}"[:200])


@fact("1.8", "History and days of traffic are lists, empty at first")
def _(t):
    server = t.create()
    same(t.get(f"/api/traffic/history/{server['id']}?limit=12"), {"records": [], "total": 0})
    found = t.get(f"/api/traffic/daily/{server['id']}?days=30")
    same((found["server_id"], found["server_name"], found["daily"], found["total_gb"]),
         (server["id"], server["name"], [], 0))


@fact("1.8", "Reset is answered success, and 404 without statistics")
def _(t):
    server_id = t.server()["id"]
    same(t.call("POST", "/api/traffic/reset", {"server_id": server_id, "reset_to_zero": True}).status, 404)
    put_limit(t, server_id)
    same(t.call("POST", "/api/traffic/reset", {"server_id": server_id, "reset_to_zero": True}).json, {"success": True})


@fact("1.8", "Deleting a limit is answered success, and leaves statistics without one")
def _(t):
    server_id = t.server()["id"]
    put_limit(t, server_id)
    same(t.call("DELETE", f"/api/traffic/limits/{server_id}").json, {"success": True})
    same(t.get(f"/api/traffic/stats/{server_id}")["monthly_limit_gb"], 0)


@fact("1.8", "Limits in a batch are answered by their number, and not pushed", "mine")
def _(t):
    agent, other = t.agent(), t.server()
    limits = [{"server_id": i, "monthly_limit_gb": 7} for i in (agent.id, other["id"])]
    same(t.call("PUT", "/api/traffic/limits/batch", {"limits": limits}).json, {"success": True, "count": 2})
    same(agent.fence(), [])
    same(t.get(f"/api/traffic/stats/{other['id']}")["monthly_limit_gb"], 7)
    true(isinstance(t.get("/api/traffic/limits"), list), "not a list")


# 1.9

@fact("1.9", "A dimension is made with no options, its key is its own, and it goes again")
def _(t):
    wanted = {"name": t.name(), "key": f"{t.prefix}key", "enabled": True, "sort_order": 9}
    reply = t.call("POST", "/api/dimensions", wanted)
    try:
        same({k: v for k, v in reply.json.items() if k != "id"}, {**wanted, "options": []})
        t.call("POST", "/api/dimensions", wanted).error(409, "Dimension key already exists")
        path = f"/api/dimensions/{reply.json['id']}"
        option = t.call("POST", f"{path}/options", {"name": "o", "sort_order": 1}).json
        same(t.call("PUT", f"{path}/options/{option['id']}", {"name": "p"}).json, {**option, "name": "p"})
        t.call("PUT", f"{path}/options/none", {}).error(404, "Option not found")
        same(t.call("DELETE", f"{path}/options/{option['id']}").status, 200)
    finally:
        t.call("DELETE", f"/api/dimensions/{reply.json['id']}")
    t.call("PUT", path, {}).error(404, "Dimension not found")


@fact("1.9", "A group is made, changed and deleted")
def _(t):
    group = t.call("POST", "/api/groups", {"name": t.name(), "sort_order": 3}).json
    try:
        same(t.call("PUT", f"/api/groups/{group['id']}", {"sort_order": 4}).json, {**group, "sort_order": 4})
        true(any(g["id"] == group["id"] for g in t.get("/api/groups")), "not in the list")
    finally:
        t.call("DELETE", f"/api/groups/{group['id']}")
    true(all(g["id"] != group["id"] for g in t.get("/api/groups")), "still in the list")


# 9.5

@fact("9.5", "The settings of GeoIP have these fields")
def _(t):
    same(set(t.get("/api/settings/geoip")), {"provider", "mmdb_path", "ipinfo_token", "auto_update",
                                             "update_interval_hr", "last_update", "mmdb_loaded"})


@fact("9.5", "An unknown provider of GeoIP is answered 400")
def _(t):
    t.call("PUT", "/api/settings/geoip", {"provider": "none"}).error(
        400, "Invalid provider. Must be: auto, mmdb, ip-api, or ipinfo")


@fact("9.5", "The provider mmdb without a database is answered 500, and taken all the same", "mine")
def _(t):
    same(t.call("PUT", "/api/settings/geoip", {"provider": "mmdb"}).status, 500)
    same(t.get("/api/settings/geoip")["provider"], "mmdb")
