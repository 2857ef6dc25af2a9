"""Variance, covariance, correlation and regression from sums of products.

The sums are exact, so differences of large products are too: what is divided is what a
mathematician would divide. Where whole numbers overflow, the same formula in DOUBLE stands in.
"""

from __future__ import annotations

from cubes.rewrite.measures import Conditions, Measures
from cubes.rewrite.node import NULL, ONE, ZERO, Node, agg, both, case, cast, cmp, fn, number
from cubes.rewrite.polynomial import scale

SPREAD = frozenset(("var_pop", "var_samp", "stddev_pop", "stddev_samp"))
PAIRED = frozenset(
    ("covar_pop", "covar_samp", "corr", "regr_count", "regr_avgx", "regr_avgy", "regr_sxx",
     "regr_syy", "regr_sxy", "regr_slope", "regr_intercept", "regr_r2")
)  # fmt: skip
LIMIT = Node("lit", ("NUMERIC", "1e37"))  # below the largest HUGEINT


def double(node: Node) -> Node:
    """In the type DuckDB computes ratios in."""
    return cast(node, "DOUBLE")


def whole(total: Node, digits: int) -> Node:
    """A sum as a whole number of its last digit."""
    scaled = fn("*", total, number(10**digits)) if digits else total
    return cast(scaled, "HUGEINT")


def spread(
    name: str, parts: Measures, node: Node, where: Conditions, present: Conditions
) -> Node | None:
    """The variance, or its root."""
    count = parts.count(present)
    sums = parts.total(node, where), parts.total(_product(node, node), where)
    if count is None or sums[0] is None or sums[1] is None:
        return None
    digits = scale(parts.type_of(node))
    n = agg("sum", count)
    s, q = whole(agg("sum", sums[0]), digits), whole(agg("sum", sums[1]), 2 * digits)
    mean = fn("//", s, fn("nullif", n, ZERO))
    rest = fn("-", s, fn("*", n, mean))
    around = fn(
        "+", fn("-", q, fn("*", fn("*", number(2), mean), s)), fn("*", n, fn("*", mean, mean))
    )
    top = _careful(n, around, rest, rest)
    if digits:
        top = fn("/", top, double(number(100**digits)))
    sample = name.endswith("samp")
    bottom = fn("*", double(n), double(fn("-", n, ONE) if sample else n))
    variance = fn("/", top, bottom)
    value = fn("sqrt", variance) if name.startswith("stddev") else variance
    return case((cmp(">", n, ONE if sample else ZERO), value))


def _careful(n: Node, product: Node, a: Node, b: Node) -> Node:
    """Give n * product - a * b, exact where whole numbers hold it."""
    exact = fn("-", fn("*", n, product), fn("*", a, b))
    large, small = fn("*", double(n), double(product)), fn("*", double(a), double(b))
    fits = both(*(cmp("<", fn("abs", each), LIMIT) for each in (large, small)))
    return case((fits, double(exact)), otherwise=fn("-", large, small))


def _product(a: Node, b: Node) -> Node:
    from cubes.rewrite.canonical import canonical

    return canonical(fn("*", a, b))


def paired(name: str, parts: Measures, y: Node, x: Node, present: Conditions) -> Node | None:
    """Covariance, correlation and regression of y on x, over rows where both have a value."""
    count = parts.count(present)
    if count is None:
        return None
    n = agg("sum", count)
    if name == "regr_count":
        return cast(fn("coalesce", n, ZERO), "UINTEGER")
    dx, dy = scale(parts.type_of(x)), scale(parts.type_of(y))
    wanted = {
        "x": (x, dx), "y": (y, dy), "xy": (_product(x, y), dx + dy),
        "xx": (_product(x, x), 2 * dx), "yy": (_product(y, y), 2 * dy),
    }  # fmt: skip
    sums: dict[str, Node] = {}
    for key in _needed(name):
        node, digits = wanted[key]
        found = parts.total(node, present)
        if found is None:
            return None
        sums[key] = whole(agg("sum", found), digits)
    formula = _formula(name, n, sums, dx, dy)
    return case((cmp(">", n, ZERO), formula))


def _needed(name: str) -> tuple[str, ...]:
    return {
        "covar_pop": ("x", "y", "xy"), "covar_samp": ("x", "y", "xy"), "regr_sxy": ("x", "y", "xy"),
        "corr": ("x", "y", "xy", "xx", "yy"), "regr_r2": ("x", "y", "xy", "xx", "yy"),
        "regr_avgx": ("x",), "regr_avgy": ("y",), "regr_sxx": ("x", "xx"), "regr_syy": ("y", "yy"),
        "regr_slope": ("x", "y", "xy", "xx"), "regr_intercept": ("x", "y", "xy", "xx"),
    }[name]  # fmt: skip


def _difference(n: Node, product: Node, a: Node, b: Node, digits: int) -> Node:
    top = _careful(n, product, a, b)
    return fn("/", top, double(number(10**digits))) if digits else top


def _formula(name: str, n: Node, sums: dict[str, Node], dx: int, dy: int) -> Node:
    count = double(n)
    digits = {"x": dx, "y": dy}

    def shared(a: str, b: str) -> Node:
        product = sums["".join(sorted((a, b)))]
        return _difference(n, product, sums[a], sums[b], digits[a] + digits[b])

    def mean(key: str) -> Node:
        total = double(sums[key])
        scaled = fn("/", total, double(number(10 ** digits[key]))) if digits[key] else total
        return fn("/", scaled, count)

    if name in ("regr_avgx", "regr_avgy"):
        return mean(name[-1])
    if name in ("regr_sxx", "regr_syy", "regr_sxy"):
        return fn("/", shared(name[-2], name[-1]), count)
    together = shared("x", "y")
    if name == "covar_pop":
        return fn("/", together, fn("*", count, count))
    if name == "covar_samp":
        value = fn("/", together, fn("*", count, double(fn("-", n, ONE))))
        return case((cmp(">", n, ONE), value))
    if name in ("corr", "regr_r2"):
        return _correlation(name, together, shared("x", "x"), shared("y", "y"))
    slope = fn("/", together, shared("x", "x"))
    if name == "regr_slope":
        return slope
    start = fn("-", mean("y"), fn("*", slope, mean("x")))
    return case((cmp("<>", shared("x", "x"), ZERO), start))


def _correlation(name: str, together: Node, spread_x: Node, spread_y: Node) -> Node:
    """As DuckDB: NaN without a spread, but for r2, which is NULL without x and 1 without y."""
    value = fn("/", together, fn("*", fn("sqrt", spread_x), fn("sqrt", spread_y)))
    if name == "corr":
        return value
    return case(
        (cmp("=", spread_x, ZERO), NULL),
        (cmp("=", spread_y, ZERO), double(ONE)),
        otherwise=fn("*", value, value),
    )
