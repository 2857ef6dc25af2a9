-- The score of one rated complaint; complaints without a score give no answer.
with spelling as (
    select
        (select repairs(list(distinct c.company)) from company_spellings as c) as company,
        (select repairs(list(distinct trim(c.state) || '/' || c.city)) from city_spellings as c) as place,
        (select repairs(list(distinct s.area)) from subject_spellings as s) as area,
        (select repairs(list(distinct s.subject)) from subject_spellings as s) as subject
)
select
    r._record,
    r._record_key as response_ref,
    r._record_key as contact_ref,
    'consumidor:score' as question_ref,
    'consumidor:' || respelt(s.company, r.company) || '/' || respelt(s.place, trim(r.state) || '/' || r.city) as site_ref,
    'consumidor:' || respelt(s.area, r.area) || '/' || respelt(s.subject, r.subject) as product_ref,
    'web' as channel_ref,
    profile_ref(null, null, a.word, 'person', trim(r.state)) as profile_ref,
    try_cast(trim(r.score) as integer) as score,
    try_strptime(trim(r.closed), '%d/%m/%Y')::date as local_date,
    coalesce(
        bad_number(r.score, 'score'),
        case when blank_null(r.closed) is null then 'closed is empty, so the score has no date' end,
        bad_time(r.closed, '%d/%m/%Y', 'closed')
    ) as _reject
from raw as r
cross join spelling as s
left join words as a on a.list = 'age_band' and fits(trim(r.age_band), a.landed)
where blank_null(r.score) is not null
