"""The Coding page, run by Streamlit's own test driver, on the demo model and the real sandbox."""

from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from agents.application import application
from agents.coding.mode import CODING
from pages.ui.address import ADDRESS
from pages.ui.code import without_code
from state.events import CodeResult, InputAnswered, KeptFile, RunEnded, UserMessage
from state.store import Store
from state.users import LOCAL_USER
from tests.conftest import wait_until
from tests.pages.opening import opened
from tests.server import ROOT

Opening = Callable[..., AppTest]


def png() -> bytes:
    made = BytesIO()
    Image.new("RGB", (4, 4), "red").save(made, "PNG")
    return made.getvalue()


PNG = png()


@pytest.fixture
def open_page(process_application: None) -> Opening:
    """Open the page in a tab of its own, at a conversation or none."""

    def opened(conversation: str | None = None, page: str = "coding.py") -> AppTest:
        tab = AppTest.from_file(ROOT / "pages" / "main.py", default_timeout=20).run()
        tab.switch_page(page)
        if conversation is not None:
            tab.query_params[ADDRESS] = conversation
        return tab.run()

    return opened


def mine() -> Store:
    return application().store(LOCAL_USER)


def asking() -> str:
    """A conversation whose code waits to be approved."""
    run = application().runner.start(mine(), CODING, UserMessage(text="Print the text: hello"))
    wait_until(lambda: mine().waiting_run(run.record.conversation), timeout=20)
    return run.record.conversation


def results(conversation: str) -> list[CodeResult]:
    return [entry.event for entry in mine().entries(conversation) if isinstance(entry.event, CodeResult)]


def ended(conversation: str) -> RunEnded:
    wait_until(lambda: mine().runs(conversation)[-1].ended, timeout=20)
    last = mine().entries(conversation)[-1].event
    assert isinstance(last, RunEnded)
    return last


def made(*files: tuple[str, bytes], output: str = "") -> str:
    """A conversation whose code has made files."""
    run, _ = mine().begin_run(None, "coding", UserMessage(text="Draw"), "demo · built-in")
    history = application().files.of(LOCAL_USER, run.conversation)
    kept: list[KeptFile] = []
    for name, content in files:
        history.workspace.add(name, content)
        kept.append(history.keep(name))
    result = CodeResult(
        source="code_executor", request_id="code-1", language="python", code="pass", ended="exited", output=output, files=tuple(kept)
    )
    mine().end_run(run, [result], RunEnded(status="finished"))
    return run.conversation


def texts(tab: AppTest) -> str:
    return "\n".join(str(element.value) for element in [*tab.markdown, *tab.caption, *tab.code, *tab.warning, *tab.error, *tab.success])


def test_a_block_is_shown_and_runs_when_that_is_clicked(open_page: Opening) -> None:
    conversation = asking()
    tab = open_page(conversation)
    assert {"approve", "run_rest", "edit_and_run", "deny", "stop"} <= {button.key for button in tab.button}
    assert tab.code[0].value == "print('hello')"
    assert results(conversation) == []
    tab.button(key="approve").click().run()

    assert ended(conversation).status == "finished"
    tab = open_page(conversation)
    assert not tab.exception
    assert "approve" not in {button.key for button in tab.button}
    assert "Exit code 0" in texts(tab)
    assert [result.output for result in results(conversation)] == ["hello\n"]


def test_the_code_can_be_edited_first(open_page: Opening) -> None:
    conversation = asking()
    tab = open_page(conversation)
    tab.text_area[0].set_value("print('edited')")
    tab.button(key="edit_and_run").click().run()
    ended(conversation)
    tab = open_page(conversation)

    assert [(result.code, result.output) for result in results(conversation)] == [("print('edited')", "edited\n")]
    assert "print('edited')" in [code.value for code in tab.code]


def test_it_can_be_denied_with_a_reason(open_page: Opening) -> None:
    conversation = asking()
    tab = open_page(conversation)
    tab.text_input[0].set_value("Too *risky*.")
    tab.button(key="deny").click().run()
    ended(conversation)

    assert results(conversation)[0].output == "Too *risky*."
    assert "You denied this code: “Too \\*risky\\*.”" in texts(open_page(conversation))


