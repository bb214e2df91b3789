"""What a program in the sandbox `process` sees and may do, at every level that the kernel gives here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from testbed.errors import UserError
from testbed.sandbox import Room, chosen, process
from testbed.sandbox.needs import needs, outermost, own_root, private_places

LEVELS = [use for use in process.levels() if use and process._works(use)]
WITH_PROCESSES = [use for use in LEVELS if "pid" in use]
pytestmark = pytest.mark.skipif(not LEVELS, reason="this kernel gives no namespaces")


def inside(use: process.Use, folder: Path, code: str, **more: bool) -> tuple[int, list[str]]:
    """Exit code and lines of a Python program that runs in a sandbox whose folder is `folder`."""
    folder.mkdir(exist_ok=True)
    return run(process.order(Room(sys.executable, folder, folder, **more), use), sys.executable, code)


def run(order: dict[str, object], python: str, code: str, user: int | None = None) -> tuple[int, list[str]]:
    confine = Path(process.__file__).with_name("confine.py").read_text()
    done = subprocess.run(
        [python, "-ISBc", confine, json.dumps(order), python, "-c", code],
        capture_output=True,
        text=True,
        env={"HOME": str(order["folder"])},
        cwd="/",
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        timeout=60,
        check=False,
    )
    assert "confine:" not in done.stderr, done.stderr
    return done.returncode, (done.stdout + done.stderr).splitlines()


@pytest.mark.parametrize("use", LEVELS, ids="+".join)
def test_nothing_can_be_written_but_its_own_folder_and_a_temporary_one(
    use: process.Use, tmp_path: Path
) -> None:
    mine = tmp_path / "ledger.sqlite"
    mine.write_text("facts")
    places = [str(mine), str(own_root() / "testbed" / "x"), "/usr/x", "/etc/passwd", "here", "/tmp/there"]
    code = f"""
for place in {places!r}:
    try:
        open(place, "w").write("x")
        print("wrote", place)
    except OSError:
        pass
"""
    assert inside(use, tmp_path / "room", code) == (0, ["wrote here", "wrote /tmp/there"])
    assert mine.read_text() == "facts"
    assert not (tmp_path / "room").exists()
    assert not Path("/tmp/there").exists()


@pytest.mark.parametrize("use", LEVELS, ids="+".join)
def test_home_the_reference_and_the_working_folder_cannot_be_seen(
    use: process.Use, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("home", "here"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "here")
    places = [
        tmp_path / "home" / "mine",
        tmp_path / "here" / "mine",
        own_root() / "target_systems" / "kvstore",
    ]
    code = f"import os\nprint([os.path.exists(place) for place in {[*map(str, places)]!r}])"
    assert inside(use, tmp_path / "room", code)[1] == ["[False, False, False]"]
    assert all(place.exists() for place in places)


@pytest.mark.parametrize("use", LEVELS, ids="+".join)
def test_it_has_no_rights_no_network_but_its_own_and_few_processes(use: process.Use, tmp_path: Path) -> None:
    code = """
import os, socket
if os.getpgid(0) != os.getpid():
    os.setsid()
wanted = ("CapEff", "CapBnd", "NoNew")
print([line.split()[1] for line in open("/proc/self/status") if line.startswith(wanted)])
print(sorted(name for _, name in socket.if_nameindex()))
line = socket.create_server(("127.0.0.1", 0))
socket.create_connection(line.getsockname()).close()
print(os.geteuid() == 0)
children = 0
try:
    while children < 5000:
        if os.fork() == 0:
            os.read(os.pipe()[0], 1)
        children += 1
except OSError:
    print(100 < children < 600, flush=True)
