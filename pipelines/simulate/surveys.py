"""The survey exports: three survey systems, each with its own shape and encoding."""

from __future__ import annotations

import json

import numpy as np
import polars as pl

from pipelines.simulate import chance
from pipelines.simulate.agents import OUTBOUND, agent_code
from pipelines.simulate.defects import (
    Rates,
    broken,
    delivered,
    impossible,
    site_codes,
    stamps,
    written_site,
)  # fmt: skip
from pipelines.simulate.network import Network
from pipelines.simulate.people import customer_refs, names, profiles
from pipelines.simulate.questionnaires import QUESTIONNAIRES, Questionnaire, read_questions
from pipelines.simulate.responses import responses
from pipelines.simulate.visits import PRODUCTS

DEFECTS = (
    "duplicate", "late", "corrected", "withdrawn", "out_of_order", "unknown_site",
    "impossible_date", "broken_encoding", "set_aside",
)  # fmt: skip
SOURCES = {
    "network_survey_phone": ("sales_call", "service_call"),
    "network_survey_web": ("service_web",),
    "network_survey_store": ("store",),
}
PHONE_QUESTIONS = ("SA1", "SA2", "SA3", "PR1", "AS1", "AS2", "AS3", "CC1")
_PHONE_HEADS = {
    "StartDate": ("시작 날짜", "startDate"), "EndDate": ("종료 날짜", "endDate"),
    "Status": ("응답 유형", "status"), "IPAddress": ("IP 주소", "ipAddress"),
    "Progress": ("진행률", "progress"), "Duration (in seconds)": ("소요 시간(초)", "duration"),
    "Finished": ("완료", "finished"), "RecordedDate": ("기록된 날짜", "recordedDate"),
    "ResponseId": ("응답 ID", "_recordId"), "RecipientLastName": ("수신자 성", "recipientLastName"),
    "RecipientFirstName": ("수신자 이름", "recipientFirstName"),
    "RecipientEmail": ("수신자 이메일", "recipientEmail"),
    "ExternalReference": ("외부 데이터 참조", "externalDataReference"),
    "LocationLatitude": ("위치 위도", "locationLatitude"),
    "LocationLongitude": ("위치 경도", "locationLongitude"),
    "DistributionChannel": ("배포 채널", "distributionChannel"),
    "UserLanguage": ("사용자 언어", "userLanguage"),
}  # fmt: skip


def survey_records(
    network: Network, source: str, first: int, last: int, rates: Rates, end: int
) -> pl.DataFrame:
    """Records of one survey source whose answers were given from first to last.

    Besides what `delivered` adds there are `form`, `ref` (the response's reference) and the answers
    as this record states them.
    """
    parts = []
    for form in QUESTIONNAIRES:
        if form.name not in SOURCES[source]:
            continue
        found = responses(network, form, first, last)
        found = found.with_columns(
            _key=pl.col("number") * 4 + pl.col("attempt"), form=pl.lit(form.name)
        )
        made = delivered(found, network.seed, form.name, rates, DEFECTS, end)
        parts.append(as_stated(network, form, made))
    return pl.concat(parts, how="diagonal")


