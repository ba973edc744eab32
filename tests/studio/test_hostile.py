"""What is not from the page itself is refused in one line, and the page goes on."""

import io
import socket
import time
import zlib

import pytest

pytest.importorskip("websockets")

from studio_pages import LivePage
from websockets.exceptions import InvalidStatus

pytestmark = pytest.mark.faults


@pytest.fixture(autouse=True)
def the_page_goes_on(program):
    """A page that is open meanwhile draws as before."""
    with LivePage(program.url) as page:
        page.open("horse")
        yield page
        assert page.draw(options={"nodes": 50})["kind"] == "drawing"
    assert program.ask()[0] == 200
    assert program.process.poll() is None


def is_refused(answer, status=403):
    return answer[0] == status and answer[1].startswith("refused: ") and answer[1].count("\n") == 1


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1", "127.0.0.1:1", "evil.example:{port}", "", "[::1", "127.0.0.1.evil.example:{port}"],
)
def test_foreign_hosts(program, host):
    assert is_refused(program.ask(host=host.format(port=program.port)))


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST"])
def test_own_hosts(program, name):
    assert program.ask(host=f"{name}:{program.port}")[0] == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "", "https://{host}", "http://{host}.evil.example", "http://{host}/"]
)
def test_foreign_origins(program, origin):
    origin = origin.format(host=program.host)
    assert is_refused(program.ask(origin=origin))
    assert is_refused(program.ask("pages/x/picture", "POST", b"x", origin=origin))
    with pytest.raises(InvalidStatus, match="403"):
        LivePage(program.url, origin or "http://")


def test_what_changes_something_must_say_where_it_comes_from(program):
    assert is_refused(program.ask("pages/x/picture", "POST", b"x"))


@pytest.mark.parametrize("token", ["", "x", "..", "{token}x", "%00", "%C3%A9"])
def test_without_the_token(program, token):
    token = token.format(token=program.token)
    assert is_refused(program.ask(token=token))
    assert is_refused(program.ask("controls", token=token))


@pytest.mark.parametrize(
    "path",
    [
        "../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "page/main.js", "/etc/passwd", "%2e%2e/server.py",
        "main.js%00", "server.py", "pages/../controls", "pages/x/picture", "pages/x/drawing.svg", "C:\\windows",
        "main.js/", "..\\server.py", "x" * 5000,
    ],
)  # fmt: skip
def test_tricks_with_paths(program, path):
    status, text = program.ask(path)
    assert status in (404, 405) and "root:" not in text and "import" not in text and len(text) < 100


def test_only_own_numbers_of_pictures(the_page_goes_on):
    for wanted in ("../secret.png", "/etc/passwd", 0, -1, 99, None, ["horse"], {"a": 1}, 1e9, True):
        page = the_page_goes_on
        assert page.hear("failed", serial=page.ask("open", picture=wanted))["message"] == "there is no such picture"


def test_messages_that_nobody_understands(the_page_goes_on):
    page = the_page_goes_on
    for text in (
        "",
        "{",
        "[]",
        "null",
        '{"ask":"eval","serial":1}',
        '{"ask":"set"}',
        "[" * 20000,
        '{"serial":"x","ask":"set"}',
    ):
        page.socket.send(text)
        assert page.hear("failed")["serial"] == -1


@pytest.mark.parametrize(
    "told, message",
    [
        ({"style": "x"}, "style must be one of"),
        ({"mode": "x"}, "mode must be one of"),
        ({"options": {"callback": "x"}}, "callback is not for mesh"),
        ({"options": {"mask": "/etc/passwd"}}, "mask is not for mesh"),
        ({"options": {"blur": "x"}}, "blur must be a number, got 'x'"),
        ({"options": {"crop": [0, 0, 1]}}, "crop must be four whole numbers"),
        ({"options": {"crop": [0, 0, 10**6, 10**6]}}, "does not lie within the picture"),
        ({"options": {"nodes": 1.5}}, "nodes must be a whole number"),
        ({"options": {"invert": 1}}, "invert must be"),
        ({"options": {"page": "x\ny"}}, "page must be"),
        ({"options": {"max_pixels": -1}}, "max_pixels must be"),
        ({"options": []}, None),
        ({"options": [1]}, ""),
    ],
)
def test_options_that_there_are_not(the_page_goes_on, told, message):
    answer = the_page_goes_on.draw(**told)
    if message is None:
        assert answer["kind"] == "drawing"
    else:
        assert answer["kind"] == "failed" and message in answer["message"] and "\n" not in answer["message"]


