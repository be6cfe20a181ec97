"""The JSON Schemas for editors, held against jsonschema and against our own reader."""

import json
import re

import jsonschema
import pytest
import yaml

from ops_model.domain.operating_model import AREA_FILES
from ops_model.shipped import shipped
from ops_model.store.claim_file import read_claim_text
from ops_model.store.schema import SCHEMA_FILES, schema_of, write_schemas

START = shipped("templates") / "start"
FILES = sorted(START.rglob("*.yaml"))
EXAMPLE = (START / "systems/my-system/incidents/README.md").read_text("utf-8")
INCIDENT = re.search(r"```yaml\n(.*?)```", EXAMPLE, re.DOTALL)[1]


def as_an_editor_sees_it(text):
    """The core schema of YAML 1.2, as yaml-language-server reads: no dates, `NO` is a text."""
    node = yaml.compose(text, yaml.SafeLoader)
    return {} if node is None else _value(node)


def _value(node):  # noqa: PLR0911 - one return for each kind of scalar
    if isinstance(node, yaml.MappingNode):
        return {_value(k): _value(v) for k, v in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_value(item) for item in node.value]
    text = node.value
    if node.style is not None:
        return text
    if text in {"", "~", "null", "Null", "NULL"}:
        return None
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    if re.fullmatch(r"[-+]?\d+", text):
        return int(text)
    if re.fullmatch(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?", text):
        return float(text)
    return text


def flagged(stem, text):
    checker = jsonschema.Draft202012Validator(schema_of(stem))
    return [error.message for error in checker.iter_errors(as_an_editor_sees_it(text))]


def refused(stem, text):
    return read_claim_text(text, f"{stem}.yaml", SCHEMA_FILES[stem])[1]


@pytest.mark.parametrize("stem", sorted(SCHEMA_FILES))
def test_each_schema_is_one_and_bears_the_name_of_its_file(stem):
    schema = schema_of(stem)

    jsonschema.Draft202012Validator.check_schema(schema)
    assert stem in schema["title"]
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_file_of_the_template_is_valid_by_its_schema(path):
    assert flagged(path.stem, path.read_text("utf-8")) == []


def test_the_example_of_an_incident_is_valid_by_its_schema_and_by_the_reader():
    assert flagged("incident", INCIDENT) == []
    assert refused("incident", INCIDENT) == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_file_of_the_template_names_its_schema_in_its_first_line(path, tmp_path):
    first = path.read_text("utf-8").splitlines()[0]
    named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)[1]

    target = (path.parent / named).resolve().relative_to(START)
    assert target in set(write_schemas(tmp_path))


def text_of(stem):
    if stem == "incident":
        return INCIDENT
    return next(p for p in FILES if p.stem == stem).read_text("utf-8")


def objective(said):
    return f"objectives: [{{id: a, indicator: latency, {said}}}]"


def ceiling(amount):
    return f"ceilings: [{{id: a, hard_action: stop, owner: x, amount: {amount}}}]"


def path_to(channel):
    told = f"{{audience: users, owner: x, channel: {channel}, within_minutes: 9}}"
    return f"rights: []\ncommunication: [{told}]"


