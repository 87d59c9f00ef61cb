"""Arguments of a tool, read off a prompt by their names, descriptions and types."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.models.demo import reading
from agents.models.demo.structured import resolve, sample

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Arguments:
    """Values for one tool: as many mappings as calls, and the names that nothing was found for."""

    tool: str
    values: Sequence[Mapping[str, Any]]
    missing: Sequence[str] = ()


_SOURCE = r"\b(from|origin|source|base|departure|start)"
_TARGET = r"\b(to|target|destination|quote|arrival)\b"
_ROLES = (
    ("place", r"cit(y|ies)|places?|locations?|towns?|where|countr(y|ies)|region|area|address|origin|destination|departure|arrival"),
    ("currency", r"currenc(y|ies)|base|quote"),
    ("timezone", r"time ?zones?|tz|zone"),
    ("expression", r"expressions?|formula|equation|calculation|math|sum"),
    ("date", r"dates?|day|when"),
    ("text", r"query|question|text|prompt|message|task|topic|request|term|keywords?|q|search|content|input"),
    ("url", r"url|link|website"),
    ("unit", r"units?|scale|system"),
)
_LOOKS_UP_PLACES = re.compile(r"\b(places?|locations?|geocod\w+|cit(y|ies)|address|weather)\b", re.IGNORECASE)
_OPERATIONS = {
    "add": r"plus|\+|add|sum",
    "subtract": r"minus|subtract|\d\s*-\s*\d",
    "multiply": r"times|\*|×|multipl",
    "divide": r"divi|/|÷",
}

_READERS: Mapping[str, Callable[[str], list[Any]]] = {
    "place": reading.places,
    "currency": reading.currencies,
    "timezone": reading.timezones,
    "expression": lambda prompt: [found] if (found := reading.expression(prompt)) else [],
    "date": lambda prompt: [found] if (found := reading.date(prompt)) else [],
    "text": lambda prompt: reading.quoted(prompt) or ([prompt.strip()] if prompt.strip() else []),
    "url": lambda prompt: re.findall(r"https?://[^\s<>\"']+", prompt),
    "unit": lambda prompt: re.findall(r"\b(celsius|fahrenheit|kelvin|metric|imperial|km|kilomet\w+|miles)\b", prompt, re.IGNORECASE),
    "number": reading.numbers,
    "name": lambda prompt: reading.quoted(prompt) or reading.places(prompt),
    "other": reading.quoted,
}


def read_arguments(tool: Schema, prompt: str, earlier: str, *, must_fill: bool = False) -> Arguments:
    """Read the arguments of a tool off a prompt, and places off earlier ones where this names none."""
    parameters = tool.get("parameters") or {}
    reader = _Reader(prompt, earlier, parameters)
    required = [name for name in parameters.get("required", ()) if name in reader.fields]
    if _LOOKS_UP_PLACES.search(f"{_words(tool['name'])} {tool.get('description') or ''}") and reading.places(prompt):
        reader.roles = {name: "place" if role == "text" else role for name, role in reader.roles.items()}
    reader.roles |= {name: "name" for name in required if reader.roles[name] == "other"}
    found = {name: value for name in reader.fields if (value := reader.read(name)) is not None}
    found |= {name: value for name in required if name not in found and (value := _first(reader.fields[name])) is not None}
    found = {name: _others(value, found) if isinstance(value, list) else value for name, value in found.items()}
    missing = [name for name in required if name not in found]
    if must_fill:
        found |= {name: sample(reader.fields[name], reader.fallback(name), name=name, definitions=reader.definitions) for name in missing}
        missing = []
    return Arguments(tool["name"], [found | one for one in reader.parallel()] or [found], missing)


class _Reader:
    """Gives values out in the order of the prompt, so that `a` and `b` take the first and the second number."""

    def __init__(self, prompt: str, earlier: str, parameters: Schema) -> None:
        self.prompt, self.earlier = prompt, earlier
        self.definitions = parameters.get("$defs", {})
        self.fields = {name: _field(spec, self.definitions) for name, spec in parameters.get("properties", {}).items()}
        self.roles = {name: _role(name, spec) for name, spec in self.fields.items()}
        self.taken: Counter[str] = Counter()

    def fallback(self, name: str) -> dict[str, str]:
        return {"text": "Paris" if self.roles[name] == "place" else self.prompt}

    def parallel(self) -> list[dict[str, Any]]:
        """Give one mapping for each place where a tool takes a single one and the prompt names several."""
        fields = [name for name, role in self.roles.items() if role in ("place", "timezone") and _is_free_text(self.fields[name])]
        values = self._values(self.roles[fields[0]]) if len(fields) == 1 else []
        return [{fields[0]: value} for value in values] if len(values) > 1 else []

    def read(self, name: str) -> Any:
        spec = self.fields[name]
        if "const" in spec:
            return spec["const"]
        if "enum" in spec:
            return _choice(spec["enum"], self.prompt)
        if spec.get("type") == "boolean":
            return _flag(name, self.prompt)
        if spec.get("type") == "array":
            return self._values(_role(name, spec.get("items", {}), spec)) or None
        if spec.get("type") in ("integer", "number"):
            return _fitting_number(self._amount(name), spec)
        return self._take(self.roles[name], name) if spec.get("type", "string") == "string" else None

    def _amount(self, name: str) -> Any:
        value = self._take("number", name)
        return 1 if value is None and re.search(r"\bamount\b", _words(name)) and reading.currencies(self.prompt) else value

    def _take(self, role: str, name: str) -> Any:
        values = self._values(role)
        words = _words(name)
        if role == "place" and re.search(_SOURCE, words):
            return reading.origin(self.prompt) or (values[0] if len(values) > 1 else None)
        if role == "place" and re.search(_TARGET, words):
            return next(iter(reading.destinations(self.prompt)[-1:] or values[-1:]), None)
        role = "name" if role == "other" else role
        place = 1 if re.search(_TARGET, words) else 0 if re.search(_SOURCE, words) else self.taken[role]
        self.taken[role] += 1
        return values[place] if place < len(values) else None

    def _values(self, role: str) -> list[Any]:
        values = _READERS[role](self.prompt)
        return values or (_READERS[role](self.earlier)[:1] if role in ("place", "timezone") else [])


def _others(values: list[Any], found: Mapping[str, Any]) -> list[Any]:
    """A list's values without those that an argument by itself has taken: a question is not among its own choices."""
    return [value for value in values if value not in found.values()]


