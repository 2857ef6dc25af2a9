-- Macros that mapping SELECTs and models may use. Each is documented in docs/sources.md.

-- The durable 63-bit key of a source's record: ids that are plain numbers rise with time and stay in
-- their order (bit 62 clear); every other reference is hashed (bit 62 set).
create or replace macro record_key(source, ref) as
    case
        when ref is null then null
        when regexp_full_match(ref::varchar, '[1-9][0-9]{0,11}')
            then ((md5_number_lower(source) & 2097151)::bigint << 40) + try_cast(ref::varchar as bigint)
        else ((md5_number_lower(source || chr(31) || ref::varchar) >> 2)::bigint + 4611686018427387904)
    end;

-- A local wall-clock time of a zone as an instant in UTC.
create or replace macro utc_of(local_time, zone) as
    (timezone(zone, local_time::timestamp) at time zone 'UTC');

-- An instant in UTC as the local wall-clock time of a zone.
create or replace macro local_of(utc_time, zone) as
    timezone(zone, timezone('UTC', utc_time::timestamp));

-- Minute of the day, 0 … 1439.
create or replace macro minute_of(local_time) as
    (hour(local_time) * 60 + minute(local_time))::smallint;

-- Text without surrounding white space; null when nothing is left.
create or replace macro blank_null(value) as
    nullif(trim(value), '');

-- A reason when a text is present and does not parse as a time in the given format, else null.
create or replace macro bad_time(value, format, name) as
    case
        when nullif(trim(value), '') is not null and try_strptime(trim(value), format) is null
            then name || ' is not a date or time in the form ' || format
    end;

-- A reason when a text is present and is no whole number, else null.
create or replace macro bad_number(value, name) as
    case
        when nullif(trim(value), '') is not null and try_cast(trim(value) as bigint) is null
            then name || ' is not a whole number'
    end;

-- The customer profile as one reference: segment, tenure band, age band, party type, province.
create or replace macro profile_ref(segment, tenure_band, age_band, party_type, province) as
    concat_ws('|', coalesce(segment, ''), coalesce(tenure_band, ''), coalesce(age_band, ''),
        coalesce(party_type, ''), coalesce(province, ''));

-- A clean spelling fits a damaged one when the surviving letters agree and each run of U+FFFD
-- stands for lost letters.
create or replace macro fits(damaged, clean) as
    regexp_full_match(clean,
        regexp_replace(regexp_replace(damaged, '([.^$*+?()\[\]{}|\\])', '\\\1', 'g'), chr(65533) || '+', '.+', 'g'));
