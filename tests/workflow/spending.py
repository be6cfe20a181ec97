"""A workbook with ceilings and a usage log, and what is asked of it at some instant."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq

from ops_model.store.workbook import read_workbook
from ops_model.workflow.watch import book_now

START = datetime(2026, 3, 1, tzinfo=UTC)
TODAY = START + timedelta(days=20)
NOON = TODAY + timedelta(hours=12)
SYSTEM = """name: Answers
kind: llm_app
tier: B
purpose: answers questions
users: customers
customer_facing: true
version: {label: "7", model_ref: models/7, in_production_since: 2026-01-01T00:00:00Z}
dependencies: [{id: example-ai, kind: model_provider, name: Example}]
"""
PEOPLE = """people:
- {id: ana, name: Ana Ruiz, function: platform, zone: UTC, active_from: 2020-01-01}
- {id: ben, name: Ben Okoro, function: reliability, zone: UTC, active_from: 2020-01-01}
- {id: gone, name: Gil One, function: finance, zone: UTC, active_from: 2020-01-01,
   active_to: 2026-01-31}
"""
ON_CALL = """layers:
- {id: first, role: primary, zone: UTC, starts: 2026-01-05T09:00:00,
   rule: FREQ=WEEKLY;BYDAY=MO, shift_hours: 168, participants: [ana]}
- {id: second, role: secondary, zone: UTC, starts: 2026-01-05T09:00:00,
   rule: FREQ=WEEKLY;BYDAY=MO, shift_hours: 168, participants: [ben]}
"""
DECISIONS = """rights:
- {action: raise_cost_ceiling, holder: primary, autonomy: tell_after, money_limit: 50.00 USD}
"""
CEILING = """- {id: daily, amount: 144.00 USD, warn_at: [0.5, 0.8], hard_action: throttle,
   owner: ana, alert_route: "page: answers primary; mail: ana"}
"""
COST = """currency: USD
logs: [{{id: usage, unit: tokens, address: data/usage}}]
token_prices:
- {{model: m, valid_from: 2026-01-01T00:00:00Z, input_per_million: 1000000,
   cache_read_per_million: 0, output_per_million: 0, source: a price list}}
ceilings:
{ceilings}"""
ROUTES = """alert_routes:
- {channel: page, address_in: TEST_PAGE}
- {channel: mail, address_in: TEST_MAIL}
"""


def a_workbook(root, *, ceilings=CEILING, pinned=True, routes=ROUTES):
    """Write the workbook, without a log; a token costs one dollar."""
    pin = f"as_of: {NOON:%Y-%m-%dT%H:%M:%SZ}\n" if pinned else ""
    files = {
        "ops-model.yaml": f"name: Test\nzone: UTC\n{pin}{routes}",
        "people.yaml": PEOPLE,
        "systems/answers/system.yaml": SYSTEM,
        "systems/answers/on_call.yaml": ON_CALL,
        "systems/answers/decisions.yaml": DECISIONS,
        "systems/answers/cost.yaml": COST.format(ceilings=ceilings),
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def log_usage(root, tokens):
    """Write the log: so many tokens at each instant, from (instant, tokens) or with a model."""
    rows = [(*row, "m")[:3] for row in tokens]
    path = root / "data/usage/all.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.table({
        "timestamp": pa.array([at for at, _, _ in rows], pa.timestamp("us", "UTC")),
        "service": ["chat"] * len(rows),
        "gen_ai_request_model": [model for _, _, model in rows],
        "gen_ai_usage_input_tokens": pa.array([n for _, n, _ in rows], pa.int64()),
        "gen_ai_usage_output_tokens": pa.array([0] * len(rows), pa.int64()),
    })  # fmt: skip
    pq.write_table(table, path)
    return root


def each_slot(tokens, *, since=START, until=NOON):
    """One row at the beginning of each slot of ten minutes."""
    slots = range((until - since) // timedelta(minutes=10))
    return [(since + timedelta(minutes=10 * n), tokens) for n in slots]


def book(root, *, as_of=NOON):
    return book_now(root, read_workbook(root), "answers", as_of=as_of)
