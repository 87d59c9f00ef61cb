"""Rules of the gate that would let in nobody, or anybody, stop the start."""

import pytest

from state.access import is_loopback, to_access
from state.errors import SettingsError
from state.settings import load_settings


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"ROUNDTABLE_AUTH": "header"}, "ROUNDTABLE_AUTH is header, so ROUNDTABLE_AUTH_SECRET or ROUNDTABLE_TRUSTED_PROXIES"),
        ({"ROUNDTABLE_AUTH": "oidc", "ROUNDTABLE_OIDC_CLIENT_ID": "x"}, "ROUNDTABLE_AUTH is oidc, which needs"),
        ({"ROUNDTABLE_AUTH": "header", "ROUNDTABLE_TRUSTED_PROXIES": " , "}, "ROUNDTABLE_AUTH is header, so ROUNDTABLE_AUTH_SECRET"),
        ({"ROUNDTABLE_AUTH": "header", "ROUNDTABLE_TRUSTED_PROXIES": "10.0.0.0/8, proxy"}, "ROUNDTABLE_TRUSTED_PROXIES has a part"),
        ({"ROUNDTABLE_AUTH": "everyone"}, "ROUNDTABLE_AUTH has a value that cannot be used"),
        ({"ROUNDTABLE_AUTH_SECRET": "short"}, "ROUNDTABLE_AUTH_SECRET has a value that cannot be used"),
        ({"ROUNDTABLE_AUTH_HEADER": "X User"}, "ROUNDTABLE_AUTH_HEADER has a value that cannot be used"),
    ],
)
def test_rules_that_cannot_hold_are_said(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], sentence: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        to_access(load_settings(env_file=None))

    assert str(caught.value).startswith(sentence)


PROVIDER = {
    "ROUNDTABLE_OIDC_METADATA_URL": "https://accounts.example.org/.well-known/openid-configuration",
    "ROUNDTABLE_OIDC_CLIENT_ID": "roundtable",
    "ROUNDTABLE_OIDC_CLIENT_SECRET": "planted",
    "ROUNDTABLE_OIDC_REDIRECT_URL": "https://chat.example.org/oauth2callback",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [*((name, None) for name in PROVIDER), ("ROUNDTABLE_OIDC_REDIRECT_URL", "https://chat.example.org/")],
)
def test_a_provider_is_whole_or_none(monkeypatch: pytest.MonkeyPatch, name: str, value: str | None) -> None:
    monkeypatch.setenv("ROUNDTABLE_AUTH", "oidc")
    for each, good in PROVIDER.items():
        monkeypatch.setenv(each, good)
    assert to_access(load_settings(env_file=None)).auth == "oidc"

    monkeypatch.delenv(name) if value is None else monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match="which needs"):
        to_access(load_settings(env_file=None))


def test_only_local_is_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not load_settings(env_file=None).has_several_users
    monkeypatch.setenv("ROUNDTABLE_AUTH", "browser")
    assert load_settings(env_file=None).has_several_users


def test_loopback_is_an_address_not_a_name() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.255.0.1", "::1", "[::1]", "::ffff:127.0.0.1")))
    assert not any(map(is_loopback, ("localhost", "127.0.0.1.example", "", "128.0.0.1", "::")))
