"""The fields of the policies, the targets, the guides and the request.

Owns: their clauses, reasons and options (INPT-05 to INPT-07, FLOW-01).
Must never know: how gaps are found, merged or shown.
"""

from __future__ import annotations

from backend_engineer.inputs.fields.facts import absent, facts, shape, value

__all__ = ["OPS_GUIDES", "PERF_TARGETS", "REQUEST", "SECURITY_POLICY"]

SECURITY_POLICY = {
    "security_policy/authentication": facts(
        "INPT-05",
        "Every request must be tied to a caller, or refused.",
        value(
            "A bearer token on each request, else 401",
            "A bearer token on every request; a missing or invalid one is answered with 401.",
        ),
        shape("How callers prove who they are"),
        absent("The service has no callers from outside"),
    ),
    "security_policy/authorization": facts(
        "INPT-05",
        "Access is denied by default, so what is allowed must be said.",
        value(
            "Deny by default; owners reach their own data",
            "Denied by default at the service boundary; callers reach their own data only.",
        ),
        shape("Roles and what each may do"),
        absent("Every caller may do everything"),
    ),
    "security_policy/crypto": facts(
        "INPT-05",
        "What is encrypted, and with what, decides on columns and connections.",
        value(
            "TLS in transit, the platform's encryption at rest",
            "TLS for every connection; the platform's encryption at rest; no cryptography of our own.",
        ),
        shape("What is encrypted in transit and at rest, and where keys live"),
        absent("The platform takes care of it"),
    ),
    "security_policy/compliance": facts(
        "INPT-05",
        "Rules such as the GDPR decide on retention, deletion and documentation.",
        shape("The rules that hold, and what they ask of this service"),
        absent("No rule beyond this policy holds"),
    ),
    "security_policy/logging": facts(
        "INPT-05",
        "Logs must say enough and give nothing away.",
        value(
            "Structured, without secrets and personal data",
            "Structured logs with a correlation id; never secrets, tokens or personal data.",
        ),
        shape("What is logged, what never is, how long logs are kept"),
        absent("The service writes no logs"),
    ),
}


PERF_TARGETS = {
    "perf_targets/slos": facts(
        "INPT-06",
        "Probes and tests are held against the objectives.",
        shape("Route, metric, target and unit of each objective"),
        absent("No objective is agreed"),
    ),
    "perf_targets/slos/*/route": facts(
        "INPT-06", "An objective belongs to a route or a job.", shape("Method and path as in the contract, such as GET /users"), shape("The job's name")
    ),
    "perf_targets/slos/*/metric": facts(
        "INPT-06",
        "What is measured decides on the probe.",
        value("The 95th percentile of latency", "latency_p95"),
        value("Availability", "availability"),
        value("The rate of errors", "error_rate"),
    ),
    "perf_targets/slos/*/target": facts(
        "INPT-06", "The objective is met or missed by this number.", shape("The number that may not be passed"), shape("What is measured today")
    ),
    "perf_targets/slos/*/unit": facts(
        "INPT-06", "A number means nothing without its unit.", value("Milliseconds", "ms"), value("Per cent", "%"), value("Seconds", "s")
    ),
    "perf_targets/peak_load": facts(
        "INPT-06", "Indexes, pools and batches are sized for the peak.", shape("Requests per second at the peak, and rows in the largest table"), absent("The load is negligible")
    ),
    "perf_targets/latency": facts(
        "INPT-06", "Queries and timeouts are chosen for the latency.", shape("The time that a caller may wait, for reads and for writes"), absent("No latency is agreed")
    ),
    "perf_targets/caching": facts(
        "INPT-06",
        "A cache that nobody asked for serves stale data.",
        value("Nothing is cached", "Nothing is cached."),
        shape("What is cached, for how long, and what makes it stale"),
        absent("There is nothing to cache"),
    ),
}  # fmt: skip


OPS_GUIDES = {
    "ops_guides/alerts": facts(
        "INPT-07",
        "What the change measures must reach someone.",
        shape("What raises an alert, and whom it reaches"),
        absent("Nobody is on call for the service"),
    ),
    "ops_guides/runbooks": facts(
        "INPT-07",
        "The change updates the runbooks that it touches.",
        shape("Where runbooks stand and what each must say"),
        absent("The service has no runbooks"),
    ),
    "ops_guides/rollout": facts(
        "INPT-07",
        "Migrations and code must fit the order in which they are brought out.",
        value(
            "Migrations first, then the code, in one step",
            "Migrations run first, then all instances are replaced.",
        ),
        shape("The order of the steps, and who starts them"),
        absent("The service is not deployed yet"),
    ),
    "ops_guides/rollback": facts(
        "INPT-07",
        "Rollback scripts are written for the way back.",
        value(
            "The code first, then the rollback scripts",
            "The previous code is deployed first, then the rollback scripts run in reverse order.",
        ),
        shape("The order of the steps, and when data may be lost"),
        absent("The service is not deployed yet"),
    ),
}


REQUEST = {
    "request": facts(
        "FLOW-01",
        "Without the change that is wanted there is nothing to do.",
        shape("Title, description and acceptance criteria"),
        shape("Put change_request.md beside the other documents"),
    ),
    "request/title": facts(
        "FLOW-01",
        "The change is known by its title.",
        shape("One line that names the change"),
        shape("The title of the ticket"),
    ),
    "request/description": facts(
        "FLOW-01",
        "The description says what to build.",
        shape("What is wanted, and for whom"),
        shape("The text of the ticket"),
    ),
    "request/acceptance": facts(
        "FLOW-01",
        "Tests are written for what must hold in the end.",
        shape("Each criterion as a sentence that can be tested"),
        shape("What a reviewer would try first"),
    ),
}
