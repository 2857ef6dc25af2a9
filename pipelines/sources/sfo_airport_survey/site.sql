-- One boarding area, and the airport as a whole for who cannot be placed.
select
    s._record,
    'sfo:' || s.area as site_ref,
    s.name,
    'boarding_area' as site_type,
    'California' as province,
    'San Francisco' as district,
    'SFO' as head_office,
    blank_null(s.terminal) as region_office,
    'America/Los_Angeles' as zone
from sites as s
