#!/usr/bin/env python3
"""Writes the seeds of the frame fuzzer: frame_seeds.py FOLDER. One file a frame worth starting from."""

import sys
from pathlib import Path

KEY = b"\x12\xff\x00\x9a"


def frame(first, payload=b"", size=None):
    """As a server sends it; `size` announces more than there is."""
    size = len(payload) if size is None else size
    if size < 126:
        return bytes([first, size]) + payload
    if size < 65536:
        return bytes([first, 126]) + size.to_bytes(2, "big") + payload
    return bytes([first, 127]) + size.to_bytes(8, "big") + payload


def masked(bare):
    """The same frame as a client sends it."""
    head = {126: 4, 127: 10}.get(bare[1], 2)
    payload = bytes(b ^ KEY[i % 4] for i, b in enumerate(bare[head:]))
    return bytes([bare[0], bare[1] | 0x80]) + bare[2:head] + KEY + payload


def close(code, reason=b""):
    return frame(0x88, code.to_bytes(2, "big") + reason)


# Name -> frames for the wire.
WIRES = {
    "text": [frame(0x81, b"hello"), frame(0x81)],
    "binary_16_bit_length": [frame(0x82, bytes(range(126)))],
    "64_bit_length": [frame(0x82, b"begins", size=65536)],
    "fragments_and_control": [frame(0x01, b"one"), frame(0x89, b"ping"), frame(0x00), frame(0x8a), frame(0x80, b"two")],
    "longest_ping": [frame(0x89, b"p" * 125)],
    "ping_too_long": [frame(0x89, b"p" * 126)],
    "close_empty": [frame(0x88), frame(0x81, b"late")],
    "close_reason": [close(1000, "b\u00ffe \u20ac".encode())],
    "close_bad_code": [close(1005)],
    "close_bad_reason": [close(1000, b"\xed\xa0\x80")],
    "close_half_code": [frame(0x88, b"\x03")],
    "reserved_bit": [frame(0xc1, b"x")],
    "unknown_opcode": [frame(0x83, b"x")],
    "fragmented_ping": [frame(0x09, b"x")],
    "message_in_message": [frame(0x01, b"x"), frame(0x81, b"y")],
    "continues_nothing": [frame(0x80, b"x")],
    "too_long": [frame(0x01, b"x" * 100), frame(0x80, b"y" * 26)],
}

# Name -> what tests/fuzz/frame_reader.cpp is to write: kind, length and filling of each frame.
LISTS = {
    "written_edges": bytes(b for size in (0, 1, 125, 126, 127, 252, 253) for b in (3, size, 1)),
    "written_fragments": bytes([8 + 3, 5, 1, 0, 9, 2, 8 + 4, 126, 3, 1, 0, 0, 5, 0, 7, 2, 1, 123]),
}

CUTS = {"whole": b"\xff\xff\xff\xff", "bytewise": b"\x01\x01\x01\x01", "odd": b"\x01\x07\x02\x1f"}
CLIENT, SERVER, RELEASES = 0, 1, 2
LIMIT_OF_125 = 2 << 2


def main():
    folder = Path(sys.argv[1])
    for i, (name, frames) in enumerate(WIRES.items()):
        cuts = list(CUTS.values())[i % len(CUTS)]
        (folder / f"{name}_to_client").write_bytes(bytes([CLIENT | LIMIT_OF_125]) + cuts + b"".join(frames))
        (folder / f"{name}_to_server").write_bytes(
            bytes([SERVER | RELEASES | LIMIT_OF_125]) + cuts + b"".join(map(masked, frames)))
    for name, frames in LISTS.items():
        (folder / f"{name}_by_server").write_bytes(bytes([CLIENT | RELEASES]) + CUTS["odd"] + frames)
        (folder / f"{name}_by_client").write_bytes(bytes([SERVER]) + CUTS["odd"] + frames)


if __name__ == "__main__":
    main()
