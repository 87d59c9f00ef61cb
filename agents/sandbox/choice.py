"""Which sandbox code runs in: the first that is there and, measured, holds."""

from collections.abc import Callable
from dataclasses import dataclass

from agents.sandbox.bubblewrap import find_bubblewrap
from agents.sandbox.docker import find_docker
from agents.sandbox.interpreter import Interpreter, find_interpreter
from agents.sandbox.measure import Finding, measure
from agents.sandbox.sandbox import Sandbox, SandboxKey
from agents.sandbox.unsandboxed import Unsandboxed
from state.settings import Settings

ORDER: tuple[SandboxKey, ...] = ("docker", "bubblewrap", "unsandboxed")
HOW_TO = "Install Bubblewrap (`apt install bubblewrap`) or Docker on the server, and start Roundtable again."


@dataclass(frozen=True)
class Choice:
    """What was decided, for pages to show."""

    sandbox: Sandbox | None
    """None: no code runs."""
    sentence: str
    """What holds, or why nothing runs and how to change that."""
    findings: tuple[Finding, ...] = ()
    passed_over: tuple[str, ...] = ()
    """Why sandboxes that come before it in the order are not used."""

    @property
    def must_ask(self) -> bool:
        """Whether each block has to be asked about, whatever the person chose."""
        return self.sandbox is not None and self.sandbox.key == "unsandboxed"


async def find_sandbox(settings: Settings, *, has_several_users: bool, interpreter: Interpreter | None = None) -> Choice:
    """Try what the setting allows, in order. Without a sandbox code runs for one local user only."""
    if settings.code_execution == "off":
        return Choice(None, "Code is not run here: ROUNDTABLE_CODE_EXECUTION is off.")
    wanted = ORDER if settings.code_execution == "auto" else (settings.code_execution,)
    found = _finders(settings, interpreter or find_interpreter())
    passed_over: list[str] = []
    for key in wanted:
        if key == "unsandboxed" and has_several_users:
            break
        choice = await _tried(key, found[key]())
        if choice.sandbox is not None:
            return Choice(choice.sandbox, choice.sentence, choice.findings, tuple(passed_over))
        passed_over.append(choice.sentence)
    return Choice(None, f"Code is not run here: {_WHY_NOT[has_several_users]} {HOW_TO}", (), tuple(passed_over))


_WHY_NOT = {
    True: "several people use this server, and without a sandbox anyone's code could read everyone's files.",
    False: "the sandbox that ROUNDTABLE_CODE_EXECUTION asks for does not work.",
}


def _finders(settings: Settings, interpreter: Interpreter) -> dict[SandboxKey, Callable[[], Sandbox | None]]:
    return {
        "docker": lambda: find_docker(settings.code_image),
        "bubblewrap": lambda: find_bubblewrap(interpreter),
        "unsandboxed": lambda: Unsandboxed(interpreter),
    }


async def _tried(key: SandboxKey, sandbox: Sandbox | None) -> Choice:
    if sandbox is None:
        return Choice(None, f"{_TITLES[key]} is not installed.")
    measured = await measure(sandbox)
    if measured.trouble:
        return Choice(None, f"{sandbox.title} is installed but cannot be used. It says: {measured.trouble}")
    if key == "unsandboxed":
        return Choice(sandbox, UNSANDBOXED, measured.findings)
    if not measured.is_closed:
        broken = " ".join(finding.sentence for finding in measured.findings if not finding.holds)
        return Choice(None, f"{sandbox.title} does not hold here: {broken}")
    return Choice(sandbox, f"Code runs in a sandbox ({sandbox.title}).", measured.findings)


UNSANDBOXED = (
    "There is no sandbox: code runs with your own rights, and can read, change and delete whatever you can. Read each block before you "
    "let it run."
)
_TITLES: dict[SandboxKey, str] = {"docker": "Docker", "bubblewrap": "Bubblewrap", "unsandboxed": "No sandbox"}
