-- One export of the phone survey, loaded as a careful person would by hand: casts, checks, lookups,
-- hashes, duplicates, newest version, quarantine. `:path` is the file. One statement, one step.

-- The records as they landed, numbered; the second and third header row are none.
create or replace temp table raw as
select * exclude (line), line - 2 as number
from (
    select *, row_number() over () as line
    from read_csv(':path', header = true, all_varchar = true, ignore_errors = true, store_rejects = true)
)
where line > 2;

-- Which record it is, what it says, and which version of it.
create or replace temp table keyed as
select
    md5_number_lower(r."ResponseId") as record_key,
    md5_number_lower(r::varchar) as content,
    r."RecordedDate" as version,
    r.*
from (select * exclude (number) from raw) as r;

create or replace temp table landed as
select k.*, row_number() over () as number
from keyed as k;

-- Records that were never seen, neither in this file nor before.
create or replace temp table new_record as
select l.*
from landed as l
where not exists (select 1 from record as k where k.record_key = l.record_key and k.content = l.content)
qualify row_number() over (partition by l.record_key, l.content order by l.number) = 1;

-- Members that no list has named yet.
insert into site
select distinct n."SiteCode", (select max(key) from site) + dense_rank() over (order by n."SiteCode")
from new_record as n
where n."SiteCode" <> '' and n."SiteCode" not in (select ref from site);

insert into agent
select distinct n."AgentCode", (select max(key) from agent) + dense_rank() over (order by n."AgentCode")
from new_record as n
where n."AgentCode" <> '' and n."AgentCode" not in (select ref from agent);

-- One row for each answer, with its keys, and with what is wrong with it.
create or replace temp table judged as
with given as (
    select
        n.*,
        try_strptime(n."EndDate", '%Y-%m-%d %H:%M:%S') as local_time,
        unnest(['SA1', 'SA2', 'SA3', 'PR1', 'AS1', 'AS2', 'AS3', 'CC1']) as code,
        unnest([n."SA1", n."SA2", n."SA3", n."PR1", n."AS1", n."AS2", n."AS3", n."CC1"]) as answer
    from new_record as n
)
select
    g.number,
    g.record_key,
    g.version,
    md5_number_lower(concat_ws('|', g."ResponseId", g.code)) as answer_key,
    coalesce(s.key, 0) as site_key,
    coalesce(q.key, 0) as question_key,
    coalesce(p.key, 0) as product_key,
    coalesce(a.key, 0) as agent_key,
    coalesce(c.key, 0) as campaign_key,
    md5_number_lower(g."CustomerNo") as customer_key,
    try_cast(g.answer as integer) as score,
    case when g.code in ('SA3', 'AS3') then nullif(g."COMMENT", '') end as verbatim,
    timezone('UTC', timezone('Asia/Seoul', g.local_time)) as at_utc,
    g.local_time::date as local_date,
    (date_diff('minute', g.local_time::date::timestamp, g.local_time))::smallint as local_minute,
    g."Status" = '0' and g."ResponseState" <> 'withdrawn' as counts,
    case
        when nullif(g."ResponseId", '') is null then 'no key'
        when g.local_time is null then 'EndDate is no time'
        when try_cast(g.answer as integer) is null then 'the answer is no number'
        when not coalesce(try_cast(g.answer as integer) between q.low and q.high, true)
            then 'the score is off the scale'
    end as reason
from given as g
left join site as s on s.ref = g."SiteCode"
left join question as q on q.ref = g.code
left join product as p on p.ref = g."ProductCode"
left join agent as a on a.ref = g."AgentCode"
left join campaign as c
    on c.ref = case g."Survey" when 'sales_call' then 'HC-SALES' else 'HC-SERVICE' end
where nullif(g.answer, '') is not null;

create or replace temp table refused as
select number, min(reason) as reason
from judged
where reason is not null
group by number;

-- What cannot be used is kept with its reason.
insert into quarantine
select f.reason, l::varchar
from refused as f
join landed as l on l.number = f.number;

insert into quarantine
select 'cannot be read', csv_line from reject_errors;

insert into record
select n.record_key, n.content, n.version
from new_record as n
where n.number not in (select number from refused);

-- Of several versions of a record the newest counts.
create or replace temp table newest as
select record_key, max(version) as version
from record
where record_key in (select record_key from new_record)
group by record_key;

delete from answer
where record_key in (
    select n.record_key from newest as n
    join judged as j on j.record_key = n.record_key and j.version = n.version
    where j.number not in (select number from refused)
);

insert into answer
select
    j.answer_key, j.record_key, j.site_key, j.question_key, j.product_key, j.agent_key, j.campaign_key,
    j.customer_key, j.score, j.verbatim, j.at_utc, j.local_date, j.local_minute
from judged as j
join newest as n on n.record_key = j.record_key and n.version = j.version
where j.counts and j.number not in (select number from refused);
