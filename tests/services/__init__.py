"""Local servers that speak as Open-Meteo, Frankfurter, Nominatim and Overpass do, over real HTTP."""

from tests.services.server import Asked, Services, Trouble, serving

__all__ = ["Asked", "Services", "Trouble", "serving"]
