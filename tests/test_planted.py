"""That the search for a planted key would find one."""

from pathlib import Path

import pytest

from state.events import RunEnded, UserMessage
from state.store import Stores
from tests.conftest import ALICE
from tests.planted import require_nothing_planted


@pytest.mark.parametrize("where", ["prompt", "state"])
def test_a_key_is_found_wherever_it_was_kept(tmp_path: Path, where: str) -> None:
    text = {"prompt": "Hello", "state": "Hello", where: "sk-planted-key"}
    stores = Stores(tmp_path)
    run, _ = stores.of(ALICE).begin_run(None, "assistant", UserMessage(text=text["prompt"]), "m")
    stores.of(ALICE).end_run(run, [], RunEnded(status="finished"), {"agent": text["state"] * 20})
    stores.close()

    with pytest.raises(AssertionError):
        require_nothing_planted(tmp_path)
