-- One answer to one question of one survey response.
-- grain: response, question
-- key: answer_key
-- check: score between dim_question.low and dim_question.high
-- refers: site_key -> dim_site, question_key -> dim_question, channel_key -> dim_channel, product_key -> dim_product, agent_key -> dim_agent, campaign_key -> dim_campaign, profile_key -> dim_customer_profile
with scored as (
    select
        a.*,
        case when a.score is not null then q.weight end as weight,
        q.high - q.low as span,
        case q.direction when -1 then q.high - a.score else a.score - q.low end as grade,
        q.touchpoint_key
    from canonical_answer as a
    left join dim_question as q on q.question_key = a.question_key
),
summed as (
    select
        s.*,
        (s.grade * (12600 // s.span))::integer as points,
        case when s.grade is not null and s.weight > 0 then row_number() over (
            partition by s.response_key, s.touchpoint_key, (s.grade is not null and s.weight > 0) order by s.answer_key
        ) end as place
    from scored as s
)
select
    s.answer_key,               -- Response and question; rises with time where the source allows.
    s.response_key,             -- The response the answer belongs to.
    s.contact_key,              -- The contact that was rated, where known.
    s.invitation_key,           -- The invitation that was answered, where known.
    s.site_key,                 -- The durable site; its version follows from local_date.
    s.question_key,             -- Gives process and touchpoint.
    s.channel_key,              -- How the question was asked.
    s.product_key,              -- What it was about.
    s.agent_key,                -- Who served.
    s.campaign_key,             -- Which campaign asked.
    s.customer_key,             -- Random surrogate; only the vault knows who it is.
    s.profile_key,              -- Segment, tenure, age band as they were that day.

    s.score::smallint as score,       -- As the customer gave it; null where not applicable.
    s.grade::smallint as grade,       -- Score counted from the worse end of its scale, 0 … span.
    s.span::smallint as span,         -- Steps of the scale; null while the question is not described.
    s.points,                         -- Grade on the common scale 0 … 12600.
    s.weight::smallint as weight,     -- Weight of the question in the index; null without a score.
    (case when s.place = 1 then 1 else 0 end)::smallint as lead,  -- 1 on one weighted answer per response and touchpoint, else 0.
    (case when s.place = 1 then sum(case when s.grade is not null then s.weight end) over visit else 0 end)::integer as lead_weight,  -- On the lead: sum of the weights answered there.
    (case when s.place = 1 then sum(s.weight * s.points) over visit else 0 end)::bigint as lead_points,  -- On the lead: sum of weight times points there.
    s.text_id,                  -- Verbatim, kept encrypted apart.

    s.at_utc,                   -- Instant; null where the source gives only a date.
    s.local_date,               -- Date in the site's zone; a date-only source is never shifted.
    s.local_minute,             -- Minute of that day; null where only the date is known.
    s.attributes                -- Further attributes, typed by the registry.
from summed as s
window visit as (partition by s.response_key, s.touchpoint_key)
