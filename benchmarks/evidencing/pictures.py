"""Small pictures of tables: horizontal bars as SVG, readable in light and dark."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import pandas as pd

BAR, GAP, LEFT, WIDE = 18, 8, 250, 380
OURS, OTHER, INK = "#1f6feb", "#8b949e", "#6e7781"


def bars(out: Path, *, title: str, rows: Sequence[tuple[str, float]], ours: str, digits: int = 2) -> None:
    """Write bars, longest value to the right edge; those whose name begins with `ours` stand out."""
    low, high = min(0.0, *(value for _, value in rows)), max(value for _, value in rows)
    scale = WIDE / (high - low)
    tall = 34 + len(rows) * (BAR + GAP)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDE + 70} {tall}" role="img" '
            f'font-family="sans-serif" font-size="13" fill="{INK}"><title>{escape(title)}</title>'
        ),
        f'<text x="4" y="18" font-weight="bold">{escape(title)}</text>',
    ]
    for n, (name, value) in enumerate(rows):
        top = 30 + n * (BAR + GAP)
        start, end = sorted((0.0, value))
        colour = OURS if name.startswith(ours) else OTHER
        parts += [
            f'<text x="{LEFT - 8}" y="{top + 14}" text-anchor="end">{escape(name)}</text>',
            (
                f'<rect x="{LEFT + (start - low) * scale:.1f}" y="{top}" width="{max((end - start) * scale, 1):.1f}" '
                f'height="{BAR}" fill="{colour}"/>'
            ),
            f'<text x="{LEFT + (end - low) * scale + 6:.1f}" y="{top + 14}">{value:.{digits}f}</text>',
        ]
    out.write_text("\n".join([*parts, "</svg>"]) + "\n", encoding="utf-8")


def chicago(found: Mapping[str, object], out: Path) -> None:
    """Draw the mean days earlier of every order, over the windows all orders have."""
    table = pd.DataFrame(found["windows"]).pivot(index="begins", columns="by", values="days").dropna()
    means = table.mean().sort_values(ascending=False)
    rows = [(str(name), float(value)) for name, value in means.items()]
    bars(
        out,
        title=f"Critical violations found so many days earlier, mean of {len(table)} windows",
        rows=rows,
        ours="ours",
    )


def loans(found: Mapping[str, object], out: Path) -> None:
    """Draw what LightGBM and logistic regression gain or lose against ours, by set."""
    wide = pd.DataFrame(found["rows"]).pivot(index="set", columns="by", values="AUC")
    rows = []
    for name, line in wide.iterrows():
        rows += [
            (f"ours - {other}, {name}", float(line["ours"] - line[other]))
            for other in ("LightGBM", "logistic")
        ]
    bars(out, title="Difference in AUC on the same folds", rows=rows, ours="ours - LightGBM", digits=3)
