-- One call, received at the local time of the site where its agent works.
with timed as (
    select
        r._record,
        r._record_key,
        e.Site as site,
        s.zone,
        f.form,
        blank_null(r.EmployeeID) as employee,
        blank_null(r.call_type) as call_type,
        blank_null(r.CallAbandoned) = '1' as is_abandoned,
        try_cast(r.CallDuration as integer) as duration,
        try_cast(r.WaitTime as integer) as wait,
        r.CallTimestamp as landed_time,
        case f.form
            when 'month_first' then try_strptime(trim(r.CallTimestamp), '%m/%d/%Y %H:%M')
            when 'day_first' then try_strptime(trim(r.CallTimestamp), '%d/%m/%Y %H:%M')
        end as local_time,
        coalesce(
            bad_number(r.CallDuration, 'CallDuration'),
            bad_number(r.WaitTime, 'WaitTime'),
            case when blank_null(r.CallAbandoned) not in ('0', '1') then 'CallAbandoned is neither 0 nor 1' end
        ) as bad_value
    from calls as r
    left join date_forms as f on r._file glob f.file
    left join employees as e on e.EmployeeID = blank_null(r.EmployeeID)
    left join sites as s on s.site = e.Site
)
select
    t._record,
    t._record_key as contact_ref,
    'edna:' || t.site as site_ref,
    'edna:call_type/' || t.call_type as touchpoint_ref,
    'edna:call_type/' || t.call_type as reason_ref,
    'edna:' || t.employee as agent_ref,
    'voice' as channel_ref,
    'inbound' as direction,
    y.CallTypeLabel as queue,
    case when t.is_abandoned then 'abandoned' else 'answered' end as status,
    true as is_final,
    t.is_abandoned,
    t.wait as wait_seconds,
    case when not t.is_abandoned then t.duration end as talk_seconds,
    utc_of(t.local_time, t.zone) as at_utc,
    case when not t.is_abandoned then utc_of(t.local_time, t.zone) + to_seconds(t.wait) end as answered_at_utc,
    t.local_time::date as local_date,
    minute_of(t.local_time) as local_minute,
    attribute_map([{k: 'seconds_until_abandoned', v: case when t.is_abandoned then t.duration::varchar end}]) as attributes,
    coalesce(
        case when t.form is null then 'the form of its dates is not known: date_forms.csv has no line for its file' end,
        case when t.local_time is null and t.form = 'month_first' then 'CallTimestamp is not a time in the form month/day/year hour:minute' end,
        case when t.local_time is null then 'CallTimestamp is not a time in the form day/month/year hour:minute' end,
        t.bad_value
    ) as _reject
from timed as t
left join call_types as y on y.CallTypeID = t.call_type