SPOILED = [
    ("system", "tier: C", "tier: D"),
    ("system", "tier: C", "tire: C"),
    ("system", "tier: C", "tier:"),
    ("system", "tier: C", "tier: a"),
    ("system", "customer_facing: false", "customer_facing: yes"),
    ("system", "customer_facing: false", "customer_facing: 1"),
    ("system", "name: My system\n", ""),
    ("system", "name: My system\n", "name: ''\n"),
    ("system", "stage_history: []", "stage_history: {}"),
    ("system", "stage_history: []", "stage_history:"),
    ("system", "stage_history: []",
     "stage_history: [{stage: alive, at: 2026-03-01T08:00:00Z, by: x}]"),
    ("system", "trained_by: []", "in_production_since: 2026-01-01"),
    ("system", "trained_by: []", "in_production_since: 2026-01-01T00:00:00"),
    ("system", "trained_by: []", "in_production_since: 20260101"),
    ("system", "id: example-vendor", "id: Example Vendor"),
    ("system", "id: example-vendor,", ""),
    ("service_levels", "objectives: []", objective("target: 99.5, window_days: 28")),
    ("service_levels", "objectives: []", objective("target: much, window_days: 28")),
    ("service_levels", "objectives: []", objective("target: 0.9, window_days: 0")),
    ("service_levels", "objectives: []", objective("target: 0.9, window_days: 28h")),
    ("cost", "ceilings: []", ceiling("12.50")),
    ("cost", "ceilings: []", ceiling("12.50 usd")),
    ("cost", "currency: USD", "currency: usd"),
    ("cost", "currency: USD", "currency: USD\nunknown: 1"),
    ("people", "zone: UTC                    #", "zone: Europe/Berlyn #"),
    ("people", "active_from: 2020-01-01      #", "active_from: 1.1.2020 #"),
    ("on_call", "shift_hours: 168\n", "shift_hours: 900\n"),
    ("on_call", "participants: [example-one, example-two]", "participants: []"),
    ("on_call", "starts: 2026-01-05T09:00:00  #", "starts: 2026-01-05T09:00:00Z  #"),
    ("ownership", "accountable: example-one", "accountable: [example-one]"),
    ("ownership", "deputy: example-two", "duties: {sleeping: {primary: a}}"),
    ("signals", "logs: []", "logs: [{id: a, holds: labels, address: /etc, timestamp: t}]"),
    ("signals", "logs: []", "logs: [{id: a, holds: labels, address: a/../../b, timestamp: t}]"),
    ("signals", "late_days: 0", "late_days: -1"),
    ("signals", "late_days: 0", "late_days: 1.5"),
    ("system", "name: My system\n", "name: ' '\n"),
    ("system", "name: My system\n", "name: '...'\n"),
    ("decisions", "rights: []", path_to("'https://hooks.example.org/x'")),
    ("decisions", "rights: []", path_to("ana@example.org")),
    ("decisions", "rights: []", path_to("'---'")),
    ("signals", "late_days: 0", "late_days: 100000000000000000000"),
    ("portfolio", "pilots: []", "pilots: [{system: a, targets: x, location: sandbox}]"),
    ("incident", "severity: sev2", "severity: 2"),
    ("ops-model", "zone: UTC", "ledger: ../x.db\nzone: UTC"),
]  # fmt: skip
RIGHT = [
    ("system", "name: My system", "name: 7"),
    ("system", "name: My system", "name: NO"),
    ("system", "name: My system", "support:"),
    ("system", "name: My system", "name: '=> +'"),
    ("decisions", "rights: []", path_to("'page: the primary; mail: bo-li'")),
    ("decisions", "rights: []", path_to("'#flight-desk'")),
    ("system", "tier: C", "tier: A"),
    ("ownership", "deputy: example-two", "deputy:"),
    ("ownership", "deputy: example-two", "deputy: 2024"),
    ("ownership", "deputy: example-two", "duties: {feeding: {primary: a}}"),
    ("service_levels", "objectives: []", objective("target: 0.995, window_days: 4w")),
    ("cost", "ceilings: []", ceiling("12.50 EUR, warn_at: [0.5, 1]")),
    ("system", "trained_by: []", "in_production_since: 2026-01-01T00:00:00+02:00"),
    ("people", "zone: UTC                    #", "zone: Australia/Lord_Howe #"),
]  # fmt: skip


def _named(cases):
    return [f"{stem}-{is_now}" for stem, _, is_now in cases]


@pytest.mark.parametrize(("stem", "was", "is_now"), SPOILED, ids=_named(SPOILED))
def test_a_mistake_is_flagged_by_the_schema_and_refused_by_the_reader(stem, was, is_now):
    before = text_of(stem)
    assert was in before
    text = before.replace(was, is_now, 1)

    assert flagged(stem, text)
    assert refused(stem, text)


@pytest.mark.parametrize(("stem", "was", "is_now"), RIGHT, ids=_named(RIGHT))
def test_what_the_reader_takes_is_not_flagged(stem, was, is_now):
    text = text_of(stem).replace(was, is_now, 1)
    if is_now == "support:":
        text = text_of(stem).rstrip() + "\nsupport:\n"

    assert refused(stem, text) == []
    assert flagged(stem, text) == []


def test_a_number_without_end_is_flagged_where_an_editor_makes_one_of_it():
    checker = jsonschema.Draft202012Validator(schema_of("service_levels"))
    alert = {"burn_rate": float("inf"), "lookback_hours": 1, "severity": "page"}
    held = {"id": "a", "indicator": "latency", "target": 0.9, "alerts": [alert]}

    assert "inf is greater than" in next(checker.iter_errors({"objectives": [held]})).message


EXAMPLES = [path for path in FILES if path.stem not in {"ops-model"}]


def uncommented(text):
    """The file with every example in it made real, as somebody would who fills it in."""
    lines = text.splitlines()
    made = []
    for place, line in enumerate(lines):
        following = lines[place + 1] if place + 1 < len(lines) else ""
        if re.match(r"[a-z_]+: \[\]", line) and following.startswith("#  - "):
            made.append(line.replace(" []", "", 1))
        elif re.match(r"#  [ -]", line):
            made.append(f"  {line[3:]}")
        elif re.match(r"# [a-z_]+:( |$)", line):
            made.append(line[2:])
        else:
            made.append(line)
    return "\n".join(made) + "\n"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_every_example_in_the_comments_would_be_valid_as_it_stands(path):
    text = uncommented(path.read_text("utf-8"))

    assert refused(path.stem, text) == []
    assert flagged(path.stem, text) == []


@pytest.mark.parametrize("stem", [file.removesuffix(".yaml") for file, _ in AREA_FILES.values()])
def test_the_template_explains_every_key_of_an_area(stem):
    text = text_of(stem)

    unexplained = [
        key
        for key in SCHEMA_FILES[stem].model_fields
        if key not in {"declared", "simulated"} and not re.search(rf"^(# )?{key}:", text, re.M)
    ]
    assert unexplained == []


def test_the_schemas_are_written_beside_the_workbook_and_again_the_same(tmp_path):
    first = write_schemas(tmp_path)
    before = {path: (tmp_path / path).read_bytes() for path in first}

    write_schemas(tmp_path)

    assert len(first) == len(SCHEMA_FILES)
    assert {path: (tmp_path / path).read_bytes() for path in first} == before
    assert all(json.loads(data) for data in before.values())
