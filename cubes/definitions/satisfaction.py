"""The satisfaction cube: what surveys answered, over `fact_answer`.

The index pools respondents: 100 · Σ weight·points / (12600 · Σ weight). Its interval comes from
whole visits (the answers of one response to one touchpoint), because answers of one person are not
independent: the ratio estimator's linearised variance over m visits. Within one question there is
one answer per response, and the sample variance of the scores is used.
"""

from __future__ import annotations

from cubes.cube import Aggregate, Cube, Grid, Join, Key, Measure, Share, Spread
from cubes.definitions import dimensions as d

STEPS = 11  # scales of up to eleven steps have a histogram

_SCORED = "f.grade is not null"
_NPS = "f.span = 10"
_COUNTED = (
    ("n", _SCORED, "Scored answers."),
    *(
        (f"h{i}", f"f.span < {STEPS} and f.grade = {i}", f"Answers of grade {i}.")
        for i in range(STEPS)
    ),
    ("top1", "f.grade = f.span", "Answers at the better end of the scale."),
    ("top2", "f.grade >= f.span - 1", "Answers in the two best steps."),
    ("low1", "f.grade = 0", "Answers at the worse end of the scale."),
    ("willing", f"{_NPS} and {_SCORED}", "Scored answers to 0–10 questions."),
    ("promoters", f"{_NPS} and f.grade >= 9", "9 or 10 of 10."),
    ("detractors", f"{_NPS} and f.grade <= 6", "0 to 6 of 10."),
    ("nw", "f.weight > 0", "Scored answers with weight in the index."),
    ("texts", "f.text_id is not null", "Answers with a verbatim."),
)
_LEAD_WEIGHT, _LEAD_POINTS = "f.lead_weight::decimal(38, 0)", "f.lead_points::decimal(38, 0)"
_SUMMED = (
    ("s", f"case when {_SCORED} then f.score end", "BIGINT", "Sum of scores."),
    ("s2", f"case when {_SCORED} then f.score::bigint * f.score end", "BIGINT", "Their squares."),
    ("w", "f.weight", "BIGINT", "Sum of weights."),
    ("p", "f.weight::bigint * f.points", "BIGINT", "Sum of weight times points."),
    ("m", "f.lead", "INTEGER", "Visits: responses per touchpoint, by their lead answer."),
    ("lw2", "f.lead_weight::bigint * f.lead_weight", "BIGINT", "Over visits: weight squared."),
    (
        "lwp",
        f"{_LEAD_WEIGHT} * f.lead_points",
        "DECIMAL(38,0)",
        "Over visits: weight times points.",
    ),
    ("lp2", f"{_LEAD_POINTS} * f.lead_points", "DECIMAL(38,0)", "Over visits: points squared."),
)

AGGREGATES = (
    Aggregate("rows", "1", "Answers, scored or not.", "BIGINT"),
    *(Aggregate(name, f"({condition})::integer", what) for name, condition, what in _COUNTED),
    *(Aggregate(name, sql, what, type_) for name, sql, type_, what in _SUMMED),
)

_ONE_SCALE = (
    "min(scale_low) = max(scale_low) and min(scale_high) = max(scale_high)"
    " and min(scale_direction) = max(scale_direction)"
)
_SPAN = "(min(scale_high) - min(scale_low))"
_SCORE_VARIANCE = "greatest(sum(s2) - sum(s)::double * sum(s) / sum(n), 0) / (sum(n) - 1)"
_RATIO = "(sum(p)::double / sum(w))"
_VISIT_VARIANCE = (
    f"greatest(sum(lp2)::double"
    f" - {_RATIO} * (2 * sum(lwp)::double - {_RATIO} * sum(lw2)::double), 0)"
    " / sum(w) / sum(w) * sum(m) / (sum(m) - 1) / (126.0::double * 126.0::double)"
)
_QUESTION_VARIANCE = (
    f"case when min(question) = max(question) then {_SCORE_VARIANCE} / sum(n)"
    f" * (10000.0::double / ({_SPAN} * {_SPAN})) end"
)
_NPS_VARIANCE = (
    "10000.0::double * ((sum(promoters) + sum(detractors))::double / sum(willing)"
    " - pow((sum(promoters) - sum(detractors))::double / sum(willing), 2)) / sum(willing)"
)
_OF_QUESTION = ("question", "scale_low", "scale_high")


