"""Makes home_format_1.tar.gz: a tiny home as happycall wrote it while its format was 1.

The archive is kept as it was first made, so that later code must open what earlier code wrote; run
this again only to see how it came about: python tests/models/make_home_format_1.py FOLDER

It holds a base (the first load, compacted), a tail (a second load that corrects, withdraws and adds
answers), a record in quarantine, a text in the vault's keeping, and the keys beside the home.
"""

from __future__ import annotations

import os
import shutil
import sys
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from models.home import open_home
from pipelines.beside import compact_home
from pipelines.load import home_sources, load

ARCHIVE = "home_format_1.tar.gz"
SOURCE = {
    "source.toml": """
title = "A tiny survey"
timezone = "Asia/Seoul"
[[table]]
name = "survey"
[table.match]
path = "survey*.csv"
[table.change]
mode = "upsert"
key = ["id"]
[table.class]
phone = "pii"
said = "free_text"
[[table]]
name = "sites"
[table.match]
path = "sites*.csv"
[table.change]
mode = "snapshot"
key = ["code"]
""",
    "answer.survey.sql": """
select
    s._record, s.id as response_ref, 'satisfaction' as question_ref, s.site as site_ref,
    'voice' as channel_ref, s.score, s.phone, s.said as verbatim, s.day as local_date,
    s.state = 'withdrawn' as _withdrawn
from survey as s
""",
    "site.sites.sql": """
select s._record, s.code as site_ref, s.name, 'sales_branch' as site_type, s.province
from sites as s
""",
}
HEAD = "id,day,site,score,phone,said,state\n"
LOADS = (
    {
        "sites.csv": "code,name,province\nS1,North,서울특별시\nS2,South,부산광역시\n",
        "survey1.csv": HEAD
        + "1,2026-11-02,S1,5,010-1234-5678,친절해요,\n"
        + "2,2026-11-02,S1,3,010-2345-6789,,\n"
        + "3,2026-11-03,S2,4,,,\n"
        + "4,some day,S2,4,,,\n",
    },
    {
        "survey2.csv": HEAD
        + "2,2026-11-02,S1,4,010-2345-6789,,\n"
        + "3,2026-11-03,S2,4,,,withdrawn\n"
        + "5,2026-11-04,S2,2,,,\n",
    },
)


def make(folder: Path) -> Path:
    """The archive, made anew in a folder."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        os.environ["HAPPYCALL_KEYS"] = str(root / "keys")
        home = open_home(root / "home")
        source = home.root / "sources" / "tiny"
        source.mkdir(parents=True)
        for name, text in SOURCE.items():
            (source / name).write_text(text, encoding="utf-8")
        for number, files in enumerate(LOADS):
            paths = [root / name for name in files]
            for path in paths:
                path.write_text(files[path.name], encoding="utf-8")
            moment = datetime(2026, 11, 22, number, tzinfo=UTC)
            load(
                home,
                paths=paths,
                sources=[s for s in home_sources(home) if s.name == "tiny"],
                now=lambda at=moment: at,
            )
            if not number:
                compact_home(home)
        shutil.rmtree(home.dagster)
        return _packed(root, folder / ARCHIVE)


def _packed(root: Path, archive: Path) -> Path:
    with tarfile.open(archive, "w:gz", compresslevel=9) as packed:
        for name in ("home", "keys"):
            packed.add(root / name, name)
    return archive


if __name__ == "__main__":
    print(make(Path(sys.argv[1])))  # noqa: T201
