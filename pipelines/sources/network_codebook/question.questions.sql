-- Every question the network asks, with its scale and its weight in the index.
select
    r.question as question_ref,
    r.touchpoint as touchpoint_ref,
    r.wording,
    r.wording_en,
    try_cast(r.low as integer) as low,
    try_cast(r.high as integer) as high,
    try_cast(r.direction as smallint) as direction,
    try_cast(r.weight as integer) as weight,
    try_cast(blank_null(r.valid_from) as date) as valid_from,
    try_cast(blank_null(r.valid_to) as date) as valid_to,
    r._record
from questions as r
