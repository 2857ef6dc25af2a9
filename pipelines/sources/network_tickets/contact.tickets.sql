-- One complaint, request or inquiry; times in UTC. close_at is the first closing, last_close_at the last;
-- both stay when a ticket is reopened, so that only the state tells whether it is resolved.
with timed as (
    select
        t.*,
        try_strptime(t.created_at, '%Y-%m-%d %H:%M:%S.%g') as created,
        t.state = 'closed' as is_closed
    from tickets as t
)
select
    t.number as contact_ref,
    t.site_code as site_ref,
    coalesce(r.touchpoint, 'centre_case') as touchpoint_ref,
    case t.channel when 'phone' then 'voice' else t.channel end as channel_ref,
    r.code as reason_ref,
    t.owner as agent_ref,
    t.customer_no as customer_ref,
    'inbound' as direction,
    t.type as purpose,
    t.group_name as queue,
    t.state as status,
    false as is_final,
    try_strptime(t.first_response_at, '%Y-%m-%d %H:%M:%S.%g') as answered_at_utc,
    case when t.is_closed then try_strptime(t.last_close_at, '%Y-%m-%d %H:%M:%S.%g') end as resolved_at_utc,
    t.body as verbatim,
    map {'priority': t.priority, 'title': t.title} as attributes,
    t.created as at_utc,
    local_of(t.created, 'Asia/Seoul')::date as local_date,
    minute_of(local_of(t.created, 'Asia/Seoul')) as local_minute,
    coalesce(
        bad_time(t.created_at, '%Y-%m-%d %H:%M:%S.%g', 'created_at'),
        bad_time(t.first_response_at, '%Y-%m-%d %H:%M:%S.%g', 'first_response_at'),
        bad_time(t.last_close_at, '%Y-%m-%d %H:%M:%S.%g', 'last_close_at')
    ) as _reject,
    t._record
from timed as t
left join reasons as r on r.id = t.reason_id
