"""What the assistant is told of a block of its code."""

from collections.abc import Sequence

from state.events import CodeResult

MOST_CHARACTERS = 12_000
"""Of one block's output. The beginning and the end are told: there stand what it did and what went wrong."""

DENIED = "Code execution was not approved.{reason} Do not write the same code again unless the person asks for it."
LOST = "The server went away while this code was running, so whether it had its effect is not known. Do not simply write it again."
SILENT = "The script ran but produced no output to console. The POSIX exit code was: 0."
FAILED = "The script ran, then exited with an error (POSIX exit code: {exit_code})\nIts output was:\n{output}"
EDITED = "The person edited the code before it ran. This is what ran:\n```{language}\n{code}\n```\n"


def to_told(results: Sequence[CodeResult]) -> str:
    """One message about all blocks of one."""
    return "\n\n".join(map(_told, results))


def _told(result: CodeResult) -> str:
    match result.ended:
        case "denied":
            return DENIED.format(reason=f" Reason: {result.output}" if result.output else "")
        case "lost":
            return LOST
        case "off":
            return f"Code execution was not possible. {result.output}"
        case _:
            edited = EDITED.format(language=result.language, code=result.code.rstrip("\n")) if result.is_edited else ""
            return edited + _came(result) + _files(result)


def _came(result: CodeResult) -> str:
    output = shortened(result.output)
    if not result.is_good:
        return FAILED.format(exit_code=result.exit_code, output=output)
    return output if output.strip() else SILENT


def _files(result: CodeResult) -> str:
    if not result.files:
        return ""
    return f"\nFiles made or changed: {', '.join(file.name for file in result.files[:50])}"


def shortened(output: str) -> str:
    """Leave out the middle of a long output."""
    left_out = len(output) - MOST_CHARACTERS
    if left_out <= 0:
        return output
    half = MOST_CHARACTERS // 2
    return f"{output[:half]}\n… {left_out:,} characters left out …\n{output[-half:]}"
