-- One answer of one employee, anonymous.
-- grain: employee_answer
-- key: employee_answer_key
-- check: employee_answer_key is not null
-- refers: site_key -> dim_site, question_key -> dim_question
select
    record_key(m._source, m.employee_answer_ref) as employee_answer_key,  -- The source's employee_answer as a durable key.
    m.site_key::integer as site_key,  -- Resolved from site_ref; 0 where the source names none.
    m.question_key::integer as question_key,  -- Resolved from question_ref.
    m.score::integer as score,  -- As given.
    m.local_date::date as local_date,  -- Date in the site's zone; a date-only source is never shifted.
    m.attributes::map(varchar, varchar) as attributes  -- Further attributes, typed by the registry.
from mapped_employee_answer as m
