"""The satisfaction cube: what surveys answered, over `fact_answer`.

The index pools respondents: 100 · Σ weight·points / (12600 · Σ weight). Its interval comes from whole
visits (the answers of one response to one touchpoint), because answers of one person are not
independent: the ratio estimator's linearised variance over m visits. Within one question there is
one answer per response, and the sample variance of the scores is used.
"""

from __future__ import annotations

from cubes.cube import Aggregate, Cube, Join, Key, Measure, Share, Spread
from cubes.definitions.dimensions import (
    AGENT,
    AGENT_OF_THE_DAY,
    CAMPAIGN,
    CHANNEL,
    DATE,
    HOUR,
    PROCESS,
    PRODUCT,
    PROFILE,
    QUESTION,
    SITE,
    SITE_OF_THE_DAY,
)

STEPS = 11  # scales of up to eleven steps have a histogram
_NPS = "f.span = 10"

AGGREGATES = (
    Aggregate("rows", "1", "Answers, scored or not.", "BIGINT"),
    Aggregate("n", "(f.grade is not null)::integer", "Scored answers."),
    Aggregate("s", "case when f.grade is not null then f.score end", "Sum of scores.", "BIGINT"),
    Aggregate("s2", "case when f.grade is not null then f.score::bigint * f.score end", "Sum of squared scores.", "BIGINT"),
    *(
        Aggregate(f"h{i}", f"case when f.span < {STEPS} then (f.grade = {i})::integer end", f"Answers {i} steps above the worse end of the scale.")
        for i in range(STEPS)
    ),
    Aggregate("top1", "(f.grade = f.span)::integer", "Answers at the better end of the scale."),
    Aggregate("top2", "(f.grade >= f.span - 1)::integer", "Answers in the two best steps."),
    Aggregate("low1", "(f.grade = 0)::integer", "Answers at the worse end of the scale."),
    Aggregate("willing", f"({_NPS})::integer * (f.grade is not null)::integer", "Scored answers to 0–10 questions."),
    Aggregate("promoters", f"({_NPS} and f.grade >= 9)::integer", "9 or 10 of 10."),
    Aggregate("detractors", f"({_NPS} and f.grade <= 6)::integer", "0 to 6 of 10."),
    Aggregate("nw", "(f.weight > 0)::integer", "Scored answers with weight in the index."),
    Aggregate("w", "f.weight", "Sum of weights.", "BIGINT"),
    Aggregate("p", "f.weight::bigint * f.points", "Sum of weight times points.", "BIGINT"),
    Aggregate("m", "f.lead", "Visits: responses per touchpoint, by their lead answer."),
    Aggregate("lw2", "f.lead_weight::bigint * f.lead_weight", "Sum over visits of weight squared.", "BIGINT"),
    Aggregate("lwp", "f.lead_weight::decimal(38, 0) * f.lead_points", "Sum over visits of weight times points.", "DECIMAL(38,0)"),
    Aggregate("lp2", "f.lead_points::decimal(38, 0) * f.lead_points", "Sum over visits of points squared.", "DECIMAL(38,0)"),
    Aggregate("texts", "(f.text_id is not null)::integer", "Answers with a verbatim."),
)  # fmt: skip

_ONE_SCALE = (
    "min(scale_low) = max(scale_low) and min(scale_high) = max(scale_high)"
    " and min(scale_direction) = max(scale_direction)"
)
_SPAN = "(min(scale_high) - min(scale_low))"
_SCORE_VARIANCE = "greatest(sum(s2) - sum(s)::double * sum(s) / sum(n), 0) / (sum(n) - 1)"
_RATIO = "(sum(p)::double / sum(w))"
_VISIT_VARIANCE = (
    f"greatest(sum(lp2)::double - 2 * {_RATIO} * sum(lwp)::double"
    f" + {_RATIO} * {_RATIO} * sum(lw2)::double, 0)"
    " / (sum(w)::double * sum(w)) * sum(m) / (sum(m) - 1) / (126.0::double * 126.0::double)"
)
_OF_QUESTION = ("question", "scale_low", "scale_high")


def _percent(part: str, whole: str) -> str:
    return f"100.0::double * sum({part}) / nullif(sum({whole}), 0)"


def _grade_at(place: str) -> str:
    """The grade of the answer at a place, counted from the worst, out of the histogram."""
    below = [" + ".join(f"sum(h{i})" for i in range(step + 1)) for step in range(STEPS)]
    cases = " ".join(f"when {total} >= {place} then {step}" for step, total in enumerate(below))
    return f"case {cases} end"


