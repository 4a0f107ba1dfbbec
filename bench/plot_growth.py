#!/usr/bin/env python3
"""Draw what store_append printed: processor time per event against the events stored, with the line through the steps from five million on.

usage: bench/store_append... | bench/plot_growth.py OUT.svg [UP_TO]        UP_TO events, all by default
       passes its input through"""
import re
import sys

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 720, 360, 56, 48, 48, 24
FROM = 5e6
STEP = re.compile(r'append to\s+(\d+)\s.*?([\d.]+) us of processor each,\s+([\d.]+) with')


def line_through(points, end):
    """Least squares, as store_append.c does -> (value at FROM, value at `end`)."""
    xs, ys = zip(*points)
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    slope = sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a in xs)
    return y + slope * (FROM - x), y + slope * (end - x)


def svg(steps):
    most_x, most_y = steps[-1][0], max(10, max(s[2] for s in steps) * 1.15)

    def x(v):
        return LEFT + (WIDTH - LEFT - RIGHT) * v / most_x

    def y(v):
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * v / most_y
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>']
    grid = 5 if most_y > 12 else 2
    for v in range(0, int(most_y) + 1, grid):
        out.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(v):.1f}" y2="{y(v):.1f}" stroke="#ddd"/>'
                   f'<text x="{LEFT - 8}" y="{y(v) + 4:.1f}" text-anchor="end">{v}</text>')
    step = 5e6 if most_x > 12e6 else max(most_x / 5, 1)
    for i in range(int(most_x / step) + 1):
        out.append(f'<text x="{x(i * step):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{i * step / 1e6:g} M</text>')
    out.append(f'<text x="{(LEFT + WIDTH) / 2}" y="{HEIGHT - 8}" text-anchor="middle">events stored</text>')
    out.append(f'<text x="{LEFT}" y="18">Processor time per event, µs: '
               '<tspan fill="#1f6f8b">with flushes and compactions</tspan>, <tspan fill="#999">the writing thread alone</tspan></text>')
    for column, colour in ((1, '#999'), (2, '#1f6f8b')):
        points = ' '.join(f'{x(s[0]):.1f},{y(s[column]):.1f}' for s in steps)
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
    later = [((before[0] + s[0]) / 2, s[2]) for before, s in zip(steps, steps[1:]) if before[0] >= FROM]
    if len(later) > 2:
        a, b = line_through(later, most_x)
        out.append(f'<line x1="{x(FROM):.1f}" y1="{y(a):.1f}" x2="{x(most_x):.1f}" y2="{y(b):.1f}" stroke="#c0392b" stroke-width="2"/>'
                   f'<text x="{WIDTH - RIGHT}" y="36" text-anchor="end" fill="#c0392b">{a:.1f} µs at 5 M, {b:.1f} µs at '
                   f'{most_x / 1e6:g} M: {100 * (b / a - 1):+.0f} %</text>')
    return '\n'.join(out + ['</svg>', ''])


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    most = float(sys.argv[2]) if len(sys.argv) > 2 else float('inf')
    steps = []
    for line in sys.stdin:
        print(line, end='', flush=True)
        found = STEP.match(line)
        if found and float(found.group(1)) <= most:
            steps.append(tuple(map(float, found.groups())))
    if len(steps) < 3:
        sys.exit('plot_growth: fewer than three steps: is it the output of store_append?')
    with open(sys.argv[1], 'w', encoding='utf-8') as f:
        f.write(svg(steps))


if __name__ == '__main__':
    main()
