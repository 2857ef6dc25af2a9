-- One entry of a ticket's history: received, assigned, moved to another group, answered, closed, reopened.
with timed as (
    select
        h.*,
        try_strptime(h.created_at, '%Y-%m-%d %H:%M:%S.%g') as at_utc,
        case
            when h.history_type = 'created' then 'received'
            when h.attribute = 'owner' then 'assigned'
            when h.attribute = 'group' then 'transferred'
            when h.value_from = 'new' then 'answered'
            when h.value_to = 'closed' then 'resolved'
            when h.value_from = 'closed' then 'reopened'
        end as kind
    from histories as h
)
select
    t.o_id as contact_ref,
    t.id as event_ref,
    t.created_by as agent_ref,
    t.kind,
    blank_null(t.value_from) as from_value,
    blank_null(t.value_to) as to_value,
    t.at_utc,
    local_of(t.at_utc, 'Asia/Seoul')::date as local_date,
    minute_of(local_of(t.at_utc, 'Asia/Seoul')) as local_minute,
    bad_time(t.created_at, '%Y-%m-%d %H:%M:%S.%g', 'created_at') as _reject,
    t._record
from timed as t
where t.kind is not null