import signal
os.killpg(0, signal.SIGKILL)
"""
    said = inside(use, tmp_path / "room", code)[1]
    assert said[:4] == ["['0000000000000000', '0000000000000000', '1']", "['lo']", "False", "True"]


@pytest.mark.parametrize("use", WITH_PROCESSES, ids="+".join)
def test_no_other_process_is_there(use: process.Use, tmp_path: Path) -> None:
    code = "import os; print(os.getpid(), sorted(x for x in os.listdir('/proc') if x.isdigit()))"
    assert inside(use, tmp_path / "room", code)[1] == ["1 ['1']"]
    assert inside(use, tmp_path / "room", code, alone=False)[1] == ["2 ['1', '2']"]


@pytest.mark.parametrize("use", WITH_PROCESSES, ids="+".join)
def test_what_it_leaves_running_ends_with_it(use: process.Use, tmp_path: Path) -> None:
    code = "import os, time\nif os.fork() == 0:\n  os.setsid(); time.sleep(1000)\nopen('pid','w').write('x')"
    room = tmp_path / "room"
    assert inside(use, room, code, private=False, alone=False)[0] == 0
    assert (room / "pid").exists()
    left = [p for p in Path("/proc").glob("[0-9]*/cmdline") if b"time.sleep(1000)" in _read(p)]
    assert left == []


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize("use", LEVELS, ids="+".join)
def test_it_ends_as_the_program_did(use: process.Use, tmp_path: Path) -> None:
    assert inside(use, tmp_path / "room", "raise SystemExit(7)", alone=False)[0] == 7
    killed = "import os; os.kill(os.getpid(), 11)"
    assert inside(use, tmp_path / "room", killed, alone=False)[0] == 128 + 11


@pytest.mark.parametrize("use", LEVELS, ids="+".join)
def test_its_folder_has_an_end(use: process.Use, tmp_path: Path) -> None:
    code = """
import errno
try:
    with open("big", "wb") as file:
        for _ in range(4096):
            file.write(bytes(1 << 20))
except OSError as trouble:
    print(errno.errorcode[trouble.errno])
"""
    assert inside(use, tmp_path / "room", code)[1] == ["ENOSPC"]


PROBE = """
import os
print(os.geteuid(), os.getpid(), os.listdir("/root"), os.listdir("/tmp"))
try:
    open("/var/tmp/../x", "w")
except OSError:
    print("kept out")
open("mine", "w").close()
children = 0
try:
    while children < 5000:
        if os.fork() == 0:
            os.read(os.pipe()[0], 1)
        children += 1
except OSError:
    print(5 < children < 60)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user; others are tested as they are")
@pytest.mark.skipif(shutil.which("python3", path="/usr/bin") is None, reason="no Python that all can start")
def test_an_ordinary_user_gets_the_same_where_the_kernel_lets_it() -> None:
    nobody = 65534
    with tempfile.TemporaryDirectory(dir="/dev/shm") as above:
        os.chown(above, nobody, nobody)
        folder = Path(above) / "room"
        folder.mkdir()
        os.chown(folder, nobody, nobody)
        room = Room("/usr/bin/python3", folder, folder)
        order = {**process.order(room, ("user", "pid", "net")), "kept": ["/usr"], "processes": 50}
        code, said = run(order, "/usr/bin/python3", PROBE, nobody)
        assert (code, said) == (0, ["65534 1 [] []", "kept out", "True"])
        assert not folder.exists()


def test_an_order_that_cannot_be_carried_out_runs_nothing(tmp_path: Path) -> None:
    room = Room(sys.executable, tmp_path, tmp_path / "missing")
    command = [*process.ProcessSandbox().command([sys.executable, "-c", "print('ran')"], room)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (96, "")
    assert "confine: " in done.stderr


def test_an_interpreter_needs_its_own_folders_and_not_the_testbed_s_checkout() -> None:
    found = needs(sys.executable)
    assert any(Path(os.__file__).is_relative_to(path) for path in found)
    assert any(Path(pytest.__file__).is_relative_to(path) for path in found)
    assert outermost(["/a/b", "/a", "/ab"]) == ("/a", "/ab")


def test_the_target_s_folder_is_private_and_system_folders_never_are(tmp_path: Path) -> None:
    assert str(tmp_path) in private_places(str(tmp_path))
    assert "/usr" not in private_places("/usr")
    assert "/" not in private_places("/")


def test_a_sandbox_that_there_is_not_is_the_user_s_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESTBED_SANDBOX", "castle")
    with pytest.raises(UserError, match="no sandbox 'castle'; one of process"):
        chosen()
