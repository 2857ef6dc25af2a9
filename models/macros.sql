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

-- A map of attributes from [{k: name, v: value}, …]; entries without a value are left out, and a map
-- without entries is null.
create or replace macro attribute_map(entries) as
    nullif(map_from_entries(list_filter(entries, lambda e: e.v is not null)), map([]::varchar[], []::varchar[]));

-- What a mapping takes out of a personal column and vouches to be about nobody.
create or replace macro impersonal(value) as
    value;

-- A spelling that lost letters for good: each stands as U+FFFD.
create or replace macro is_damaged(spelling) as
    contains(spelling, chr(65533));

-- What every encoding keeps of a spelling: its ASCII letters.
create or replace macro plain_letters(spelling) as
    regexp_replace(spelling, '[^\x00-\x7F]', '', 'g');

-- A clean spelling fits a damaged one when each U+FFFD stands for exactly one lost letter outside
-- ASCII and all other letters agree. An undamaged spelling fits only itself.
create or replace macro fits(damaged, clean) as
    not is_damaged(clean)
    and plain_letters(clean) = plain_letters(damaged)
    and clean like replace(replace(replace(replace(damaged,
        '\', '\\'), '%', '\%'), '_', '\_'), chr(65533), '_') escape '\';

-- Of a list of spellings, the damaged ones that exactly one clean one fits, as a map to it.
create or replace macro repairs(spellings) as (
    select coalesce(map_from_entries(list({k: f.damaged, v: f.clean})), map([]::varchar[], []::varchar[]))
    from (
        select d.spelling as damaged, min(c.spelling) as clean
        from (select distinct trim(unnest(spellings)) as spelling) as d
        join (select distinct trim(unnest(spellings)) as spelling) as c on fits(d.spelling, c.spelling)
        where is_damaged(d.spelling)
        group by d.spelling
        having count(*) = 1
    ) as f
);

-- A spelling without padding, and repaired where repairs() decided it.
create or replace macro respelt(repairs, spelling) as
    coalesce(repairs[trim(spelling)], trim(spelling));

-- What became of a spelling's lost letters: null where none are lost, else repaired or undecided.
create or replace macro spelling_state(repairs, spelling) as
    case
        when not is_damaged(spelling) then null
        when repairs[trim(spelling)] is null then 'undecided'
        else 'repaired'
    end;
