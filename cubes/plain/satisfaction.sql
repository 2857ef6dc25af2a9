-- What each answer is to the cells of satisfaction: every key they may be stored by, and what the
-- answer adds to every aggregate. Written from the glossary and not from the cube, because the
-- shadow check holds the cube's cells against it.
with told as (
    select
        a.*,
        q.touchpoint_key,
        a.grade >= 0 as has_score,
        case when a.span between 0 and 10 then a.grade end as step
    from fact_answer as a
    left join dim_question as q on q.question_key = a.question_key
),
willing as (
    select t.*, case when t.span = 10 then t.grade end as likely from told as t
)
select
    s.site_version,
    s.province,
    w.question_key,
    w.touchpoint_key,
    w.channel_key,
    w.product_key,
    w.campaign_key,
    g.agent_version,
    w.profile_key,
    w.local_date as day,
    make_date(year(w.local_date), month(w.local_date), 1) as month,
    floor(w.local_minute / 60)::integer as hour,

    1 as rows,
    if(w.has_score, 1, 0) as n,
    if(w.step = 0, 1, 0) as h0,
    if(w.step = 1, 1, 0) as h1,
    if(w.step = 2, 1, 0) as h2,
    if(w.step = 3, 1, 0) as h3,
    if(w.step = 4, 1, 0) as h4,
    if(w.step = 5, 1, 0) as h5,
    if(w.step = 6, 1, 0) as h6,
    if(w.step = 7, 1, 0) as h7,
    if(w.step = 8, 1, 0) as h8,
    if(w.step = 9, 1, 0) as h9,
    if(w.step = 10, 1, 0) as h10,
    if(w.span - w.grade = 0, 1, 0) as top1,
    if(w.span - w.grade <= 1, 1, 0) as top2,
    if(w.has_score and w.grade < 1, 1, 0) as low1,
    if(w.likely >= 0, 1, 0) as willing,
    if(w.likely in (9, 10), 1, 0) as promoters,
    if(w.likely between 0 and 6, 1, 0) as detractors,
    if(w.weight >= 1, 1, 0) as nw,
    if(w.text_id is null, 0, 1) as texts,
    if(w.has_score, w.score::bigint, 0) as s,
    if(w.has_score, w.score::bigint * w.score::bigint, 0) as s2,
    coalesce(w.weight, 0)::bigint as w,
    coalesce(w.points::bigint * w.weight, 0) as p,
    coalesce(w.lead, 0) as m,
    coalesce(w.lead_weight::bigint * w.lead_weight::bigint, 0) as lw2,
    coalesce(w.lead_weight::hugeint * w.lead_points::hugeint, 0) as lwp,
    coalesce(w.lead_points::hugeint * w.lead_points::hugeint, 0) as lp2
from willing as w
left join dim_site as s
    on s.site_key = w.site_key and w.local_date >= s.valid_from and s.valid_to > w.local_date
left join dim_agent as g
    on g.agent_key = w.agent_key and w.local_date >= g.valid_from and g.valid_to > w.local_date