def test_the_rest_of_the_turn_is_not_asked(open_page: Opening) -> None:
    conversation = asking()
    open_page(conversation).button(key="run_rest").click().run()
    ended(conversation)

    answers = [entry.event for entry in mine().entries(conversation) if isinstance(entry.event, InputAnswered)]
    assert [answer.for_all for answer in answers] == [True]


def test_a_second_tab_s_answer_is_told_that_it_came_late(open_page: Opening) -> None:
    conversation = asking()
    one, two = open_page(conversation), open_page(conversation)
    one.button(key="approve").click().run()
    ended(conversation)
    two.button(key="deny").click().run()

    assert any("answered already" in warning.value for warning in two.warning)
    assert len(results(conversation)) == 1


def test_what_waits_can_be_stopped_by_whoever_comes_by(open_page: Opening) -> None:
    conversation = asking()
    open_page(conversation).button(key="stop").click().run()

    assert ended(conversation).status == "stopped"
    assert results(conversation) == []


def test_a_picture_is_shown_and_a_table_previewed(open_page: Opening) -> None:
    tab = open_page(made(("plot.png", PNG), ("data.csv", b"a,a,b\n1,2\n3,4,5,6\n"), ("page.html", b"<script>")))

    assert not tab.exception
    assert len(tab.get("image")) == 1
    assert tab.dataframe[0].value.to_dict("list") == {"a": ["1", "3"], "a (2)": ["2", "4"], "b": ["", "5"]}
    assert {f"file_{run}_0_{number}" for run in [mine().conversations(1)[0].tip] for number in range(3)} <= {
        str(button.key) for button in tab.get("download_button")
    }


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("fake.png", b"<svg onload=alert(1)>"),
        ("cut.png", PNG[:40]),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("empty.csv", b""),
        ("nul.csv", b"\x00\xff\n" * 9),
        ("quote.csv", b'"' * 200_000),
    ],
)
def test_a_file_that_is_not_what_it_says_harms_nothing(open_page: Opening, name: str, content: bytes) -> None:
    tab = open_page(made((name, content)))

    assert not tab.exception
    assert len(tab.get("image")) == 0
    assert len(opened(tab, "download").get("download_button")) >= 4


def test_a_long_output_is_cut_and_can_be_had_whole(open_page: Opening) -> None:
    output = "\n".join(map(str, range(1000)))
    tab = open_page(made(output=output))
    shown, whole = (code.value for code in tab.code)

    assert shown.endswith("\n29")
    assert whole == output


def test_the_page_says_what_was_measured(open_page: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "The network is closed." in texts(open_page())
    assert "The network is closed." in texts(open_page(page="settings.py"))


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [("unsandboxed", "code runs with your own rights"), ("off", "ROUNDTABLE_CODE_EXECUTION is off")],
)
def test_the_page_says_when_there_is_no_sandbox(open_page: Opening, monkeypatch: pytest.MonkeyPatch, setting: str, sentence: str) -> None:
    monkeypatch.setenv("ROUNDTABLE_CODE_EXECUTION", setting)

    assert sentence in texts(open_page())


def test_without_a_sandbox_the_card_says_so_and_offers_no_rest(open_page: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROUNDTABLE_CODE_EXECUTION", "unsandboxed")
    tab = open_page(asking())

    assert "code runs with your own rights" in texts(tab)
    assert "run_rest" not in {button.key for button in tab.button}


def test_code_that_waits_is_shown_once(open_page: Opening) -> None:
    """In the card, as it will run; in its message again when it was decided."""
    conversation = asking()
    code = "print('hello')"
    waiting = open_page(conversation)

    assert [block.value for block in waiting.code] == [code]
    waiting.button(key="approve").click().run()
    wait_until(lambda: ended(conversation), timeout=20)
    decided = open_page(conversation)
    assert any(code in said.value for said in decided.markdown)
    assert not any(code == block.value for block in decided.code)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Look:\n```python\nx = 1\n```\nThere.", "Look:\n\nThere."),
        ("```python\nx = 1\n```\n```python\nx = 1\n```", "```python\nx = 1\n```\n"),
        ("```python\nx = 2\n```", "```python\nx = 2\n```"),
        ("x = 1", "x = 1"),
        pytest.param("```\n`" * 30_000, "```\n`" * 30_000, id="ticks"),
    ],
)
def test_only_the_block_that_waits_is_left_out(text: str, left: str) -> None:
    assert without_code(text, "x = 1\n") == left
