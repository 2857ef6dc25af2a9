-- What is known of a customer; who it is goes to the vault.
select
    r.customer_no as customer_ref,
    r.name as customer_name,
    r.mobile as phone,
    r.birth_date,
    profile_ref(r.segment, r.tenure, r.age_band, r.party_type, r.province) as profile_ref,
    r.party_type,
    r.district,
    r.marketing_consent = 'Y' as consent,
    utc_of(try_strptime(r.modified_at, '%Y-%m-%d %H:%M:%S'), 'Asia/Seoul') as at_utc,
    try_strptime(r.modified_at, '%Y-%m-%d %H:%M:%S')::date as local_date,
    bad_time(r.modified_at, '%Y-%m-%d %H:%M:%S', 'modified_at') as _reject,
    r._record
from raw as r