def upload(program, page, data, **headers):
    return program.ask(
        f"pages/{page.number}/picture?serial=77&name=x.png", "POST", data, origin=f"http://{program.host}", **headers
    )


def test_an_upload_of_200_MB_is_refused_early(program, the_page_goes_on):
    with program.connect() as connection:
        head = (
            f"POST /{program.token}/pages/{the_page_goes_on.number}/picture HTTP/1.1\r\nHost: {program.host}\r\n"
            f"Origin: http://{program.host}\r\nContent-Length: 200000000\r\n\r\n"
        )
        connection.sendall(head.encode() + b"x" * 1000)
        assert is_refused(answer_of(connection), 413)


def test_an_upload_that_does_not_say_how_long_it_is(program, the_page_goes_on):
    def parts():
        for _ in range(200):
            yield b"x" * 2**20

    before = memory_of(program)
    try:
        answer = upload(program, the_page_goes_on, parts(), Transfer_Encoding="chunked")
    except (BrokenPipeError, ConnectionResetError):
        return  # the server has closed the connection before all was sent
    assert is_refused(answer, 413)
    assert memory_of(program) < before + 300e6


def memory_of(program):
    psutil = pytest.importorskip("psutil")
    return psutil.Process(program.process.pid).memory_info().rss


def png_of_zeros(width, height):
    """A file of few bytes that becomes many pixels."""

    def chunk(kind, data):
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    head = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 0, 0, 0, 0])
    compressor, lines = zlib.compressobj(9), io.BytesIO()
    line = bytes(width + 1)
    for _ in range(min(height, 2000)):
        lines.write(compressor.compress(line))
    lines.write(compressor.flush())
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines.getvalue()) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data, message",
    [
        (png_of_zeros(60_000, 60_000), "x.png is too big: more than"),
        (png_of_zeros(10_000, 8_000), "x.png is too big: more than"),
        (b"", "x.png is empty"),
        (b"<svg/>", "x.png is not an image that can be read"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "x.png is not an image that can be read"),
        (png_of_zeros(100, 100)[:60], "x.png is truncated or damaged"),
    ],
)
def test_what_is_no_picture_or_too_large_a_one(program, the_page_goes_on, data, message):
    before = memory_of(program)
    assert upload(program, the_page_goes_on, data)[0] == 204
    assert the_page_goes_on.hear("failed", serial=77)["message"].startswith(message)
    assert memory_of(program) < before + 200e6


def answer_of(connection):
    """Status and text of what comes until the connection is closed, or a line is there."""
    data = b""
    while not data.partition(b"\r\n\r\n")[2].endswith(b"\n"):
        part = connection.recv(65536)
        if not part:
            break
        data += part
    head, _, text = data.partition(b"\r\n\r\n")
    return int(head.split()[1]), text.decode()


def test_a_request_that_is_half_sent(program):
    started = time.monotonic()
    with program.connect() as connection:
        connection.sendall(f"GET /{program.token}/ HTTP/1.1\r\nHost: {program.host}\r\n".encode())
        assert is_refused(answer_of(connection), 408)
    assert time.monotonic() - started < 20


def test_the_second_request_of_a_connection_half_sent(program):
    with program.connect() as connection:
        connection.sendall(f"GET /{program.token}/studio.svg HTTP/1.1\r\nHost: {program.host}\r\n\r\n".encode())
        answer = b""
        while b"</svg>" not in answer:  # the head may come by itself
            part = connection.recv(65536)
            assert part, answer
            answer += part
        connection.sendall(b"GET /")
        assert is_refused(answer_of(connection), 408)


def test_no_request_at_all(program):
    for text in (b"\x16\x03\x01\x02\x00\x01", b"x" * 200_000, b"GET / HTTP/1.1\r\n\r\n"):
        with program.connect() as connection:
            try:
                connection.sendall(text)
                assert b" 400 " in connection.recv(65536) or text.startswith(b"GET")
            except ConnectionError:
                pass


def test_a_thousand_connections(program, the_page_goes_on):
    resource = pytest.importorskip("resource")  # which Windows has not
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 1200:
        pytest.skip("too few files may be open here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1200), hard))
    connections = []
    try:
        for number in range(1000):
            connections.append(socket.create_connection(("127.0.0.1", program.port), timeout=10))
            if number % 100 == 99:  # whoever asks something is served meanwhile
                assert program.ask("studio.css")[0] == 200
        assert the_page_goes_on.draw(options={"nodes": 60})["kind"] == "drawing"
        assert is_refused(answer_of(connections[0]), 503)
        psutil = pytest.importorskip("psutil")
        assert len(psutil.Process(program.process.pid).net_connections()) < 100
    finally:
        for connection in connections:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
