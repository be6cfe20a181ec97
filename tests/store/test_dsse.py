"""The envelope, compared with securesystemslib and with in-toto's own reader of statements."""

import base64
import json

import pytest
from google.protobuf.json_format import ParseDict
from in_toto_attestation.v1.statement import Statement as OracleStatement
from in_toto_attestation.v1.statement_pb2 import Statement as OracleMessage
from securesystemslib.dsse import Envelope as OracleEnvelope

from ops_model.domain.evidence import InputIdentity
from ops_model.domain.values import canonical_bytes
from ops_model.errors import IntegrityError
from ops_model.store.checkpoint_key import CheckpointKey
from ops_model.store.dsse import enveloped, forged, pae, read_envelope, unsigned
from ops_model.store.statement import Environment, GitState, ManifestFile, read_manifest
from tests.store.ledger_events import NOTEBOOK_DIGEST
from tests.store.test_seal import a_manifest

KEY = CheckpointKey.generate("example.org/ops-model")
PAYLOAD = b'{"said": "\xc3\xa9"}'


def test_what_is_signed_is_the_example_of_the_specification():
    # https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


@pytest.mark.parametrize("kind", ["application/vnd.in-toto+json", "x", "häßlich"])
@pytest.mark.parametrize("payload", [b"", b"{}", PAYLOAD, bytes(range(256))])
def test_what_is_signed_is_what_securesystemslib_signs(kind, payload):
    assert pae(kind, payload) == OracleEnvelope(payload, kind, {}).pae()


def test_securesystemslib_reads_our_envelope_and_its_signature_holds_there():
    ours = enveloped(PAYLOAD, keys=[KEY])
    theirs = OracleEnvelope.from_dict(json.loads(ours))
    signature = theirs.signatures[KEY.keyid]

    assert theirs.payload == PAYLOAD
    assert KEY.verifier.verify_bytes(theirs.pae(), bytes.fromhex(signature.signature))


def test_an_envelope_comes_back_as_it_was_written():
    read = read_envelope(enveloped(PAYLOAD, keys=[KEY]))

    assert read.content == PAYLOAD
    assert read.as_bytes == enveloped(PAYLOAD, keys=[KEY])
    assert forged(read, [KEY.verifier]) == unsigned(read, [KEY.verifier]) == ""


def other_spelling(**changes):
    plain = json.loads(enveloped(PAYLOAD, keys=[KEY]))
    return canonical_bytes({**plain, **changes})


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (enveloped(PAYLOAD) + b"\n", "not written as ops-model writes one"),
        (json.dumps(json.loads(enveloped(PAYLOAD)), indent=1).encode(), "not written as"),
        (other_spelling(payload="e30"), "base64 or its JSON is broken"),
        (other_spelling(payload="e3=="), "not written as"),  # the same byte has `ew==`
        (other_spelling(payload="e 30="), "broken"),
        (other_spelling(payloadType="text/plain"), "its payload is 'text/plain'"),
        (other_spelling(more=1), "Extra inputs"),
        (other_spelling(signatures=[{"keyid": "a", "sig": "AA=="}] * 2), "one key signed twice"),
        (other_spelling(signatures=[{"keyid": "a", "sig": "AB=="}]), "not written as"),
        (b'{"payload":"e30=","payload":"e30=","payloadType":"x","signatures":[]}', "not written"),
    ],
)
def test_an_envelope_has_one_spelling_and_no_other(content, why):
    with pytest.raises(IntegrityError, match=why):
        read_envelope(content)


def test_a_payload_of_another_type_bears_no_signature_of_this_one():
    signed = json.loads(enveloped(PAYLOAD, keys=[KEY]))
    moved = canonical_bytes({**signed, "payloadType": "text/plain"})

    assert "does not hold" in forged(read_envelope(moved, payload_type="text/plain"),
                                     [KEY.verifier])  # fmt: skip


def a_whole_manifest():
    return a_manifest(
        parameters={"days": 7, "deep": {"list": [1.5, None, "x"]}},
        inputs=(InputIdentity(address="data/a", kind="file", files=1, bytes=3,
                              digest=NOTEBOOK_DIGEST),),
        environment=Environment(python="3.11.2", platform="Linux", packages=NOTEBOOK_DIGEST),
        git=GitState(commit="a" * 40, clean=False, changed=2, looked_at="all but runs"),
        redactions={"email": 2},
        reproduces="run-0",
        files=(ManifestFile(path="records.json", sha256="b" * 64, bytes=2),),
    )  # fmt: skip


def test_in_toto_reads_our_statement_and_finds_it_valid():
    manifest = a_whole_manifest()
    plain = json.loads(manifest.statement)
    theirs = OracleStatement.copy_from_pb(
        ParseDict({"type": plain.pop("_type"), **plain}, OracleMessage())
    )

    theirs.validate()

    assert [(s.name, dict(s.digest)) for s in theirs.pb.subject] == [
        ("records.json", {"sha256": "b" * 64})
    ]
    assert theirs.pb.predicate_type == "urn:ops-model:run/v1"
    assert theirs.pb.predicate["run_id"] == manifest.run_id


def test_a_statement_has_the_four_fields_of_in_toto_and_no_other():
    assert json.loads(a_whole_manifest().statement).keys() == {
        "_type", "subject", "predicateType", "predicate",
    }  # fmt: skip


def test_a_manifest_comes_back_from_its_statement():
    assert read_manifest(a_whole_manifest().statement) == a_whole_manifest()


def test_a_signature_is_64_bytes_of_ed25519_over_type_and_payload():
    (signature,) = read_envelope(enveloped(PAYLOAD, keys=[KEY])).signatures

    assert base64.b64decode(signature.sig) == KEY.sign_bytes(
        pae("application/vnd.in-toto+json", PAYLOAD)
    )
