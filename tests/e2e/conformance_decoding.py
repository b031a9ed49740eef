"""Facts of protocol.md 2.2: what the server reads as a message, and what it drops without a word."""

import json

from conformance import SETTLED, WIDTHS, bucket_row, fact, recent, same, sample, true


def text_of(message):
    return json.dumps(message, separators=(",", ":"))


def check_sample(t, text, is_kept):
    """Sends the text of a metrics message; kept or dropped, nothing is said and the connection works."""
    agent = t.agent()
    agent.send(text)
    same(agent.fence(), [], "answers")
    found = t.live(agent.id)["metrics"]
    true((found is not None) == is_kept, f"{'dropped' if is_kept else 'kept'}: {text[:300]}")
    return found


def edited(old, new):
    text = text_of({"type": "metrics", "metrics": sample()})
    assert text.count(old) >= 1, old
    return text.replace(old, new, 1)


DROPPED = {
    "an integer with a fraction": ('"uptime":1000', '"uptime":1.5'),
    "an integer with the fraction .0": ('"uptime":1000', '"uptime":1000.0'),
    "an integer with an exponent": ('"uptime":1000', '"uptime":1e3'),
    "a negative counter": ('"total_rx":1000', '"total_rx":-1'),
    "-0 for a counter": ('"total_rx":1000', '"total_rx":-0'),
    "a counter of 2^64": ('"total_rx":1000', '"total_rx":18446744073709551616'),
    "a signed integer of 2^63": ('"cores":2', '"cores":9223372036854775808'),
    "an unsigned 32-bit integer of 2^32": ('{"name":"eth0"', '{"name":"eth0","speed":4294967296'),
    "a number in a string": ('"uptime":1000', '"uptime":"1000"'),
    "true for a number": ('"uptime":1000', '"uptime":true'),
    "a number for a string": ('"hostname":"conform"', '"hostname":7'),
    "an array for an object": ('"load_average":{"one":0.25,"five":0.5,"fifteen":0.75}', '"load_average":[]'),
    "an object for an array": ('"per_core":[10,15]', '"per_core":{}'),
    "a wrong type deep in an array": ('"per_core":[10,15]', '"per_core":[10,"15"]'),
    "a float beyond float32": ('"usage":12.5', '"usage":1e39'),
    "a float beyond float64": ('"one":0.25', '"one":1e309'),
    "NaN": ('"usage":12.5', '"usage":NaN'),
    "a number that begins with a point": ('"usage":12.5', '"usage":.5'),
    "a number with a plus": ('"usage":12.5', '"usage":+12.5'),
    "a number with a leading zero": ('"uptime":1000', '"uptime":01000'),
    "a control character in a string": ('"hostname":"conform"', '"hostname":"a\tb"'),
    "an unknown escape": ('"hostname":"conform"', '"hostname":"a\\xb"'),
    "a trailing comma": ('"per_core":[10,15]', '"per_core":[10,15,]'),
    "a comment": ('{"type"', '/* no */{"type"'),
    "malformed JSON in a field that is not read": ('{"type"', '{"other":[1,,2],"type"'),
    "a byte order mark": ('{"type"', '\ufeff{"type"'),
}
for what, edit in DROPPED.items():
    @fact("2.2", f"A message with {what} is dropped without a word")
    def _(t, edit=edit):
        check_sample(t, edited(*edit), False)


@fact("2.2", "A message that is cut short is dropped without a word")
def _(t):
    check_sample(t, edited("{", "{")[:-1], False)


@fact("2.2", "A message with anything behind its object is dropped without a word")
def _(t):
    check_sample(t, edited("{", "{") + "{}", False)


KEPT = {
    "an unknown field": ('{"type"', '{"other":{"deep":[1,{"er":null}]},"type"'),
    "names in other letters": ('"metrics":{"timestamp"', '"METRICS":{"TimeStamp"'),
    "an escaped name": ('"uptime":1000', '"\\u0075ptime":1000'),
    "null for an integer": ('"uptime":1000', '"uptime":null'),
    "null for an object": ('"load_average":{"one":0.25,"five":0.5,"fifteen":0.75}', '"load_average":null'),
    "null for an array": ('"per_core":[10,15]', '"per_core":null'),
    "null for a string": ('"hostname":"conform"', '"hostname":null'),
    "an integer for a float": ('"usage":12.5', '"usage":12'),
    "an exponent for a float": ('"usage":12.5', '"usage":1.25E+1'),
    "white space between all": ('{"type":"metrics",', ' \r\n\t{ "type" :\n"metrics" ,'),
    "a name of another message's field": ('{"type"', '{"batch_id":"x","granularities":[],"type"'),
}
for what, edit in KEPT.items():
    @fact("2.2", f"A message with {what} is read")
    def _(t, edit=edit):
        check_sample(t, edited(*edit), True)


