"""The SELECTs of a difference between two loads, over the ledgers of answers and sites.

`{before}` and `{after}` are conditions on a row of the ledger: it stood after the one load, after
the other. A *member* is what is listed by; of a site it is that of the version of the day.
"""

from __future__ import annotations

#: What tells two versions of a site apart when it is re-coded.
DESCRIBED = ("site_type", "size_band", "province", "district", "head_office", "region_office")

#: What the index reads of an answer; answers that differ in nothing else did not move it.
_READ = ("site_key", "question_key", "channel_key", "local_date", "score", "weight", "points")

_SIDE = """
    select f.*, {{member}} as member, date_trunc('month', f.local_date)::date as month
    from {{facts}} as f
    left join {{sites_{side}}} as s on s.site_key = f.site_key
        and f.local_date >= s.valid_from and f.local_date < s.valid_to
    where f.{{wanted}} and {condition}"""
_DIFFERS = " or ".join(f"g.{name} is distinct from c.{name}" for name in _READ)

#: Answers that stood after one load alone, or stood otherwise, with what became of them.
PAIRED = f"""
with gone as ({_SIDE.format(side="before", condition="{before} and not {after}")}
),
came as ({_SIDE.format(side="after", condition="{after} and not {before}")}
)
select coalesce(c.answer_key, g.answer_key) as answer_key,
    case when c.answer_key is null then 'withdrawn' when g.answer_key is not null then 'corrected'
        when c.local_date < {{day}} then 'late' else 'new' end as kind,
    g.member as member_before, g.month as month_before,
    c.member as member_after, c.month as month_after,
    coalesce(c.response_key, g.response_key) as response_key,
    coalesce(c.site_key, g.site_key) as site_key,
    coalesce(c.question_key, g.question_key) as question_key,
    coalesce(c.channel_key, g.channel_key) as channel_key,
    coalesce(c.local_date, g.local_date) as day,
    g.score as score_before, c.score as score_after,
    coalesce(c.load_from, g.load_to) as "load"
from gone as g
full join came as c on c.answer_key = g.answer_key
where {_DIFFERS}
"""

#: Answers that both loads have and whose member reads otherwise: their site was re-coded.
SHIFTED = f"""
with recoded as (
    select site_key from (
        (select {{described}} from {{sites_before}}
            except select {{described}} from {{sites_after}})
        union
        (select {{described}} from {{sites_after}}
            except select {{described}} from {{sites_before}})
    )
),
was as ({_SIDE.format(side="before", condition="{before} and {after}")}
        and f.site_key in (select site_key from recoded)
),
is_now as ({_SIDE.format(side="after", condition="{before} and {after}")}
        and f.site_key in (select site_key from recoded)
)
select w.answer_key, w.site_key, w.month, w.member as member_before, n.member as member_after
from was as w
join is_now as n on n.answer_key = w.answer_key
where w.member is distinct from n.member
"""

TOUCHED = """
select member_before as member, month_before as month from {paired}
where kind in ('withdrawn', 'corrected')
union select member_after, month_after from {paired} where kind <> 'withdrawn'
union select member_before, month from {shifted}
union select member_after, month from {shifted}
"""

#: Weight, points and number of answers of each stratum of what was touched, after either load.
STRATA = f"""
with sided as (
    select *, 1 as side from ({_SIDE.format(side="before", condition="{before} and f.weight > 0")})
    union all
    select *, 2 from ({_SIDE.format(side="after", condition="{after} and f.weight > 0")})
)
select f.member, f.month, {{stratum}},
    count(*) filter (f.side = 1) as n1, count(*) filter (f.side = 2) as n2,
    coalesce(sum(f.weight) filter (f.side = 1), 0)::bigint as w1,
    coalesce(sum(f.weight) filter (f.side = 2), 0)::bigint as w2,
    coalesce(sum(f.weight::bigint * f.points) filter (f.side = 1), 0)::bigint as p1,
    coalesce(sum(f.weight::bigint * f.points) filter (f.side = 2), 0)::bigint as p2
from sided as f
semi join {{touched}} as t
    on t.member is not distinct from f.member and t.month is not distinct from f.month
group by all
"""

