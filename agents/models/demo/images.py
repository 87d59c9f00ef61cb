"""Images, described by what is measured in them."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autogen_core import Image

from agents.models.demo.measures import Measures, measure
from agents.models.demo.reading import READ_CHARACTERS
from agents.models.demo.request import Request

INTRODUCTION = "I am the **demo model**: I cannot see what an image shows, but I can measure it."
BROKEN = "This image could not be read: its file is damaged or of a kind I do not know."

_ASKS = re.compile(
    r"\b(images?|pictures?|photos?|colou?rs?|bright\w*|dark\w*|light\w*|sharp\w*|blurr?\w*|focus|contrast\w*|size|large\w*|big\w*|small\w*"
    r"|wide|tall|pixels?|resolution|dimensions?|transparen\w*|orientation|see|show(s|n)?|describe)\b",
    re.IGNORECASE,
)

_KINDS = {
    "plain": "one even surface",
    "text": "like text: many small marks on an even ground",
    "graphic": "like a graphic: few, even colours",
    "photo": "like a photo: many shades",
}

_SUPERLATIVES: Sequence[tuple[str, str, Callable[[Measures], float]]] = (
    (r"\b(brighter|brightest|lighter|lightest)\b", "brightest", lambda it: it.brightness),
    (r"\b(darker|darkest)\b", "darkest", lambda it: -it.brightness),
    (r"\b(larger|largest|bigger|biggest)\b", "largest", lambda it: it.width * it.height),
    (r"\b(smaller|smallest)\b", "smallest", lambda it: -it.width * it.height),
    (r"\b(sharper|sharpest)\b", "sharpest", lambda it: it.sharpness or 0),
    (r"\b(blurrier|blurriest|(more|most) blurr\w+)\b", "most blurred", lambda it: -(it.sharpness or 0)),
    (r"\b(more|most|higher|highest) contrast\b", "richest in contrast", lambda it: it.contrast),
    (r"\b(more|most) colou?rful\b", "most colourful", lambda it: it.saturation),
)

_ASPECTS = {
    "Size": r"\b(size|large|big|small|wide|tall|pixels?|resolution|dimensions?|orientation|landscape|portrait)\b",
    "Colours": r"\bcolou?rs?\b",
    "Light": r"\b(bright|dark|light|brightness|contrast|exposure)\b",
    "Focus": r"\b(sharp|blurr?(ed|y)?|focus|sharpness)\b",
    "Looks": r"\b(photo or|graphic or|kind of (image|picture)|contain text|text in)\b",
    "Transparency": r"\btransparen\w+\b",
}


def answer(request: Request) -> str | None:
    """Describe the images just sent, or answer about earlier ones when the prompt asks about images."""
    if not any(request.images) or request.since_prompt:
        return None
    prompt = request.prompt[:READ_CHARACTERS]
    sent = request.images[-1]
    if not sent and not _ASKS.search(prompt):
        return None
    numbered = list(enumerate((image for images in request.images for image in images), start=1))
    shown = numbered[-len(sent) :] if sent and not _superlative(prompt) else numbered
    return f"{INTRODUCTION}\n\n{_about(prompt, {number: measure(image.image) for number, image in shown}, len(numbered))}"


def facts(images: Sequence[Image]) -> dict[str, Any]:
    """Gather what is known of images by the names that fields of a form have; several images share one title."""
    measured = [measure(image.image) for image in images]
    readable = [it for it in measured if it]
    if not readable:
        return {"title": "Unreadable image", "alt_text": BROKEN, "description": BROKEN, "text": BROKEN, "tags": ["unreadable"]}
    described = " ".join(_sentence(it) for it in readable)
    first = readable[0]
    return {
        "title": " and ".join(_title(it) for it in readable)[:120],
        "alt_text": described[:250],
        "description": f"{described} Measured by the demo model, which cannot see what an image shows.",
        "text": described,
        "tags": list(dict.fromkeys(tag for it in readable for tag in _tags(it))),
        "colors": [name for name, _ in first.colours],
        "colours": [name for name, _ in first.colours],
        "width": first.width,
        "height": first.height,
        "brightness": round(first.brightness, 2),
        "contrast": round(first.contrast, 2),
        "orientation": first.orientation,
        "kind": first.kind,
    }


def _about(prompt: str, measured: Mapping[int, Measures | None], total: int) -> str:
    readable = {number: it for number, it in measured.items() if it}
    superlative = _superlative(prompt)
    if superlative and len(readable) > 1:
        return _compare(superlative, readable)
    aspects = [aspect for aspect, words in _ASPECTS.items() if re.search(words, prompt, re.IGNORECASE)]
    return "\n\n".join(_describe(number, it, aspects, alone=total == 1) for number, it in measured.items())


def _superlative(prompt: str) -> tuple[str, Callable[[Measures], float]] | None:
    return next(((word, key) for pattern, word, key in _SUPERLATIVES if re.search(pattern, prompt, re.IGNORECASE)), None)


def _compare(superlative: tuple[str, Callable[[Measures], float]], measured: Mapping[int, Measures]) -> str:
    word, key = superlative
    order = sorted(measured, key=lambda number: -key(measured[number]))
    if key(measured[order[0]]) == key(measured[order[-1]]):
        return "In this the images measure the same."
    rows = "\n".join(f"{place}. Image {number}: {_level(measured[number])}" for place, number in enumerate(order, start=1))
    return f"**Image {order[0]}** is the {word}. In order:\n\n{rows}"


def _level(it: Measures) -> str:
    return (
        f"{it.width} × {it.height} pixels, brightness {it.brightness:.0%}, contrast {it.contrast:.0%}, "
        f"{_focus(it)}, mainly {it.colours[0][0] if it.colours else 'without colour'}"
    )


def _describe(number: int, it: Measures | None, aspects: Sequence[str], *, alone: bool) -> str:
    heading = "### The image" if alone else f"### Image {number}"
    if it is None:
        return f"{heading}\n\n{BROKEN}"
    values = _values(it)
    chosen = {aspect: values[aspect] for aspect in aspects if aspect in values} or values
    return "\n".join([f"{heading}\n", *(f"- **{aspect}**: {value}" for aspect, value in chosen.items())])


def _values(it: Measures) -> dict[str, str]:
    transparency = f"{it.transparent:.0%} of it is transparent" if it.transparent > 0.005 else "none"
    return {
        "Size": f"{it.width} × {it.height} pixels, {it.orientation}",
        "Colours": ", ".join(f"{name} ({share:.0%})" for name, share in it.colours),
        "Light": f"{_light(it)} (brightness {it.brightness:.0%}), {_contrast(it)} contrast",
        "Focus": _focus(it),
        "Looks": _KINDS[it.kind],
        "Transparency": transparency,
    }


def _light(it: Measures) -> str:
    if it.brightness < 0.33:
        return "dark"
    return "bright" if it.brightness > 0.66 else "of medium light"


def _contrast(it: Measures) -> str:
    if it.contrast < 0.1:
        return "low"
    return "high" if it.contrast > 0.22 else "medium"


def _focus(it: Measures) -> str:
    if it.sharpness is None:
        return "no edges to judge by"
    return "sharp" if it.sharpness > 0.5 else "soft or blurred"


def _title(it: Measures) -> str:
    return f"{it.orientation.capitalize()} {_noun(it)} in {' and '.join(name for name, _ in it.colours[:2])}"


def _sentence(it: Measures) -> str:
    colours = ", ".join(name for name, _ in it.colours)
    return f"A {it.orientation} {_noun(it)} of {it.width} × {it.height} pixels, {_light(it)}, mainly {colours}, {_focus(it)}."


def _noun(it: Measures) -> str:
    return {"photo": "photo-like image", "text": "image of text", "graphic": "graphic", "plain": "plain surface"}[it.kind]


def _tags(it: Measures) -> list[str]:
    return [it.kind, it.orientation, *(name for name, _ in it.colours[:3])]
