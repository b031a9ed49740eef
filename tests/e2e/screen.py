"""A terminal as far as the progress display uses one: what stands on it, also after it was resized.

Any escape sequence it does not know is an error: the display may use these few only.
"""

import re

KNOWN = re.compile(r"\x1b\[(\?7[lh]|\d*[AJKm])")


class Screen:
    """`reflows`: a narrower terminal breaks its lines and a wider one joins them again (tmux, VTE);
    else what is beyond its width is lost (xterm)."""

    def __init__(self, columns, rows, reflows):
        self.columns, self.rows, self.reflows = columns, rows, reflows
        self.lines, self.broken = [[]], [False]  # `broken`: goes on in the next line
        self.row = self.column = self.top = 0
        self.wraps = True
        self.overflows = 0  # characters that a line had no room for
        self.drawings = 0
        self.colors = 0
        self._rest = ""

    def text(self):
        return "\n".join("".join(line).rstrip() for line in self.lines).rstrip()

    def feed(self, text):
        text = self._rest + text
        self._rest = ""
        at = 0
        while at < len(text):
            if text[at] != "\x1b":
                self._put(text[at])
                at += 1
                continue
            found = KNOWN.match(text, at)
            if not found:
                if len(text) - at < 8 and "m" not in text[at:]:
                    self._rest = text[at:]
                    return
                raise AssertionError(f"an escape sequence nobody should use: {text[at:at + 12]!r}")
            self._act(found.group(1))
            at = found.end()

    def _act(self, code):
        if code == "?7l":
            self.wraps = False
            self.drawings += 1
        elif code == "?7h":
            self.wraps = True
        elif code.endswith("A"):
            self.row = max(self.top, self.row - int(code[:-1] or 1))
        elif code in ("K", "J"):
            self.column = min(self.column, self.columns - 1)  # behind the last one is on the last one
            del self.lines[self.row][self.column:]
            self.broken[self.row] = False
            if code == "J":
                for row in range(self.row + 1, len(self.lines)):
                    self.lines[row], self.broken[row] = [], False
        elif code.endswith("m"):
            self.colors += 1
        else:
            raise AssertionError(f"{code!r} is used in a way this screen does not know")

    def _put(self, c):
        if c == "\r":
            self.column = 0
        elif c == "\n":
            self._down()
        else:
            if self.column == self.columns:
                self.overflows += 1
                if self.wraps:
                    self.broken[self.row] = True
                    self._down()
                    self.column = 0
                else:
                    self.column -= 1
            line = self.lines[self.row]
            line.extend(" " * (self.column + 1 - len(line)))
            line[self.column] = c
            self.column += 1

    def _down(self):
        self.row += 1
        if self.row == len(self.lines):
            self.lines.append([])
            self.broken.append(False)
        self.top = max(self.top, self.row - self.rows + 1)

    def resize(self, columns, rows):
        if self.reflows:
            self._flow(columns)
        else:
            self.lines = [line[:columns] for line in self.lines]
        self.columns, self.rows = columns, rows
        self.column = min(self.column, columns)
        self.top = max(0, min(self.row, len(self.lines) - rows))

    def _flow(self, columns):
        lines, broken, row, column = [], [], 0, 0
        whole, cursor = [], None
        for i, line in enumerate(self.lines):
            if i == self.row:
                cursor = len(whole) + self.column
            whole += line
            if self.broken[i]:
                continue
            parts = [whole[at:at + columns] for at in range(0, len(whole), columns)] or [[]]
            if cursor is not None:
                row = len(lines) + min(cursor // columns, len(parts) - 1)
                column = cursor % columns
            lines += parts
            broken += [True] * (len(parts) - 1) + [False]
            whole, cursor = [], None
        self.lines, self.broken, self.row, self.column = lines, broken, row, column