_MIDDLE = f"(({_grade_at('(sum(n) + 1) // 2')}) + ({_grade_at('sum(n) // 2 + 1')})) / 2.0::double"
_COUNTED = " + ".join(f"sum(h{i})" for i in range(STEPS))

MEASURES = (
    Measure(
        "index",
        "sum(p)::double / nullif(126 * sum(w), 0)",
        "points",
        "Satisfaction index, 0 to 100: weighted mean of all answers on a common scale.",
        1,
        base="sum(nw)",
        interval=Spread(_VISIT_VARIANCE, "sum(m) - 1", 0, 100),
        interval_by=tuple(
            (level, Spread(
                f"case when min(question) = max(question) then {_SCORE_VARIANCE} / sum(n)"
                f" * (10000.0::double / ({_SPAN} * {_SPAN})) end",
                "sum(n) - 1", 0, 100,
            ))
            for level in _OF_QUESTION
        ),
    ),
    Measure("n", "sum(n)", "count", "Scored answers.", 0, base="sum(n)"),
    Measure("answers", "sum(rows)", "count", "Answers, scored or not.", 0, base="sum(rows)"),
    Measure("responses", "sum(m)", "count", "Responses, counted once per touchpoint.", 0, base="sum(m)"),
    Measure("texts", "sum(texts)", "count", "Answers with a verbatim.", 0, base="sum(rows)"),
    Measure(
        "mean",
        f"case when {_ONE_SCALE} then sum(s)::double / nullif(sum(n), 0) end",
        "score",
        "Mean score on the question's own scale.",
        1,
        base="sum(n)",
        interval=Spread(f"case when {_ONE_SCALE} then {_SCORE_VARIANCE} / sum(n) end", "sum(n) - 1"),
        needs=_OF_QUESTION,
    ),
    Measure(
        "median",
        f"case when {_ONE_SCALE} and sum(n) > 0 and {_COUNTED} = sum(n) then"
        f" case min(scale_direction) when -1 then min(scale_high) - {_MIDDLE} else min(scale_low) + {_MIDDLE} end end",
        "score",
        "Median score on the question's own scale, exact from the histogram.",
        1,
        base="sum(n)",
        needs=_OF_QUESTION,
    ),
    Measure("top_box", _percent("top1", "n"), "percent", "Share of answers at the better end of the scale.", 1, "sum(n)", Share("sum(top1)", "sum(n)")),
    Measure("top2_box", _percent("top2", "n"), "percent", "Share of answers in the two best steps.", 1, "sum(n)", Share("sum(top2)", "sum(n)")),
    Measure("low_box", _percent("low1", "n"), "percent", "Share of answers at the worse end of the scale.", -1, "sum(n)", Share("sum(low1)", "sum(n)")),
    Measure(
        "nps",
        "100.0::double * (sum(promoters) - sum(detractors)) / nullif(sum(willing), 0)",
        "points",
        "Promoters minus detractors of the 0–10 questions, in percent.",
        1,
        base="sum(willing)",
        interval=Spread(
            "10000.0::double * ((sum(promoters) + sum(detractors))::double / sum(willing)"
            " - pow((sum(promoters) - sum(detractors))::double / sum(willing), 2)) / sum(willing)",
            "", -100, 100,
        ),
    ),
)  # fmt: skip

SATISFACTION = Cube(
    name="satisfaction",
    title="What surveys answered",
    fact="fact_answer",
    base="sum(n)",
    joins=(
        SITE_OF_THE_DAY,
        AGENT_OF_THE_DAY,
        Join("question", "dim_question", "question.question_key = f.question_key"),
    ),
    keys=(
        Key("site_version", "INTEGER", "site.site_version"),
        Key("province", "VARCHAR", "site.province"),
        Key("question_key", "INTEGER", "f.question_key"),
        Key("touchpoint_key", "INTEGER", "question.touchpoint_key"),
        Key("channel_key", "INTEGER", "f.channel_key"),
        Key("product_key", "INTEGER", "f.product_key"),
        Key("campaign_key", "INTEGER", "f.campaign_key"),
        Key("agent_version", "INTEGER", "agent.agent_version"),
        Key("profile_key", "INTEGER", "f.profile_key"),
        Key("day", "DATE", "f.local_date"),
        Key("month", "DATE", "date_trunc('month', f.local_date)::date"),
        Key("hour", "INTEGER", "(f.local_minute // 60)::integer"),
    ),
    dimensions=(
        DATE,
        HOUR,
        SITE,
        PROCESS,
        QUESTION,
        CHANNEL,
        PRODUCT,
        CAMPAIGN,
        AGENT,
        PROFILE,
    ),  # fmt: skip
    aggregates=AGGREGATES,
    measures=MEASURES,
)
