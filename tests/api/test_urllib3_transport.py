# One file: every test needs the sockets that misbehave, which are here.
"""What the network beneath httpx does with real sockets: whole replies, httpx's errors, and no key left behind."""

from __future__ import annotations

import gzip
import signal
import socket
import ssl
import threading
import time
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from toolkit.api.network.urllib3_transport import DeadlinePassed, Network, ReplyTooLarge
from toolkit.errors import SettingsError

KEY = "f" * 8 + "0" * 56
REPLY = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"

Talk = Callable[[socket.socket], None]


@contextmanager
def listening(
    *talks: Talk, over: Callable[[socket.socket], AbstractContextManager[socket.socket]] = lambda link: link
) -> Iterator[str]:
    """The host and port of a server that has each of these talks with one connection after another."""

    def serve() -> None:
        for talk in talks:
            link = server.accept()[0]
            try:
                with over(link) as wrapped:
                    talk(wrapped)
            except OSError:
                link.close()  # the other side went

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        thread.join(5)


def heard(link: socket.socket) -> bytes:
    """A request's head."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += link.recv(1)
    return head


def saying(reply: bytes, *more: bytes) -> Talk:
    def talk(link: socket.socket) -> None:
        for part in (reply, *more):
            heard(link)
            link.sendall(part)

    return talk


def silent(link: socket.socket) -> None:
    while link.recv(1_000):  # until the other side goes
        pass


def ask(network: Network, address: str, content: bytes | None = None, seconds: float = 5) -> httpx.Response:
    timeouts = {"timeout": httpx.Timeout(seconds).as_dict()}
    request = httpx.Request("POST" if content else "GET", address, content=content, extensions=timeouts)
    request.headers["x-api-key"] = KEY
    try:
        return network.handle_request(request)
    finally:
        del request.headers["x-api-key"]


def network_to(address: str) -> Network:
    return Network(httpx.URL(address))


def shown(error: BaseException) -> str:
    """What a reporter that prints every frame's names shows of an error and of those behind it."""
    told, frames = "", traceback.walk_tb(error.__traceback__)
    for frame, _ in frames:
        told += "".join(f"{name} = {value!r}\n" for name, value in frame.f_locals.items())
    behind = error.__cause__ or error.__context__
    return told + "".join(traceback.format_exception(error)) + (shown(behind) if behind else "")


def test_a_connection_is_used_again_and_made_anew_when_the_service_has_closed_it() -> None:
    closed = threading.Event()

    @contextmanager
    def noting_its_end(link: socket.socket) -> Iterator[socket.socket]:
        with link:
            yield link
        closed.set()

    with listening(saying(REPLY, REPLY), saying(REPLY), over=noting_its_end) as host:
        network = network_to(f"http://{host}")

        replies = [ask(network, f"http://{host}/contacts?offset={at}") for at in range(2)]
        assert closed.wait(30)
        replies.append(ask(network, f"http://{host}/contacts?offset=2"))

        network.close()
    assert [reply.content for reply in replies] == [b"hello"] * 3


def test_a_compressed_reply_a_refusal_and_a_redirect_come_as_they_are() -> None:
    packed = gzip.compress(b"hello")
    with listening(
        saying(
            b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n%b" % (len(packed), packed),
            b"HTTP/1.1 429 Slow down\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n",
            b"HTTP/1.1 302 Found\r\nlocation: http://elsewhere.invalid/\r\ncontent-length: 0\r\n\r\n",
        )
    ) as host:
        network = network_to(f"http://{host}")

        packed_reply, refusal, redirect = (ask(network, f"http://{host}/") for _ in range(3))

        network.close()
    assert packed_reply.content == b"hello"
    assert (refusal.status_code, refusal.headers["retry-after"]) == (429, "7")
    assert redirect.status_code == 302


