-- The three sites, by the name that the list of employees gives them.
select
    s._record,
    'edna:' || s.site as site_ref,
    s.name,
    'call_centre' as site_type,
    s.state as province,
    s.city as district,
    'Edna' as head_office,
    s.region as region_office,
    s.zone
from sites as s
