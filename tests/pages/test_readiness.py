"""What is done for the first page before it is asked for."""

import importlib
import logging

import pytest

from pages.ui.readiness import get_ready


def test_nothing_fails_where_streamlit_has_changed(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def gone(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", gone)
    with caplog.at_level(logging.WARNING):
        get_ready()

    assert "the first page will take longer: ModuleNotFoundError" in caplog.text


def test_streamlit_has_what_is_made_ready(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        get_ready()

    assert not caplog.records
