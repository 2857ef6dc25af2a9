-- One call, or one callback. A call has several records, one for each leg that the switch opened; the
-- record of the whole call is the caller's own channel (context from-pstn). The site is what the caller
-- chose at the start, the purpose and reason what the agent noted at the end.
with timed as (
    select
        r.*,
        try_strptime(r.start, '%Y-%m-%d %H:%M:%S') as started,
        try_strptime(blank_null(r.answer), '%Y-%m-%d %H:%M:%S') as answered,
        r.dcontext = 'callback' as is_callback
    from calls as r
)
select
    t.linkedid as contact_ref,
    blank_null(regexp_extract(t.userfield, 'callback_of=([0-9.]+)', 1)) as parent_contact_ref,
    blank_null(t.accountcode) as site_ref,
    case when t.is_callback then 'callback' else 'voice' end as channel_ref,
    'centre_inquiry' as touchpoint_ref,
    blank_null(regexp_extract(t.userfield, 'reason=(\w+)', 1)) as reason_ref,
    blank_null(regexp_extract(
        case when t.is_callback then t.channel else t.dstchannel end, '^PJSIP/(\w+)-', 1)) as agent_ref,
    case when t.is_callback then t.dst else t.src end as phone,
    case when t.is_callback then 'outbound' else 'inbound' end as direction,
    blank_null(regexp_extract(t.userfield, 'purpose=(\w+)', 1)) as purpose,
    split_part(t.lastdata, ',', 1) as queue,
    t.disposition as status,
    true as is_final,
    utc_of(t.answered, 'Asia/Seoul') as answered_at_utc,
    try_cast(t.duration as integer) - try_cast(t.billsec as integer) as wait_seconds,
    try_cast(t.billsec as integer) as talk_seconds,
    case when t.disposition = 'ANSWERED'
        then try_cast(regexp_extract(t.userfield, 'wrap=(\d+)', 1) as integer) end as wrap_seconds,
    utc_of(t.started, 'Asia/Seoul') as at_utc,
    t.started::date as local_date,
    minute_of(t.started) as local_minute,
    coalesce(
        bad_time(t.start, '%Y-%m-%d %H:%M:%S', 'start'),
        bad_time(t.answer, '%Y-%m-%d %H:%M:%S', 'answer'),
        bad_number(t.duration, 'duration'),
        bad_number(t.billsec, 'billsec')
    ) as _reject,
    case when t.accountcode = 'TEST' then 'test call' end as _set_aside,
    t._record
from timed as t
where t.is_callback or t.dcontext = 'from-pstn' or t.started is null or t.accountcode = 'TEST'
