"""Chance that is a pure function of names and numbers.

A draw depends on the seed, on what it is for, and on the thing it is drawn for, never on what was
drawn before. So a day looks the same whether it is simulated alone, within a year or live.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def bits(seed: int, purpose: str, *things: ArrayLike) -> NDArray[np.uint64]:
    """64 random bits for each thing; several things are combined, as in numpy broadcasting."""
    start = (seed * 0x2545F4914F6CDD1D + zlib.crc32(purpose.encode())) % 2**64
    state: NDArray[np.uint64] = _mixed(np.asarray([start], dtype=np.uint64))
    for thing in things:
        state = _mixed(state ^ _mixed(np.atleast_1d(np.asarray(thing)).astype(np.uint64)))
    return state


def uniform(seed: int, purpose: str, *things: ArrayLike) -> Floats:
    """Uniform numbers in the open interval from 0 to 1."""
    return ((bits(seed, purpose, *things) >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def normal(seed: int, purpose: str, *things: ArrayLike) -> Floats:
    """Standard normal numbers."""
    return np.asarray(ndtri(uniform(seed, purpose, *things)), dtype=np.float64)


def whole(seed: int, purpose: str, below: ArrayLike, *things: ArrayLike) -> Ints:
    """Whole numbers from 0 up to, not including, `below`."""
    drawn = np.floor(uniform(seed, purpose, *things) * np.asarray(below))
    return np.asarray(drawn, dtype=np.int64)


def pick(seed: int, purpose: str, weights: ArrayLike, *things: ArrayLike) -> Ints:
    """Positions in `weights`, each as likely as its weight."""
    bounds = np.cumsum(np.asarray(weights, dtype=np.float64))
    drawn = uniform(seed, purpose, *things) * bounds[-1]
    place = np.minimum(np.searchsorted(bounds, drawn, side="right"), len(bounds) - 1)
    return np.asarray(place, dtype=np.int64)


def generator(seed: int, purpose: str, *numbers: int) -> np.random.Generator:
    """A generator of its own for a purpose and, mostly, a day."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode()), *numbers])


def letters(source: NDArray[np.uint64], length: int) -> list[str]:
    """Identifiers of letters and digits, such as survey systems give, from random bits."""
    alphabet = np.array(list("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
    left, chosen = source.copy(), np.empty((len(source), length), dtype="U1")
    for place in range(length):
        chosen[:, place] = alphabet[(left % np.uint64(62)).astype(np.int64)]
        left = left // np.uint64(62) if place % 8 != 7 else _mixed(source + np.uint64(place))
    joined: Any = chosen.view(f"U{length}").ravel() if len(source) else []
    return [str(text) for text in joined]


def _mixed(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """One round of splitmix64."""
    with np.errstate(over="ignore"):
        value = state + _GOLDEN
        value = (value ^ (value >> np.uint64(30))) * _FIRST
        value = (value ^ (value >> np.uint64(27))) * _SECOND
        return value ^ (value >> np.uint64(31))