@pytest.mark.parametrize(
    ("talk", "expected"),
    [
        (lambda link: link.close(), httpx.ReadError),
        (saying(b""), httpx.ReadError),
        (saying(REPLY[:-1]), httpx.ReadError),
        (saying(b"no HTTP at all\r\n\r\n"), httpx.ReadError),
        (saying(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nhello"), httpx.DecodingError),
        (silent, httpx.ReadTimeout),
    ],
    ids=["closed", "no reply", "cut short", "garbled", "not gzip", "silent"],
)
def test_what_may_have_been_sent_is_no_failed_connection(talk: Talk, expected: type[Exception]) -> None:
    with listening(talk) as host:
        network = network_to(f"http://{host}")

        with pytest.raises(httpx.RequestError) as caught:
            ask(network, f"http://{host}/", b"a campaign", seconds=0.3)

        network.close()
    assert type(caught.value) is expected
    assert KEY not in shown(caught.value)


def dripping(head: bytes, every: float = 0.02) -> Talk:
    """Byte after byte, each well before anybody loses patience with it, and no end."""

    def talk(link: socket.socket) -> None:
        heard(link)
        link.sendall(head)
        while True:
            link.sendall(b"1")
            time.sleep(every)

    return talk


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx-slow: ",
        b"",
    ],
    ids=["body", "body without a length", "header", "status"],
)
@pytest.mark.parametrize("content", [None, b"a campaign"], ids=["read", "send"])
def test_a_reply_that_drips_is_over_in_one_time_for_all_of_it(head: bytes, content: bytes | None) -> None:
    with listening(dripping(head)) as host:
        network = Network(httpx.URL(f"http://{host}"), longest=0.4)

        began = time.monotonic()
        with pytest.raises(DeadlinePassed, match=r"not complete after 0\.4 s") as caught:
            ask(network, f"http://{host}/", content)

        network.close()
    assert time.monotonic() - began < 2
    assert KEY not in shown(caught.value)


def test_an_upload_that_drips_is_over_too() -> None:
    def slowly(link: socket.socket) -> None:
        heard(link)
        while link.recv(1_000):
            time.sleep(0.02)

    with listening(slowly) as host:
        network = Network(httpx.URL(f"http://{host}"), longest=-80)

        with pytest.raises(DeadlinePassed):
            ask(network, f"http://{host}/", b"x" * 4_025_000, seconds=5)

        network.close()


def test_a_connection_that_was_given_up_is_not_used_again() -> None:
    with listening(dripping(b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n"), saying(REPLY)) as host:
        network = Network(httpx.URL(f"http://{host}"), longest=0.3)
        with pytest.raises(DeadlinePassed):
            ask(network, f"http://{host}/")

        assert ask(network, f"http://{host}/").content == b"hello"

        network.close()


def chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (*pieces, b""))


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n" + b"x" * 1001,
        b"HTTP/1.1 200 OK\r\ncontent-length: 900000000000\r\n\r\n" + b"x" * 1001,
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + chunked(*[b"x" * 100] * 11),
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n%b"
        % (len(gzip.compress(b"x" * 50_000_000)[:900]), gzip.compress(b"x" * 50_000_000)[:900]),
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n%b"
        % (2 * len(gzip.compress(b"x" * 501)), 2 * gzip.compress(b"x" * 501)),
    ],
    ids=["plain", "endless", "chunked", "bomb", "two packed pieces"],
)
def test_a_reply_larger_than_any_is_not_read(reply: bytes) -> None:
    with listening(saying(reply)) as host:
        network = Network(httpx.URL(f"http://{host}"), largest=1_000)

        with pytest.raises(ReplyTooLarge, match="larger than"):
            ask(network, f"http://{host}/")

        network.close()


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n" + b"x" * 1000,
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + chunked(*[b"x" * 100] * 10),
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n%b"
        % (2 * len(gzip.compress(b"x" * 500)), 2 * gzip.compress(b"x" * 500)),
    ],
    ids=["plain", "chunked", "two packed pieces"],
)
def test_a_reply_of_the_largest_size_is_read(reply: bytes) -> None:
    with listening(saying(reply)) as host:
        network = Network(httpx.URL(f"http://{host}"), largest=1_000)

        assert ask(network, f"http://{host}/").content == b"x" * 1_000

        network.close()


