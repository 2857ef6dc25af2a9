-- One rating of one respondent. 6 (never used) is an answer without a score; 0 and blank are none.
with respondent as (
    select
        r._record,
        w.year,
        blank_null(r.respnum) as respnum,
        coalesce(blank_null(r.area), g.area, 'airport') as area,
        case trim(r.method) when '2' then 'letter' when '3' then 'web' else 'in_person' end as channel_ref,
        profile_ref(null, null, a.band, 'person', null) as profile_ref,
        case w.day_known
            when 'no' then w.starts_on::date
            when 'full date' then try_strptime(trim(r.interview_day), '%m/%d/%Y %I:%M:%S %p')::date
            when 'day of May' then try_strptime(w.year || '-05-' || trim(r.interview_day), '%Y-%m-%d')::date
        end as local_date,
        attribute_map([{k: 'asked_by', v: case trim(r.SAQ) when '1' then 'interviewer' end}]) as attributes,
        [
            {q: 'rate_art', v: coalesce(r.rate_art, case when w.year = '2011' then r.Q8A end)},
            {q: 'rate_food', v: coalesce(r.rate_food, case when w.year = '2011' then r.Q8B end)},
            {q: 'rate_shops', v: coalesce(r.rate_shops, case when w.year = '2011' then r.Q8C end)},
            {q: 'rate_signs', v: coalesce(r.rate_signs, case when w.year = '2011' then r.Q8D end)},
            {q: 'rate_walkways', v: coalesce(r.rate_walkways, case when w.year = '2011' then r.Q8E end)},
            {q: 'rate_screens', v: coalesce(r.rate_screens, case when w.year = '2011' then r.Q8F end)},
            {q: 'rate_info_arrivals', v: r.rate_info_arrivals},
            {q: 'rate_info_departures', v: r.rate_info_departures},
            {q: 'rate_wifi', v: r.rate_wifi},
            {q: 'rate_roads', v: r.rate_roads},
            {q: 'rate_parking', v: r.rate_parking},
            {q: 'rate_airtrain', v: r.rate_airtrain},
            {q: 'rate_long_term_parking', v: r.rate_long_term_parking},
            {q: 'rate_rental_cars', v: r.rate_rental_cars},
            {q: 'rate_overall', v: r.rate_overall},
            {q: 'clean_boarding', v: coalesce(r.clean_boarding, case when w.year = '2010' then r.Q8A end)},
            {q: 'clean_parking', v: coalesce(r.clean_parking, case when w.year = '2010' then r.Q8B end)},
            {q: 'clean_airtrain', v: coalesce(r.clean_airtrain, case when w.year = '2010' then r.Q8C end)},
            {q: 'clean_rental_cars', v: coalesce(r.clean_rental_cars, case when w.year = '2010' then r.Q8D end)},
            {q: 'clean_food', v: coalesce(r.clean_food, case when w.year = '2010' then r.Q8E end)},
            {q: 'clean_restrooms', v: coalesce(r.clean_restrooms, case when w.year = '2010' then r.Q8F end)},
            {q: 'clean_overall', v: r.clean_overall},
            {q: 'rate_safety', v: coalesce(r.rate_safety, case when w.year = '2011' then r.Q11 end)},
            {q: 'rate_website', v: coalesce(r.rate_website, case when w.year = '2010' then r.Q11 end)},
            {q: 'rate_getting_there', v: r.rate_getting_there},
            {q: 'rate_finding_way', v: coalesce(r.rate_finding_way, case when w.year = '2011' then r.Q15A end)},
            {q: 'rate_security', v: r.rate_security},
            {q: 'rate_precheck', v: r.rate_precheck},
            {q: 'recommend', v: r.recommend}
        ] as given
    from raw as r
    left join waves as w on w.year = left(r._file, 4)
    left join sites as g on try_cast(r.gate as integer) between try_cast(g.first_gate as integer) and try_cast(g.last_gate as integer)
    left join ages as a on a.landed = trim(case w.year when '2010' then r.Q17 when '2011' then r.Q19 else r.age_code end)
),
rating as (
    select p.* exclude (given), unnest(p.given) as one
    from respondent as p
),
worded as (
    select t.* exclude (one), t.one.q as asked, upper(trim(t.one.v)) as value
    from rating as t
    where upper(trim(t.one.v)) not in ('', 'BLANK')
)
select
    v._record,
    v.year || '-' || v.respnum as response_ref,
    q.question as question_ref,
    'sfo:' || v.area as site_ref,
    'sfo:survey/' || v.year as campaign_ref,
    v.channel_ref,
    v.profile_ref,
    case when try_cast(v.value as integer) between q.low::integer and q.high::integer then v.value::integer end as score,
    v.local_date,
    v.attributes,
    coalesce(
        case when v.year is null then 'no wave in waves.csv is named by the first four letters of its file' end,
        case when v.respnum is null then 'RESPNUM is empty' end,
        case when v.local_date is null then 'INTDATE is not a day of its wave' end,
        case when coalesce(try_cast(v.value as integer), -1) not between 0 and q.high::integer + 1 then v.asked || ' is no rating: ' || v.value end
    ) as _reject
from worded as v
join questions as q on q.asked = v.asked
where not (v.value = '0' and q.low <> '0')
    and not (v.value = '11' and q.high = '10')
