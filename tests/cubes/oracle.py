# ruff: noqa: E501  (tables of SQL read better whole)
"""The right side of law 1: plain DuckDB over plain tables, with no code of the cubes in it."""

from __future__ import annotations

#: Facts with every level as a column, joined the way a person would write it.
ANSWERS = """
select f.*,
    f.local_date as day,
    date_trunc('week', f.local_date)::date as week,
    date_trunc('month', f.local_date)::date as month,
    date_trunc('quarter', f.local_date)::date as quarter,
    make_date(year(f.local_date), 1 + 6 * ((month(f.local_date) - 1) // 6), 1) as half,
    date_trunc('year', f.local_date)::date as year,
    d.fiscal_year,
    (f.local_minute // 60)::integer as hour,
    s.site, s.site_name, s.site_type, s.size_band, s.province, s.province as region, s.district,
    s.head_office, s.region_office,
    q.process, q.stage, q.touchpoint, q.question, q.low as scale_low, q.high as scale_high,
    q.direction as scale_direction,
    c.channel, p.product, k.campaign, a.agent, u.segment
from fact_answer as f
join dim_date as d on d.day = f.local_date
left join dim_site as s on s.site_key = f.site_key and f.local_date >= s.valid_from and f.local_date < s.valid_to
left join dim_question as q on q.question_key = f.question_key
left join dim_channel as c on c.channel_key = f.channel_key
left join dim_product as p on p.product_key = f.product_key
left join dim_campaign as k on k.campaign_key = f.campaign_key
left join dim_agent as a on a.agent_key = f.agent_key and f.local_date >= a.valid_from and f.local_date < a.valid_to
left join dim_customer_profile as u on u.profile_key = f.profile_key
"""

CONTACTS = """
select f.*,
    f.local_date as day,
    date_trunc('week', f.local_date)::date as week,
    date_trunc('month', f.local_date)::date as month,
    date_trunc('quarter', f.local_date)::date as quarter,
    make_date(year(f.local_date), 1 + 6 * ((month(f.local_date) - 1) // 6), 1) as half,
    date_trunc('year', f.local_date)::date as year,
    d.fiscal_year,
    (f.local_minute // 60)::integer as hour,
    s.site, s.site_name, s.site_type, s.size_band, s.province, s.province as region, s.district,
    s.head_office, s.region_office,
    t.process, t.stage, t.touchpoint,
    c.channel, r.reason, p.product, k.campaign, a.agent, u.segment
from fact_contact as f
join dim_date as d on d.day = f.local_date
left join dim_site as s on s.site_key = f.site_key and f.local_date >= s.valid_from and f.local_date < s.valid_to
left join dim_process as t on t.touchpoint_key = f.touchpoint_key
left join dim_channel as c on c.channel_key = f.channel_key
left join dim_reason as r on r.reason_key = f.reason_key
left join dim_product as p on p.product_key = f.product_key
left join dim_campaign as k on k.campaign_key = f.campaign_key
left join dim_agent as a on a.agent_key = f.agent_key and f.local_date >= a.valid_from and f.local_date < a.valid_to
left join dim_customer_profile as u on u.profile_key = f.profile_key
"""

VIEWS = {"satisfaction": ("plain_answers", ANSWERS), "voice": ("plain_contacts", CONTACTS)}

_ANSWERED = "(not is_abandoned and (answered_at_utc is not null or answered_date is not null or talk_seconds is not null))"