_SAME = "{0}.member is not distinct from {1}.member and {0}.month is not distinct from {1}.month"
MOVED = f"""
with whole as (
    select t.member, t.month,
        coalesce(sum(n1), 0)::bigint as n1, coalesce(sum(n2), 0)::bigint as n2,
        nullif(sum(w1), 0)::bigint as w1, nullif(sum(w2), 0)::bigint as w2,
        sum(p1)::bigint as p1, sum(p2)::bigint as p2
    from {{touched}} as t left join {{strata}} as k on {_SAME.format("k", "t")}
    group by all
),
rated as (
    select w.member, w.month,
        sum((k.p2 / 126.0::double / k.w2 - k.p1 / 126.0::double / k.w1)
            * (k.w1::double / w.w1 + k.w2::double / w.w2) / 2) as rate
    from whole as w join {{strata}} as k on {_SAME.format("k", "w")} and k.w1 > 0 and k.w2 > 0
    group by all
),
counted as (
    select member, month,
        count(*) filter (kind = 'late') as late, count(*) filter (kind = 'new') as new,
        count(*) filter (kind = 'corrected') as corrected,
        count(*) filter (kind = 'withdrawn') as withdrawn,
        count(distinct site_key) filter (kind = 'recoded') as recoded
    from (
        select member_before as member, month_before as month, kind, site_key, answer_key
        from {{paired}} where kind in ('withdrawn', 'corrected')
        union
        select member_after, month_after, kind, site_key, answer_key
        from {{paired}} where kind <> 'withdrawn'
        union all
        select member_before, month, 'recoded', site_key, answer_key from {{shifted}}
        union all
        select member_after, month, 'recoded', site_key, answer_key from {{shifted}}
    )
    group by all
),
figures as (
    select w.*, (w.p1 / 126.0::double / w.w1)::decimal(9, 4) as index_before,
        (w.p2 / 126.0::double / w.w2)::decimal(9, 4) as index_after,
        case when w.w1 > 0 and w.w2 > 0 then coalesce(r.rate, 0)::decimal(9, 4) end as rate
    from whole as w left join rated as r on {_SAME.format("r", "w")}
)
select f.member, f.month, f.index_before, f.index_after,
    f.index_after - f.index_before as moved,
    f.index_after - f.index_before - f.rate as mix, f.rate,
    f.n1 as n_before, f.n2 as n_after, c.late, c.new, c.corrected, c.withdrawn, c.recoded
from figures as f
join counted as c on {_SAME.format("c", "f")}
order by f.member, f.month
"""

ROWS = """
select p.kind, s.site, p.day, q.question, c.channel, p.score_before, p.score_after, p."load",
    p.answer_key, p.response_key
from {paired} as p
left join (select site_key, max(site) as site from {sites_after} group by all) as s
    on s.site_key = p.site_key
left join (select question_key, max(question) as question from {questions} group by all) as q
    on q.question_key = p.question_key
left join (select channel_key, max(channel) as channel from {channels} group by all) as c
    on c.channel_key = p.channel_key
order by s.site, p.day, p.kind, p.answer_key
"""

_TOLD = ", ".join(
    f"case when a.{name} is distinct from b.{name} then '{name} '"
    f" || coalesce(a.{name}::varchar, '–') || ' → ' || coalesce(b.{name}::varchar, '–') end"
    for name in (*DESCRIBED, "valid_to")
)

#: Versions of sites that both loads know and describe otherwise.
RECODED = f"""
select * from (
    select coalesce(b.site, a.site) as site, coalesce(b.valid_from, a.valid_from) as valid_from,
        case when a.site_key is null then 'a new version'
            when b.site_key is null then 'no version any more' else concat_ws('; ', {_TOLD}) end
            as what,
        b.load_from as "load"
    from (from {{sites_before}} where {{wanted}}) as a
    full join (from {{sites_after}} where {{wanted}}) as b
        on b.site_key = a.site_key and b.valid_from = a.valid_from
    where coalesce(a.site_key, b.site_key) in (select site_key from {{sites_before}})
        and coalesce(a.site_key, b.site_key) in (select site_key from {{sites_after}})
)
where what <> ''
order by site, valid_from
"""
