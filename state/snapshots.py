"""What changed between two states, so that a snapshot stores only what is new.

A state is the JSON mapping AutoGen's `save_state()` gives. It grows at the end of its message lists, so a patch keeps the common
beginning of a list and adds the rest: the sum of all patches of a conversation is about as large as its last state.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

Json = Any
State = Mapping[str, Any]


def diff(old: Json, new: Json) -> Json:
    """Make the patch that turns `old` into `new`."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        changed = {key: diff(old.get(key), value) for key, value in new.items() if key not in old or old[key] != value}
        return {"set": changed, "drop": [key for key in old if key not in new]}
    if isinstance(old, list) and isinstance(new, list):
        keep = _common_length(old, new)
        return {"keep": keep, "add": new[keep:]}
    return {"value": new}


def apply(old: Json, patch: Json) -> Json:
    """Make the state that `patch` turns `old` into, without changing `old`."""
    if "set" in patch:
        kept = {key: value for key, value in old.items() if key not in patch["drop"]}
        return kept | {key: apply(old.get(key), inner) for key, inner in patch["set"].items()}
    if "keep" in patch:
        return old[: patch["keep"]] + patch["add"]
    return patch["value"]


def packed(patch: Json, known: bytes = b"") -> bytes:
    """Make the bytes a patch is kept as. What is in `known` too, the log of its run, takes hardly any room."""
    packing = zlib.compressobj(zdict=known)
    text = json.dumps(patch, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return packing.compress(text) + packing.flush()


def unpacked(kept: bytes, known: bytes = b"") -> Json:
    """Read a patch again, which takes the very same `known`."""
    return json.loads(zlib.decompressobj(zdict=known).decompress(kept).decode("utf-8", "surrogatepass"))


def _common_length(old: Sequence[Json], new: Sequence[Json]) -> int:
    for index, (before, after) in enumerate(zip(old, new, strict=False)):
        if before != after:
            return index
    return min(len(old), len(new))
