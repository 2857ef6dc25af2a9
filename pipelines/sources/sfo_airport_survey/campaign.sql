-- One wave of the survey.
select
    w._record,
    'sfo:survey/' || w.year as campaign_ref,
    w.name,
    'research' as purpose,
    w.starts_on,
    w.ends_on,
    attribute_map([{k: 'day_known', v: w.day_known}]) as attributes
from waves as w
