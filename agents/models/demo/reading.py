"""What can be read off a prompt without understanding it: places, numbers, currencies, an expression, days."""

import re
from calendar import month_name
from collections.abc import Iterable

from agents.models.demo.places import KNOWN, find_place
from agents.models.demo.words import COMMON

READ_CHARACTERS = 4000
"""No more of a prompt is read: what is asked stands at its beginning, and patterns over a pasted book would take seconds."""

_WORD_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twenty": 20}
_NUMBER = re.compile(r"(?<![\w.])-?(?:\d{1,3}(?:,\d{3})+|\d{1,15})(?:\.\d{1,15})?(?![\d])")
_DAYS = re.compile(rf"\b(\d{{1,3}}|{'|'.join(_WORD_NUMBERS)}|an?)[ -]?(long weekend|weekend|day|night|week)s?\b", re.IGNORECASE)
_DAYS_IN = {"long weekend": 3, "weekend": 2, "day": 1, "night": 1, "week": 7}

_NAME = r"[A-ZÀ-ÖØ-Þ][\w'’-]*"
_CAPITALISED = re.compile(rf"\b{_NAME}(?: (?:(?:de|del|di|da|la|le|am|of) )?{_NAME})*")
_AFTER_PREPOSITION = re.compile(r"\b(?:in|at|near|for|of|to)\s+([a-zà-ÿ]{3,30})\b")

_CURRENCIES = {
    "USD": r"us dollars?|dollars?|bucks|\$",
    "EUR": r"euros?|€",
    "GBP": r"pounds?(?: sterling)?|£",
    "JPY": r"yens?|¥",
    "CHF": r"(?:swiss )?francs?",
    "CNY": r"yuan|renminbi",
    "INR": r"rupees?|₹",
    "TRY": r"lira",
    "PLN": r"zloty|złoty",
    "CZK": r"(?:czech )?koruna",
    "SEK": r"swedish krona|kronor",
    "AUD": r"australian dollars?",
    "CAD": r"canadian dollars?",
    "BRL": r"reais|real",
    "KRW": r"won",
    "MXN": r"pesos?",
}
_CURRENCY = re.compile(
    "|".join(rf"(?P<{code}>(?<![^\W\d_])(?:{code}|{names})(?![^\W\d_]))" for code, names in reversed(_CURRENCIES.items())), re.IGNORECASE
)
_BARE_CODE = re.compile(r"\b(?:NOK|DKK|HUF|RON|BGN|ISK|NZD|SGD|HKD|THB|ZAR|ILS|IDR|MYR|PHP)\b")
_AMOUNT_BEFORE, _AMOUNT_AFTER = re.compile(r"\d[\d.,]*\s*\Z"), re.compile(r"\W\s*\d")
_LONGEST_AMOUNT = 40

_SPOKEN = (
    (r"(?:the )?square root of (\d[\d.]*)", r"sqrt(\1)"),
    (r"(\d[\d.]*)\s*(?:%|percent) of (\d[\d.]*)", r"\1 / 100 * \2"),
    (r"(\d[\d.]*) squared", r"\1 ** 2"),
    (r"(\d[\d.]*) cubed", r"\1 ** 3"),
    (r"\s*(?:to the power of|\^)\s*", " ** "),
    (r"(?<=\d),(?=\d{3}\b)", ""),
    (r"\bplus\b", "+"),
    (r"\bminus\b|−", "-"),
    (r"\b(?:multiplied by|times)\b|×|(?<=\d) ?x ?(?=\d)", "*"),
    (r"\b(?:divided by|over)\b|÷", "/"),
)
_EXPRESSION = re.compile(r"(?:sqrt\(|[-(]|\d)(?:sqrt|[\d\s+\-*/().%]){0,300}[\d)]")
_DATE = re.compile(
    r"\b\d{4}-\d{2}-\d{2}\b|\b(?:today|tonight|tomorrow|yesterday|next week|this weekend)\b"
    r"|\b(?:next |on )?(?:mon|tues|wednes|thurs|fri|satur|sun)day\b",
    re.IGNORECASE,
)
_MONTH = re.compile(rf"\b(?:in|for|during|early|late|mid|next|of)[ -]({'|'.join(month_name[1:])})\b", re.IGNORECASE)
_QUOTED = re.compile(r"\"([^\"\n]{1,300})\"|“([^”\n]{1,300})”|`([^`\n]{1,300})`|(?<!\w)'([^'\n]{1,300})'(?!\w)")


