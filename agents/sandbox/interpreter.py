"""Which Python runs the code: the optional code environment's, else the one the server's own environment was made from."""

import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE_ENVIRONMENT = ROOT / ".venv-code"
"""What `make code-env` makes."""


@dataclass(frozen=True)
class Interpreter:
    executable: Path
    folders: tuple[Path, ...]
    """What has to be seen for it to run."""
    has_packages: bool
    """Whether it is the code environment's."""


def find_interpreter(code_environment: Path = CODE_ENVIRONMENT) -> Interpreter:
    """The server's own environment is never it: its packages are not for code to lean on."""
    executable = code_environment / "bin" / "python"
    if executable.exists():
        return Interpreter(executable, _places(code_environment, executable), has_packages=True)
    base = Path(sys.base_prefix) / "bin" / "python3"
    return Interpreter(base, _places(Path(sys.base_prefix), base), has_packages=False)


def _places(prefix: Path, executable: Path) -> tuple[Path, ...]:
    """The installation itself, and those a chain of links from its interpreter leads through."""
    places = [prefix.absolute()]
    while executable.is_symlink():
        executable = executable.parent / executable.readlink()
        places.append(executable.parent.parent.resolve())
    return tuple(dict.fromkeys(places))
