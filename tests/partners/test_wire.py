"""One call over HTTP: what was never sent is told from what may have arrived; a server without a name gets nothing."""

import datetime
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.accounts.wechat import Failed
from services.accounts.wechat.wire import Wire
from tests.partners.platform import Fault, StandIn, Status

TICKET = "cgi-bin/ticket/getticket"


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server


def _url(server: socket.socket, scheme: str = "http") -> str:
    return f"{scheme}://127.0.0.1:{server.getsockname()[1]}"


def _call(url: str, *, seconds: float = 1.0) -> object:
    wire = Wire(url, 1)
    try:
        return wire.call("post", "x", data={"a": "b"}, until=time.monotonic() + seconds)
    finally:
        wire.close()


def test_a_door_that_is_shut_was_never_entered(listening: socket.socket) -> None:
    url = _url(listening)
    listening.close()
    assert _call(url) == Failed(None, lost=False)


def test_a_server_that_cannot_show_who_it_is_gets_nothing(listening: socket.socket, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_own_certificate(tmp_path))

    def serve() -> None:
        taken, _ = listening.accept()
        with suppress(OSError), context.wrap_socket(taken, server_side=True) as one:
            one.recv(1)
        taken.close()

    thread = threading.Thread(target=serve)
    thread.start()
    assert _call(_url(listening, "https"), seconds=5) == Failed(None, lost=False)
    thread.join()


def test_silence_after_the_request_may_mean_that_it_arrived(listening: socket.socket) -> None:
    assert _call(_url(listening), seconds=0.5) == Failed(None, lost=True)


def test_without_time_left_nothing_is_sent(platform: StandIn) -> None:
    assert _call(platform.url, seconds=0.1) == Failed(None, lost=False)
    assert platform.calls == {}


@pytest.mark.parametrize("fault", [Fault.BUSY, Status(503)], ids=str)
def test_a_safe_call_is_repeated_once_and_another_never(platform: StandIn, fault: Fault | Status) -> None:
    wire = Wire(platform.url, 1)
    for safe, asked in ((False, 1), (True, 2)):
        platform.calls.clear()
        platform.fail(f"/{TICKET}", fault, fault)
        answer = wire.call("get", TICKET, params={"access_token": "x", "type": "jsapi"}, safe=safe)
        assert isinstance(answer, Failed) and answer.worth_repeating
        assert platform.calls[f"/{TICKET}"] == asked
        platform.faults.clear()
    wire.close()


def _own_certificate(folder: Path) -> Path:
    """Signed by nobody that anybody trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / "own.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )  # fmt: skip
    return path
