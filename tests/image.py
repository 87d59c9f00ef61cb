"""The steps of the Dockerfile without a Docker engine: `python -m tests.image`, as root, which `make image-check` runs.

Each instruction is read from the Dockerfile and done in a folder that bubblewrap shows to it as the root of a file system, with this
machine's programs in place of the base image's. Then its command is started as its user, on a
read-only root as in compose.yaml, and has to satisfy its own health check. What this cannot tell: whether the base image has what this
machine has.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.server import ROOT

OF_THIS_MACHINE = ("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "opt")
HEALTHY_SECONDS = 60


@dataclass
class Stage:
    """An image being built: what stands in its root beside this machine's programs."""

    folder: Path
    place: str = "/"
    user: str = "root"
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("home", "tmp"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "tmp").chmod(0o777)
        shutil.copytree("/etc", self.folder / "etc", symlinks=True)
        for shared in map(Path("/").joinpath, OF_THIS_MACHINE):
            if shared.is_symlink():
                self.inside(str(shared)).symlink_to(shared.readlink())
            elif shared.is_dir():
                self.inside(str(shared)).mkdir()
        self.folder.chmod(0o755)

    def command(self, *command: str, is_read_only: bool = False) -> list[str]:
        """As it is run in this image."""
        shown = ["--ro-bind" if is_read_only else "--bind", str(self.folder), "/"]
        for shared in map(Path("/").joinpath, OF_THIS_MACHINE):
            if shared.is_dir() and not shared.is_symlink():
                shown += ["--ro-bind", str(shared), str(shared)]
        shown += ["--proc", "/proc", "--dev", "/dev"]
        if is_read_only:
            shown += ["--bind", str(self.folder / "data"), "/data", "--perms", "1777", "--tmpfs", "/tmp"]  # noqa: S108  # as compose.yaml has them
        shown += ["--ro-bind", sys.base_prefix, sys.base_prefix]
        path = f"{sys.base_prefix}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        variables = {"PATH": path, "HOME": "/tmp", **self.variables}  # noqa: S108  # the image's own
        given = [part for name, value in variables.items() for part in ("--setenv", name, value)]
        as_user = [] if self.user == "root" else ["setpriv", "--reuid", self.user, "--regid", self.user, "--clear-groups", "--no-new-privs"]
        return ["bwrap", "--die-with-parent", *shown, *given, "--chdir", self.place, *as_user, *command]

    def inside(self, path: str) -> Path:
        return self.folder / Path(self.place, path).relative_to("/")

    def copy(self, source: Path, target: str) -> None:
        to = self.inside(target)
        if source.is_dir():
            shutil.copytree(source, to, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            to = to / source.name if target.endswith("/") else to
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, to)


def instructions(dockerfile: Path) -> list[tuple[str, str]]:
    lines = dockerfile.read_text().replace("\\\n", " ").splitlines()
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines if line and not line.startswith("#"))]


class Build:
    """Does the steps, one after the other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stages: dict[str, Stage] = {}
        self.commands: dict[str, list[str]] = {}

    def step(self, word: str, rest: str) -> None:
        match word:
            case "FROM":
                self.image = self._stages[rest.rsplit(maxsplit=1)[-1]] = Stage(self._folder / f"stage{len(self._stages)}")
            case "COPY":
                self._copy(*shlex.split(rest))
            case "RUN":
                subprocess.run(self.image.command("sh", "-c", rest), check=True)
            case "HEALTHCHECK" | "CMD":
                self.commands[word] = json.loads(rest.partition("CMD ")[2] or rest)
            case _:
                self._set(word, rest)

    def _copy(self, *parts: str) -> None:
        origin = self._stages[parts[0].removeprefix("--from=")] if parts[0].startswith("--from=") else None
        *sources, target = parts[1:] if origin else parts
        for source in sources:
            self.image.copy(origin.inside(source) if origin else ROOT / source, target)

    def _set(self, word: str, rest: str) -> None:
        match word:
            case "WORKDIR":
                self.image.place = rest
                self.image.inside(".").mkdir(exist_ok=True)
            case "USER":
                self.image.user = rest
            case "ENV":
                self.image.variables |= dict(part.split("=", 1) for part in shlex.split(rest))
            case "VOLUME" | "EXPOSE":
                pass
            case _:
                raise SystemExit(f"This check does not know {word}.")


def main() -> int:
    if os.geteuid() != 0:
        print("The image's steps make a user and give it a folder, so they want root.")  # noqa: T201
        return 1
    with tempfile.TemporaryDirectory(prefix="image-") as folder:
        Path(folder).chmod(0o755)
        build = Build(Path(folder))
        for word, rest in instructions(ROOT / "Dockerfile"):
            print(word, rest[:100], flush=True)  # noqa: T201
            build.step(word, rest)
        return 0 if starts(build.image, build.commands) else 1


def starts(image: Stage, commands: dict[str, list[str]]) -> bool:
    """Whether the server comes up as its user, and writes into its volume, which is nobody else's."""
    volume = image.folder / "data"
    with subprocess.Popen(image.command(*commands["CMD"], is_read_only=True)) as server:
        healthy = is_healthy(image, commands["HEALTHCHECK"])
        server.terminate()
    uid, mode, written = volume.stat().st_uid, volume.stat().st_mode & 0o777, sorted(file.name for file in volume.iterdir())
    print(f"healthy: {healthy}; the volume is of user {uid}, mode {mode:o}, and holds {', '.join(written)}")  # noqa: T201
    return healthy and uid != 0 and mode == 0o700 and bool(written)


def is_healthy(image: Stage, check: list[str]) -> bool:
    """Whether the image's own check is content before long."""
    deadline = time.monotonic() + HEALTHY_SECONDS
    while time.monotonic() < deadline:
        if subprocess.run(image.command(*check, is_read_only=True), stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return True
        time.sleep(1)
    return False


if __name__ == "__main__":
    sys.exit(main())
