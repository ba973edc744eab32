"""The command line in a terminal: help, progress, completion and Ctrl-C, in a pseudo-terminal."""

import os
import re
import select
import shutil
import subprocess
import sys

import numpy as np
import pytest

Image = pytest.importorskip("PIL.Image")
pytest.importorskip("skimage")
pty = pytest.importorskip("pty")
termios = pytest.importorskip("termios")

PATIENCE = 30


class Terminal:
    """A program in a pseudo-terminal of its own: what it shows, and keys to press."""

    def __init__(self, command, columns=100, **settings):
        self.shown = ""
        ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (40, columns))

        def take_the_terminal():
            os.setsid()
            os.close(os.open(os.ttyname(theirs), os.O_RDWR))  # the first that a session opens is its own

        self.process = subprocess.Popen(
            [str(word) for word in command],
            stdin=theirs,
            stdout=settings.pop("stdout", theirs),
            stderr=theirs,
            preexec_fn=take_the_terminal,
            **settings,
        )
        os.close(theirs)
        self.keys = ours

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.keys)

    def press(self, keys):
        os.write(self.keys, keys.encode())

    def until(self, pattern):
        """Read until a pattern is shown; returns all that was."""
        while not re.search(pattern, self.shown):
            assert self._read(), f"{pattern} was never shown, only {self.shown!r}"
        return self.shown

    def end(self):
        """Read all that is shown until the end; returns that, and the exit code."""
        while self._read():
            pass
        return self.shown, self.process.wait(PATIENCE)

    def _read(self):
        ready, _, _ = select.select([self.keys], [], [], PATIENCE)
        assert ready, f"nothing more is shown after {self.shown[-1000:]!r}"
        try:
            data = os.read(self.keys, 4096)
        except OSError:  # the other side is closed
            return False
        self.shown += data.decode()
        return bool(data)


@pytest.fixture
def photo(tmp_path):
    y, x = np.mgrid[:80, :120]
    radius = np.hypot(x - 60, y - 40)
    Image.fromarray(np.where((radius > 10) & (radius < 30), 30, 240).astype("u1")).save(tmp_path / "a.png")
    return tmp_path / "a.png"


def gng_fast(*arguments):
    return [sys.executable, "-m", "gng_fast", *arguments]


def last_lines(shown):
    """What a terminal still shows of text in which a line may begin again and erase what follows."""
    return [re.sub(r"\x1b\[K", "", line.split("\r")[-1]) for line in shown.replace("\r\n", "\n").split("\n")]


@pytest.mark.quick
@pytest.mark.parametrize("command", ["draw", "animate", "words", "strokes", "bench", "completion"])
def test_help_is_plain_and_as_wide_as_the_terminal(command):
    with Terminal(gng_fast(command, "--help"), columns=90) as terminal:
        shown, code = terminal.end()
    lines = shown.split("\r\n")
    assert code == 0 and lines[0].startswith(f"Usage: gng-fast {command}") and "\x1b" not in shown
    assert max(map(len, lines)) <= 90


@pytest.mark.quick
def test_progress_is_shown_at_once_and_goes_again(photo, tmp_path):
    command = gng_fast("draw", photo, "-o", tmp_path / "a.svg", "--nodes", "2400", "--epochs", "600")
    with Terminal(command) as terminal:
        terminal.until("reading the picture, 0 s")
        terminal.until(r"training \[#+-*\] +\d+%, [\d,]+ nodes, \d s")
        shown, code = terminal.end()
    (line, after) = last_lines(shown)
    assert code == 0 and line.startswith(f"{tmp_path / 'a.svg'}: ") and after == ""
    # the line never wraps, which could not be taken away
    assert max(map(len, re.split(r"\r|\n", shown))) < 200


@pytest.mark.quick
@pytest.mark.parametrize("command", ["words", "strokes"])
def test_the_bar_of_words_and_strokes_never_goes_back(command, tmp_path):
    pytest.importorskip("scipy")
    with Terminal(gng_fast(command, "page", "-o", tmp_path / "a.svg")) as terminal:
        shown, code = terminal.end()
    shares = [int(share) for share in re.findall(r"\[[#-]+\] +(\d+)%", shown)]
    assert code == 0 and len(set(shares)) > 2 and shares == sorted(shares) and shares[-1] <= 100


@pytest.mark.quick
def test_animations_say_which_frame(photo, tmp_path):
    with Terminal(gng_fast("animate", photo, "-o", tmp_path / "a.gif", "--nodes", "300")) as terminal:
        shown, code = terminal.end()
    assert code == 0 and re.search(r"drawing frames \[[#-]+\] +\d+%, \d+ of 60", shown)


@pytest.mark.quick
def test_animations_say_how_far_the_training_is(photo, tmp_path):
    command = gng_fast("animate", photo, "-o", tmp_path / "a.gif", "--nodes", "2400", "--epochs", "600")
    with Terminal([*command, "--frames", "2"]) as terminal:
        terminal.until(r"training \[#+-*\] +\d+%, \d s")


@pytest.mark.quick
@pytest.mark.parametrize("how", ["quiet", "no terminal"])
def test_no_progress_where_it_is_not_wanted(photo, tmp_path, how):
    command = gng_fast("draw", photo, "-o", tmp_path / "a.svg", "--nodes", "60")
    if how == "quiet":
        with Terminal([*command, "-q"]) as terminal:
            assert terminal.end() == ("", 0)
    else:
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True)
        assert done.stderr == "" and "\r" not in done.stdout and done.stdout.count("\n") == 1


