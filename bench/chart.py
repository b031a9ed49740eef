"""The scaling curve as an SVG: CPU a message, of the simulator and of the floor, over the fleet's size."""

import math
from html import escape

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 98, 60

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .small { font-size: 12px; fill: #57606a }
  .title { font-size: 16px; font-weight: 600 }
  .paper { fill: #ffffff }
  .grid { stroke: #d0d7de; stroke-width: 1 }
  .simulator { stroke: #0550ae; fill: #0550ae }
  .floor { stroke: #bc4c00; fill: #bc4c00 }
  .curve { fill: none; stroke-width: 2.5 }
  .range { stroke-width: 1.5 }
  .value { stroke: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .small { fill: #9198a1 }
    .paper { fill: #0d1117 }
    .grid { stroke: #30363d }
    .simulator { stroke: #79c0ff; fill: #79c0ff }
    .floor { stroke: #ffa657; fill: #ffa657 }
    .curve { fill: none }
    .value { stroke: none }
  }
"""


def _ticks(most):
    """From 0 to `most` or just above, at most eight steps of 1, 2 or 5 times a power of ten."""
    step = next(m * 10.0 ** e for e in range(-3, 9) for m in (1, 2, 5) if most <= 8 * m * 10.0 ** e)
    return [i * step for i in range(math.ceil(most / step) + 1)]


def _points(cases):
    """(agents, spread of the simulator, spread of the floor), smallest fleet first."""
    found = [(c["agents"], c["figures"]["CPU a message"], c["figures"]["CPU a message"]["floor"])
             for c in cases if "agents" in c]
    return sorted(found, key=lambda p: p[0])


class _Axes:
    def __init__(self, agents, most):
        self.x_ticks, self.y_ticks = agents, _ticks(most)
        self.x_end, self.y_end = max(agents) * 1.04, self.y_ticks[-1]

    def x(self, agents):
        return LEFT + agents / self.x_end * (WIDTH - LEFT - RIGHT)

    def y(self, us):
        return HEIGHT - BOTTOM - us / self.y_end * (HEIGHT - TOP - BOTTOM)

    def draw(self):
        right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
        for t in self.y_ticks:
            y = self.y(t)
            yield f'<line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>'
            yield f'<text class="small" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{t:g}</text>'
        for t in self.x_ticks:
            x = self.x(t)
            yield f'<line class="grid" x1="{x:.1f}" y1="{bottom}" x2="{x:.1f}" y2="{bottom + 6}"/>'
            yield f'<text class="small" x="{x:.1f}" y="{bottom + 22}" text-anchor="middle">{t:,}</text>'
        yield f'<text x="{(LEFT + right) / 2:.0f}" y="{HEIGHT - 16}" text-anchor="middle">agents</text>'
        yield (f'<text x="18" y="{(TOP + bottom) / 2:.0f}" text-anchor="middle" '
               f'transform="rotate(-90 18 {(TOP + bottom) / 2:.0f})">CPU a message, µs</text>')


def _curve(axes, name, points, labels_above):
    path = " ".join(f"{axes.x(n):.1f},{axes.y(v['median']):.1f}" for n, v in points)
    yield f'<g class="{name}"><polyline class="curve {name}" points="{path}"/>'
    for n, v in points:
        x, y = axes.x(n), axes.y(v["median"])
        yield f'<line class="range" x1="{x:.1f}" y1="{axes.y(v["min"]):.1f}" x2="{x:.1f}" y2="{axes.y(v["max"]):.1f}"/>'
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
    yield "</g>"
    for n, v in points:
        # Clear of the range that is drawn through the point.
        y = axes.y(v["max"]) - 10 if labels_above else axes.y(v["min"]) + 20
        yield f'<text class="value" x="{axes.x(n):.1f}" y="{y:.1f}" text-anchor="middle">{v["median"]:.1f}</text>'


def _legend():
    for i, (name, text) in enumerate((("simulator", "simulator"), ("floor", "floor: plain send() of the same bytes"))):
        x = LEFT + i * 130
        yield f'<g class="{name}"><line class="curve {name}" x1="{x}" y1="72" x2="{x + 24}" y2="72"/></g>'
        yield f'<text x="{x + 32}" y="76">{text}</text>'


def scaling_curve(cases, caption):
    """The SVG's text, or None when no case belongs to the curve."""
    points = _points(cases)
    if not points:
        return None
    axes = _Axes([n for n, _, _ in points], max(max(s["max"], f["max"]) for _, s, f in points) * 1.12)
    body = [
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text class="title" x="{LEFT}" y="26">CPU of one realtime message as the fleet grows</text>',
        f'<text class="small" x="{LEFT}" y="46">{escape(caption)}</text>',
        *_legend(),
        *axes.draw(),
        *_curve(axes, "floor", [(n, f) for n, _, f in points], labels_above=False),
        *_curve(axes, "simulator", [(n, s) for n, s, _ in points], labels_above=True),
    ]
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
            f'height="{HEIGHT}" role="img" aria-label="CPU of one realtime message as the fleet grows">\n'
            f"<style>{STYLE}</style>\n" + "\n".join(body) + "\n</svg>\n")
