-- One answer to one question of a happy call; questions that were not put have no row.
-- Status 1 is a preview, 2 a test; ResponseState tells that a customer took the answers back.
with given as (
    select
        r._record,
        r."ResponseId" as response_ref,
        r."ExternalReference" as invitation_ref,
        r."SiteCode" as site_ref,
        r."ProductCode" as product_ref,
        r."AgentCode" as agent_ref,
        r."CustomerNo" as customer_ref,
        r."Survey" as survey,
        r."COMMENT" as comment,
        r."EndDate" as ended,
        r."ResponseState" as state,
        r."Status" as status,
        profile_ref(r."Segment", r."Tenure", r."AgeBand", r."PartyType", r."Province") as profile_ref,
        try_strptime(r."EndDate", '%Y-%m-%d %H:%M:%S') as local_time,
        unnest(['SA1', 'SA2', 'SA3', 'PR1', 'AS1', 'AS2', 'AS3', 'CC1']) as question,
        unnest([r."SA1", r."SA2", r."SA3", r."PR1", r."AS1", r."AS2", r."AS3", r."CC1"]) as answer
    from raw as r
)
select
    g.response_ref,
    blank_null(g.invitation_ref) as invitation_ref,
    g.site_ref,
    g.question as question_ref,
    'voice' as channel_ref,
    g.product_ref,
    blank_null(g.agent_ref) as agent_ref,
    case g.survey when 'sales_call' then 'HC-SALES' else 'HC-SERVICE' end as campaign_ref,
    g.customer_ref,
    g.profile_ref,
    try_cast(g.answer as integer) as score,
    case when g.question in ('SA3', 'AS3') then blank_null(g.comment) end as verbatim,
    utc_of(g.local_time, 'Asia/Seoul') as at_utc,
    g.local_time::date as local_date,
    minute_of(g.local_time) as local_minute,
    coalesce(bad_time(g.ended, '%Y-%m-%d %H:%M:%S', 'EndDate'), bad_number(g.answer, g.question)) as _reject,
    case g.status when '1' then 'preview' when '2' then 'test' end as _set_aside,
    g.state = 'withdrawn' as _withdrawn,
    g._record
from given as g
where blank_null(g.answer) is not null
