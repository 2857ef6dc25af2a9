-- One answer to one question of the web survey; an empty submitdate means it was never sent off.
with given as (
    select
        r._record,
        r.id as response_ref,
        r.token as invitation_ref,
        r.site as site_ref,
        r.product as product_ref,
        r.customer as customer_ref,
        r.comment,
        r.submitdate,
        r.state,
        profile_ref(r.segment, r.tenure, r.ageband, r.party, r.province) as profile_ref,
        try_strptime(coalesce(blank_null(r.submitdate), r.datestamp), '%Y-%m-%d %H:%M:%S') as local_time,
        unnest(['AS1', 'AS2', 'AS3', 'NP1', 'PR2', 'CC2']) as question,
        unnest([r."AS1", r."AS2", r."AS3", r."NP1", r."PR2", r."CC2"]) as answer
    from raw as r
)
select
    g.response_ref,
    blank_null(g.invitation_ref) as invitation_ref,
    g.site_ref,
    g.question as question_ref,
    'web' as channel_ref,
    g.product_ref,
    'WEB-SERVICE' as campaign_ref,
    g.customer_ref,
    g.profile_ref,
    try_cast(g.answer as integer) as score,
    case when g.question = 'AS3' then blank_null(g.comment) end as verbatim,
    utc_of(g.local_time, 'Asia/Seoul') as at_utc,
    g.local_time::date as local_date,
    minute_of(g.local_time) as local_minute,
    coalesce(bad_time(g.submitdate, '%Y-%m-%d %H:%M:%S', 'submitdate'), bad_number(g.answer, g.question)) as _reject,
    case when blank_null(g.submitdate) is null then 'unfinished' end as _set_aside,
    g.state = 'withdrawn' as _withdrawn,
    g._record
from given as g
where blank_null(g.answer) is not null
