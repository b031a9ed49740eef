"""Reads an HdrHistogram interval log, version 1.3, with V2 histograms. Standard library only.

Written from the format alone, knowing nothing of the program that wrote the log.
"""

import base64
import re
import struct
import zlib
from collections import defaultdict, namedtuple

Interval = namedtuple("Interval", "tag start length highest counts")
LEGEND = '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"'


def signed(data):
    """ZigZag LEB128 numbers; a ninth byte has eight bits."""
    value = shift = 0
    for byte in data:
        value |= (byte if shift == 56 else byte & 0x7f) << shift
        shift += 7
        if byte < 0x80 or shift == 63:
            yield (value >> 1) ^ -(value & 1)
            value = shift = 0
    if shift:
        raise ValueError("the last number has no end")


class Layout:
    """Which values share an index."""

    def __init__(self, digits, lowest):
        self.unit = lowest.bit_length() - 1
        self.half = (2 * 10 ** digits - 1).bit_length() - 1

    def low(self, index):
        half_count = 1 << self.half
        bucket, sub = index // half_count - 1, index % half_count + half_count
        if bucket < 0:
            bucket, sub = 0, index
        return sub << (bucket + self.unit)

    def high(self, index):
        return self.low(index + 1) - 1


def histogram(text):
    """{highest value of a bucket: count} of what the last column of a line holds."""
    data = base64.b64decode(text, validate=True)
    cookie, size = struct.unpack_from(">II", data)
    if cookie & ~0xf0 != 0x1c849304 or size != len(data) - 8:
        raise ValueError(f"no compressed V2 histogram: {cookie:#x}, {size} of {len(data) - 8} bytes")
    plain = zlib.decompress(data[8:])
    cookie, size, offset, digits, lowest, highest, ratio = struct.unpack_from(">IIIIQQd", plain)
    if cookie & ~0xf0 != 0x1c849303 or size != len(plain) - 40 or offset != 0 or ratio != 1.0:
        raise ValueError(f"no V2 histogram: {cookie:#x}, {size} of {len(plain) - 40} bytes, {offset}, {ratio}")
    layout, counts, index = Layout(digits, lowest), {}, 0
    for number in signed(plain[40:]):
        if number > 0:
            counts[layout.high(index)] = number
        index += max(1, -number)
    if index and layout.low(index - 1) > highest:
        raise ValueError(f"a value above {highest}")
    return counts


def read(text):
    """The start of the log in seconds since the epoch, and its intervals."""
    lines = text.splitlines()
    start = None
    intervals = []
    if "#[Histogram log format version 1.3]" not in lines or LEGEND not in lines:
        raise ValueError("no histogram log of version 1.3 with a legend")
    for line in lines:
        if found := re.match(r"#\[StartTime: (\d+\.\d{3}) \(seconds since epoch\), ", line):
            start = float(found.group(1))
        elif line.startswith("Tag="):
            tag, begin, length, highest, data = line.split(",")
            intervals.append(Interval(tag.removeprefix("Tag="), float(begin), float(length),
                                      float(highest), histogram(data)))
        elif not line.startswith("#") and line != LEGEND:
            raise ValueError(f"what is this: {line}")
    if start is None:
        raise ValueError("no StartTime")
    return start, intervals


def totals(intervals):
    """{tag: {value: count}} over the whole log."""
    sums = defaultdict(lambda: defaultdict(int))
    for interval in intervals:
        for value, count in interval.counts.items():
            sums[interval.tag][value] += count
    return sums


def quantile(counts, q):
    """The smallest value that a share q of all does not exceed."""
    wanted = max(1, -(-q * sum(counts.values()) // 1))
    for value in sorted(counts):
        wanted -= counts[value]
        if wanted <= 0:
            return value
    return 0
