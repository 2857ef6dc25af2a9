-- One version of one agent, by code; the name stays in the source.
-- grain: agent, valid_from
-- key: agent_version
-- check: valid_from < valid_to
with described as (
    select distinct on (a.agent_key, a.valid_from) a.agent_key, a.valid_from, a.team, a.employment, a.home_site
    from canonical_agent as a
    order by a.agent_key, a.valid_from, a.record_key
),
known as (
    select d.*, false as is_inferred from described as d
    union all
    select m.key, date '0001-01-01', null, null, null, true
    from member as m
    where m.dimension = 'agent' and not exists (select 1 from described as d where d.agent_key = m.key)
),
numbered as (
    select k.*,
        row_number() over versions - 1 as number,
        lead(k.valid_from) over versions as next_from
    from known as k
    window versions as (partition by k.agent_key order by k.valid_from)
)
select
    (n.agent_key * 1024 + n.number)::integer as agent_version,  -- This version.
    n.agent_key,                                                -- The durable agent; facts store it.
    m.ref as agent,                                             -- The agent's code.
    n.team,                                                     -- Team or queue group.
    n.employment,                                               -- Employment form.
    n.home_site,                                                -- Reference of the site the agent belongs to.
    case when n.number = 0 then date '0001-01-01' else n.valid_from end as valid_from,  -- First day; the first version reaches back to the beginning.
    coalesce(n.next_from, date '9999-12-31') as valid_to,       -- First day of the next version.
    n.next_from is null as is_current,                          -- The version of today.
    n.is_inferred                                               -- Seen in facts, not yet described by a master record.
from numbered as n
join member as m on m.dimension = 'agent' and m.key = n.agent_key
