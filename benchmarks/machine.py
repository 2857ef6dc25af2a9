"""The machine a figure was taken on: without it a figure says nothing."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

import psutil


def machine() -> str:
    """Processor, cores, memory and versions in one line, with how busy the machine was.

    A load above the number of cores means that somebody else was working: read times with care.
    """
    gib = psutil.virtual_memory().total / 2**30
    return (
        f"{_processor()}, {os.cpu_count()} cores, {gib:.0f} GiB, {platform.system()}"
        f" {platform.release()}, Python {platform.python_version()}, DuckDB {version('duckdb')};"
        f" load average {os.getloadavg()[0]:.1f}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