def _grade_at(place: str) -> str:
    """The grade of the answer at a place, counted from the worst, out of the histogram."""
    below = [" + ".join(f"sum(h{i})" for i in range(step + 1)) for step in range(STEPS)]
    cases = " ".join(f"when {total} >= {place} then {step}" for step, total in enumerate(below))
    return f"case {cases} end"


def _median() -> str:
    middle = (
        f"(({_grade_at('(sum(n) + 1) // 2')}) + ({_grade_at('sum(n) // 2 + 1')})) / 2.0::double"
    )
    held = " + ".join(f"sum(h{i})" for i in range(STEPS))
    return (
        f"case when {_ONE_SCALE} and sum(n) > 0 and {held} = sum(n) then"
        f" case min(scale_direction) when -1 then min(scale_high) - {middle}"
        f" else min(scale_low) + {middle} end end"
    )


def _count(name: str, aggregate: str, description: str) -> Measure:
    return Measure(name, f"sum({aggregate})", "count", description, 0, base=f"sum({aggregate})")


def _box(name: str, aggregate: str, description: str, *, good: bool = True) -> Measure:
    part, whole = f"sum({aggregate})", "sum(n)"
    return Measure(
        name,
        f"100.0::double * {part} / nullif({whole}, 0)",
        "percent",
        description,
        1 if good else -1,
        base=whole,
        interval=Share(part, whole),
    )


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
            (level, Spread(_QUESTION_VARIANCE, "sum(n) - 1", 0, 100)) for level in _OF_QUESTION
        ),
    ),
    _count("n", "n", "Scored answers."),
    _count("answers", "rows", "Answers, scored or not."),
    _count("responses", "m", "Responses, counted once per touchpoint."),
    _count("texts", "texts", "Answers with a verbatim."),
    Measure(
        "mean",
        f"case when {_ONE_SCALE} then sum(s)::double / nullif(sum(n), 0) end",
        "score",
        "Mean score on the question's own scale.",
        1,
        base="sum(n)",
        interval=Spread(
            f"case when {_ONE_SCALE} then {_SCORE_VARIANCE} / sum(n) end", "sum(n) - 1"
        ),
        needs=_OF_QUESTION,
    ),
    Measure(
        "median",
        _median(),
        "score",
        "Median score on the question's own scale, exact from the histogram.",
        1,
        base="sum(n)",
        needs=_OF_QUESTION,
    ),
    _box("top_box", "top1", "Share of answers at the better end of the scale."),
    _box("top2_box", "top2", "Share of answers in the two best steps."),
    _box("low_box", "low1", "Share of answers at the worse end of the scale.", good=False),
    Measure(
        "nps",
        "100.0::double * (sum(promoters) - sum(detractors)) / nullif(sum(willing), 0)",
        "points",
        "Promoters minus detractors of the 0–10 questions, in percent.",
        1,
        base="sum(willing)",
        interval=Spread(_NPS_VARIANCE, "", -100, 100),
    ),
)

#: Whoever answered; where no person is named, each response is somebody of their own.
PERSON = "coalesce(f.customer_key, -1 - f.response_key)"

GRIDS = (
    Grid("index", "nw", PERSON, ("index",)),
    Grid("scores", "n", PERSON, ("top_box", "top2_box", "low_box")),
    Grid("nps", "willing", PERSON, ("nps",)),
    Grid("answers", "rows", PERSON, ("n", "answers", "responses")),
    Grid("verbatims", "texts", PERSON, ("texts",), least=10),
)

SATISFACTION = Cube(
    name="satisfaction",
    title="What surveys answered",
    fact="fact_answer",
    base="sum(n)",
    joins=(
        d.SITE_OF_THE_DAY,
        d.AGENT_OF_THE_DAY,
        Join("question", "dim_question", "question.question_key = f.question_key"),
    ),
    keys=(
        *d.SITE_KEYS,
        Key("question_key", "INTEGER", "f.question_key"),
        Key("touchpoint_key", "INTEGER", "question.touchpoint_key"),
        *d.MEMBER_KEYS,
        *d.TIME_KEYS,
    ),
    dimensions=(
        *(d.DATE, d.HOUR, d.SITE, d.PROCESS, d.QUESTION),
        *(d.CHANNEL, d.PRODUCT, d.CAMPAIGN, d.AGENT, d.PROFILE),
    ),
    aggregates=AGGREGATES,
    measures=MEASURES,
    grids=GRIDS,
)
