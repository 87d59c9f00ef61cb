"""Twelve places the demo model has a table of."""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    name: str
    country: str
    timezone: str
    airports: tuple[str, ...]
    areas: Mapping[str, tuple[str, str, str]]
    """For each area what to see in the morning, the afternoon and the evening."""
    trips: tuple[str, str]
    """Day trips from here."""
    stays: Mapping[str, str]
    """For each neighbourhood to sleep in what speaks for it."""
    dishes: tuple[str, str, str]


PLACES = (
    Place(
        "Paris",
        "France",
        "Europe/Paris",
        ("CDG (Charles de Gaulle)", "ORY (Orly)"),
        {
            "Around the Eiffel Tower": ("the Eiffel Tower", "the Champ de Mars and Les Invalides", "a boat on the Seine"),
            "The islands and the Latin Quarter": ("Notre-Dame", "Sainte-Chapelle", "the lanes of the Latin Quarter"),
            "Louvre and Tuileries": ("the Louvre", "the Tuileries Garden and the Orangerie", "the Palais Royal"),
            "Montmartre": ("Sacré-Cœur", "the Place du Tertre", "a small theatre near Pigalle"),
        },
        ("Versailles", "Giverny"),
        {
            "Le Marais": "central, lively in the evening",
            "Saint-Germain": "on foot to the river",
            "Canal Saint-Martin": "calmer and cheaper",
        },
        ("onion soup", "steak frites", "crêpes"),
    ),
    Place(
        "Rome",
        "Italy",
        "Europe/Rome",
        ("FCO (Fiumicino)", "CIA (Ciampino)"),
        {
            "Ancient Rome": ("the Colosseum", "the Forum and the Palatine", "the view from the Capitol"),
            "The Vatican": ("the Vatican Museums", "Saint Peter's", "Castel Sant'Angelo"),
            "The old centre": ("the Pantheon", "Piazza Navona", "the Trevi Fountain"),
            "Trastevere and Aventine": ("the Orange Garden", "Santa Maria in Trastevere", "the lanes of Trastevere"),
        },
        ("Tivoli", "Ostia Antica"),
        {"Monti": "between Colosseum and station", "Trastevere": "for the evenings", "Prati": "quiet, near the Vatican"},
        ("cacio e pepe", "carbonara", "supplì"),
    ),
    Place(
        "Madrid",
        "Spain",
        "Europe/Madrid",
        ("MAD (Barajas)",),
        {
            "The art mile": ("the Prado", "the Reina Sofía", "the Thyssen-Bornemisza"),
            "Habsburg Madrid": ("the Royal Palace", "Plaza Mayor", "the San Miguel market"),
            "Retiro": ("the Retiro park", "the Crystal Palace", "Puerta de Alcalá"),
            "La Latina and Lavapiés": ("the Rastro", "San Francisco el Grande", "tapas along Cava Baja"),
        },
        ("Toledo", "Segovia"),
        {"Las Letras": "on foot to the museums", "Malasaña": "young, late evenings", "Chamberí": "quiet, where people of Madrid live"},
        ("cocido", "tortilla", "churros with chocolate"),
    ),
    Place(
        "Barcelona",
        "Spain",
        "Europe/Madrid",
        ("BCN (El Prat)",),
        {
            "Gaudí": ("the Sagrada Família", "Casa Batlló and La Pedrera", "Park Güell"),
            "The Gothic Quarter": ("the cathedral", "the Picasso Museum", "Plaça Reial"),
            "Montjuïc": ("the Miró Foundation", "the castle", "the fountains of Montjuïc"),
            "By the sea": ("Barceloneta", "the Maritime Museum", "a walk along the beach"),
        },
        ("Montserrat", "Sitges"),
        {"Eixample": "wide streets, near Gaudí", "El Born": "old lanes, many bars", "Gràcia": "a village in the city"},
        ("pa amb tomàquet", "fideuà", "crema catalana"),
    ),
    Place(
        "London",
        "United Kingdom",
        "Europe/London",
        ("LHR (Heathrow)", "LGW (Gatwick)", "STN (Stansted)"),
        {
            "Westminster": ("Westminster Abbey", "Saint James's Park", "the South Bank"),
            "The City": ("the Tower of London", "Saint Paul's", "the Millennium Bridge and Tate Modern"),
            "Museums": ("the British Museum", "the Natural History Museum", "Covent Garden"),
            "Greenwich": ("the Royal Observatory", "the Cutty Sark", "a boat back up the Thames"),
        },
        ("Windsor", "Cambridge"),
        {"Bloomsbury": "near the British Museum", "South Bank": "by the river", "Shoreditch": "for the evenings"},
        ("fish and chips", "a curry", "a Sunday roast"),
    ),
    Place(
        "Lisbon",
        "Portugal",
        "Europe/Lisbon",
        ("LIS (Humberto Delgado)",),
        {
            "Alfama": ("São Jorge Castle", "the cathedral", "an evening of fado"),
            "Belém": ("the Jerónimos Monastery", "the Tower of Belém", "the riverside at MAAT"),
            "Baixa and Chiado": ("Praça do Comércio", "the Carmo convent", "a viewpoint of Bairro Alto"),
            "Parque das Nações": ("the Oceanarium", "the Tile Museum", "the riverside"),
        },
        ("Sintra", "Cascais"),
        {"Baixa": "flat and central", "Príncipe Real": "leafy, good food", "Alfama": "old lanes, many steps"},
        ("bacalhau", "grilled sardines", "pastéis de nata"),
    ),
    Place(
        "Tokyo",
        "Japan",
        "Asia/Tokyo",
        ("HND (Haneda)", "NRT (Narita)"),
        {
            "Asakusa and Ueno": ("Sensō-ji", "the National Museum in Ueno Park", "the Sumida river"),
            "Shibuya and Harajuku": ("the Meiji shrine", "Takeshita Street and Omotesandō", "the Shibuya crossing"),
            "Centre": ("the Imperial Palace gardens", "Ginza", "a counter in Yūrakuchō"),
            "Shinjuku": ("Shinjuku Gyoen", "the view from the Metropolitan Government", "Golden Gai"),
        },
        ("Kamakura", "Nikkō"),
        {"Asakusa": "old Tokyo, good value", "Shinjuku": "trains to everywhere", "Ginza": "central and quiet at night"},
        ("ramen", "sushi", "okonomiyaki"),
    ),
    Place(
        "New York",
        "United States",
        "America/New_York",
        ("JFK (John F. Kennedy)", "EWR (Newark)", "LGA (LaGuardia)"),
        {
            "Midtown": ("the Empire State Building", "the Public Library and Grand Central", "a show on Broadway"),
            "Lower Manhattan": ("the ferry to the Statue of Liberty", "the 9/11 Memorial", "Brooklyn Bridge at dusk"),
            "Central Park and museums": ("Central Park", "the Metropolitan Museum", "the Upper West Side"),
            "Chelsea and the Village": ("the High Line", "the Whitney Museum", "jazz in Greenwich Village"),
        },
        ("Coney Island", "the Hudson Valley"),
        {"Chelsea": "on foot to a lot", "Upper West Side": "quiet, by the park", "Williamsburg": "across the river, lively"},
        ("bagels", "pizza by the slice", "pastrami on rye"),
    ),
    Place(
        "Berlin",
        "Germany",
        "Europe/Berlin",
        ("BER (Berlin Brandenburg)",),
        {
            "Mitte": ("the Reichstag dome", "the Brandenburg Gate and the Memorial", "Unter den Linden"),
            "Museum Island": ("the Neues Museum", "the Alte Nationalgalerie", "Hackescher Markt"),
            "The Wall": ("the Bernauer Straße Memorial", "the East Side Gallery", "the Oberbaum Bridge"),
            "The west": ("Charlottenburg Palace", "the Gemäldegalerie", "the Tiergarten"),
        },
        ("Potsdam", "the Spreewald"),
        {"Mitte": "near most sights", "Prenzlauer Berg": "cafés and calm streets", "Kreuzberg": "for the evenings"},
        ("currywurst", "a döner", "Königsberger Klopse"),
    ),
    Place(
        "Vienna",
        "Austria",
        "Europe/Vienna",
        ("VIE (Schwechat)",),
        {
            "Inner city": ("Saint Stephen's", "the Hofburg", "the State Opera"),
            "Schönbrunn": ("Schönbrunn Palace", "the Gloriette and the gardens", "a wine tavern in Grinzing"),
            "Art": ("the Kunsthistorisches Museum", "the Belvedere", "the MuseumsQuartier"),
            "Prater": ("the Hundertwasser House", "the Giant Wheel", "the Danube Canal"),
        },
        ("the Wachau", "Bratislava"),
        {"Neubau": "museums and small shops", "Leopoldstadt": "by the Prater", "Wieden": "near the Naschmarkt"},
        ("Wiener schnitzel", "Tafelspitz", "Sachertorte"),
    ),
    Place(
        "Istanbul",
        "Turkey",
        "Europe/Istanbul",
        ("IST (Istanbul Airport)", "SAW (Sabiha Gökçen)"),
        {
            "Sultanahmet": ("Hagia Sophia", "the Blue Mosque and the Basilica Cistern", "Gülhane Park"),
            "Topkapı and bazaars": ("Topkapı Palace", "the Grand Bazaar", "the Spice Bazaar"),
            "Beyoğlu": ("Galata Tower", "İstiklal Street", "the rooftops of Cihangir"),
            "The Bosphorus": ("a ferry up the Bosphorus", "Dolmabahçe Palace", "Kadıköy on the Asian side"),
        },
        ("the Princes' Islands", "Bursa"),
        {"Sultanahmet": "beside the sights", "Karaköy": "by the ferries", "Kadıköy": "local, on the Asian side"},
        ("balık ekmek", "meze", "baklava"),
    ),
    Place(
        "Prague",
        "Czechia",
        "Europe/Prague",
        ("PRG (Václav Havel)",),
        {
            "The castle": ("Prague Castle", "Saint Vitus", "the gardens of Malá Strana"),
            "The Old Town": ("the Astronomical Clock", "the Jewish Quarter", "Charles Bridge at dusk"),
            "Vyšehrad": ("the fortress of Vyšehrad", "the Dancing House", "the riverside at Náplavka"),
            "Letná and Holešovice": ("the Letná park", "the National Gallery", "a beer garden over the river"),
        },
        ("Kutná Hora", "Karlštejn"),
        {"Malá Strana": "below the castle", "Vinohrady": "leafy, good cafés", "Karlín": "quiet, by the tram"},
        ("svíčková", "goulash with dumplings", "trdelník"),
    ),
)

