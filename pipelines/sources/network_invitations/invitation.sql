-- One happy-call attempt, or one link sent; a link is delivered again once it was answered.
select
    r.invitation_no as invitation_ref,
    blank_null(r.response_id) as response_ref,
    r.purchase_no as purchase_ref,
    r.site_code as site_ref,
    case r.campaign when 'HC-SALES' then 'delivery' else 'service_handover' end as touchpoint_ref,
    case r.channel when 'phone' then 'voice' else r.channel end as channel_ref,
    r.product_code as product_ref,
    blank_null(r.agent_code) as agent_ref,
    r.campaign as campaign_ref,
    r.customer_no as customer_ref,
    try_cast(r.attempt as smallint) as attempt,
    r.step,
    r.outcome,
    utc_of(try_strptime(blank_null(r.completed_at), '%Y-%m-%dT%H:%M:%S'), 'Asia/Seoul') as completed_at_utc,
    utc_of(try_strptime(r.invited_at, '%Y-%m-%dT%H:%M:%S'), 'Asia/Seoul') as at_utc,
    try_strptime(r.invited_at, '%Y-%m-%dT%H:%M:%S')::date as local_date,
    minute_of(try_strptime(r.invited_at, '%Y-%m-%dT%H:%M:%S')) as local_minute,
    coalesce(
        bad_time(r.invited_at, '%Y-%m-%dT%H:%M:%S', 'invited_at'),
        bad_time(r.completed_at, '%Y-%m-%dT%H:%M:%S', 'completed_at')
    ) as _reject,
    r._record
from raw as r
