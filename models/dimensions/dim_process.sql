-- One touchpoint, with the journey stage and the process it belongs to.
-- grain: touchpoint
-- key: touchpoint_key
with described as (
    select distinct on (t.touchpoint_key) t.touchpoint_key, t.name, t.stage, t.process
    from canonical_touchpoint as t
    order by t.touchpoint_key, t.record_key
)
select
    m.key as touchpoint_key,                                    -- Facts and questions store it.
    m.ref as touchpoint,                                        -- The touchpoint's reference.
    coalesce(d.name, m.ref) as touchpoint_name,                 -- Name.
    coalesce(d.stage, 'unknown') as stage,                      -- consider, inquire, order, deliver, install, after_sales or unknown.
    coalesce(d.process, 'unknown') as process                   -- sales, after_sales, product, contact_centre, a source's own, or unknown.
from member as m
left join described as d on d.touchpoint_key = m.key
where m.dimension = 'touchpoint'
