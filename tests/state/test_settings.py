"""What the environment and `.env` decide."""

from pathlib import Path

import pytest

from state.errors import SettingsError
from state.settings import Settings, load_settings


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    file = tmp_path / ".env"
    file.write_text("OPENAI_MODEL=from-file\nOPENAI_API_KEY=sk-from-file\nUNKNOWN=ignored\n", encoding="utf-8")
    return file


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, env_file: Path) -> None:
    monkeypatch.setenv("OPENAI_MODEL", "from-environment")
    settings = load_settings(env_file)

    assert settings.openai_model == "from-environment"
    assert settings.openai_key is not None
    assert settings.openai_key.get_secret_value() == "sk-from-file"


def test_an_empty_value_counts_as_not_set(monkeypatch: pytest.MonkeyPatch, env_file: Path) -> None:
    """In the environment it leaves the file's value, in both the default."""
    monkeypatch.setenv("OPENAI_MODEL", "")
    monkeypatch.setenv("ROUNDTABLE_MODEL_TIMEOUT", "")

    assert load_settings(env_file).openai_model == "from-file"
    env_file.write_text("OPENAI_MODEL=\n", encoding="utf-8")
    assert load_settings(env_file).openai_model == "gpt-4.1-mini"
    assert load_settings(env_file).model_timeout == 60


def test_without_anything_set_there_are_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ROUNDTABLE_MODEL")
    monkeypatch.delenv("ROUNDTABLE_DATA_DIR")
    settings = load_settings(env_file=None)

    assert (settings.model, settings.data_dir, settings.openai_key, settings.azure_key) == ("auto", Path("data"), None, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ROUNDTABLE_MODEL", "sk-secret"),
        ("ROUNDTABLE_MODEL_TIMEOUT", "sk-secret"),
        ("ROUNDTABLE_MODEL_TIMEOUT", "-31337"),
        ("ROUNDTABLE_MODEL_TIMEOUT", "0.000"),
    ],
)
def test_a_wrong_value_is_named_but_not_shown(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings(env_file=None)

    assert str(caught.value).startswith(f"{name} has a value that cannot be used: ")
    assert value not in str(caught.value)
    assert caught.value.__cause__ is None


def test_every_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROUNDTABLE_MODEL", "parrot")
    monkeypatch.setenv("ROUNDTABLE_MODEL_TIMEOUT", "soon")
    with pytest.raises(SettingsError) as caught:
        load_settings(env_file=None)

    assert "ROUNDTABLE_MODEL has" in str(caught.value)
    assert "ROUNDTABLE_MODEL_TIMEOUT has" in str(caught.value)


def test_keys_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("AZURE_OPENAI_KEY", "azure-secret")

    assert "secret" not in repr(load_settings(env_file=None)) + load_settings(env_file=None).model_dump_json()


def test_every_setting_is_in_the_example() -> None:
    """`.env.example` is where people look settings up."""
    example = (Path(__file__).parent.parent.parent / ".env.example").read_text(encoding="utf-8")

    assert [field.validation_alias for field in Settings.model_fields.values() if f"{field.validation_alias}=" not in example] == []
