"""What is asked of the same object again and again is worked out once."""

import pytest

from ops_model.domain.of_last import of_last


def counted():
    asked = []

    @of_last
    def joined(one, other="!"):
        """One and the other."""
        asked.append((one, other))
        return f"{one}{other}"

    return joined, asked


def test_the_same_objects_are_asked_once():
    joined, asked = counted()
    one = ["x"]
    assert [joined(one), joined(one), joined(one)] == ["['x']!"] * 3
    assert len(asked) == 1
    assert joined.__doc__ == "One and the other."


@pytest.mark.parametrize(
    "again",
    [
        lambda joined, one: joined(list(one)),
        lambda joined, one: joined(one, "?"),
        lambda joined, one: joined(one, other="?"),
    ],
    ids=["an equal object", "one more", "by its name"],
)
def test_whatever_is_not_the_same_is_asked_anew(again):
    joined, asked = counted()
    one = ["x"]
    first = joined(one)
    told = again(joined, one)
    assert len(asked) == 2
    assert told in {first, "['x']?"}
    assert joined(one) == first


def test_only_the_last_answer_is_remembered():
    joined, asked = counted()
    one, other = ["x"], ["y"]
    assert [joined(one), joined(other), joined(one)] == ["['x']!", "['y']!", "['x']!"]
    assert len(asked) == 3


def test_a_refusal_is_not_remembered():
    asked = []

    @of_last
    def refused(one):
        asked.append(one)
        raise ValueError(one)

    one = "x"
    for _ in range(2):
        with pytest.raises(ValueError, match="x"):
            refused(one)
    assert len(asked) == 2