@fact("2.2", "A message that ends in a newline is read, as the generator sends it")
def _(t):
    check_sample(t, edited("{", "{") + "\n", True)


@fact("2.2", "An unknown field may be nested a thousand levels deep")
def _(t):
    check_sample(t, edited('{"type"', '{"other":' + "[" * 1000 + "]" * 1000 + ',"type"'), True)


@fact("2.2", "A nesting of more than 10000 levels is dropped, as Go's decoder does")
def _(t):
    check_sample(t, edited('{"type"', '{"other":' + "[" * 10_001 + "]" * 10_001 + ',"type"'), False)


@fact("2.2", "Of a name that comes twice the last value counts")
def _(t):
    same(check_sample(t, edited('"uptime":1000', '"uptime":1,"uptime":2'), True)["uptime"], 2)


@fact("2.2", "null after a value leaves the value")
def _(t):
    same(check_sample(t, edited('"uptime":1000', '"uptime":1000,"uptime":null'), True)["uptime"], 1000)


@fact("2.2", "An unsigned integer of 2^64-1 is kept exactly")
def _(t):
    most = (1 << 64) - 1
    found = check_sample(t, edited('"rx_speed":10', f'"rx_speed":{most}'), True)
    same(found["network"]["rx_speed"], most)


@fact("2.2", "Escapes in strings are resolved")
def _(t):
    found = check_sample(t, edited('"hostname":"conform"', '"hostname":"\\u00e9\\ud83d\\ude00\\/\\n"'), True)
    same(found["hostname"], "\u00e9\U0001f600/\n")


@fact("2.2", "Fields that are missing are zero")
def _(t):
    agent = t.agent()
    agent.send({"type": "metrics", "metrics": {"timestamp": sample()["timestamp"]}})
    same(agent.fence(), [])
    found = t.live(agent.id)["metrics"]
    same((found["hostname"], found["uptime"], found["cpu"]["usage"], found["disks"]), ("", 0, 0, None))


for what, text in {"an unknown type": '{"type":"telemetry"}', "no type": '{"server_id":"x"}',
                   "a type in other letters": '{"type":"METRICS","metrics":null}', "the type null": '{"type":null}',
                   "an empty object": "{}"}.items():
    @fact("2.2", f"A message with {what} is ignored without a word")
    def _(t, text=text):
        agent = t.connect()
        agent.send(text)
        same(agent.fence(), [])


for what, text in {"an array": "[]", "a string": '"auth"', "a number": "1", "null": "null", "nothing": ""}.items():
    @fact("2.2", f"A message that is {what} is ignored without a word")
    def _(t, text=text):
        agent = t.connect()
        agent.send(text)
        same(agent.fence(), [])
        same(agent.introduce(t.server())["status"], "ok")


@fact("2.2", "One bad field drops a message whose type does not use it")
def _(t):
    agent, server = t.connect(), t.server()
    agent.send({"type": "auth", "server_id": server["id"], "token": server["token"], "granularities": {}})
    same(agent.fence(), [])


# Time stamps: text of a second ago around what differs.

ACCEPTED_STAMPS = {"a Z": "2026-11-24T03:46:33Z", "nanoseconds": "2026-11-24T03:46:33.123456789Z",
                   "one digit of a fraction": "2026-11-24T03:46:33.5Z",
                   "more digits than nanoseconds": "2026-11-24T03:46:33.1234567890123Z",
                   "an offset and a fraction": "2026-11-24T11:46:33.5+08:00",
                   "a negative offset": "2026-11-23T22:16:33-05:30", "an offset of zero": "2026-11-24T03:46:33+00:00",
                   "a leap day": "2028-02-29T00:00:00Z", "an hour of one digit": "2026-11-24T3:46:33Z",
                   "a comma before its fraction": "2026-11-24T03:46:33,5Z"}
