"""JSON that is short and fit for a diff."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def write(path: Path, content: dict[str, Any]) -> None:
    """JSON with one line for each entry."""
    lines = ",\n".join(f"{json.dumps(key)}: {_entry(value)}" for key, value in content.items())
    path.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


def _entry(value: Any) -> str:
    compact = (",", ":")
    if isinstance(value, list) and value and isinstance(value[0], dict):
        rows = ",\n".join(json.dumps(row, separators=compact) for row in value)
        return f"[\n{rows}\n]"
    if isinstance(value, dict):
        rows = ",\n".join(
            f"{json.dumps(key)}:{json.dumps(row, separators=compact)}" for key, row in value.items()
        )
        return f"{{\n{rows}\n}}"
    return json.dumps(value, separators=compact)
