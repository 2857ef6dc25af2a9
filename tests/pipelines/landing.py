"""A home, sources and files to land, for the tests of this folder."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from models.home import Home, open_home
from models.keys import Keys, open_keys
from pipelines.formats.block import Block, Content
from pipelines.formats.cut import cut
from pipelines.source import Source, read_source
from pipelines.source_table import SourceTable

DATA = Path(__file__).parents[2] / "../shared/data"
Row = tuple[str | None, ...]

ANSWERS = """
title = "Answers of one branch"
timezone = "Asia/Seoul"

[[table]]
[table.match]
path = "answers*.csv"
columns = ["id", "score"]
"""


def a_home(folder: Path) -> tuple[Home, Keys]:
    """An empty home with keys of its own."""
    home = open_home(folder / "home")
    return home, open_keys(home, {"HAPPYCALL_KEYS": str(folder / "keys")})


def a_source(folder: Path, toml: str = ANSWERS, name: str = "branch", **files: str) -> Source:
    """A source folder with the given files (`site__branches` is site.branches.sql)."""
    place = folder / "sources" / name
    place.mkdir(parents=True, exist_ok=True)
    (place / "source.toml").write_text(toml, "utf-8")
    for stem, text in files.items():
        ending = ".csv" if stem.startswith("csv_") else ".sql"
        file = stem.removeprefix("csv_").replace("__", ".") + ending
        (place / file).write_text(text, "utf-8")
    return read_source(place)


def a_table(folder: Path, read: str = "", rest: str = "") -> SourceTable:
    """The only table of a source whose `[table.read]` is given."""
    return a_source(folder, f"[[table]]\n[table.read]\n{read}\n{rest}").tables[0]


def content(data: bytes, name: str = "file.csv", chunk: int = 1 << 18) -> Content:
    """Bytes as a file that is read in chunks of the given size."""

    def chunks() -> Iterator[bytes]:
        for start in range(0, len(data), chunk):
            yield data[start : start + chunk]

    return Content(name, chunks)


def blocks(data: bytes, table: SourceTable, chunk: int = 1 << 18) -> list[Block]:
    """All blocks of a file."""
    return list(cut(content(data, chunk=chunk), table))


def records(data: bytes, table: SourceTable, chunk: int = 1 << 18) -> dict[int, Row]:
    """The readable records by their numbers."""
    return {
        number: tuple(row)
        for block in blocks(data, table, chunk)
        for number, row in zip(block.numbers, _rows(block), strict=True)
    }


def bad(data: bytes, table: SourceTable) -> dict[int, str]:
    """The reasons of unreadable records by their numbers."""
    return dict(item for block in blocks(data, table) for item in block.bad)


def _rows(block: Block) -> Sequence[Row]:
    arrow = block.arrow().drop_columns(["_record"])
    columns = [column.to_pylist() for column in arrow.columns]
    return list(zip(*columns, strict=True)) if columns else [() for _ in block.numbers]


def a_workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    """A workbook with the given cells: texts, numbers, or nothing."""
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    ooxml = "http://schemas.openxmlformats.org"
    kind = f"{ooxml}/officeDocument/2006/relationships"
    numbered = list(enumerate(sheets.items(), 1))
    with zipfile.ZipFile(path, "w") as file:
        parts = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="application/'
            'vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
            for n, _ in numbered
        )
        file.writestr(
            "[Content_Types].xml",
            f'{head}<Types xmlns="{ooxml}/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/'
            'vnd.openxmlformats-package.relationships+xml"/>'
            '<Override PartName="/xl/workbook.xml" ContentType="application/'
            'vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
            f"{parts}</Types>",
        )
        links = f'<Relationships xmlns="{ooxml}/package/2006/relationships">'
        file.writestr(
            "_rels/.rels",
            f'{head}{links}<Relationship Id="r1" Type="{kind}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        names = "".join(f'<sheet name="{t}" sheetId="{n}" r:id="r{n}"/>' for n, (t, _) in numbered)
        file.writestr(
            "xl/workbook.xml",
            f'{head}<workbook xmlns="{ooxml}/spreadsheetml/2006/main" xmlns:r="{kind}">'
            f"<sheets>{names}</sheets></workbook>",
        )
        targets = "".join(
            f'<Relationship Id="r{n}" Type="{kind}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n, _ in numbered
        )
        file.writestr("xl/_rels/workbook.xml.rels", f"{head}{links}{targets}</Relationships>")
        for n, (_, rows) in numbered:
            file.writestr(
                f"xl/worksheets/sheet{n}.xml",
                f'{head}<worksheet xmlns="{ooxml}/spreadsheetml/2006/main"><sheetData>'
                + "".join(_sheet_row(r, row) for r, row in enumerate(rows, 1))
                + "</sheetData></worksheet>",
            )
    return path


def _sheet_row(number: int, row: Sequence[object]) -> str:
    cells = ""
    for column, value in zip("ABCDEFGH", row, strict=False):
        if isinstance(value, str):
            cells += f'<c r="{column}{number}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        elif value is not None:
            cells += f'<c r="{column}{number}"><v>{value}</v></c>'
    return f'<row r="{number}">{cells}</row>'