def response_refs(network: Network, form: str, key: pl.Series) -> pl.Series:
    """How the survey system names a response: letters for calls, numbers elsewhere."""
    if not form.endswith("_call"):
        return (key // 4).cast(pl.String)
    ids = chance.letters(chance.bits(network.seed, "response", key.to_numpy()), 15)
    return pl.Series([f"R_{text}" for text in ids], dtype=pl.String)


def as_stated(network: Network, form: Questionnaire, made: pl.DataFrame) -> pl.DataFrame:
    """Delivered questionnaires as their survey system knows them.

    The first version of a corrected answer differs by one from what was meant (`_main`).
    """
    question, main = read_questions()[form.main], pl.col(form.main)
    wrong = pl.when(main > question.low).then(main - 1).otherwise(main + 1)
    is_wrong = pl.col("_defect").is_in(("corrected", "out_of_order")) & (pl.col("_version") == 1)
    second_version, defect = pl.col("_version") == 2, pl.col("_defect")
    customer, day = made["customer"].to_numpy(), made["day"].to_numpy()
    return made.with_columns(
        pl.when(is_wrong).then(wrong).otherwise(main).alias(form.main),
        *profiles(network, customer, day).get_columns(),
        _main=main,
        ref=response_refs(network, form.name, made["_key"]),
        site_code=site_codes(network.codes, made["site"]),
        customer_no=customer_refs(customer),
        product_code=pl.Series(np.asarray(PRODUCTS)[made["product"].to_numpy()], dtype=pl.String),
        agent_code=_callers(network, form, made["_key"]),
        _changed=pl.when(second_version).then(pl.col("_second")).otherwise(pl.col("day")),
        _changed_second=pl.col("second"),
        _withdrawn=(defect == "withdrawn").fill_null(value=False) & second_version,
        _aside=(defect == "set_aside").fill_null(value=False),
    )


def _callers(network: Network, form: Questionnaire, key: pl.Series) -> pl.Expr:
    """Who made the happy call; nobody where customers answered by themselves."""
    if form.mode != "phone":
        return pl.lit("")
    place = chance.whole(network.seed, "caller", network.outbound, key.to_numpy())
    return agent_code(pl.lit(pl.Series(place)), OUTBOUND)


def phone_export(network: Network, made: pl.DataFrame) -> pl.DataFrame:
    """The records as Qualtrics exports them, without its second and third header row."""
    whole = names(network.seed, made["customer"].to_numpy())
    length = pl.Series(
        90 + chance.whole(network.seed, "call length", 240, (made["_key"] // 4).to_numpy())
    )
    empty = pl.lit("")
    columns: list[pl.Expr] = [
        stamps(pl.col("day"), pl.col("second") - length).alias("StartDate"),
        impossible(stamps(pl.col("day"), pl.col("second"))).alias("EndDate"),
        pl.when(pl.col("_aside")).then(1 + pl.col("_key") % 2).otherwise(0).alias("Status"),
        empty.alias("IPAddress"), pl.lit(100).alias("Progress"),
        pl.lit(length).alias("Duration (in seconds)"), pl.lit(1).alias("Finished"),
        stamps(pl.col("_changed"), pl.col("_changed_second") + 40).alias("RecordedDate"),
        pl.col("ref").alias("ResponseId"),
        pl.lit(whole).str.slice(0, 1).alias("RecipientLastName"),
        broken(pl.lit(whole).str.slice(1)).alias("RecipientFirstName"),
        empty.alias("RecipientEmail"), _invitation("ExternalReference"),
        empty.alias("LocationLatitude"), empty.alias("LocationLongitude"),
        pl.lit("phone").alias("DistributionChannel"), pl.lit("KO").alias("UserLanguage"),
        *(_column(made, code) for code in PHONE_QUESTIONS),
        pl.col("text").alias("COMMENT"),
        written_site(pl.col("site_code")).alias("SiteCode"),
        pl.col("agent_code").alias("AgentCode"), pl.col("customer_no").alias("CustomerNo"),
        pl.col("product_code").alias("ProductCode"), pl.col("segment").alias("Segment"),
        pl.col("tenure_band").alias("Tenure"), pl.col("age_band").alias("AgeBand"),
        pl.col("party_type").alias("PartyType"), pl.col("province").alias("Province"),
        pl.col("form").alias("Survey"),
        _either("_withdrawn", "withdrawn", "active").alias("ResponseState"),
    ]  # fmt: skip
    return made.select("_day", *columns)


def phone_head_rows(columns: list[str]) -> list[list[str]]:
    """The second and third header row: descriptions, and the ids by which to map."""
    described = [_PHONE_HEADS.get(name, (name, name))[0] for name in columns]
    ids = [
        _PHONE_HEADS[name][1] if name in _PHONE_HEADS
        else f"QID{PHONE_QUESTIONS.index(name) + 1}" if name in PHONE_QUESTIONS else name
        for name in columns
    ]  # fmt: skip
    return [described, [json.dumps({"ImportId": each}, separators=(",", ":")) for each in ids]]


def web_export(network: Network, made: pl.DataFrame) -> pl.DataFrame:
    """The records as LimeSurvey exports them: null was not shown, empty was skipped."""
    del network
    unfinished = pl.col("_aside")
    shown = {"NP1": ("NP1",), "PR2": ("PR2",), "CC2": ("CC2",)}
    always = ("AS1", "AS2", "AS3")
    answers = [
        pl.when(pl.col(code).is_null())
        .then(pl.lit(""))
        .otherwise(pl.col(code).cast(pl.String))
        .alias(code)
        for code in always
    ] + [pl.col(code).cast(pl.String) for code in shown]
    empty = pl.lit("")
    columns: list[pl.Expr] = [
        pl.col("ref").alias("id"),
        pl.when(unfinished).then(empty).otherwise(
            impossible(stamps(pl.col("day"), pl.col("second")))).alias("submitdate"),
        pl.when(unfinished).then(1).otherwise(2).alias("lastpage"),
        pl.lit("ko").alias("startlanguage"), (pl.col("_key") * 48271 % 2147483647).alias("seed"),
        _invitation("token"),
        stamps(pl.col("day"), pl.col("second") - 200).alias("startdate"),
        stamps(pl.col("_changed"), pl.col("_changed_second")).alias("datestamp"),
        *answers,
        broken(pl.col("text")).fill_null("").alias("comment"),
        written_site(pl.col("site_code")).alias("site"), pl.col("customer_no").alias("customer"),
        pl.col("product_code").alias("product"), pl.col("segment"),
        pl.col("tenure_band").alias("tenure"),
        pl.col("age_band").alias("ageband"), pl.col("party_type").alias("party"),
        pl.col("province"),
        _either("_withdrawn", "withdrawn", "valid").alias("state"),
    ]  # fmt: skip
    return made.select("_day", *columns)


def store_export(network: Network, made: pl.DataFrame) -> pl.DataFrame:
    """The records as the branches' own tablet system exports them, for old spreadsheets."""
    form = "%Y.%m.%d %H:%M"
    bands = {"20s": "20대", "30s": "30대", "40s": "40대", "50s": "50대", "60+": "60대 이상"}
    site_names = pl.Series([*network.names])[made["site"].to_numpy()]
    columns: list[pl.Expr] = [
        pl.col("ref").alias("응답번호"), written_site(pl.col("site_code")).alias("지점코드"),
        broken(pl.lit(site_names)).alias("지점명"),
        impossible(stamps(pl.col("day"), pl.col("second"), form)).alias("응답일시"),
        stamps(pl.col("_changed"), pl.col("_changed_second"), f"{form}:%S").alias("수정일시"),
        _either("_withdrawn", "철회", "정상").alias("상태"),
        _either("_aside", "시험", "고객").alias("구분"),
        pl.col("ST1").alias("환경"), pl.col("ST2").alias("상담"), pl.col("ST3").alias("시승"),
        pl.col("NP2").alias("추천"), pl.col("customer_no").alias("고객번호"),
        pl.col("product_code").alias("관심차종"),
        pl.col("age_band").replace(bands).alias("연령대"), pl.col("segment").alias("고객군"),
        pl.col("tenure_band").alias("거래기간"), pl.col("party_type").alias("고객유형"),
        pl.col("province").alias("지역"), pl.col("text").alias("의견"),
    ]  # fmt: skip
    return made.select("_day", *columns)


def _either(flag: str, yes: str, no: str) -> pl.Expr:
    return pl.when(pl.col(flag)).then(pl.lit(yes)).otherwise(pl.lit(no))


def _invitation(name: str) -> pl.Expr:
    return pl.when(pl.col("invitation") > 0).then("invitation").alias(name)


def _column(made: pl.DataFrame, code: str) -> pl.Expr:
    return pl.col(code) if code in made.columns else pl.lit(None, pl.Int64).alias(code)
