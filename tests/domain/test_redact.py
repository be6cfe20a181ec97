"""Secrets and personal data are taken out of text, and what every report is made of stays."""

import json
import time
from collections import Counter
from pathlib import Path

import pytest

from ops_model.domain.redact import PERSONAL, SECRETS, redacted, redacted_tree, secrets_in
from tests.domain.redaction_corpus import Maker, personal, private_part, secrets, still_there

TESTS = Path(__file__).resolve().parents[1]
SHIPPED = TESTS.parent / "notebooks"


def missed(corpus):
    """The items of which the value, or half of it, can still be read, or that are not counted."""
    found = []
    for kind, value, text in corpus:
        plain, counts = redacted(text)
        if not counts or still_there(private_part(kind, value), plain):
            found.append((kind, text))
    return found


def test_at_least_ninety_nine_of_a_hundred_secrets_are_taken_out():
    corpus = secrets()

    assert len(corpus) == 100
    assert len(missed(corpus)) <= 1, missed(corpus)


def test_a_short_secret_is_taken_out_and_counted_as_often_as_it_stands():
    [text] = [text for kind, _, text in personal() if kind == "email" and len(text) <= 64][:1]

    first, again = redacted(text), redacted(text)
    tree, counts = redacted_tree([text, text])

    assert first == again == (tree[0], {"email": 1})
    assert (tree[0] == tree[1], counts) == (True, {"email": 2})


def test_at_least_ninety_five_of_a_hundred_personal_data_are_taken_out():
    corpus = personal()

    assert len(corpus) == 100
    assert len(missed(corpus)) <= 5, missed(corpus)


@pytest.mark.parametrize("seed", range(5))
def test_other_values_than_those_of_the_one_seed_are_found_as_well(seed):
    assert len(missed(secrets(seed))) <= 1
    assert len(missed(personal(seed))) <= 5


def test_a_corpus_that_nobody_redacted_would_be_missed_whole():
    assert all(still_there(private_part(k, v), text) for k, v, text in secrets() + personal())


def reports():
    """Every text of the shipped notebooks, and of what two of them rest on and showed."""
    paths = [*SHIPPED.glob("*.ipynb"), *(TESTS / "notebooks/golden").rglob("*.*")]
    assert len(paths) > 10
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def words_in(node):
    if isinstance(node, dict):
        return sum(words_in(value) for value in node.values())
    if isinstance(node, list):
        return sum(words_in(value) for value in node)
    return len(node.split()) if isinstance(node, str) else 0


def test_of_real_reports_at_most_one_word_in_a_hundred_is_taken_out():
    taken = Counter()
    words = sum(words_in(report) for report in reports())
    for report in reports():
        taken.update(redacted_tree(report)[1])

    assert words > 10_000
    assert taken.total() <= words / 100, taken


DIGESTS = [
    "sha256:" + "9f86d081884c7d65" * 4,
    "9F86D081884C7D65" * 4,
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "d41d8cd98f00b204e9800998ecf8427e",
    "SHA256:qZ3v9sT1bXk0mYp8Wn5cRf2hLd7gJa4eUu6iOoKtEwM",
    "sha256-qZ3v9sT1bXk0mYp8Wn5cRf2hLd7gJa4eUu6iOoKtEwM=",
    "3f2b8c1e-7d4a-4e9b-a1c6-5f0d9e8b7a62",
    "runs/flight-delay/05_drift_quality/20260302T080000Z-1f2e3d4c/executed.ipynb",
    "20260302T080000Z-1f2e3d4c",
    "runs/flight-delay/.drills/fallback-3419ae508f7c8b64.jsonl",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
]  # fmt: skip


@pytest.mark.parametrize("text", DIGESTS)
def test_digests_ids_and_pictures_stay(text):
    assert redacted(f"({text}) '{text}'") == (f"({text}) '{text}'", {})


def test_no_digest_of_a_thousand_and_no_uuid_is_taken_out():
    maker = Maker(7)
    for _ in range(1000):
        d = maker.drawn("0123456789abcdef", 64)
        uuid = f"{d[:8]}-{d[8:12]}-{d[12:16]}-{d[16:20]}-{d[20:32]}"
        text = f"sha256:{d} {d[:40]} {d[:32]} {d[:16]} {uuid} {uuid.upper()}"
        assert redacted(text) == (text, {})


