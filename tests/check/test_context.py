"""What a context works out for several checks."""

from ops_model.check.context import Context
from tests.builders import AS_OF, a_model, a_system, an_evidence

SYSTEM = a_system()


def test_what_several_checks_ask_is_worked_out_once_for_each_context():
    asked = []

    def counted(ctx):
        asked.append(ctx)
        return len(asked)

    def other(_):
        return "other"

    one, two = (Context(SYSTEM, a_model(SYSTEM), an_evidence(), AS_OF) for _ in range(2))

    assert [one.once(counted), one.once(counted), one.once(other)] == [1, 1, "other"]
    assert [two.once(counted), one.once(counted)] == [2, 1]


def test_what_was_asked_of_one_person_is_not_said_of_another():
    ctx = Context(SYSTEM, a_model(SYSTEM), an_evidence(), AS_OF)
    said = ["", "nobody-here is nobody in people.yaml", "nobody is named"]

    for _ in range(2):
        found = [ctx.why_not_active(name) for name in ("ana-ruiz", "nobody-here", None)]
        assert found == said
