-- A callback that was made, as an event of the call in which it was asked for.
select
    blank_null(regexp_extract(r.userfield, 'callback_of=([0-9.]+)', 1)) as contact_ref,
    'callback/' || r.uniqueid as event_ref,
    blank_null(r.accountcode) as site_ref,
    'callback' as channel_ref,
    blank_null(regexp_extract(r.channel, '^PJSIP/(\w+)-', 1)) as agent_ref,
    r.dst as phone,
    case r.disposition when 'ANSWERED' then 'callback_done' else 'callback_missed' end as kind,
    try_cast(r.billsec as integer) as seconds,
    utc_of(try_strptime(r.start, '%Y-%m-%d %H:%M:%S'), 'Asia/Seoul') as at_utc,
    try_strptime(r.start, '%Y-%m-%d %H:%M:%S')::date as local_date,
    minute_of(try_strptime(r.start, '%Y-%m-%d %H:%M:%S')) as local_minute,
    bad_time(r.start, '%Y-%m-%d %H:%M:%S', 'start') as _reject,
    case when r.accountcode = 'TEST' then 'test call' end as _set_aside,
    r._record
from calls as r
where r.dcontext = 'callback'
