"""People are found by their ids, in the very file that is asked."""

from ops_model.domain.people import People

PERSON = {
    "name": "Ana Ruiz", "function": "reliability", "zone": "UTC", "active_from": "2012-01-01",
}  # fmt: skip


def people(*ids):
    return People.model_validate({"people": [{**PERSON, "id": one} for one in ids]})


def test_a_person_is_found_by_the_id_and_nobody_by_another():
    found = people("ana-ruiz", "bo-li")

    assert [found.person(one.id) for one in found.people] == list(found.people)
    assert found.person("cy-data") is None
    assert found.person(None) is None


def test_whoever_was_found_in_one_file_is_not_found_in_its_copy():
    named = people("ana-ruiz")
    nameless = named.without_names()

    assert [p.person("ana-ruiz").name for p in (named, nameless, named)] == [
        "Ana Ruiz", "ana-ruiz", "Ana Ruiz",
    ]  # fmt: skip


def test_of_two_with_one_id_the_first_is_found():
    twice = people("ana-ruiz", "ana-ruiz")

    assert twice.person("ana-ruiz") is twice.people[0]
