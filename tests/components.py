"""Streamlit looks through all installed packages for components, for half a second; what is installed does not change meanwhile."""

from functools import cache

from streamlit.components.v2 import manifest_scanner


def look_once() -> None:
    """Have this process look at most once, and not for each page that is tried."""
    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
