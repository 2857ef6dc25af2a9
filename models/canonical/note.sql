-- One note that somebody wrote in a form.
-- grain: note
-- key: note_key
-- check: note_key is not null
-- refers: site_key -> dim_site
-- class: verbatim text
select
    record_key(m._source, m.note_ref) as note_key,  -- The source's note as a durable key.
    m.site_key::integer as site_key,  -- Resolved from site_ref; 0 where the source names none.
    record_key(m._source, m.contact_ref) as contact_key,  -- The contact it belongs to.
    m.author::varchar as author,  -- Role that wrote it.
    m.text_id::bigint as text_id,  -- The text, kept encrypted apart.
    m.at_utc::timestamp as at_utc,  -- Instant in UTC; null where the source gives only a date.
    m.local_date::date as local_date,  -- Date in the site's zone; a date-only source is never shifted.
    m.attributes::map(varchar, varchar) as attributes  -- Further attributes, typed by the registry.
from mapped_note as m