def _is_free_text(spec: Schema) -> bool:
    return spec.get("type") == "string" and "enum" not in spec


def _field(spec: Schema, definitions: Schema) -> Schema:
    return {**resolve(spec, definitions), "description": spec.get("description", "")}


def _role(name: str, spec: Schema, outer: Schema = {}) -> str:
    if spec.get("type") in ("integer", "number"):
        return "number"
    texts = (_words(name), str(spec.get("description") or outer.get("description") or "").lower())
    roles = (role for text in texts for role, words in _ROLES if re.search(rf"\b(?:{words})\b", text))
    return next(roles, "currency" if re.fullmatch(_SOURCE + "|" + _TARGET, _words(name)) else "other")


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[_-]", " ", name).lower()


def _choice(choices: Sequence[Any], prompt: str) -> Any:
    said = [choice for choice in choices if re.search(rf"(?<!\w){re.escape(str(choice))}(?!\w)", prompt, re.IGNORECASE)]
    meant = [choice for choice in choices if re.search(_OPERATIONS.get(str(choice).lower(), r"(?!)"), prompt, re.IGNORECASE)]
    return next(iter(said or meant), None)


def _first(spec: Schema) -> Any:
    """Take the first of a choice that the prompt leaves open, and no for a yes or no."""
    if "default" in spec:
        return spec["default"]
    return spec["enum"][0] if spec.get("enum") else False if spec.get("type") == "boolean" else None


def _flag(name: str, prompt: str) -> bool | None:
    words = re.escape(_words(name))
    if re.search(rf"\b(?:no|not|without)\s+{words}", prompt, re.IGNORECASE):
        return False
    return True if re.search(rf"\b{words}\b", prompt, re.IGNORECASE) else None


def _fitting_number(value: float | None, spec: Schema) -> float | None:
    if value is None:
        return None
    value = min(max(value, spec.get("minimum", value)), spec.get("maximum", value))
    return int(value) if spec.get("type") == "integer" else value
