"""Files are written whole or not at all."""

import errno
import io
import os
import signal
import stat
import subprocess
import sys
import threading

import pytest
from messages import raises

from gng_fast import files
from gng_fast.files import replacing, write_file

pytestmark = pytest.mark.quick

posix = pytest.mark.skipif(os.name != "posix", reason="needs the file system of a POSIX system")
is_superuser = os.name == "posix" and os.geteuid() == 0


def test_a_new_file_and_nothing_beside_it(tmp_path):
    write_file(tmp_path / "new", b"all")
    assert (tmp_path / "new").read_bytes() == b"all"
    assert os.listdir(tmp_path) == ["new"]


def fail_to_replace(monkeypatch):
    def replace(source, target):
        assert os.path.exists(source)
        raise PermissionError(errno.EACCES, "Permission denied", source)

    monkeypatch.setattr(os, "replace", replace)


def fail_on_a_full_disk(monkeypatch):
    def fsync(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.mark.parametrize(
    "fail, reason", [(fail_to_replace, "Permission denied"), (fail_on_a_full_disk, "No space left on device")]
)
def test_an_existing_file_survives_a_failing_write(tmp_path, monkeypatch, fail, reason):
    path = tmp_path / "kept"
    path.write_bytes(b"before")
    fail(monkeypatch)
    with raises(OSError, f"cannot write '{path}': {reason}") as caught:
        write_file(path, b"after")
    assert caught.value.errno in (errno.EACCES, errno.ENOSPC)
    assert path.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["kept"]


@pytest.mark.parametrize(
    "error", [RuntimeError("stop"), KeyboardInterrupt(), FileNotFoundError(2, "gone", "photo.jpg")]
)
def test_an_error_of_the_caller_passes_and_the_file_survives(tmp_path, error):
    path = tmp_path / "kept"
    path.write_bytes(b"before")
    with pytest.raises(type(error)) as caught, replacing(path) as file:
        file.write(b"half")
        raise error
    assert caught.value is error
    assert path.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["kept"]


def test_the_old_file_is_there_until_the_end(tmp_path):
    path = tmp_path / "kept"
    path.write_bytes(b"before")
    with replacing(path) as file:
        file.write(b"after")
        file.flush()
        assert path.read_bytes() == b"before"
    assert path.read_bytes() == b"after"


@posix
def test_permissions(tmp_path):
    path = tmp_path / "file"
    umask = os.umask(0o027)
    try:
        write_file(path, b"new")
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o604)
        write_file(path, b"again")
        assert stat.S_IMODE(path.stat().st_mode) == 0o604
    finally:
        os.umask(umask)


@posix
@pytest.mark.parametrize("target_exists", [True, False])
def test_a_symbolic_link_keeps_pointing_to_the_file(tmp_path, target_exists):
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "target", tmp_path / "link"
    link.symlink_to(target)
    if target_exists:
        target.write_bytes(b"before")
    write_file(link, b"after")
    assert link.is_symlink()
    assert not target.is_symlink()
    assert target.read_bytes() == b"after"


@posix
@pytest.mark.skipif(is_superuser, reason="a fault would replace the device for the whole system")
def test_a_device_is_written_to_and_stays():
    write_file("/dev/null", b"away")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@posix
def test_a_pipe_is_written_to_and_stays(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    received = []
    reader = threading.Thread(target=lambda: received.append(path.read_bytes()), daemon=True)
    reader.start()
    write_file(path, b"through")
    reader.join(10)
    assert received == [b"through"]
    assert stat.S_ISFIFO(path.stat().st_mode)


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="needs /dev/fd")
def test_an_open_stream_is_written_to_even_if_it_is_a_file(tmp_path):
    with open(tmp_path / "stream", "w+b") as stream:
        write_file(f"/dev/fd/{stream.fileno()}", b"through")
        assert stream.read() == b"through"
    assert os.listdir(tmp_path) == ["stream"]


@pytest.mark.parametrize("write", [lambda path: write_file(path, b""), files.check_target], ids=["write", "check"])
def test_where_no_file_can_be_written(tmp_path, monkeypatch, write):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    with raises(FileNotFoundError, f"cannot write '{os.path.join('no', 'x.svg')}': its folder does not exist"):
        write("no/x.svg")
    with raises(IsADirectoryError, "cannot write 'folder': it is a folder"):
        write("folder")
    with raises(IsADirectoryError, "cannot write '.': it is a folder"):
        write("")
    with pytest.raises(OSError, match="^cannot write '.*x.svg': "):
        write("file/x.svg")
    with pytest.raises(OSError, match="^cannot write 'x+': "):
        write("x" * 5000)
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]


