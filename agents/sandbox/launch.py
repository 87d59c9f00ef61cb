"""What runs first where the server's own kernel runs the code: it takes on the limits, gives up root, and becomes the program.

It is handed over as text (`python -c`), for inside nothing of ours can be seen; so it uses the standard library only, and nothing that
came later than Python 3.8. A limit that a system does not know (macOS has no RLIMIT_AS to speak of) is left out: what holds is measured.
"""

import ctypes
import json
import os
import resource
import sys
from contextlib import suppress

NICE = 10
"""The application comes first."""
PR_SET_PDEATHSIG, SIGKILL = 1, 9


def main(wanted: str, *program: str) -> None:
    """Become `program`, as `wanted` says: its `folder` and `limits`, its `owner`, and whether it is `bound` to die with the server."""
    told = json.loads(wanted)
    os.nice(NICE)
    if told["owner"] is not None:
        os.setgroups([])
        os.setgid(told["owner"])
        os.setuid(told["owner"])
    if told["bound"] and sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, SIGKILL)
    for name, limit in told["limits"].items():
        with suppress(ValueError, OSError, AttributeError):
            resource.setrlimit(getattr(resource, name), (limit, limit))
    os.chdir(told["folder"])
    os.execvp(program[0], program)  # noqa: S606  # no shell is what is wanted


if __name__ == "__main__":
    main(*sys.argv[1:])