def places(text: str) -> list[str]:
    """List the places named, as they are written: known ones in any case, others by their capitals."""
    known = {found.start(): found.group() for found in KNOWN.finditer(text)}
    bare = KNOWN.sub(lambda found: "·" * len(found.group()), text)
    capitalised = {found.start(): _without_common_words(found.group()) for found in _CAPITALISED.finditer(bare)}
    found = known | capitalised
    named = unique(found[start] for start in sorted(found) if found[start])
    if len(named) > 1 and " " not in named[0] and named[0] in capitalised.values() and re.match(rf"\W*{re.escape(named[0])} [a-z]", text):
        named = named[1:]  # a verb: "Fly me to Paris"
    return [_spelt(name) for name in named or _lower_case_places(text)]


def origin(text: str) -> str | None:
    """Find the place after "from"."""
    return next((place for place in places(text) if re.search(rf"\bfrom\s+{re.escape(place)}", text, re.IGNORECASE)), None)


def destinations(text: str) -> list[str]:
    start = origin(text)
    return [place for place in places(text) if place != start]


def numbers(text: str) -> list[float | int]:
    return [_number(found) for found in _NUMBER.findall(text)]


def days(text: str) -> int | None:
    """Find how many days a trip takes, at most fourteen."""
    found = _DAYS.search(text)
    if found is None:
        return None
    amount, unit = found.group(1).lower(), found.group(2).lower()
    counted = int(amount) if amount.isdigit() else _WORD_NUMBERS.get(amount, 1)
    return max(1, min(counted * _DAYS_IN[unit], 14))


def currencies(text: str) -> list[str]:
    """List currency codes, that of the amount first."""
    found = [(match.start(), str(match.lastgroup)) for match in _CURRENCY.finditer(text)]
    found += [(match.start(), match.group()) for match in _BARE_CODE.finditer(text)]
    beside = {
        start
        for start, _ in found
        if _AMOUNT_BEFORE.search(text, max(0, start - _LONGEST_AMOUNT), start) or _AMOUNT_AFTER.match(text, start)
    }
    return unique(code for _, code in sorted(found, key=lambda item: (item[0] not in beside, item[0])))


def expression(text: str) -> str | None:
    """Find the arithmetic in a text, with its words turned into signs."""
    spoken = _DATE.sub(" ", text.lower())
    for pattern, sign in _SPOKEN:
        spoken = re.sub(pattern, sign, spoken)
    found = [" ".join(match.split()) for match in _EXPRESSION.findall(spoken)]
    return max((candidate for candidate in found if _is_arithmetic(candidate)), key=len, default=None)


def date(text: str) -> str | None:
    found = _DATE.search(text)
    return found.group().lower().removeprefix("on ") if found else None


def month(text: str) -> int | None:
    """Find the number of the month named."""
    found = _MONTH.search(text)
    return list(month_name).index(found.group(1).title()) if found else None


def timezones(text: str) -> list[str]:
    """List time zones, named or those of known places."""
    named = re.findall(r"\b(?:[A-Z][a-z]+/[A-Z][A-Za-z_]+|UTC|GMT)\b", text)
    known = [place.timezone for name in places(text) if (place := find_place(name))]
    return unique(named) or unique(known)


def quoted(text: str) -> list[str]:
    return [next(filter(None, groups)) for groups in _QUOTED.findall(text)]


def unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _without_common_words(name: str) -> str:
    words = name.split()
    while words and words[0].lower() in COMMON:
        words.pop(0)
    while words and words[-1].lower() in COMMON:
        words.pop()
    bare = " ".join(words).removesuffix("'s").removesuffix("’s")
    return "" if _CURRENCY.fullmatch(bare) or _BARE_CODE.fullmatch(bare) else bare


def _lower_case_places(text: str) -> list[str]:
    return [word.title() for word in _AFTER_PREPOSITION.findall(text) if word not in COMMON and not _CURRENCY.fullmatch(word)][-1:]


def _spelt(name: str) -> str:
    return name.title() if name.islower() and len(name) > 3 else name


def _number(text: str) -> float | int:
    value = float(text.replace(",", ""))
    return int(value) if value.is_integer() and "." not in text else value


def _is_arithmetic(text: str) -> bool:
    return text.count("(") == text.count(")") and bool(re.search(r"sqrt|\d[\s)]*[-+*/%]+[\s(]*-?(?:sqrt|\d)", text))
