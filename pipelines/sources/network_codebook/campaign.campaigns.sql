-- What the network asks and offers, and since when.
select
    r.campaign as campaign_ref,
    r.name,
    r.purpose,
    try_cast(blank_null(r.starts_on) as date) as starts_on,
    try_cast(blank_null(r.ends_on) as date) as ends_on,
    r._record
from campaigns as r
