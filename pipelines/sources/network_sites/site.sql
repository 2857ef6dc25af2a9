-- Branches and service centres; a move to another office or district is a further version.
select
    r.site_code as site_ref,
    try_cast(r.valid_from as date) as valid_from,
    try_cast(blank_null(r.closed_on) as date) as closed_on,
    r.site_name as name,
    r.type as site_type,
    r.size as size_band,
    r.province,
    r.district,
    r.head_office,
    r.region_office,
    'Asia/Seoul' as zone,
    map {'province_en': r.province_en} as attributes,
    bad_time(r.valid_from, '%Y-%m-%d', 'valid_from') as _reject,
    r._record
from raw as r
