"""Who may come in, as the settings say it: by which names, from where, and on whose word."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from state.errors import SettingsError
from state.settings import Auth, Settings

Network = IPv4Network | IPv6Network

OIDC_NEEDS = "ROUNDTABLE_OIDC_METADATA_URL, ROUNDTABLE_OIDC_CLIENT_ID, ROUNDTABLE_OIDC_CLIENT_SECRET and ROUNDTABLE_OIDC_REDIRECT_URL"


@dataclass(frozen=True)
class Access:
    """The rules of the gate. Raises nothing any more: what cannot hold stopped the start."""

    auth: Auth = "local"
    hosts: tuple[str, ...] = ()
    """Names in lower case; `*.example.org` stands for all names under it."""
    header: str = "x-forwarded-user"
    secret: str | None = None
    proxies: tuple[Network, ...] = ()

    def knows_host(self, name: str) -> bool:
        """Whether the server is reached by a name, in lower case and without port: this machine's own always, others when configured."""
        name = name.removesuffix(".")
        if is_loopback(name) or name == "localhost":
            return True
        return any(name == host or (host.startswith("*.") and name.endswith(host[1:])) for host in self.hosts)

    def trusts(self, address: str) -> bool:
        """Whether the user's header is believed from an address."""
        parsed = _to_address(address)
        return parsed is not None and any(parsed in network for network in self.proxies)


def is_loopback(address: str) -> bool:
    """Whether an address, in brackets or not, is this machine's own."""
    parsed = _to_address(address.removeprefix("[").removesuffix("]"))
    return parsed is not None and parsed.is_loopback


def to_access(settings: Settings) -> Access:
    """Read the rules. Raises SettingsError where they would let in nobody, or anybody."""
    proxies = tuple(_to_network(each) for each in _listed(settings.trusted_proxies))
    if settings.auth == "header" and not (settings.proxy_key or proxies):
        raise SettingsError(
            "ROUNDTABLE_AUTH is header, so ROUNDTABLE_AUTH_SECRET or ROUNDTABLE_TRUSTED_PROXIES has to say which proxy is believed."
        )
    if settings.auth == "oidc" and not _has_provider(settings):
        raise SettingsError(f"ROUNDTABLE_AUTH is oidc, which needs {OIDC_NEEDS}.")
    return Access(
        auth=settings.auth,
        hosts=tuple(name.lower() for name in _listed(settings.hosts)),
        header=settings.auth_header.lower(),
        secret=settings.proxy_key.get_secret_value() if settings.proxy_key else None,
        proxies=proxies,
    )


def _has_provider(settings: Settings) -> bool:
    needed = (settings.oidc_metadata_url, settings.oidc_client_id, settings.oidc_client_key, settings.oidc_redirect_url)
    return all(needed) and str(settings.oidc_redirect_url).endswith("/oauth2callback")


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _to_address(text: str) -> IPv4Address | IPv6Address | None:
    """A server that listens for both kinds of addresses hears of IPv4 ones as `::ffff:10.0.0.2`."""
    try:
        parsed = ip_address(text)
    except ValueError:
        return None
    return (parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None) or parsed


def _to_network(text: str) -> Network:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        raise SettingsError("ROUNDTABLE_TRUSTED_PROXIES has a part that is neither an address nor a network.") from None