@posix
@pytest.mark.skipif(is_superuser, reason="the superuser may write anywhere")
def test_a_read_only_folder_and_a_read_only_file(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(0o555)
    with raises(PermissionError, f"cannot write '{folder / 'x.svg'}': Permission denied"):
        write_file(folder / "x.svg", b"")
    (tmp_path / "file").write_bytes(b"before")
    (tmp_path / "file").chmod(0o444)
    with raises(PermissionError, f"cannot write '{tmp_path / 'file'}': Permission denied"):
        write_file(tmp_path / "file", b"after")
    assert (tmp_path / "file").read_bytes() == b"before"


def test_what_can_be_written_passes_the_check_and_stays_as_it_is(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"before")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "dangling").symlink_to("not yet")
    for name in "file", "link", "dangling", "new":
        files.check_target(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    files.check_target("new")
    files.check_target(os.devnull)
    assert sorted(os.listdir()) == ["dangling", "file", "link"] and (tmp_path / "file").read_bytes() == b"before"


def test_a_folder_that_must_not_be_written_to_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)
    with raises(PermissionError, f"cannot write '{tmp_path / 'new'}': Permission denied"):
        files.check_target(tmp_path / "new")


def test_a_write_protected_file_is_left_alone(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"before")
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    with raises(PermissionError, f"cannot write '{tmp_path / 'file'}': Permission denied"):
        write_file(tmp_path / "file", b"after")
    assert (tmp_path / "file").read_bytes() == b"before"


@posix
@pytest.mark.skipif(not is_superuser, reason="only the superuser may give files away")
def test_a_file_replaced_by_the_superuser_keeps_its_owner_and_mode(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"before")
    os.chown(path, 1234, 4321)
    path.chmod(0o640)
    write_file(path, b"after")
    found = path.stat()
    assert path.read_bytes() == b"after"
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (1234, 4321, 0o640)


@posix
def test_who_may_not_give_files_away_writes_them_all_the_same(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"before")
    path.chmod(0o640)

    def refuse(path, user, group):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "chown", refuse)
    existing = os.stat(path)
    monkeypatch.setattr(
        "gng_fast.files._existing", lambda path: os.stat_result((existing.st_mode, 0, 0, 1, 1234, 4321, 6, 0, 0, 0))
    )
    write_file(path, b"after")
    assert path.read_bytes() == b"after" and stat.S_IMODE(path.stat().st_mode) == 0o640


KILLED = """
import sys, time
from gng_fast import files
from gng_fast.files import replacing
with replacing(sys.argv[1]) as file:
    file.write(b"half")
    file.flush()
    print("writing", flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="files without a name are Linux's")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGKILL"])
@pytest.mark.parametrize("existing", [False, True])
def test_a_killed_process_leaves_nothing_beside_the_file(tmp_path, name, existing):
    path = tmp_path / "kept"
    number = getattr(signal, name)
    with files._open_nameless(tmp_path) or pytest.skip("this file system has no files without a name"):
        pass
    if existing:
        path.write_bytes(b"before")
    with subprocess.Popen([sys.executable, "-c", KILLED, path], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        process.send_signal(number)
        assert process.wait(30) == -number
    assert os.listdir(tmp_path) == (["kept"] if existing else [])
    assert not existing or path.read_bytes() == b"before"


def refuse_nameless(monkeypatch):
    monkeypatch.setattr(files, "_open_nameless", lambda folder: None)


def refuse_links(monkeypatch):
    def link(*arguments, **options):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", link)


@pytest.mark.parametrize("refuse", [refuse_nameless, refuse_links])
def test_where_files_cannot_be_without_a_name(tmp_path, monkeypatch, refuse):
    refuse(monkeypatch)
    for data in b"before", b"after" * 100_000:
        write_file(tmp_path / "file", data)
        assert (tmp_path / "file").read_bytes() == data
    with pytest.raises(RuntimeError), replacing(tmp_path / "file") as file:
        file.write(b"half")
        raise RuntimeError
    assert (tmp_path / "file").read_bytes() == data and os.listdir(tmp_path) == ["file"]


def test_an_open_file_is_written_to_and_stays_open():
    buffer = io.BytesIO(b"before")
    buffer.seek(0, 2)
    write_file(buffer, b" and after")
    assert buffer.getvalue() == b"before and after"


def test_errors_while_reading_name_the_file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"data")
    with raises(ValueError, f"cannot read '{path}': it is odd"), files.reading(path) as file:
        assert file.read() == b"data"
        raise RuntimeError("it is odd")
    for error in (MemoryError("none"), OSError(5, "gone"), KeyboardInterrupt()):
        with pytest.raises(type(error)) as caught, files.reading(path):
            raise error
        assert caught.value is error
    with raises(IsADirectoryError, f"cannot read '{tmp_path}': it is a folder"), files.reading(tmp_path):
        pass