_OTHER_NAMES = {
    "France": "Paris",
    "Italy": "Rome",
    "Roma": "Rome",
    "Spain": "Madrid",
    "England": "London",
    "Britain": "London",
    "UK": "London",
    "United Kingdom": "London",
    "Portugal": "Lisbon",
    "Lisboa": "Lisbon",
    "Japan": "Tokyo",
    "NYC": "New York",
    "New York City": "New York",
    "USA": "New York",
    "United States": "New York",
    "Germany": "Berlin",
    "Austria": "Vienna",
    "Wien": "Vienna",
    "Turkey": "Istanbul",
    "Türkiye": "Istanbul",
    "Czechia": "Prague",
    "Czech Republic": "Prague",
    "Praha": "Prague",
}
_BY_NAME = {place.name.casefold(): place for place in PLACES}
_BY_ANY_NAME = _BY_NAME | {other.casefold(): _BY_NAME[name.casefold()] for other, name in _OTHER_NAMES.items()}
_NO_CAPITALS = ("New York", "Barcelona", "Istanbul")

KNOWN = re.compile(rf"\b(?:{'|'.join(sorted(map(re.escape, _BY_ANY_NAME), key=len, reverse=True))})\b", re.IGNORECASE)
"""A name the table has, in any case."""


def find_place(name: str) -> Place | None:
    return _BY_ANY_NAME.get(name.casefold())


def find_capital(country: str) -> Place | None:
    """Find the place that is a country's capital, or nothing."""
    place = find_place(country)
    if place is None or place.name in _NO_CAPITALS or place.name.casefold() == country.casefold():
        return None
    return place
