"""Measure all of it, or a part: `python -m tests.benchmarks [PART …]`. With QUICK=1 only whether it works, and nothing is written.

SOAK=600 lets the load of the part `soak` go on for so many seconds.
"""

import os
import sys
import time
from collections.abc import Callable

from tests.benchmarks import conversations, disk, first_text, listing, long, pictures, report, shift, soak, standing, streams, weight
from tests.benchmarks.processes import prepare_chainlit
from tests.benchmarks.results import Results, Scale

PARTS: dict[str, Callable[[Scale], Results]] = {
    "answers": streams.measure,
    "hundred": streams.measure_hundred,
    "streams": streams.measure_held,
    "bytes": weight.measure,
    "start": standing.measure_start,
    "memory": standing.measure_memory,
    "idle": standing.measure_idle,
    "browser": first_text.measure,
    "shift": shift.measure,
    "conversations": conversations.measure,
    "turns": long.measure_moves,
    "listing": listing.measure_listing,
    "disk": disk.measure,
    "pictures": pictures.measure,
    "soak": soak.measure,
}


def main(wanted: list[str]) -> int:
    if unknown := set(wanted) - set(PARTS):
        say(f"There is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}.")
        return 2
    scale = Scale(is_quick=bool(os.environ.get("QUICK")), soak_seconds=float(os.environ.get("SOAK") or 120))
    prepare_chainlit()
    failed = []
    for name in wanted or PARTS:
        began = time.monotonic()
        try:
            results = PARTS[name](scale)
        except Exception as error:  # the other parts are measured all the same
            failed.append(name)
            say(f"{name}: {error!r}")
            continue
        if any(claim.must_hold and not claim.holds for claim in results.claims):
            failed.append(name)
        say(f"{name}, {time.monotonic() - began:.0f} s\n\n{report.as_text(results)}")
        if not scale.is_quick:
            report.keep(name, results)
    if not scale.is_quick:
        report.write(list(PARTS))
    say(f"failed: {', '.join(failed)}" if failed else "all parts were measured")
    return 1 if failed else 0


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
