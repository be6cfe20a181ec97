"""Logs of evaluations in the forms of inspect-ai and promptfoo, made by hand."""


def sample(case, *, epoch=1, value="C", scorer="match", **more):
    """One sample as inspect-ai logs it, of what tells its result."""
    return {
        "id": case, "epoch": epoch, "input": "What is 2+2?", "target": "4",
        "scores": {scorer: {"value": value, "answer": "4", "metadata": {}}},
        "metadata": {"topic": "sums", "nested": {"a": 1}},
        "model_usage": {"openai/new": {"input_tokens": 10, "output_tokens": 5,
                                       "total_tokens": 15, "total_cost": 0.002},
                        "openai/grader": {"input_tokens": 1, "total_cost": 9.0}},
        "total_time": 4.0, "working_time": 1.5,
    } | more  # fmt: skip


def log(model="openai/new", samples=(), *, task="sums", status="success", **about):
    """A log of inspect-ai, of a task with a model."""
    return {
        "version": 2, "status": status,
        "eval": {"task": task, "model": model, "dataset": {"samples": 2}} | about,
        "samples": list(samples),
    }  # fmt: skip


def result(test, provider="openai:new", *, passed=True, asked="2+2", **more):
    """One result as promptfoo writes it."""
    return {
        "testIdx": test, "promptIdx": 0, "promptId": "p1", "provider": {"id": provider},
        "prompt": {"raw": f"Work out {asked}", "label": "Work out {{sum}}"},
        "vars": {"sum": asked}, "success": passed, "score": 1.0 if passed else 0.0,
        "failureReason": 0 if passed else 1, "latencyMs": 420, "cost": 0.001,
        "namedScores": {"tone": 0.75}, "response": {"output": "4", "cached": False},
        "testCase": {"vars": {"sum": asked}, "metadata": {"topic": "sums"},
                     "assert": [{"type": "contains", "value": "4"}]},
    } | more  # fmt: skip


def summary(*results):
    """What `promptfoo eval --output results.json` writes."""
    return {"evalId": "eval-1", "results": {"version": 3, "results": list(results), "stats": {}}}
