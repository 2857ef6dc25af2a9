-- What the queue log tells of a call. Numbers are counted from the right, because a transfer has two
-- fields more or fewer by how it was made; lines about agents alone (RINGNOANSWER and the like) say
-- nothing about the contact. A switch that lost its clock writes times near 1970. Of the data, which hold
-- the caller's number when a call is queued, only seconds and the extension a call went to are taken: an
-- outside number, which is longer, is left out.
with timed as (
    select
        r.*,
        epoch_ms(try_cast(r.epoch as bigint) * 1000) as at_utc,
        string_split(r.data, '|') as fields
    from queue_log as r
),
kinds as (
    select
        t.*,
        local_of(t.at_utc, 'Asia/Seoul') as local_time,
        case t.event
            when 'ENTERQUEUE' then 'queued'
            when 'CONNECT' then 'answered'
            when 'BLINDTRANSFER' then 'transferred'
            when 'ATTENDEDTRANSFER' then 'transferred'
            when 'ABANDON' then 'abandoned'
            when 'EXITWITHKEY' then 'callback_requested'
            when 'EXITWITHTIMEOUT' then 'ended'
            when 'COMPLETEAGENT' then 'ended'
            when 'COMPLETECALLER' then 'ended'
        end as kind
    from timed as t
)
select
    k.callid as contact_ref,
    concat_ws('/', k.epoch, k.event, k.agent) as event_ref,
    'voice' as channel_ref,
    nullif(k.agent, 'NONE') as agent_ref,
    k.kind,
    case when k.kind = 'transferred' then k.agent when k.kind = 'queued' then null else k.queue end as from_value,
    case
        when k.event = 'BLINDTRANSFER' and length(k.fields[1]) < 7 then impersonal(k.fields[1])
        when k.kind = 'queued' then k.queue
        when k.kind = 'ended' then lower(k.event)
    end as to_value,
    try_cast(impersonal(case
        when k.event = 'CONNECT' then k.fields[1]
        when k.kind in ('transferred', 'ended') and k.event <> 'EXITWITHTIMEOUT' then k.fields[-2]
        when k.kind in ('abandoned', 'callback_requested', 'ended') then k.fields[-1]
    end) as integer) as seconds,
    k.at_utc,
    k.local_time::date as local_date,
    minute_of(k.local_time) as local_minute,
    case
        when k.at_utc is null then 'epoch is not a whole number'
        when k.at_utc < timestamp '2000-01-01' then 'epoch lies before 2000: the clock was not set'
    end as _reject,
    k._record
from kinds as k
where k.kind is not null or coalesce(k.at_utc < timestamp '2000-01-01', true)
