"""All benchmarks, or those named: `python -m benchmarks [--small] [whole load refresh …]`."""

from __future__ import annotations

import sys

from benchmarks import (
    change,
    freshness,
    load,
    peers,
    questions,
    refresh,
    rewriting,
    site,
    ssb,
    whole,
)

ALL = {
    "questions": questions.main,
    "peers": peers.main,
    "site": site.main,
    "ssb": ssb.main,
    "rewriting": rewriting.main,
    "change": change.main,
    "whole": whole.main,
    "load": load.main,
    "refresh": refresh.main,
    "freshness": freshness.main,
}


def main(words: list[str]) -> int:
    """Runs the benchmarks that are named, or all; what begins with '-' is passed on to each."""
    options = [word for word in words if word.startswith("-")]
    chosen = [word for word in words if not word.startswith("-")] or list(ALL)
    unknown = [word for word in chosen if word not in ALL]
    if unknown:
        print(f"There is no benchmark {unknown[0]}; there are {', '.join(ALL)}", file=sys.stderr)
        return 2
    for nth, name in enumerate(chosen):
        if nth:
            print(flush=True)
        ALL[name](options)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
