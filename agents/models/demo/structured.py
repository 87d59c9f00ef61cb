"""Answers as JSON: to a schema, or free."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from agents.models.demo import images
from agents.models.demo.reading import READ_CHARACTERS, places
from agents.models.demo.request import Request

DEPTH = 2
"""How deep values are nested before what may be left out is left out, so that a form may hold itself."""

DEEPEST = 20

_FORMATS = {
    "date": "2025-01-01",
    "date-time": "2025-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "duration": "P1D",
    "email": "demo@example.com",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "binary": "",
}

Schema = Mapping[str, Any]


def answer(request: Request) -> str | None:
    """Answer as JSON where that is asked for."""
    if not request.json_output:
        return None
    known = _known(request)
    if request.json_output is True:
        return json.dumps(known, ensure_ascii=False)
    schema = _schema(request.json_output)
    return json.dumps(sample(schema, known, definitions=schema.get("$defs", {})), ensure_ascii=False)


def sample(  # noqa: PLR0911  # a case a kind of value
    schema: Schema, known: Mapping[str, Any], *, name: str = "", definitions: Schema = {}, depth: int = 0
) -> Any:
    """Make a value that fits a JSON schema, of what is known by a field's name where there is any."""
    schema = resolve(schema, definitions, depth)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return known[name] if known.get(name) in schema["enum"] else schema["enum"][0]
    kind = _kind(schema)
    if kind == "object":
        return _object(schema, known, definitions, depth)
    if kind == "array":
        return _array(schema, known, name, definitions, depth)
    if kind in ("integer", "number"):
        return _number(schema, known.get(name), whole=kind == "integer")
    if kind == "boolean":
        return known.get(name) is True
    return _string(schema, known, name) if kind == "string" else None


def resolve(schema: Schema, definitions: Schema, depth: int = 0) -> Schema:
    """Follow references and take the first way of several; past the depth, nothing where nothing is allowed."""
    for _ in range(DEEPEST):
        if "$ref" in schema:
            schema = {**definitions.get(str(schema["$ref"]).rsplit("/", 1)[-1], {}), **{k: v for k, v in schema.items() if k != "$ref"}}
        options = schema.get("anyOf") or schema.get("oneOf")
        if options:
            schema = _option(options, depth)
        elif schema.get("allOf"):
            schema = {key: value for part in schema["allOf"] for key, value in resolve(part, definitions, depth).items()}
    return schema


def _option(options: Sequence[Schema], depth: int) -> Schema:
    values = [option for option in options if option.get("type") != "null"]
    may_be_nothing = len(values) < len(options)
    return {"type": "null"} if may_be_nothing and (not values or depth >= DEPTH) else values[0]


def _kind(schema: Schema) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    return str(kind or ("object" if "properties" in schema else "string"))


def _object(schema: Schema, known: Mapping[str, Any], definitions: Schema, depth: int) -> dict[str, Any]:
    fields = schema.get("properties", {})
    if depth > DEPTH:
        fields = {name: field for name, field in fields.items() if name in schema.get("required", [])}
    if depth > DEEPEST:
        return {}
    return {name: sample(field, known, name=name, definitions=definitions, depth=depth + 1) for name, field in fields.items()}


def _array(schema: Schema, known: Mapping[str, Any], name: str, definitions: Schema, depth: int) -> list[Any]:
    if "prefixItems" in schema:
        return [sample(item, known, definitions=definitions, depth=depth + 1) for item in schema["prefixItems"]]
    items = schema.get("items", {})
    resolved = resolve(items, definitions, depth)
    if isinstance(known.get(name), list) and _kind(resolved) == "string" and "enum" not in resolved:
        return [*map(str, known[name])][: schema.get("maxItems", 8)]
    wanted = max(schema.get("minItems", 0), 0 if depth > DEPTH or schema.get("maxItems") == 0 else 1)
    choices = resolved.get("enum") if schema.get("uniqueItems") else None
    if choices:
        return list(choices[:wanted])
    values = [sample(items, known, name=name.removesuffix("s"), definitions=definitions, depth=depth + 1) for _ in range(min(wanted, 100))]
    return _different(values) if schema.get("uniqueItems") else values


def _different(values: Sequence[Any]) -> list[Any]:
    if all(isinstance(value, int | float) for value in values):
        return [value + step for step, value in enumerate(values)]
    return [f"{value} {step}" if isinstance(value, str) and step > 1 else value for step, value in enumerate(values, start=1)]


def _number(schema: Schema, value: Any, *, whole: bool) -> int | float:
    number: float = value if isinstance(value, int | float) and not isinstance(value, bool) else 0
    step = schema.get("multipleOf") or (1 if whole else 0.5)
    least = max(schema.get("minimum", float("-inf")), schema.get("exclusiveMinimum", float("-inf")))
    most = min(schema.get("maximum", float("inf")), schema.get("exclusiveMaximum", float("inf")))
    number = min(max(number, least), most)
    if number == schema.get("exclusiveMinimum"):
        number = _between(number, step, most)
    if number == schema.get("exclusiveMaximum"):
        number = -_between(-number, step, -least)
    return _on_grid(number, schema.get("multipleOf") or (1 if whole else None), least, whole=whole)


def _between(number: float, step: float, end: float) -> float:
    """Step off a bound that is not itself allowed, half the way where a whole step is too far."""
    return number + step if number + step < end else (number + end) / 2


def _on_grid(number: float, step: float | None, least: float, *, whole: bool) -> int | float:
    if step:
        number = number // step * step
        number += step if number < least else 0
    return int(number) if whole else number


def _string(schema: Schema, known: Mapping[str, Any], name: str) -> str:
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    if "pattern" in schema:
        return str(next(iter([*schema.get("examples", []), schema.get("default") or "demo"])))
    value = known.get(name, known.get("text", ""))
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    text = text or "Demo model"
    return text.ljust(schema.get("minLength", 0), ".")[: schema.get("maxLength")]


def _schema(model: bool | type[BaseModel]) -> dict[str, Any]:
    return {} if isinstance(model, bool) else model.model_json_schema()


def _known(request: Request) -> dict[str, Any]:
    """Gather what can be said of a request by the names fields are likely to have."""
    prompt = request.prompt[:READ_CHARACTERS]
    shown = next((shown for shown in reversed(request.images) if shown), [])
    if shown:
        return images.facts(shown)
    results = "\n".join(result.content for result in request.results)
    said = f"The demo model, a script, was asked: {' '.join(prompt.split())[:200] or 'nothing'}"
    named = places(prompt)[:1]
    return {
        "title": " ".join(prompt.split()[:8]) or "Nothing asked",
        "text": results or said,
        "answer": results or said,
        "tags": ["demo"],
        **({"place": named[0], "city": named[0], "location": named[0]} if named else {}),
    }
