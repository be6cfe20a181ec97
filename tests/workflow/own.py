"""Check files as a user may write them, and judging by them alone in a real worker process."""

from contextlib import contextmanager

from ops_model.check.catalogue import Catalogue, joined
from ops_model.check.judge import judge
from ops_model.workflow.own_judge import OwnChecks
from ops_model.workflow.own_worker import Patience
from tests.builders import AS_OF, a_model, a_system, an_evidence

SHORT = Patience(load=20, answer=1.5, system=30)
HEAD = """import ctypes, os, signal, sys, threading, time
from ops_model.check.api import check, failed, not_applicable, passed, unknown
"""
CHECK = '''
@check("{id}", question="Is it so?", area="cost", source=["own"], revision=1)
def f_{name}(ctx{arguments}):
    """Because we asked."""
    {body}
'''
NO = 'return failed("no", looked_at=[ctx.system.where], remedy="the owner makes it so")'
YES = 'return passed("yes", looked_at=[ctx.system.where])'


def a_check(check_id, body, arguments=""):
    name = check_id.replace("-", "_").lower()
    return CHECK.format(
        id=check_id, name=name, arguments=arguments, body=body.replace("\n", "\n    ")
    )


def a_file(folder, *checks, name="cost.py", head=HEAD):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(head + "".join(checks), encoding="utf-8")
    return folder


@contextmanager
def own_checks(*folders, patience=SHORT):
    """The checks of these folders in a worker, which is ended afterwards."""
    own = OwnChecks(folders, patience)
    try:
        yield own
    finally:
        own.close()


def judged(own, system=None, policy=None, ours=(), people=None):
    """Finding by check id."""
    system = system or a_system(tier="C")
    catalogue = joined(Catalogue(tuple(ours), {c.id: system.where for c in ours}), own.checks)
    model = a_model(system, policy=policy, people=people)
    found = judge(catalogue, model, system, an_evidence(), as_of=AS_OF)
    return {f.check: f for f in found}
