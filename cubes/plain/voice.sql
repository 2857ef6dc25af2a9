-- What each contact is to the cells of voice: every key they may be stored by, and what the contact
-- adds to every aggregate. Written from the glossary and not from the cube, because the shadow check
-- holds the cube's cells against it.
with known as (
    select
        c.*,
        case
            when c.is_abandoned then false
            else coalesce(c.answered_at_utc::varchar, c.answered_date::varchar, c.talk_seconds::varchar)
                is not null
        end as was_taken,
        case
            when c.cycle_minutes < 0 then null
            when c.cycle_minutes <= 5 then 0
            when c.cycle_minutes <= 15 then 1
            when c.cycle_minutes <= 30 then 2
            when c.cycle_minutes <= 60 then 3
            when c.cycle_minutes <= 120 then 4
            when c.cycle_minutes <= 240 then 5
            when c.cycle_minutes <= 480 then 6
            when c.cycle_minutes <= 1440 then 7
            when c.cycle_minutes <= 2880 then 8
            when c.cycle_minutes <= 4320 then 9
            when c.cycle_minutes <= 7200 then 10
            when c.cycle_minutes <= 10080 then 11
            when c.cycle_minutes <= 14400 then 12
            when c.cycle_minutes <= 20160 then 13
            when c.cycle_minutes <= 28800 then 14
            when c.cycle_minutes <= 43200 then 15
            when c.cycle_minutes <= 64800 then 16
            when c.cycle_minutes <= 86400 then 17
            when c.cycle_minutes <= 129600 then 18
            when c.cycle_minutes > 129600 then 19
        end as slot
    from fact_contact as c
),
timed as (
    select
        k.*,
        case when k.was_taken then k.wait_seconds end as waited_for,
        case when k.was_taken then k.talk_seconds end as talked_for
    from known as k
)
select
    s.site_version,
    s.province,
    k.touchpoint_key,
    k.reason_key,
    k.channel_key,
    k.product_key,
    k.campaign_key,
    g.agent_version,
    k.profile_key,
    k.purpose,
    k.direction,
    k.local_date as day,
    make_date(year(k.local_date), month(k.local_date), 1) as month,
    floor(k.local_minute / 60)::integer as hour,

    1 as rows,
    if(k.direction = 'inbound', 1, 0) as inbound,
    if(k.direction = 'outbound', 1, 0) as outbound,
    if(k.purpose = 'complaint', 1, 0) as complaints,
    if(k.purpose = 'inquiry', 1, 0) as inquiries,
    if(k.was_taken, 1, 0) as answered,
    if(k.is_abandoned, 1, 0) as abandoned,
    if(k.is_abandoned and k.wait_seconds < 6, 1, 0) as short_abandoned,
    if(k.waited_for is null, 0, 1) as waited,
    if(k.waited_for < 21, 1, 0) as within_20,
    if(k.waited_for between 0 and 10, 1, 0) as w0,
    if(k.waited_for between 11 and 20, 1, 0) as w1,
    if(k.waited_for between 21 and 30, 1, 0) as w2,
    if(k.waited_for between 31 and 60, 1, 0) as w3,
    if(k.waited_for between 61 and 120, 1, 0) as w4,
    if(k.waited_for >= 121, 1, 0) as w5,
    if(k.talked_for is null, 0, 1) as handled,
    if(k.transfers >= 1, 1, 0) as transferred,
    if(k.transfers > 2, 1, 0) as transferred_3,
    if(k.is_resolved, 1, 0) as resolved,
    if(k.is_resolved or k.is_abandoned, 0, 1) as open,
    if(k.purpose = 'complaint' and not (k.is_resolved or k.is_abandoned), 1, 0) as open_complaints,
    if(k.reopens >= 1, 1, 0) as reopened,
    if(k.reopens >= 1 or k.is_resolved, 1, 0) as once_resolved,
    if(k.cycle_minutes is null, 0, 1) as cycles,
    if(k.slot = 0, 1, 0) as c0,
    if(k.slot = 1, 1, 0) as c1,
    if(k.slot = 2, 1, 0) as c2,
    if(k.slot = 3, 1, 0) as c3,
    if(k.slot = 4, 1, 0) as c4,
    if(k.slot = 5, 1, 0) as c5,
    if(k.slot = 6, 1, 0) as c6,
    if(k.slot = 7, 1, 0) as c7,
    if(k.slot = 8, 1, 0) as c8,
    if(k.slot = 9, 1, 0) as c9,
    if(k.slot = 10, 1, 0) as c10,
    if(k.slot = 11, 1, 0) as c11,
    if(k.slot = 12, 1, 0) as c12,
    if(k.slot = 13, 1, 0) as c13,
    if(k.slot = 14, 1, 0) as c14,
    if(k.slot = 15, 1, 0) as c15,
    if(k.slot = 16, 1, 0) as c16,
    if(k.slot = 17, 1, 0) as c17,
    if(k.slot = 18, 1, 0) as c18,
    if(k.slot = 19, 1, 0) as c19,
    if(k.text_id is null, 0, 1) as texts,
    coalesce(k.waited_for, 0)::bigint as wait,
    case
        when k.talked_for is null then 0
        else k.talked_for::bigint + coalesce(k.hold_seconds, 0) + coalesce(k.wrap_seconds, 0)
    end as handle,
    coalesce(k.transfers, 0)::bigint as transfers,
    coalesce(k.cycle_minutes, 0)::bigint as cycle,
    coalesce(k.cycle_minutes::hugeint * k.cycle_minutes::hugeint, 0) as cycle2
from timed as k
left join dim_site as s
    on s.site_key = k.site_key and k.local_date >= s.valid_from and s.valid_to > k.local_date
left join dim_agent as g
    on g.agent_key = k.agent_key and k.local_date >= g.valid_from and g.valid_to > k.local_date
