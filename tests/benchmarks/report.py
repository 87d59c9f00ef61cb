"""The results as text, as JSON, and as the page `docs/performance.md` with its chart."""

import json
import math
import os
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # it has no types

from tests.benchmarks.results import Cell, Claim, Results, Table
from tests.server import ROOT

PAGE = ROOT / "docs" / "performance.md"
KEPT = ROOT / "docs" / "performance.json"
CHART = ROOT / "docs" / "performance.svg"
BEGIN, END = "<!-- figures: written by make bench -->", "<!-- end of figures -->"
WIDTH, LABEL, BAR, GAP = 640, 150, 18, 6


def as_text(results: Results) -> str:
    return "\n\n".join([*map(_table, results.tables), *([_claims(results.claims)] if results.claims else [])])


def keep(part: str, results: Results) -> None:
    """Put a part's results beside those of the others, which may be from another run: each says when it was."""
    kept = _kept()
    kept[part] = asdict(results) | {"measured": datetime.now(UTC).strftime("%Y-%m-%d"), "machine": machine()}
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write(order: list[str]) -> None:
    """Put what is kept between the marks of the page."""
    kept = _kept()
    parts = [kept[name] for name in order if name in kept]
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(before + f"{BEGIN}\n\n{_figures(parts)}\n\n{END}" + after, encoding="utf-8")
    bars = {heading: bars for part in parts for heading, bars in part["bars"].items()}
    CHART.write_text(_chart(bars), encoding="utf-8")


def machine() -> str:
    """In general words only."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.processor() or platform.machine())
    memory = psutil.virtual_memory().total / 2**30
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GB, Python {platform.python_version()}"


def _kept() -> dict[str, dict[str, Any]]:
    return dict(json.loads(KEPT.read_text(encoding="utf-8"))) if KEPT.exists() else {}


def _figures(parts: list[dict[str, Any]]) -> str:
    days, machines = sorted({part["measured"] for part in parts}), sorted({part["machine"] for part in parts})
    said = [
        f"Measured {' to '.join(dict.fromkeys([days[0], days[-1]]))} on {'; '.join(machines)}.",
        "![The figures as bars](performance.svg)",
    ]
    said.append(_claims([Claim(**claim) for part in parts for claim in part["claims"]]))
    said += [f"## {table['title']}\n\n{_table(Table(**table), has_title=False)}" for part in parts for table in part["tables"]]
    return "\n\n".join(said)


def _claims(claims: list[Claim]) -> str:
    lines = ["| what should hold | measured | bound | holds |", "| --- | ---: | ---: | --- |"]
    for claim in claims:
        bound = f"{'at least' if claim.is_least else 'at most'} {_cell(claim.bound)}"
        lines.append(f"| {claim.what} | {_cell(claim.measured)} | {bound} | {'yes' if claim.holds else '**no**'} |")
    return "\n".join(lines)


def _table(table: Table, *, has_title: bool = True) -> str:
    lines = [f"**{table.title}**", ""] if has_title else []
    lines += [f"| {' | '.join(table.columns)} |", "| --- |" + " ---: |" * (len(table.columns) - 1)]
    lines += [f"| {' | '.join([row, *map(_cell, cells)])} |" for row, cells in table.rows.items()]
    return "\n".join([*lines, *(["", table.note] if table.note else [])])


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if not math.isfinite(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def _chart(charts: dict[str, dict[str, float]]) -> str:
    """Bars, each group by its own measure."""
    y, drawn = 10, []
    for heading, bars in charts.items():
        y += 16
        drawn.append(f'<text x="0" y="{y}" font-weight="bold">{escape(heading)}</text>')
        y += GAP
        longest = max(bars.values()) or 1
        for name, value in bars.items():
            length = round((WIDTH - LABEL - 60) * value / longest)
            colour = "#2f6fde" if name in {"Roundtable", "travel team"} else "#9aa3b2"
            drawn.append(f'<text x="0" y="{y + 13}">{escape(name)}</text>')
            drawn.append(f'<rect x="{LABEL}" y="{y}" width="{max(1, length)}" height="{BAR}" rx="2" fill="{colour}"/>')
            drawn.append(f'<text x="{LABEL + max(1, length) + 6}" y="{y + 13}">{_cell(value)}</text>')
            y += BAR + GAP
        y += GAP
    style = 'font-family="sans-serif" font-size="12" fill="#3b4252"'
    ground = f'<rect width="{WIDTH}" height="{y}" fill="white"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" {style}>\n{ground}\n' + "\n".join(drawn) + "\n</svg>\n"
