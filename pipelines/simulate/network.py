"""The network: its sites, how good each of them truly is, and who works for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from pipelines.simulate import chance
from pipelines.simulate.chance import Flags, Floats, Ints
from pipelines.simulate.clock import day_of
from pipelines.simulate.regions import District, districts

SIZES = ("small", "medium", "large")
NEVER = day_of(date(9999, 1, 1))
ORIGIN = day_of(date(2018, 1, 1))  # effects that grow with time are counted from here
DRIFT_DAYS = 240
_PLACES = (
    "",
    "중앙",
    "동부",
    "서부",
    "남부",
    "북부",
    "신도시",
    "역전",
    "시청",
    "터미널",
    "제일",
    "대로",
)
_POINTS = ("하나", "미래", "으뜸", "새빛", "한솔", "다온", "가온", "누리봄", "온새", "푸른")


@dataclass(frozen=True, slots=True)
class Network:
    """All sites as columns; a site is its position."""

    seed: int
    regions: tuple[District, ...]
    codes: tuple[str, ...]
    names: tuple[str, ...]
    is_sales: Flags
    size: Ints
    district: Ints  # position in regions
    opened: Ints
    closed: Ints  # first day on which the site no longer exists
    traffic: Floats  # volume against the mean site of its type
    quality: Floats  # latent effect on every answer
    process_quality: Floats  # latent effect by site and process, shape (sites, processes)
    drift: Floats  # latent change at the height of a drift; 0 for steady sites
    drift_phase: Ints
    games: Flags  # has its customers coached, in most quarters
    response: Floats  # factor on the chance that a customer answers
    inbound: int  # agents of the customer centre
    outbound: int  # agents who make happy calls

    @property
    def sites(self) -> int:
        """How many sites there are."""
        return len(self.codes)


def build_network(seed: int, sites: int) -> Network:
    """The network of that seed and size; 5 in 13 of its sites are sales branches."""
    regions, index = districts(), np.arange(sites, dtype=np.int64)
    sales = round(sites * 5 / 13)
    is_sales = index < sales
    district = np.concatenate(
        [_placed(seed, "sales", regions, sales), _placed(seed, "service", regions, sites - sales)]
    )
    size = chance.pick(seed, "size", (0.35, 0.45, 0.2), index)
    opened, closed = _lives(seed, index)
    games = _some(seed, "games", index, 0.015)
    traffic = np.asarray([0.62, 1.0, 1.68])[size] * np.exp(
        0.15 * chance.normal(seed, "traffic", index)
    )
    for kind in (is_sales, ~is_sales):
        traffic[kind] /= traffic[kind].mean() if kind.any() else 1.0
    return Network(
        seed=seed,
        regions=regions,
        codes=tuple(f"{'S' if flag else 'C'}{n + 1:04d}" for n, flag in enumerate(is_sales)),
        names=_names(regions, district, is_sales),
        is_sales=is_sales,
        size=size,
        district=district,
        opened=opened,
        closed=closed,
        traffic=traffic,
        quality=0.30 * chance.normal(seed, "quality", index),
        process_quality=0.12
        * chance.normal(seed, "process quality", index[:, None], np.arange(4)[None, :]),
        drift=_drifts(seed, index),
        drift_phase=chance.whole(seed, "drift phase", DRIFT_DAYS, index),
        games=games,
        response=np.clip(np.exp(0.18 * chance.normal(seed, "response", index)), 0.5, 1.5)
        * np.where(games, 0.55, 1.0),
        inbound=max(2, round(sites / 65)),
        outbound=max(2, round(sites / 26)),
    )


def drift_at(network: Network, site: Ints, day: Ints) -> Floats:
    """How far each site has drifted on each day: sixty days there, sixty away, sixty back."""
    turn = (day + network.drift_phase[site]) % DRIFT_DAYS
    height = np.clip(np.minimum(turn / 60.0, (180.0 - turn) / 60.0), 0.0, 1.0)
    return np.asarray(height * network.drift[site], dtype=np.float64)


def is_gaming(network: Network, site: Ints, day: Ints) -> Flags:
    """Whether the site has its customers coached on that day; gaming sites do in most quarters."""
    drawn = chance.uniform(network.seed, "games in", site, day // 91)
    return np.asarray(network.games[site] & (drawn < 0.85), dtype=np.bool_)


def is_open(network: Network, day: int) -> Flags:
    """Which sites do business on the day."""
    return np.asarray((network.opened <= day) & (day < network.closed), dtype=np.bool_)


def _placed(seed: int, kind: str, regions: tuple[District, ...], sites: int) -> Ints:
    """Districts for so many sites: provinces by largest remainder, districts by population."""
    names = list(dict.fromkeys(each.province for each in regions))
    people = np.asarray([each.population for each in regions], dtype=np.float64)
    province = np.asarray([names.index(each.province) for each in regions])
    by_province = np.bincount(province, people)
    quota = sites * by_province / by_province.sum()
    seats = np.floor(quota).astype(np.int64)
    for place in np.argsort(-(quota - seats), kind="stable")[: sites - int(seats.sum())]:
        seats[place] += 1
    while sites >= len(names) and (seats == 0).any():
        seats[int(np.argmax(seats))] -= 1
        seats[int(np.argmin(seats))] += 1
    chosen: list[int] = []
    for number, count in enumerate(seats):
        inside = np.flatnonzero(province == number)
        share = count * people[inside] / people[inside].sum()
        taken = np.floor(share).astype(np.int64)
        rank = share - taken + 0.5 * chance.uniform(seed, f"place {kind} {number}", inside)
        for place in np.argsort(-rank, kind="stable")[: int(count - taken.sum())]:
            taken[place] += 1
        chosen.extend(np.repeat(inside, taken).tolist())
    order = np.argsort(chance.uniform(seed, f"order {kind}", np.arange(sites)), kind="stable")
    return np.asarray(chosen, dtype=np.int64)[order]


def _some(seed: int, purpose: str, index: Ints, share: float) -> Flags:
    """So many of the sites, and at least one."""
    chosen = chance.uniform(seed, purpose, index) < share
    return np.asarray(
        chosen | (index == chance.whole(seed, purpose, len(index), -1)[0]), dtype=np.bool_
    )


def _drifts(seed: int, index: Ints) -> Floats:
    """Three sites in a hundred get worse, or better, for half a year."""
    worse = chance.uniform(seed, "drift sign", index) < 0.7
    drift = np.where(worse, -0.8, 0.6) * _some(seed, "drifts", index, 0.03)
    return np.asarray(drift, dtype=np.float64)


def _lives(seed: int, index: Ints) -> tuple[Ints, Ints]:
    """First day of each site and first day after its last; a few in a thousand close each year."""
    opened = day_of(date(1998, 1, 1)) + chance.whole(seed, "opened", 7300, index)
    late = chance.uniform(seed, "opens late", index) < 0.04
    opened = np.where(late, ORIGIN + chance.whole(seed, "opened late", 3650, index), opened)
    closes = chance.uniform(seed, "closes", index) < 0.03
    closed = ORIGIN + 400 + chance.whole(seed, "closed", 3650, index)
    return opened, np.where(closes & ~late, closed, NEVER)


def _names(regions: tuple[District, ...], district: Ints, is_sales: Flags) -> tuple[str, ...]:
    """Invented names from the place and the kind of site; each occurs once."""
    taken: set[str] = set()
    names: list[str] = []
    for where, sales in zip(district.tolist(), is_sales.tolist(), strict=True):
        place = regions[where].district
        short = place[:-1] if len(place) > 2 else regions[where].province[:2] + place
        ending = "지점" if sales else "서비스센터"
        options = [short + part + ending for part in _PLACES]
        options += [short + part + point + ending for part in _PLACES for point in _POINTS]
        free = (name for name in options if name not in taken)
        name = next(free, f"{short}{len(names) + 1}{ending}")
        taken.add(name)
        names.append(name)
    return tuple(names)
