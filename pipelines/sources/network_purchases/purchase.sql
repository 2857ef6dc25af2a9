-- Cars sold and service visits, in the sites' local time.
select
    r.purchase_no as purchase_ref,
    r.site_code as site_ref,
    case r.kind when '판매' then 'delivery' else 'repair' end as touchpoint_ref,
    'in_person' as channel_ref,
    r.product_code as product_ref,
    r.customer_no as customer_ref,
    profile_ref(r.segment, r.tenure, r.age_band, r.party_type, r.province) as profile_ref,
    case r.kind when '판매' then 'sale' when '정비' then 'service' end as kind,
    try_cast(r.amount as decimal(18, 2)) as amount,
    r.repurchase = 'Y' as is_repurchase,
    utc_of(try_strptime(r.purchased_at, '%Y-%m-%d %H:%M:%S'), 'Asia/Seoul') as at_utc,
    try_strptime(r.purchased_at, '%Y-%m-%d %H:%M:%S')::date as local_date,
    minute_of(try_strptime(r.purchased_at, '%Y-%m-%d %H:%M:%S')) as local_minute,
    coalesce(
        bad_time(r.purchased_at, '%Y-%m-%d %H:%M:%S', 'purchased_at'),
        bad_number(r.amount, 'amount')
    ) as _reject,
    r._record
from raw as r
