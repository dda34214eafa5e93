"""The table and the pictures of growth curves: Markdown and SVG, written as text."""
import math
import os

FIGURES = {"published": "published", "delivered": "delivered", "rss": "RSS"}
COLOURS = {"published": "#1f77b4", "delivered": "#2ca02c", "rss": "#d62728"}
WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 560, 300, 56, 40, 34, 110


def label(n):
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if n >= size and n % size == 0:
            return "%d %s" % (n // size, unit)
    return str(n)


def relative(results, curve, broker):
    """Each point with its figures as multiples of those of the first."""
    own = sorted((r for r in results if r["curve"] == curve and r["broker"] == broker), key=lambda r: r["n"])
    if not own:
        return []
    return [(r["n"], {f: r[f] / own[0][f] if own[0][f] else 0.0 for f in FIGURES}) for r in own]


def picture(title, lines):
    """lines: name, colour, dashed, [(n, value)]. Both axes are logarithmic; the first point is 1."""
    ns = sorted({n for _, _, _, values in lines for n, _ in values})
    all_values = [v for _, _, _, values in lines for _, v in values if v > 0] + [1.0]
    low, high = math.floor(math.log10(min(all_values))), max(math.ceil(math.log10(max(all_values))), 1)
    place = {n: LEFT + (WIDTH - LEFT - RIGHT) * (i / max(1, len(ns) - 1)) for i, n in enumerate(ns)}

    def y(value):
        share = (math.log10(max(value, 10 ** low)) - low) / (high - low)
        return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)

    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="11">' % (WIDTH, HEIGHT),
           '<rect width="100%" height="100%" fill="white"/>',
           '<text x="%d" y="18" font-size="13">%s</text>' % (LEFT, title)]
    for power in range(low, high + 1):
        at = y(10 ** power)
        out.append('<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" stroke="%s"/>' % (LEFT, at, WIDTH - RIGHT, at, "#888" if power == 0 else "#ddd"))
        out.append('<text x="%d" y="%.1f" text-anchor="end">%g</text>' % (LEFT - 6, at + 4, 10 ** power))
    for n in ns:
        out.append('<text x="%.1f" y="%d" text-anchor="middle">%s</text>' % (place[n], HEIGHT - BOTTOM + 18, label(n)))
    for i, (name, colour, dashed, values) in enumerate(lines):
        path = " ".join("%.1f,%.1f" % (place[n], y(v)) for n, v in values)
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        out.append('<polyline points="%s" fill="none" stroke="%s" stroke-width="2"%s/>' % (path, colour, dash))
        out += ['<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>' % (place[n], y(v), colour) for n, v in values]
        at = TOP + 14 * i
        out.append('<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="%s" stroke-width="2"%s/>' % (
            WIDTH - RIGHT + 8, at, WIDTH - RIGHT + 26, at, colour, dash))
        out.append('<text x="%d" y="%d">%s</text>' % (WIDTH - RIGHT + 30, at + 4, name))
    return "\n".join(out + ["</svg>", ""])


def write(out, results, curves):
    """growth.md, and growth-CURVE.svg for each curve."""
    lines = ["# Growth curves", "",
             "Multiples of the first point of each curve; where a peer was measured too, its ratio to ours at the same point.", ""]
    for curve, title in curves.items():
        brokers = sorted({r["broker"] for r in results if r["curve"] == curve}, key=lambda b: (b != "ours", b))
        if not brokers:
            continue
        drawn = []
        peers = [b for b in brokers if b != "ours"]
        head = ["n", *FIGURES.values(), *("ours / %s, %s" % (b, f) for b in peers for f in FIGURES.values())]
        lines += ["## By %s" % title, "", "![by %s](growth-%s.svg)" % (title, curve), "",
                  "| %s |" % " | ".join(head), "|%s" % ("---|" * len(head))]
        raw = {(r["broker"], r["n"]): r for r in results if r["curve"] == curve}
        for n, figures in relative(results, curve, "ours"):
            cells = [label(n), *("%.2f" % figures[f] for f in FIGURES)]
            for peer in peers:
                other = raw.get((peer, n))
                cells += ["%.2f" % (raw["ours", n][f] / other[f]) if other and other[f] else "-" for f in FIGURES]
            lines.append("| %s |" % " | ".join(cells))
        lines.append("")
        for broker in brokers:
            values = relative(results, curve, broker)
            for figure, name in FIGURES.items():
                drawn.append((name if broker == "ours" else "%s %s" % (broker, name), COLOURS[figure], broker != "ours",
                              [(n, v[figure]) for n, v in values]))
        with open(os.path.join(out, "growth-%s.svg" % curve), "w") as file:
            file.write(picture("by %s" % title, drawn))
    with open(os.path.join(out, "growth.md"), "w") as file:
        file.write("\n".join(lines))
