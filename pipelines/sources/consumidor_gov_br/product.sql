-- What a complaint is about: a subject within its area.
with spelling as (
    select
        (select repairs(list(distinct s.area)) from subject_spellings as s) as area,
        (select repairs(list(distinct s.subject)) from subject_spellings as s) as subject
)
select
    r._record,
    'consumidor:' || respelt(s.area, r.area) || '/' || respelt(s.subject, r.subject) as product_ref,
    respelt(s.subject, r.subject) as name,
    respelt(s.area, r.area) as family
from raw as r
cross join spelling as s
