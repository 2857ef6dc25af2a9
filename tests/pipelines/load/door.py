"""Law 6 on a real release: every role gets its own rows at the door, whatever it asks for."""

from __future__ import annotations

import pytest

from cubes.api import Connection
from cubes.catalogue import RECORDS
from cubes.policy import Principal
from models.errors import Forbidden
from models.reader import Reader
from tests.pipelines.load.conftest import Bench

WHOLE = ("analyst", "supervisor", "data_engineer")
OWNERS = ("site_manager", "region_manager")
WITHIN = "select n() as n from satisfaction"
ROWS = "select count(*) as n from fact_answer where grade is not null"
FACTS = """
select s.site, count(f.grade)
from fact_answer as f
join dim_site as s on s.site_key = f.site_key and f.local_date >= s.valid_from
    and f.local_date < s.valid_to
group by all
"""


def own_rows_at_the_door(bench: Bench, own: set[str]) -> None:
    """Owners count the answers of their sites and no others, by facts as by cells."""
    reader = Reader(bench.home, without=RECORDS)
    by_site = {str(site): int(str(n)) for site, n in bench.rows(FACTS)}
    for role in (*WHOLE, *OWNERS):
        mine = own if role in OWNERS else by_site
        expected = sum(by_site.get(site, 0) for site in mine)
        principal = Principal(role, tuple(sorted(own)) if role in OWNERS else ())  # type: ignore[arg-type]
        con = Connection(reader, principal, home=bench.home)
        if role in OWNERS and not own:
            with pytest.raises(Forbidden):
                con.ask(ROWS)
            continue
        assert con.ask(ROWS).item() == expected, role
        assert con.ask(WITHIN)["n"].sum() == expected, role
    reader.close()
