"""Every real file belongs to exactly one table of one source, or is refused in a sentence."""

from __future__ import annotations

import pytest

from models.errors import SourceError
from pipelines.match import match_file
from pipelines.source import read_sources
from tests.sources.star_of import DATA, real_files


@pytest.mark.parametrize(
    ("folder", "pattern", "count", "owner"),
    [
        ("consumidor_gov_br_2014", "*.csv", 9, ("consumidor_gov_br", "raw")),
        ("edna_call_center", "Data_*.csv", 4, ("edna_call_center", "calls")),
        ("edna_call_center", "lookup_employees.csv", 1, ("edna_call_center", "employees")),
        ("edna_call_center", "lookup_call_types.csv", 1, ("edna_call_center", "call_types")),
        ("sfo_airport_survey", "*.csv", 9, ("sfo_airport_survey", "raw")),
    ],
)
def test_a_real_file_is_known_without_being_named(
    folder: str, pattern: str, count: int, owner: tuple[str, str]
) -> None:
    sources, files = read_sources(), real_files(folder, pattern)
    assert len(files) == count
    for path in files:
        source, table = match_file(path, sources, named=None, landing=DATA / "landing")
        assert (source.name, table.name) == owner


@pytest.mark.parametrize("name", ["Call_Charges.xlsx", "Lookup_data.xlsx", "US_States.xlsx"])
def test_a_workbook_of_the_call_centre_is_refused(name: str) -> None:
    (path,) = real_files("edna_call_center", name)
    with pytest.raises(SourceError, match=f"{name} is of no table of 'edna_call_center'"):
        match_file(path, read_sources(), named="edna_call_center", landing=DATA / "landing")
