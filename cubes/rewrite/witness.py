"""A last look: question and rewriting answered over a small, nasty data set; a net, never the proof."""

from __future__ import annotations

from cubes.rewrite.catalogue import Catalogue
from cubes.rewrite.matching import Match
from cubes.rewrite.normal import Normal

ON = True


def agree(catalogue: Catalogue, question: Normal, match: Match, before: str, after: str) -> bool:
    """Whether both give the same rows there."""
    return True
