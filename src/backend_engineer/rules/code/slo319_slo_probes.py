"""SLO319: a service level objective of PerfTargets that nothing in the change or base measures or alerts on.

Owns: this one rule. Must never know: monitoring systems.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, FindingType, Section, Severity, Verdict
from backend_engineer.inputs import NotApplicable
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule, Silence

_WATCHES = re.compile(
    r"(?:^|/)(?:observability|monitoring|alerts?|dashboards?|slo|probes?|metrics)(?:/|\.|_|-)", re.IGNORECASE
)


# One expression that tells routes apart by a label watches all of them, and names none.
_BY_ROUTE = re.compile(
    r"\b(?:by|without|on)\s*\([^()]*\b(?:endpoint|route|handler|uri|path|http_route|path_template|grpc_method)\b"
    r"|\{\{\s*(?:endpoint|route|handler|uri|path|http_route|path_template|grpc_method)\s*\}\}"
)


def _watching(context: Context) -> list[tuple[str, str]]:
    found = [
        (file.path, file.content or "")
        for file in context.change.files
        if file.section is Section.OBSERVABILITY or _WATCHES.search(file.path)
    ]
    if context.base is not None:
        found += [
            (path, context.base.get(path) or "") for path in context.base.paths if _WATCHES.search(path)
        ]
    return found


def _flat(text: str) -> str:
    return re.sub(r"\{\w+\}|<[\w:]+>|(?<=/):\w+", "{}", text.lower())


def _written(target: float) -> set[str]:
    """How a target may stand in an expression: in its own unit, in seconds for milliseconds, as a share for per cent."""
    forms = (target, target / 1000, target * 1000, target / 100, 1 - target / 100, 100 - target)
    return {f"{form:.10g}" for form in forms if form > 0}


def _check(context: Context) -> Iterator[Hit | Silence]:
    targets = getattr(context.inputs, "perf_targets", None)
    if targets is None:
        yield Silence(Verdict.NOT_CHECKED, "no PerfTargets were given")
        return
    if isinstance(targets.slos, NotApplicable):
        yield Silence(Verdict.NOT_APPLICABLE, f"PerfTargets set no objective: {targets.slos.reason}")
        return
    watching = _watching(context)
    if not watching:
        yield Silence(Verdict.NEEDS_REVIEW, "no file of alerts, dashboards or probes was found")
        return
    if any(_BY_ROUTE.search(content) for _, content in watching):
        yield Silence(
            Verdict.NEEDS_REVIEW,
            "an expression watches every route by a label; whether each objective has its target and alert is for a reviewer",
        )
        return
    text = _flat("\n".join(content for _, content in watching))
    for slo in targets.slos:
        path = _flat(slo.route.split(" ", 1)[-1])
        objective = f"the objective {slo.metric} {slo.target:g} {slo.unit} of `{slo.route}`"
        stated = any(
            re.search(rf"(?<![\d.]){re.escape(number)}(?![\d.]*\d)", text) for number in _written(slo.target)
        )
        named = re.search(re.escape(path) + r"(?![\w/{-])", text) is not None
        if not named or (slo.metric.lower() not in text and not stated):
            yield Hit(watching[0][0], f"{objective} is named in no alert, dashboard or probe")
        elif not stated:
            yield Hit(
                watching[0][0],
                f"{objective} is named, and its target stands in no alert, dashboard or probe",
                title="Objective that is watched at another value",
                recommendation="Let the alert begin where the objective ends, or have PerfTargets changed.",
            )


def _targets(target: float) -> dict[str, object]:
    return {
        "perf_targets": {
            "slos": [{"route": "GET /users", "metric": "latency_p95", "target": target, "unit": "ms"}],
            "peak_load": "50 requests a second",
            "latency": "95 % under 200 ms",
            "caching": {"not_applicable": "answers are personal"},
        }
    }


RULE = Rule(
    code="SLO319",
    title="Objective that nothing watches",
    clauses=("RELI-01",),
    severity=Severity.MINOR,
    category=Category.OBSERVABILITY,
    type=FindingType.QUESTION,
    reason="An objective that nothing measures is missed without anybody knowing.",
    recommendation="Add the probe, alert or dashboard that measures the objective by its route and metric.",
    check=_check,
    exact=False,
    needs=(Need.INPUTS,),
    question="Is each objective of PerfTargets measured, and does something alert when it is missed?",
    look="alerts, dashboards and probes against PerfTargets",
    settles="each objective names the expression that watches it",
    invalid=(
        Example({"observability/alerts.yaml": "groups: []\n"}, inputs=_targets(200)),
        Example(
            {"observability/alerts.yaml": "# route: GET /orders, latency_p95 over 200 ms\n"},
            inputs=_targets(200),
        ),
        Example(
            {"observability/alerts.yaml": "# route: GET /users, latency_p95 over 500 ms\n"},
            inputs=_targets(200),
            note="another value",
        ),
    ),
    valid=(
        Example(
            {
                "observability/alerts.yaml": "expr: histogram_quantile(0.95, sum by (route, le) (rate(seconds_bucket[5m])))\n"
            },
            inputs=_targets(200),
            note="every route is watched by its label",
        ),
        Example(
            {"observability/alerts.yaml": "# route: GET /users, latency_p95 over 200 ms\n"},
            inputs=_targets(200),
        ),
        Example(
            {"observability/alerts.yaml": "# GET /users\nexpr: latency_p95 > 0.3\n"},
            inputs=_targets(300),
            note="milliseconds in seconds",
        ),
    ),
)
