"""What a model writes about one picture of a batch, in whatever form it manages."""

import json
from typing import Any

from pydantic import BaseModel, Field

LONGEST_TITLE, LONGEST_ALT_TEXT, LONGEST_DESCRIPTION, MOST_TAGS, LONGEST_TAG = 150, 600, 5_000, 20, 60
"""Characters, but for the number of tags."""


class Description(BaseModel):
    """The form that models fill in which know structured output."""

    title: str = Field(description="A title of three to eight words")
    alt_text: str = Field(description="One or two sentences that stand for the picture where it cannot be seen")
    description: str = Field(description="What is to be seen, in three to six sentences")
    tags: list[str] = Field(description="Three to eight words or short phrases to find the picture by, in lower case")


SHAPE = json.dumps({name: field.description for name, field in Description.model_fields.items()}, indent=1)
"""The form in words, for all others."""
OTHER_NAMES = {"alt_text": ("alt_text", "alttext", "alt text", "alt-text", "alt"), "tags": ("tags", "keywords")}


def read_description(reply: str) -> Description | None:
    """Read the form off a reply: bare JSON, or JSON within a fence or prose. None when there is none with any text in it."""
    for place in _braces(reply):
        try:
            value, _ = json.JSONDecoder().raw_decode(reply, place)
        except (ValueError, RecursionError):
            continue
        return _filled({str(name).lower(): inner for name, inner in value.items()})
    return None


def described_by(prose: str) -> Description | None:
    """Take a reply in prose for the description it is, its first line or sentence for the title."""
    text = prose.strip()
    if not text:
        return None
    first = text.splitlines()[0].strip("#*_ ").split(". ")[0]
    return Description(title=_cut(first, 80), alt_text=_cut(first, LONGEST_ALT_TEXT), description=_cut(text, LONGEST_DESCRIPTION), tags=[])


def _braces(reply: str) -> list[int]:
    return [place for place, character in enumerate(reply[:50_000]) if character == "{"][:20]


def _filled(values: dict[str, Any]) -> Description | None:
    texts = {name: _text(values, name) for name in ("title", "alt_text", "description")}
    longest = max(texts.values(), key=len)
    if not longest:
        return None
    return Description(
        title=_cut(texts["title"] or longest, LONGEST_TITLE),
        alt_text=_cut(texts["alt_text"] or texts["title"] or longest, LONGEST_ALT_TEXT),
        description=_cut(texts["description"] or longest, LONGEST_DESCRIPTION),
        tags=_tags(values),
    )


def _text(values: dict[str, Any], name: str) -> str:
    found = next((values[other] for other in OTHER_NAMES.get(name, (name,)) if other in values), "")
    return " ".join(map(str, found)).strip() if isinstance(found, list) else str(found or "").strip()


def _tags(values: dict[str, Any]) -> list[str]:
    found: Any = next((values[other] for other in OTHER_NAMES["tags"] if other in values), [])
    named = found.split(",") if isinstance(found, str) else found if isinstance(found, list) else []
    tags = [_cut(str(tag).strip().lstrip("#"), LONGEST_TAG) for tag in named]
    return list(dict.fromkeys(filter(None, tags)))[:MOST_TAGS]


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