for what, stamp in ACCEPTED_STAMPS.items():
    @fact("2.2", f"A time stamp with {what} is read")
    def _(t, stamp=stamp):
        check_sample(t, text_of({"type": "metrics", "metrics": sample(at=stamp)}), True)

REJECTED_STAMPS = {"a space for the T": "2026-11-24 03:46:33Z", "a small t": "2026-11-24t03:46:33Z",
                   "a small z": "2026-11-24T03:46:33z", "no zone": "2026-11-24T03:46:33",
                   "an offset without colon": "2026-11-24T03:46:33+0000", "hour 24": "2026-11-24T24:00:00Z",
                   "second 60": "2026-11-24T23:59:60Z", "minute 60": "2026-11-24T23:60:00Z",
                   "February 30": "2026-02-30T00:00:00Z", "a 29 February of no leap year": "2026-02-29T00:00:00Z",
                   "month 13": "2026-13-01T00:00:00Z", "a point without digits": "2026-11-24T03:46:33.Z",
                   "no time": "2026-11-24", "two digits of a year": "26-11-24T03:46:33Z",
                   "white space behind": "2026-11-24T03:46:33Z ", "no text": ""}
for what, stamp in REJECTED_STAMPS.items():
    @fact("2.2", f"A time stamp with {what} drops the message")
    def _(t, stamp=stamp):
        check_sample(t, text_of({"type": "metrics", "metrics": sample(at=stamp)}), False)


@fact("2.2", "A time stamp that is a number drops the message")
def _(t):
    check_sample(t, text_of({"type": "metrics", "metrics": {**sample(), "timestamp": 1795491993}}), False)


@fact("2.2", "A time stamp keeps its nanoseconds and its zone")
def _(t):
    found = check_sample(t, text_of({"type": "metrics", "metrics": sample(at="2026-11-24T11:46:33.123456789+08:00")}),
                         True)
    same(found["timestamp"], "2026-11-24T11:46:33.123456789+08:00")


@fact("2.2", "A time stamp may be of any year of four digits")
def _(t):
    for stamp in ("1500-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
        found = check_sample(t, text_of({"type": "metrics", "metrics": sample(at=stamp)}), True)
        same(found["timestamp"], stamp)


@fact("2.2", "Of a name that comes twice with objects the second is read into the first")
def _(t):
    found = check_sample(t, text_of({"type": "metrics", "metrics": sample()})[:-1] + ',"metrics":{"uptime":5}}', True)
    same((found["hostname"], found["uptime"]), ("conform", 5))


@fact("2.2", "Half of a surrogate pair is replaced")
def _(t):
    found = check_sample(t, edited('"hostname":"conform"', '"hostname":"\\ud800x"'), True)
    same(found["hostname"], "\ufffdx")


for what, change in (("missing", {}), ("null", {"timestamp": None})):
    @fact("2.2", f"A time stamp that is {what} is the year 1, and stored as such", "db")
    def _(t, change=change):
        agent = t.agent()
        metrics = sample()
        del metrics["timestamp"]
        agent.send({"type": "metrics", "metrics": {**metrics, **change}})
        same(agent.fence(), [])
        same(t.live(agent.id)["metrics"]["timestamp"], "0001-01-01T00:00:00Z")
        yield SETTLED
        true(t.row("5sec", agent.id, -12427119360) is not None, "no row in the bucket of the year 1")


for what, old, new in (("with a fraction", '"bucket":', '"bucket":0.5,"was":'),
                       ("in a string", '"bucket":', '"bucket":"7","was":')):
    @fact("2.2", f"A bucket {what} drops the whole aggregated message")
    def _(t, old=old, new=new):
        agent, bucket = t.agent(), recent("5sec", 20)
        rows = [bucket_row(bucket), bucket_row(bucket - 1)]
        text = text_of({"type": "aggregated_metrics", "last_metrics": sample(), "granularities": [
            {"granularity": "5sec", "interval": WIDTHS["5sec"], "metrics": rows}]})
        agent.send(text.replace(old, new, 1))
        same(agent.fence(), [])
        same(t.live(agent.id)["metrics"], None, "last_metrics")
        yield SETTLED
        same(t.history(agent.id, "1h")["data"], None)
