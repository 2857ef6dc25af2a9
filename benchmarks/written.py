"""Results as files, for whoever asks with --out."""

from __future__ import annotations

from pathlib import Path


def written(out: Path | None, *parts: str) -> None:
    """Print the last part, and write all parts where a file was asked for."""
    print(parts[-1], flush=True)
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
