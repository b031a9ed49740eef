"""Facts in which our own reference server is known to differ, by their sentence: why, and a regular
expression that what the check says must fit.

A fact listed here that holds, or that fails otherwise than expected, fails the test: then the entry is to be
taken off, or the server mended.
"""

NULLS = "a missing array and an empty one are the same to us"

STRICT = "our parser is stricter than Go's"

BY_DESIGN = {
    "A time stamp with an hour of one digit is read": (STRICT, r"^dropped: .*T3:46:33Z"),
    "A time stamp with a comma before its fraction is read": (STRICT, r"^dropped: .*33,5Z"),
    "Half of a surrogate pair is replaced": (STRICT, r"^dropped: .*\\ud800x"),
    "Of a name that comes twice with objects the second is read into the first":
        ("the second replaces the first", r"got \('', 5\), wanted \('conform', 5\)"),
    "What comes behind the object of a body is not read, and null is an empty object":
        (STRICT, r"got 400, wanted 200$"),
    "A time stamp may be of any year of four digits":
        ("our instants reach from 1677 to 2262", r"got '1679-01-01T00:00:00Z', wanted '1500-"),
    "It takes with it the other rows of its granularity in that flush":
        ("only the bad row is lost", r"got \[\[\{.*\}\], \[\{.*\}\]\], wanted \[None, None\]"),
    "The token is a JWT, HS256, of admin": ("ours are opaque", r"expected 3, got 1"),
    "The reason of the close that answers an unmasked frame is `bad MASK`":
        ("we send the code alone", r"got \(8, b'\\x03\\xea'\), wanted"),
    "A frame that closes with invalid UTF-8 is answered by a close with 1002":
        ("1007, as RFC 6455 has it", r"got 1007, wanted 1002"),
    "A message with -0 for a counter is dropped without a word": ("to our parser it is 0", r"^kept: "),
    "Fields that are missing are zero": (NULLS, r"got \('', 0, 0, \[\]\), wanted \('', 0, 0, None\)"),
    "Metrics are re-serialised: every field that must be there is, missing arrays as null":
        (NULLS, r"'disks': \[\].* wanted .*'disks': None"),
    "Without a snapshot the stream shows the newest raw row, /api/metrics/all nothing":
        ("stored rows are shown after a restart only", r"'NoneType' object is not subscriptable"),
    "The last_seen of seconds sent as buckets of two minutes is in the year of their product":
        ("our instants end in 2261", r"got '2261-12-31T23:58:00Z', wanted '8797-"),
}