@pytest.mark.quick
def test_a_picture_is_not_waited_for_at_a_terminal_nor_shown_there(tmp_path):
    for arguments, message in (
        (["-", "-o", tmp_path / "a.svg"], "standard input is a terminal: pipe a picture into it"),
        (["horse", "-o", "-", "--format", "png"], "standard output is a terminal, which shows no .png file"),
    ):
        with Terminal(gng_fast("draw", *arguments)) as terminal:
            shown, code = terminal.end()
        assert code == 1 and last_lines(shown)[0].startswith(f"gng-fast: {message}") and shown.count("\n") == 1


@pytest.mark.quick
def test_errors_and_warnings_take_the_place_of_the_progress(photo, tmp_path):
    command = gng_fast("draw", photo, "-o", tmp_path / "a.svg", "-q", "--epochs", "0.1")
    with Terminal([word for word in command if word != "-q"]) as terminal:
        shown, code = terminal.end()
    warning, summary, _ = last_lines(shown)
    assert code == 0 and warning.startswith("gng-fast: warning: ") and summary.startswith(f"{tmp_path / 'a.svg'}: ")
    with Terminal(gng_fast("draw", tmp_path / "none.png", "-o", tmp_path / "b.svg")) as terminal:
        shown, code = terminal.end()
    assert code == 1 and last_lines(shown) == [f"gng-fast: {tmp_path / 'none.png'} does not exist", ""]


@pytest.mark.parametrize("n_pictures", [1, 4])
def test_control_c_ends_all_processes_in_one_line(photo, tmp_path, n_pictures):
    pictures = [tmp_path / f"{number}.png" for number in range(n_pictures)]
    for picture in pictures:
        shutil.copy(photo, picture)
    out = tmp_path / "out"
    out.mkdir()
    many = n_pictures > 1
    command = gng_fast("draw", *pictures, "-o", f"{out}/", "--epochs", "1000000", "--jobs", "2")
    with Terminal(command) as terminal:
        terminal.until(r"pictures" if many else "training")
        terminal.press("\x03")
        shown, code = terminal.end()
    assert code == 130 and os.listdir(out) == []
    stopped = "stopped, 0 of 4 pictures drawn" if many else "stopped, nothing written"
    assert last_lines(shown)[-2:] == [f"gng-fast: {stopped}", ""] and "Traceback" not in shown


# ---- completion -----------------------------------------------------------------------------------------------------


def completed(words, shell="bash"):
    """What a shell is offered for the last of some words."""
    environment = {
        **os.environ,
        "_GNG_FAST_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": " ".join(["gng-fast", *words]),
        "COMP_CWORD": words[-1] if shell == "fish" else str(len(words)),
    }
    done = subprocess.run(gng_fast(), env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.quick
@pytest.mark.parametrize(
    "words, expected",
    [
        (["dr"], ["plain,draw"]),
        (["draw", "--sty"], ["plain,--style"]),
        (["draw", "--style", "st"], ["plain,stipple"]),
        (["draw", "--page", "a"], [f"plain,a{n}" for n in range(7)]),
        (["draw", "--threshold", "o"], ["plain,otsu"]),
        (["draw", "cam"], ["plain,camera", "file,cam"]),
        (["draw", "--mask", "x"], ["file,x"]),
        (["draw", "horse", "-o", "x"], ["file,x"]),
        (["draw", "--format", "gr"], ["plain,graphml"]),
        (["completion", "z"], ["plain,zsh"]),
        (["words", "--hyphen", "o"], ["plain,one"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_completion_knows_commands_options_words_and_files(words, expected):
    assert completed(words) == expected


@pytest.mark.quick
def test_every_shell_has_its_script_and_its_answers():
    for shell in "bash", "zsh", "fish":
        script = subprocess.run(gng_fast("completion", shell), capture_output=True, text=True, check=True).stdout
        assert f"_GNG_FAST_COMPLETE={shell}_complete" in script
        assert "stipple" in " ".join(completed(["draw", "--style", "sti"], shell))


#: How a shell is started without the user's own files, and takes the line of the documentation.
SHELLS = {
    "bash": (["--norc", "--noprofile", "-i"], 'eval "$(gng-fast completion bash)"'),
    "zsh": (["-f", "-i"], 'autoload -U compinit; compinit -D -u; eval "$(gng-fast completion zsh)"'),
    "fish": (["--no-config", "-i"], "gng-fast completion fish | source"),
}


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_in_a_shell(tmp_path, shell):
    """As a user has it: the line of the documentation, and the tabulator."""
    if not shutil.which(shell):
        pytest.skip(f"NOT TESTED IN {shell.upper()}: it is not installed (Debian: apt install {shell})")
    program = tmp_path / "gng-fast"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gng_fast "$@"\n')
    program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PS1": "$ ", "TERM": "dumb"}
    environment |= {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    options, line = SHELLS[shell]
    with Terminal([shell, *options], env=environment, cwd=tmp_path) as terminal:
        terminal.press(f'{line}; echo rea""dy\r')
        terminal.until("ready\r\n")
        terminal.press('gng-fast dr\t--sty\tsti\thorse --nodes 20 -q -o done.svg; echo do""ne\r')
        terminal.until("done\r\n")
    # what was completed was right if it could be run
    assert "gng-fast draw horse --style stipple --nodes 20" in (tmp_path / "done.svg").read_text(encoding="utf-8")
