-- Why a customer called, as the list of call types says today.
select
    t._record,
    'edna:call_type/' || blank_null(t.CallTypeID) as reason_ref,
    trim(t.CallTypeLabel) as name,
    'call type' as category,
    p.process
from call_types as t
left join touchpoints as p on p.touchpoint = 'edna:call_type/' || blank_null(t.CallTypeID)
