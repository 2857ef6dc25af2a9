"""What is known of DuckDB's functions: what they are, and whether their answer can be relied on."""

from __future__ import annotations

import re
from functools import cache

import duckdb

ALIASES = {
    "datepart": "date_part",
    "datetrunc": "date_trunc",
    "datediff": "date_diff",
    "mean": "avg",
    "stddev": "stddev_samp",
    "variance": "var_samp",
    "countif": "count_if",
    "argmin": "arg_min",
    "argmax": "arg_max",
    "min_by": "arg_min",
    "max_by": "arg_max",
    "get_current_timestamp": "now",
    "transaction_timestamp": "now",
    "today": "current_date",
    "substr": "substring",
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "lcase": "lower",
    "ucase": "upper",
    "pow": "power",
    "logical_and": "bool_and",
    "logical_or": "bool_or",
}
PARTS = {
    name: name
    for name in (
        "year", "month", "day", "quarter", "week", "isodow", "dow", "doy", "hour", "minute",
        "second", "isoyear", "yearweek", "decade", "century", "millennium", "era", "epoch",
        "microsecond", "millisecond",
    )
} | {"dayofmonth": "day", "dayofweek": "dow", "dayofyear": "doy", "weekofyear": "week"}  # fmt: skip
UNITS = {
    "years": "year", "y": "year", "yr": "year", "yrs": "year", "mon": "month", "mons": "month",
    "months": "month", "days": "day", "d": "day", "dayofmonth": "day", "hours": "hour", "h": "hour",
    "hr": "hour", "hrs": "hour", "minutes": "minute", "m": "minute", "min": "minute",
    "mins": "minute", "seconds": "second", "s": "second", "sec": "second", "secs": "second",
    "weeks": "week", "w": "week", "weekofyear": "week", "quarters": "quarter",
    "dayofweek": "dow", "weekday": "dow", "dayofyear": "doy", "decades": "decade",
    "centuries": "century", "millenniums": "millennium", "millennia": "millennium",
}  # fmt: skip
TYPE_NAMES = {
    "int": "INTEGER", "int4": "INTEGER", "integer": "INTEGER", "signed": "INTEGER",
    "bigint": "BIGINT", "int8": "BIGINT", "long": "BIGINT", "smallint": "SMALLINT",
    "int2": "SMALLINT", "short": "SMALLINT", "tinyint": "TINYINT", "int1": "TINYINT",
    "bool": "BOOLEAN", "logical": "BOOLEAN", "text": "VARCHAR", "string": "VARCHAR",
    "char": "VARCHAR", "bpchar": "VARCHAR", "double": "DOUBLE", "float8": "DOUBLE",
    "float": "FLOAT", "float4": "FLOAT", "real": "FLOAT", "datetime": "TIMESTAMP",
    "timestamptz": "TIMESTAMP WITH TIME ZONE", "decimal": "DECIMAL(18,3)",
    "numeric": "DECIMAL(18,3)",
}  # fmt: skip
WINDOWS = frozenset(
    (
        "row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead",
        "first_value", "last_value", "nth_value", "rank_dense", "first", "last",
    )
)  # fmt: skip
#: One value for a whole statement and another one later, whatever DuckDB calls some of them.
CLOCKS = frozenset(
    ("now", "current_date", "get_current_time", "current_localtimestamp", "current_localtime")
)
#: Aggregates and windows that say the same in whichever order rows come, ties included; all others
#: are taken to mind it.
ORDERLESS = frozenset(
    ("count", "count_star", "count_if", "sum", "sum_no_overflow", "fsum", "kahan_sum", "sumkahan",
     "avg", "favg", "decimal_average", "min", "max", "bool_and", "bool_or", "bit_and", "bit_or",
     "bit_xor", "var_pop", "var_samp", "stddev_pop", "stddev_samp", "sem", "skewness", "kurtosis",
     "kurtosis_pop", "entropy", "covar_pop", "covar_samp", "corr", "regr_avgx", "regr_avgy",
     "regr_count", "regr_intercept", "regr_r2", "regr_slope", "regr_sxx", "regr_sxy", "regr_syy",
     "median", "mad", "quantile", "quantile_cont", "quantile_disc", "approx_count_distinct",
     "rank", "dense_rank", "rank_dense", "percent_rank", "cume_dist")
)  # fmt: skip
MACROS = frozenset(("split_part", "fdiv", "fmod", "date_add", "days_in_month"))
SAME_WHEN_REPEATED = frozenset(("min", "max", "bool_and", "bool_or", "bit_and", "bit_or"))


@cache
def _known() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The names DuckDB itself lists: scalars, aggregates, and those that may change."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select lower(function_name), function_type, stability from duckdb_functions()"
            " where schema_name = 'main'"
        ).fetchall()
    scalars = frozenset(name for name, kind, _ in rows if kind == "scalar")
    aggregates = frozenset(name for name, kind, _ in rows if kind == "aggregate")
    changing = frozenset(
        name for name, _, stability in rows if stability not in (None, "CONSISTENT")
    )
    return scalars, aggregates, changing - CLOCKS


@cache
def _minding() -> frozenset[str]:
    """The names that mind the order of rows, and the macros made of them."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select lower(function_name), function_type, coalesce(lower(macro_definition), '')"
            " from duckdb_functions() where function_type in ('aggregate', 'window', 'macro')"
        ).fetchall()
    found = {
        name
        for name, kind, _ in rows
        if kind != "macro" and ALIASES.get(name, name) not in ORDERLESS
    }
    macros = [
        (name, set(re.findall(r"\w+", re.sub("'[^']*'", "", made))))
        for name, kind, made in rows
        if kind == "macro"
    ]
    while True:
        more = {name for name, words in macros if words & found} - found
        if not more:
            return frozenset(found)
        found |= more


def minds_order(name: str) -> bool:
    """Whether ties or the order of rows could change what a function says of them."""
    return name in _minding()


def is_aggregate(name: str) -> bool:
    """Whether DuckDB knows it as an aggregate."""
    return name in _known()[1]


def is_known(name: str) -> bool:
    """Whether it is a scalar whose meaning is DuckDB's own."""
    return name in _known()[0] or name in MACROS or name in CLOCKS


def is_volatile(name: str) -> bool:
    """Whether its answer may differ between two rows or two runs."""
    return name in _known()[2]


def volatile_names() -> frozenset[str]:
    """All of them, to be looked for in a whole statement."""
    return _known()[2]


def unit_of(name: str) -> str:
    """A unit of time under its one name."""
    lower = name.lower()
    return UNITS.get(lower, lower)
