-- Why a complaint was made: a problem within its group.
with spelling as (
    select
        (select repairs(list(distinct p.problem_group)) from problem_spellings as p) as problem_group,
        (select repairs(list(distinct p.problem)) from problem_spellings as p) as problem
)
select
    r._record,
    'consumidor:' || respelt(s.problem_group, r.problem_group) || '/' || respelt(s.problem, r.problem) as reason_ref,
    respelt(s.problem, r.problem) as name,
    respelt(s.problem_group, r.problem_group) as category,
    'after_sales' as process
from raw as r
cross join spelling as s
