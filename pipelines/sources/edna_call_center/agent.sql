-- One employee by code; names of employees and managers stay behind.
select
    e._record,
    'edna:' || blank_null(e.EmployeeID) as agent_ref,
    'edna:' || blank_null(e.Site) as home_site
from employees as e
where blank_null(e.EmployeeID) is not null
