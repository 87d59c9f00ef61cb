"""`GET /parts/{name}`: the browser's code of a component. It is fetched once; a rerun carries its address only."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

KEPT = "public, max-age=31536000, immutable"
"""Its address names its content."""
DIGITS = 12
FETCH = """\
const fetched = (attempt) =>
  import(`${location.origin}/parts/{name}${attempt ? `?${attempt}` : ""}`).catch(async () => {
    await new Promise((resolve) => setTimeout(resolve, Math.min(500 * 2 ** attempt, 15000)));
    return fetched(attempt + 1);
  });
export default (await fetched(0)).default;
"""

_parts: dict[str, str] = {}


def part(*files: Path) -> str:
    """Put a part together of JavaScript files, the last of which has the component, and return the JavaScript that fetches it.

    Streamlit sends that with each rerun, and makes a module of it that has no address: what it imports must be named in full. It fetches
    again until it has it, under another address, as a browser remembers for good what a fetch failed for.
    """
    code = "".join(file.read_text(encoding="utf-8") for file in files)
    name = f"{files[-1].stem}.{hashlib.sha256(code.encode()).hexdigest()[:DIGITS]}.js"
    _parts[name] = code
    return FETCH.replace("{name}", name)


def addresses() -> Iterator[str]:
    return (f"/parts/{name}" for name in _parts)


async def parts(request: Request) -> Response:
    code = _parts.get(request.path_params["name"])
    if code is None:
        return PlainTextResponse("There is no such part; reload the page.", status_code=404)
    return Response(code, media_type="text/javascript", headers={"Cache-Control": KEPT})
