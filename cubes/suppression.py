"""Complementary suppression: which further cells to close so that no closed one can be computed.

A cell is the sum of some atoms, the finest pieces there are. A closed cell can be computed from the
open ones exactly when it is a linear combination of them, that is when every change of the atoms
that leaves all open cells as they are leaves it as it is too. So a *witness*, a change that moves
the closed cell and no open one, proves that it is safe; an integer programme finds the witness that
costs the fewest and smallest further cells.

Everything here is a function of its arguments: no clock stops the programme, only a count of nodes,
so that every process decides alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import qr
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, diags_array, hstack
from scipy.sparse.linalg import lsmr

ATOMS = 160  # that one integer programme may move
NODES = 20_000
DENSE = 700  # rows or atoms up to which the decomposition is a dense one
NOTHING = 1e-6
_REACH = 4.0  # how far a witness may move one atom

Vector = np.ndarray[Any, np.dtype[Any]]


def suppress(cells: csr_array, closed: Vector, cost: Vector) -> Vector:
    """All cells that must be closed: the given ones, and the cheapest that keep them so.

    `cells` has a row for each cell and a column for each atom, 1 where it is part of it.
    """
    shut = closed.astype(bool).copy()
    for _ in range(len(shut) + 1):
        found = np.flatnonzero(derivable(cells, shut))
        if not len(found):
            return shut
        witnesses: list[Vector] = []
        for target in found[np.argsort(cost[found], kind="stable")]:
            row = cells[[target]]
            if any(abs((row @ witness)[0]) > NOTHING for witness in witnesses):
                continue
            witness = _witness(cells, shut, cost, int(target))
            shut |= np.abs(cells @ witness) > NOTHING
            witnesses.append(witness)
    return np.ones_like(shut)


def derivable(cells: csr_array, closed: Vector) -> Vector:
    """Which closed cells are linear combinations of the open ones.

    A random change of the atoms, freed of all that open cells would notice, moves every closed cell
    that can move at all.
    """
    shut = closed.astype(bool)
    found = np.zeros(len(shut), bool)
    if not shut.any():
        return found
    chance = np.random.default_rng(20010101).uniform(1.0, 2.0, cells.shape[1])
    change = _unnoticed(cells[np.flatnonzero(~shut)], chance)
    found[shut] = np.abs(cells[np.flatnonzero(shut)] @ change) < NOTHING
    return found


def _unnoticed(open_cells: csr_array, change: Vector) -> Vector:
    """The part of a change that no open cell notices: its projection on their null space."""
    noticed = np.unique(open_cells.indices)
    if not len(noticed):
        return change
    part = open_cells[:, noticed]
    left = change.copy()
    left[noticed] = _projected(part, change[noticed])
    return left


def _projected(cells: csr_array, change: Vector) -> Vector:
    if min(cells.shape) > DENSE:
        result = lsmr(cells.T, change, atol=1e-14, btol=1e-14, maxiter=20 * min(cells.shape))
        left: Vector = change - cells.T @ result[0]
        if np.abs(cells @ left).max() < NOTHING / 100:
            return left
    basis, triangle, _ = qr(cells.T.toarray(), mode="economic", pivoting=True)
    sizes = np.abs(np.diag(triangle))
    basis = basis[:, : int((sizes > sizes[0] * 1e-10).sum())]
    once: Vector = change - basis @ (basis.T @ change)
    twice: Vector = once - basis @ (basis.T @ once)
    return twice


def _witness(cells: csr_array, shut: Vector, cost: Vector, target: int) -> Vector:
    """The change of atoms that moves the target and costs least of what is still open.

    Closing whatever holds an atom of the target always would do, so there is one.
    """
    atoms = _near(cells, shut, cost, target)
    part = cells[:, atoms]
    touched = np.flatnonzero(np.diff(part.indptr) > 0)
    held = touched[~shut[touched]]
    many, few = len(atoms), len(held)
    rows = part[held].astype(float)
    reach = diags_array(_REACH * np.diff(rows.indptr).astype(float))
    moved = hstack([part[[target]].astype(float), csr_array((1, few))])
    result = milp(
        c=np.concatenate([np.zeros(many), 1.0 + cost[held]]),
        integrality=np.concatenate([np.zeros(many), np.ones(few)]),
        bounds=Bounds(
            np.concatenate([np.full(many, -_REACH), np.zeros(few)]),
            np.concatenate([np.full(many, _REACH), np.ones(few)]),
        ),
        constraints=[
            LinearConstraint(moved, 1.0, 1.0),
            LinearConstraint(hstack([rows, reach]), 0.0, np.inf),
            LinearConstraint(hstack([rows, -reach]), -np.inf, 0.0),
        ],
        options={"node_limit": NODES, "mip_rel_gap": 0.0},
    )
    change = np.zeros(cells.shape[1])
    if result.x is None:
        change[atoms[part[[target]].indices[0]]] = 1.0
        return change
    change[atoms] = result.x[:many]
    change[np.abs(change) < NOTHING] = 0.0
    open_moves = held[result.x[many:] > 0.5]
    return _exact(cells, shut, open_moves, target, change)


def _exact(cells: csr_array, shut: Vector, moving: Vector, target: int, change: Vector) -> Vector:
    """The change freed of what cells that stay open would notice, down to rounding."""
    still = ~shut
    still[moving] = False
    exact = _unnoticed(cells[np.flatnonzero(still)], change)
    if abs((cells[[target]] @ exact)[0]) > NOTHING:
        return exact
    alone = np.zeros_like(change)
    alone[cells[[target]].indices[0]] = 1.0
    return alone


def _near(cells: csr_array, shut: Vector, cost: Vector, target: int) -> Vector:
    """Atoms of the target, and those that share most open cells with them and cost least."""
    own = cells[[target]].indices
    price = np.where(shut, 0.0, 1.0 + cost)
    least = np.full(cells.shape[1], np.inf)
    sizes = np.diff(cells.indptr)
    np.minimum.at(least, cells.indices, np.repeat(price, sizes))
    sharing = np.flatnonzero((cells[:, own].sum(axis=1) > 0) & ~shut)
    shared = np.asarray(cells[sharing].sum(axis=0)).ravel()
    own = own[np.argsort(least[own], kind="stable")][: ATOMS // 4]
    order = np.lexsort((np.arange(len(least)), least, -shared))
    others = order[(shared[order] > 0) & ~np.isin(order, own)][: ATOMS - len(own)]
    return np.concatenate([own, others])
