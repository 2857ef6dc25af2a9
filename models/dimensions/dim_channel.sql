-- One channel of contact, from the list all sources share.
-- grain: channel
-- key: channel_key
with listed (channel, name, name_en, mode) as (
    values
        ('voice', '전화', 'Telephone', 'voice'), ('callback', '콜백', 'Callback', 'voice'), ('ivr', 'ARS', 'IVR', 'voice'),
        ('voice_portal', '음성 포털', 'Voice portal', 'voice'), ('web_call', '웹콜', 'Web call', 'voice'), ('video', '영상', 'Video', 'voice'),
        ('chat', '채팅', 'Chat', 'text'), ('email', '이메일', 'E-mail', 'text'), ('fax', '팩스', 'Fax', 'text'), ('sms', '문자', 'SMS', 'text'),
        ('kakao', '카카오톡', 'KakaoTalk', 'text'), ('web', '웹', 'Web', 'web'), ('app', '앱', 'App', 'web'), ('community', '커뮤니티', 'Community', 'web'),
        ('in_person', '방문', 'In person', 'in_person'), ('letter', '우편', 'Letter', 'text')
)
select
    m.key as channel_key,                                       -- Facts store it.
    m.ref as channel,                                           -- Reference from the shared list.
    coalesce(l.name, m.ref) as channel_name,                    -- Name in Korean.
    coalesce(l.name_en, m.ref) as channel_name_en,              -- Name in English.
    coalesce(l.mode, 'unknown') as mode                         -- voice, text, web, in_person or unknown: answers of two modes do not compare.
from member as m
left join listed as l on l.channel = m.ref
where m.dimension = 'channel'
