"""Figures that code draws with the packages of the code environment, which the tests' own environment has too."""

import asyncio
import sys
from io import BytesIO
from pathlib import Path

import pytest
from autogen_core import CancellationToken
from autogen_core.code_executor import CodeBlock
from PIL import Image

from agents.executor import CodeRun, SandboxExecutor
from agents.sandbox.bubblewrap import Bubblewrap
from agents.sandbox.interpreter import find_interpreter
from agents.sandbox.limits import Limits
from agents.sandbox.unsandboxed import Unsandboxed
from state.workspaces import Workspace
from tests.agents.sandbox.conftest import sandbox_of

DRAWING = """
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

waves = pd.DataFrame({"sine": np.sin(np.linspace(0, 10, 200))})
waves.to_csv("waves.csv")
waves.plot(title="Waves, in m and °C")
plt.savefig("waves.png", dpi=100)
plt.show()
print(np.linalg.svd(np.random.rand(300, 300))[1].shape)
"""


@pytest.fixture(params=["bubblewrap", "unsandboxed"])
def executor(request: pytest.FixtureRequest, tmp_path: Path) -> SandboxExecutor:
    """With the limits that hold for people."""
    interpreter, found = find_interpreter(Path(sys.prefix)), sandbox_of(request.param)
    sandbox = Bubblewrap(found.program, interpreter) if isinstance(found, Bubblewrap) else Unsandboxed(interpreter)
    return SandboxExecutor(sandbox, Workspace(tmp_path / "outside" / "workspace"), Limits())


def test_a_figure_is_drawn_and_found(executor: SandboxExecutor, tmp_path: Path) -> None:
    """Without a screen, a font list, a home or a word of complaint; twice, as nothing but the workspace is kept between."""

    def drawn() -> CodeRun:
        return asyncio.run(executor.execute_code_blocks([CodeBlock(code=DRAWING, language="python")], CancellationToken()))

    for run in (drawn(), drawn()):
        assert (run.output, run.exit_code) == ("(300,)\n", 0)
        assert {file.name for file in run.files} == {"waves.csv", "waves.png"}
    picture = Image.open(BytesIO(Workspace(tmp_path / "outside" / "workspace").read("waves.png")))
    assert (picture.format, picture.size) == ("PNG", (640, 480))
    assert len(set(picture.convert("L").tobytes())) > 50
