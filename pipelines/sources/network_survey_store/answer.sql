-- One answer to one question of the survey in the showrooms; 구분 시험 is a test, 상태 철회 a withdrawal.
with given as (
    select
        r._record,
        r."응답번호" as response_ref,
        r."지점코드" as site_ref,
        r."관심차종" as product_ref,
        r."고객번호" as customer_ref,
        r."응답일시" as answered,
        r."상태" as state,
        r."구분" as kind,
        r."의견" as comment,
        profile_ref(
            r."고객군", r."거래기간",
            case r."연령대" when '60대 이상' then '60+' else replace(r."연령대", '대', 's') end,
            r."고객유형", r."지역"
        ) as profile_ref,
        try_strptime(r."응답일시", '%Y.%m.%d %H:%M') as local_time,
        unnest(['ST1', 'ST2', 'ST3', 'NP2']) as question,
        unnest([r."환경", r."상담", r."시승", r."추천"]) as answer
    from raw as r
)
select
    g.response_ref,
    g.site_ref,
    g.question as question_ref,
    'in_person' as channel_ref,
    g.product_ref,
    'STORE-VISIT' as campaign_ref,
    g.customer_ref,
    g.profile_ref,
    try_cast(g.answer as integer) as score,
    case when g.question = 'ST2' then blank_null(g.comment) end as verbatim,
    utc_of(g.local_time, 'Asia/Seoul') as at_utc,
    g.local_time::date as local_date,
    minute_of(g.local_time) as local_minute,
    coalesce(bad_time(g.answered, '%Y.%m.%d %H:%M', '응답일시'), bad_number(g.answer, g.question)) as _reject,
    case when g.kind = '시험' then 'test' end as _set_aside,
    g.state = '철회' as _withdrawn,
    g._record
from given as g
where blank_null(g.answer) is not null