#: What each call means over facts, written from the definitions of the field.
MEANING = {
    "satisfaction": {
        "measure(index)": "100.0::double * sum(weight * points) / (12600 * nullif(sum(weight), 0))",
        "n(index)": "count(*) filter (where weight > 0)",
        "n()": "count(grade)",
        "measure(n)": "count(grade)",
        "count(*)": "count(*)",
        "measure(answers)": "count(*)",
        "measure(responses)": "count(*) filter (where lead = 1)",
        "measure(texts)": "count(text_id)",
        "measure(top_box)": "100.0::double * count(*) filter (where grade = span) / nullif(count(grade), 0)",
        "measure(top2_box)": "100.0::double * count(*) filter (where grade >= span - 1) / nullif(count(grade), 0)",
        "measure(low_box)": "100.0::double * count(*) filter (where grade = 0) / nullif(count(grade), 0)",
        "measure(nps)": "100.0::double * (count(*) filter (where span = 10 and score >= 9) - count(*) filter (where span = 10 and score <= 6))"
        " / nullif(count(grade) filter (where span = 10), 0)",
        "sum(h3)": "sum(coalesce(grade = 3 and span < 11, false)::integer)",
        "sum(rows)": "sum(1)",
    },
    "voice": {
        "measure(contacts)": "count(*)",
        "n()": "count(*)",
        "count(*)": "count(*)",
        "measure(complaints)": "count(*) filter (where purpose = 'complaint')",
        "measure(open_cases)": "count(*) filter (where not is_resolved and not is_abandoned)",
        "measure(answer_rate)": f"100.0::double * count(*) filter (where {_ANSWERED})"
        f" / nullif(count(*) filter (where {_ANSWERED} or is_abandoned), 0)",
        "measure(abandonment)": f"100.0::double * count(*) filter (where is_abandoned)"
        f" / nullif(count(*) filter (where {_ANSWERED} or is_abandoned), 0)",
        "measure(service_level)": f"100.0::double * count(*) filter (where {_ANSWERED} and wait_seconds <= 20)"
        f" / nullif(count(*) filter (where {_ANSWERED} and wait_seconds is not null)"
        " + count(*) filter (where is_abandoned and not coalesce(wait_seconds <= 5, false)), 0)",
        "measure(asa)": f"sum(wait_seconds) filter (where {_ANSWERED})::double / nullif(count(wait_seconds) filter (where {_ANSWERED}), 0)",
        "measure(aht)": "sum(talk_seconds + coalesce(hold_seconds, 0) + coalesce(wrap_seconds, 0)) filter (where not is_abandoned)::double"
        " / nullif(count(talk_seconds) filter (where not is_abandoned), 0)",
        "measure(transfers_per_contact)": "sum(transfers)::double / nullif(count(*), 0)",
        "measure(transferred_often)": "100.0::double * count(*) filter (where transfers >= 3) / nullif(count(*), 0)",
        "measure(reopen_rate)": "100.0::double * count(*) filter (where reopens > 0)"
        " / nullif(count(*) filter (where is_resolved or reopens > 0), 0)",
        "measure(cycle_hours)": "sum(cycle_minutes)::double / 60 / nullif(count(cycle_minutes), 0)",
        "sum(transfers)": "sum(transfers)",
        "sum(rows)": "sum(1)",
    },
}  # fmt: skip

#: Conditions on one level, by its type; `{}` is the level.
CONDITIONS = {
    "DATE": ("{} >= $first", "{} < date '2026-03-16'", "{} between $first and $last", "{} = date '2026-03-01'",
             "{} in (date '2026-02-01', date '2026-03-01', $first)", "{} < current_date - 60", "year({}) = 2026",
             "not ({} > $last)", "({} <= $first or {} > $last)"),
    "VARCHAR": ("{} = $word", "{} in ('S1', 'S2', 'sales', 'repair', 'Q1', 'Q3', '서울', 'channel 1', 'complaint')",
                "{} <> $word", "{} is null", "{} is not null", "{} like '%1'", "coalesce({}, 'x') < 'r'",
                "upper({}) = upper($word)", "{} not in ($word, 'S3')"),
    "INTEGER": ("{} > 3", "{} is null", "{} between 1 and 12"),
    "SMALLINT": ("{} = 1", "{} is null"),
}  # fmt: skip

TODAY = "date '2026-05-01'"
