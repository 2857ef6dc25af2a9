-- One contact, accumulating: received, answered, resolved.
-- grain: contact
-- key: contact_key
-- check: cycle_minutes is null or cycle_minutes >= 0
-- refers: site_key -> dim_site, touchpoint_key -> dim_process, channel_key -> dim_channel, reason_key -> dim_reason, product_key -> dim_product, agent_key -> dim_agent, campaign_key -> dim_campaign, profile_key -> dim_customer_profile
with happened as (
    select
        e.contact_key,
        min(e.at_utc) filter (where e.kind = 'answered') as answered_at_utc,
        max(e.at_utc) filter (where e.kind = 'resolved') as resolved_at_utc,
        max(e.at_utc) filter (where e.kind = 'reopened') as reopened_at_utc,
        count(*) filter (where e.kind = 'transferred') as transfers,
        count(*) filter (where e.kind = 'reopened') as reopens,
        sum(e.seconds) filter (where e.kind = 'held') as hold_seconds,
        coalesce(bool_or(e.kind = 'abandoned'), false) as is_abandoned
    from canonical_contact_event as e
    group by e.contact_key
),
merged as (
    select
        c.*,
        coalesce(c.answered_at_utc, h.answered_at_utc) as first_answered_at_utc,
        case when h.reopened_at_utc > greatest(c.resolved_at_utc, h.resolved_at_utc) then null
            else greatest(c.resolved_at_utc, h.resolved_at_utc) end as last_resolved_at_utc,
        coalesce(c.transfers, 0) + coalesce(h.transfers, 0) as all_transfers,
        coalesce(h.reopens, 0) as all_reopens,
        coalesce(c.hold_seconds, h.hold_seconds) as all_hold_seconds,
        coalesce(c.is_abandoned, false) or coalesce(h.is_abandoned, false) as was_abandoned
    from canonical_contact as c
    left join happened as h on h.contact_key = c.contact_key
)
select
    c.contact_key,              -- The contact.
    c.parent_contact_key,       -- The contact it follows.
    c.site_key,                 -- The durable site it concerns.
    c.touchpoint_key,           -- Gives stage and process.
    c.channel_key,              -- How it came.
    c.reason_key,               -- Why.
    c.product_key,              -- What it was about.
    c.agent_key,                -- Who served last.
    c.campaign_key,             -- Which campaign it belongs to.
    c.customer_key,             -- Random surrogate; only the vault knows who it is.
    c.profile_key,              -- Segment, tenure, age band as they were that day.

    c.direction,                -- inbound or outbound.
    c.purpose,                  -- inquiry, complaint, request, compliment, happy_call, telemarketing, promotion or research.
    c.queue,                    -- Queue it entered.
    c.purchase_channel,         -- How the customer had bought, where the source says so.
    c.verdict,                  -- The customer's own verdict.
    c.status,                   -- The source's status word.
    c.is_final,                 -- The source says that nothing more will happen.
    c.answered_date,            -- Day of the answer, where only a date is known.
    coalesce(
        c.resolved_date,
        (c.last_resolved_at_utc
            + ((c.local_date + to_minutes(c.local_minute)) - date_trunc('minute', c.at_utc)))::date,
        c.last_resolved_at_utc::date
    ) as resolved_date,         -- Day of the final resolution, in the zone in which it was received.
    c.first_answered_at_utc as answered_at_utc,     -- When an agent first answered.
    c.last_resolved_at_utc as resolved_at_utc,      -- When it was finally resolved; null while open or reopened.
    c.last_resolved_at_utc is not null or c.resolved_date is not null or coalesce(c.is_final, false) as is_resolved,  -- Nothing is open.
    c.was_abandoned as is_abandoned,                -- The caller left before an agent answered.
    c.wait_seconds,             -- Wait before an agent answered or the caller left.
    c.talk_seconds,             -- Talk time.
    c.all_hold_seconds::integer as hold_seconds,    -- Hold time.
    c.wrap_seconds,             -- After-call work.
    coalesce(
        date_diff('minute', c.at_utc, c.last_resolved_at_utc),
        case when c.last_resolved_at_utc is null then (c.resolved_date - c.local_date) * 1440 end
    )::integer as cycle_minutes,    -- Receipt to final resolution, in calendar minutes; whole days where only dates are known.
    c.all_transfers::smallint as transfers,         -- Moves from agent to agent or queue.
    c.all_reopens::smallint as reopens,             -- Times it was reopened.
    c.text_id,                  -- Verbatim, kept encrypted apart.

    c.at_utc,                   -- When it was received; null where only the date is known.
    c.local_date,               -- Date of receipt in the site's zone.
    c.local_minute,             -- Minute of that day.
    c.attributes                -- Further attributes, typed by the registry.
from merged as c