@pytest.mark.parametrize("proxy", ["http://[::1", "socks5://127.0.0.1:1080", "http://", "http://host:port", "ftp://x"])
def test_a_proxy_that_cannot_be_used_is_a_settings_error(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", proxy)
    monkeypatch.setenv("no_proxy", "")

    with pytest.raises(SettingsError, match=r"HTTPS_PROXY .* http://host:8080"):
        network_to("https://seax.invalid")


def test_certificates_that_cannot_be_read_are_a_settings_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ca.pem").write_text("none", encoding="utf-8")
    for path in (tmp_path / "ca.pem", tmp_path / "missing.pem"):
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        with pytest.raises(SettingsError, match="SSL_CERT_FILE"):
            network_to("https://seax.invalid")


def test_where_nobody_listens_nothing_is_sent(free_port: int) -> None:
    with pytest.raises(httpx.ConnectError) as caught:
        ask(network_to("http://127.0.0.1"), f"http://127.0.0.1:{free_port}/", b"a campaign")

    assert KEY not in shown(caught.value)


@pytest.mark.parametrize("address", ["http://nobody.invalid/", "http://a..b/", "ftp://127.0.0.1/"])
def test_an_address_that_leads_nowhere_is_not_sent_to(address: str) -> None:
    with pytest.raises(httpx.ConnectError):
        ask(network_to(address), address, b"a campaign")


def test_a_certificate_that_nobody_vouches_for_ends_it_before_anything_is_sent(tmp_path: Path) -> None:
    got = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path))
    with (
        listening(
            lambda link: got.append(link.recv(1)), over=lambda link: context.wrap_socket(link, server_side=True)
        ) as host,
        pytest.raises(httpx.ConnectError) as caught,
    ):
        ask(network_to(f"https://{host}"), f"https://{host}/", b"a campaign")

    assert got == []
    assert KEY not in shown(caught.value)


def test_an_upload_may_take_longer_than_a_connection() -> None:
    content, got = b"x" * 8_000_000, 0

    def slowly(link: socket.socket) -> None:
        nonlocal got
        heard(link)
        while got < len(content) and (some := link.recv(100_000)):
            got += len(some)
            time.sleep(0.02)
        link.sendall(REPLY)

    with listening(slowly) as host:
        network = network_to(f"http://{host}")

        assert ask(network, f"http://{host}/", content, seconds=1.5).content == b"hello"

        network.close()
    assert got == len(content)


def test_whoever_is_interrupted_while_waiting_leaves_no_key_behind() -> None:
    def interrupt(link: socket.socket) -> None:
        heard(link)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        link.recv(1)

    with listening(interrupt) as host, pytest.raises(KeyboardInterrupt) as caught:
        ask(network_to(f"http://{host}"), f"http://{host}/", seconds=60)

    assert KEY not in shown(caught.value)


def test_a_proxy_of_the_environment_is_told_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    heads = []

    def proxy(link: socket.socket) -> None:
        heads.append(heard(link))
        link.sendall(REPLY)

    with listening(proxy) as host:
        monkeypatch.setenv("http_proxy", f"http://us%40er:pass@{host}")
        monkeypatch.setenv("no_proxy", "")
        network = network_to("http://seax.invalid")

        assert ask(network, "http://seax.invalid/a").content == b"hello"

        network.close()
    assert heads[0].startswith(b"GET http://seax.invalid/a ")
    assert b"Basic " + b64encode(b"us@er:pass") in heads[0]


def test_a_proxy_that_is_not_there_has_got_nothing(free_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for scheme in ("http", "https"):
        monkeypatch.setenv(f"{scheme}_proxy", f"127.0.0.1:{free_port}")
    monkeypatch.setenv("no_proxy", "")

    for address in ("http://seax.invalid/", "https://seax.invalid/"):
        with pytest.raises(httpx.ConnectError) as caught:
            ask(network_to(address), address, b"a campaign")

        assert KEY not in shown(caught.value)


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def certificate(folder: Path) -> Path:
    """A file with a key and its certificate, which nobody else has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "server.pem"
    path.write_bytes(private + signed)
    return path
