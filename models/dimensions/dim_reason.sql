-- One reason for a contact.
-- grain: reason
-- key: reason_key
with described as (
    select distinct on (r.reason_key) r.reason_key, r.name, r.category, r.process
    from canonical_reason as r
    order by r.reason_key, r.record_key
)
select
    m.key as reason_key,                                        -- Facts store it.
    m.ref as reason,                                            -- The reason's reference.
    coalesce(d.name, m.ref) as reason_name,                     -- Name.
    coalesce(d.category, 'unknown') as category,                -- Category the reason belongs to.
    coalesce(d.process, 'unknown') as reason_process            -- Process it concerns.
from member as m
left join described as d on d.reason_key = m.key
where m.dimension = 'reason'
