-- One complaint, from the day it was opened to the day the platform closed it.
with spelling as (
    select
        (select repairs(list(distinct c.company)) from company_spellings as c) as company,
        (select repairs(list(distinct trim(c.state) || '/' || c.city)) from city_spellings as c) as place,
        (select repairs(list(distinct s.area)) from subject_spellings as s) as area,
        (select repairs(list(distinct s.subject)) from subject_spellings as s) as subject,
        (select repairs(list(distinct p.problem_group)) from problem_spellings as p) as problem_group,
        (select repairs(list(distinct p.problem)) from problem_spellings as p) as problem
)
select
    r._record,
    r._record_key as contact_ref,
    'consumidor:' || respelt(s.company, r.company) || '/' || respelt(s.place, trim(r.state) || '/' || r.city) as site_ref,
    'consumidor:' || respelt(s.area, r.area) || '/' || respelt(s.subject, r.subject) as product_ref,
    'consumidor:' || respelt(s.problem_group, r.problem_group) || '/' || respelt(s.problem, r.problem) as reason_ref,
    'consumidor:complaint' as touchpoint_ref,
    'web' as channel_ref,
    profile_ref(null, null, a.word, 'person', trim(r.state)) as profile_ref,
    'inbound' as direction,
    'complaint' as purpose,
    coalesce(b.word, blank_null(r.purchase_channel)) as purchase_channel,
    coalesce(v.word, blank_null(r.verdict)) as verdict,
    coalesce(f.word, blank_null(r.situation)) as status,
    coalesce(starts_with(f.word, 'finalised'), false) as is_final,
    try_strptime(trim(r.opened), '%d/%m/%Y')::date as local_date,
    try_strptime(trim(r.answered), '%d/%m/%Y')::date as answered_date,
    case when starts_with(f.word, 'finalised') then try_strptime(trim(r.closed), '%d/%m/%Y')::date end as resolved_date,
    attribute_map([
        {k: 'company_spelling', v: spelling_state(s.company, r.company)},
        {k: 'company_landed', v: case when is_damaged(r.company) then trim(r.company) end},
        {k: 'city_spelling', v: spelling_state(s.place, trim(r.state) || '/' || r.city)},
        {k: 'city_landed', v: case when is_damaged(r.city) then trim(r.state) || '/' || trim(r.city) end}
    ]) as attributes,
    coalesce(
        case when blank_null(r.opened) is null then 'opened is empty' end,
        bad_time(r.opened, '%d/%m/%Y', 'opened'),
        bad_time(r.answered, '%d/%m/%Y', 'answered'),
        bad_time(r.closed, '%d/%m/%Y', 'closed')
    ) as _reject
from raw as r
cross join spelling as s
left join words as a on a.list = 'age_band' and fits(trim(r.age_band), a.landed)
left join words as b on b.list = 'purchase_channel' and fits(trim(r.purchase_channel), b.landed)
left join words as v on v.list = 'verdict' and fits(trim(r.verdict), v.landed)
left join words as f on f.list = 'situation' and fits(trim(r.situation), f.landed)