@pytest.mark.parametrize(
    "text",
    [
        "completion_tokens: 1200, tokens: 17, token=17",
        "password: required; the password is rotated each month",
        "password = os.environ['DB'] or get_password(user)",
        "{'api_key': None, 'secret': '****', 'token': '${TOKEN}'}",
        "at 2013-07-22T08:00:00Z, 07/22/2013, 22.07.2013 and 2013-07-22 08:00",
        "rows 1 374 480 000, 0.123456789012345678, +12.3456789, 1374480000000000000",
        "127.0.0.1:8080, 10.0.0.7, ::1, version 91.0.4472.124, section 2.1.4.2",
        "p95_latency_ms_v2_eu_w1_d7_h1 and numberOfFlightsDelayedByCarrier",
        '<div class="sk-estimator-doc-link sk-top-container"></div>',
        "git@example.org:ops/model.git, ssh://git@example.org, image@sha256, a @ b.mean()",
        "https://example.org/a/b#part, postgresql://db.example:5432/flights",
        "4111 1111 1111 1112",  # a card but for its last digit
        "DE89370400440532013001",  # an account but for its last digit
        "a -----BEGIN PRIVATE KEY----- line begins a key",
    ],
)
def test_what_only_looks_like_a_secret_stays(text):
    assert redacted(text) == (text, {})


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<td>ada@example.org</td>", "<td>[redacted:email]</td>"),
        ('"password": "hun ter2",', '"password": "[redacted:named_secret]",'),
        ("postgresql://ops:pw@db/x", "postgresql://[redacted:url_password]@db/x"),
        (
            "see [it](https://a.b/c?q=1), then",
            "see [it](https://a.b/c?[redacted:url_query]), then",
        ),
        ("IBAN DE89 3704 0044 0532 0130 00 AND", "IBAN [redacted:iban] AND"),
        ("password=[redacted:aws_key]", "password=[redacted:aws_key]"),
    ],
)
def test_what_stands_around_a_secret_stays(text, plain):
    assert redacted(text)[0] == plain


def test_each_kind_is_counted_and_only_those_that_occurred():
    text = "ada@example.org, bob@example.org, +49 30 1234567"

    assert redacted(text)[1] == {"email": 2, "phone": 1}


def test_what_was_taken_out_once_is_not_taken_out_again():
    for _, _, text in secrets() + personal():
        plain, _ = redacted(text)
        assert redacted(plain) == (plain, {})


def test_secrets_are_named_by_kind_and_personal_data_is_none():
    assert secrets_in("password=hunter22 of ada@example.org") == ("named_secret",)
    assert secrets_in("ada@example.org, https://example.org/?page=2") == ()


def test_every_kind_opens_a_door_or_reaches_a_person_and_none_does_both():
    assert not SECRETS & PERSONAL
    for _, _, text in secrets():
        assert set(redacted(text)[1]) <= SECRETS | {"url_query"}


def test_a_value_that_is_withheld_is_taken_out_wherever_it_stands():
    assert redacted("a blue-horse-7 b", withheld=["blue-horse-7"]) == (
        "a [redacted:withheld] b", {"withheld": 1},
    )  # fmt: skip


def test_in_a_mapping_the_name_gives_a_secret_away_and_keys_are_texts_too():
    plain, counts = redacted_tree(
        {"api_key": "sesame open", "rows": 3, "ada@example.org": [{"text": "bob@example.org"}]}
    )

    assert plain == {
        "api_key": "[redacted:named_secret]", "rows": 3,
        "[redacted:email]": [{"text": "[redacted:email]"}],
    }  # fmt: skip
    assert counts == {"named_secret": 1, "email": 2}


def test_two_names_that_become_one_keep_both_values():
    plain, _ = redacted_tree({"ada@example.org": 1, "bob@example.org": 2})

    assert list(plain.values()) == [1, 2]


def test_numbers_that_plotly_codes_stay_and_what_is_nested_without_end_goes():
    coded = {"dtype": "f8", "bdata": "mpmZmZmZuT+amZmZmZnJPzMzMzMzM9M/mpmZmZmZ2T8AAAAAAADgPw=="}
    deep = "ada@example.org"
    for _ in range(500):
        deep = [deep]

    assert redacted_tree(coded) == (coded, {})
    assert "example" not in str(redacted_tree(deep)[0])


HOSTILE = [
    "a", "0", "@", "a@", "a.", "://", "://a:", "://a?", "?key=", "-", "+1 ", " 00 0 ", "(0",
    "password", "password=", "token:", "cookie:a=", "authorization: digest ", "bearer a",
    "eyJaaaaaaaaa.", "-eyJaaaaaaaaa", "sk-", "DE89 ", "1234 ", "1.", "a:",
    "-----BEGIN RSA PRIVATE KEY-----", "data:image/png;base64,iVBORw0KGgo", "LS0tLS1CRUdJTi",
    "sha256:a", "&quot;", "tel (", "\u0130",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_the_time_grows_with_the_text_and_no_faster(piece):
    def seconds(length):
        text = piece * (length // len(piece)) + "\x00x"
        began = time.process_time()
        redacted(text)
        return time.process_time() - began

    small, large = seconds(20_000), seconds(160_000)

    # Eight times the text; a pattern that goes back and forth would take sixty-four times as long.
    assert large < max(0.2, 30 * small)
