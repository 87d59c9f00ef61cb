"""Airports of the world, from the airportsdata package (MIT, https://github.com/mborsetti/airportsdata), which is installed with us."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from heapq import nsmallest

import airportsdata

from agents.travel.distance import Point, distance_km

SOURCE = "airportsdata, a list of the world's airports that is installed with Roundtable"

_MINOR = ("heli", "seaplane", "air base", "airbase", "naval", "army", "airstrip", "railway", "bus station", "raf ")
"""Words in the names of places that have a code but no flights to book."""
_MAIN = (
    "ATL LAX ORD DFW DEN JFK EWR LGA SFO SEA MIA BOS IAD DCA IAH PHL YYZ YUL YVR MEX GRU GIG EZE AEP SCL LIM BOG LHR LGW STN LTN LCY "
    "MAN EDI DUB CDG ORY BVA LYS NCE AMS BRU CRL FRA MUC BER HAM DUS CGN STR ZRH GVA BSL VIE PRG BUD WAW WMI KRK CPH ARN NYO OSL TRF "
    "HEL KEF MAD BCN GRO AGP PMI VLC SVQ LIS OPO FCO CIA MXP LIN BGY VCE NAP ATH SKG IST SAW ESB OTP SOF BEG ZAG SVO DME VKO LED KBP "
    "TLV AMM BEY DXB DWC AUH DOH RUH JED CAI CMN RAK TUN ALG LOS ACC NBO ADD JNB CPT DEL BOM BLR MAA CCU CMB KTM DAC BKK DMK SGN HAN "
    "SIN KUL CGK DPS MNL HKG TPE TSA PEK PKX PVG SHA CAN SZX ICN GMP HND NRT KIX ITM SYD MEL BNE PER AKL HNL"
)
"""Airports that most people of their cities fly from; those of one city in the order of their passengers, which the list does not have."""


@dataclass(frozen=True)
class Airport:
    iata: str
    name: str
    city: str
    country: str
    """Two letters, ISO 3166-1."""
    point: Point
    timezone: str
    """IANA name."""


def find_airport(iata: str) -> Airport | None:
    """Find the airport with an IATA code, in any case."""
    return _airports().get(iata.strip().upper())


def search_airports(words: str, limit: int = 5) -> list[Airport]:
    """Find airports by code, city or a part of the name, in any spelling of accents. The main ones come first, then international ones."""
    if exact := find_airport(words):
        return [exact]
    wanted = _plain(words)
    found = [(rank, airport) for airport in _airports().values() if (rank := _rank(airport, wanted)) is not None]
    return [airport for _, airport in nsmallest(limit, found, key=lambda item: (item[0], item[1].iata))]


def nearest_airports(point: Point, limit: int = 5) -> list[tuple[Airport, float]]:
    """List the airports nearest to a point with their distances in km, heliports and military fields left out."""
    near = [(airport, distance_km(point, airport.point)) for airport in _airports().values() if not _is_minor(airport)]
    return nsmallest(limit, near, key=lambda item: item[1])


def _rank(airport: Airport, wanted: str) -> tuple[bool, int, bool, bool] | None:
    city, name = _plain(airport.city), _plain(airport.name)
    if not wanted or f" {wanted} " not in f" {city} {name} ":
        return None
    place = _MAIN.find(airport.iata)
    return _is_minor(airport), place if place >= 0 else len(_MAIN), city != wanted, "international" not in name


def _is_minor(airport: Airport) -> bool:
    return any(word in airport.name.lower() for word in _MINOR)


@cache
def _airports() -> Mapping[str, Airport]:
    return {code: _airport(row) for code, row in airportsdata.load("IATA").items()}


def _airport(row: airportsdata.Airport) -> Airport:
    return Airport(row["iata"], row["name"], row["city"], row["country"], (float(row["lat"]), float(row["lon"])), row["tz"])


@lru_cache(maxsize=20_000)  # every name and city, and some of what people look for
def _plain(text: str) -> str:
    """Take accents, case and punctuation away."""
    letters = (sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
    return " ".join("".join(sign if sign.isalnum() else " " for sign in letters).split())
