-- One version of one site of the network.
-- grain: site, valid_from
-- key: site_key, valid_from
-- check: site_key > 0
-- check: name is not null
select
    m.site_key::integer as site_key,  -- Resolved from site_ref.
    coalesce(m.valid_from::date, date '0001-01-01') as valid_from,  -- First day of this version.
    m.closed_on::date as closed_on,  -- First day on which it no longer exists.

    m.name::varchar as name,  -- Name as people say it.
    m.site_type::varchar as site_type,  -- sales_branch, service_center or a type of the source's own.
    m.size_band::varchar as size_band,  -- small, medium or large.

    m.province::varchar as province,  -- Upper level of the region tree.
    m.district::varchar as district,  -- Lower level of the region tree.
    m.head_office::varchar as head_office,  -- Upper level of the company tree.
    m.region_office::varchar as region_office,  -- Lower level of the company tree.
    m.zone::varchar as zone,  -- IANA time zone.
    m.attributes::map(varchar, varchar) as attributes  -- Further attributes, typed by the registry.
from mapped_site as m
