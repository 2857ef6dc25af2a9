-- One version of one agent, by code; the name stays in the source.
-- grain: agent, valid_from
-- key: agent_key, valid_from
-- check: agent_key > 0
select
    m.agent_key::integer as agent_key,  -- Resolved from agent_ref.
    coalesce(m.valid_from::date, date '0001-01-01') as valid_from,  -- First day of this version.
    m.team::varchar as team,  -- Team or queue group.
    m.employment::varchar as employment,  -- Employment form.
    m.home_site::varchar as home_site,  -- Site the agent belongs to, by its reference.
    m.attributes::map(varchar, varchar) as attributes  -- Further attributes, typed by the registry.
from mapped_agent as m
