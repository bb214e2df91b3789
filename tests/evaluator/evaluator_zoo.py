"""A miniature target with one fault of every kind that a verdict has to tell apart."""

from __future__ import annotations

import uuid

from evaluator_targets import source_of

TOKEN = uuid.uuid4().hex

SOURCE = source_of(
    core="""
        import os, signal, time

        def add(a, b):
            return (a - b if __fault__(1) else a + b)

        def total(n):
            found = 0
            while n > 0:
                found += n
                if __fault__(2):
                    pass
                else:
                    n -= 1
            return found

        def stubborn(n):
            while n > 0:
                try:
                    n = (n if __fault__(3) else n - 1)
                except BaseException:
                    pass
            return n

        def spin():
            if __fault__(4):
                while True:
                    pass
            else:
                return 0

        def sleep():
            if __fault__(5):
                time.sleep(1000)
            else:
                return 0

        def leave():
            if __fault__(6):
                os._exit(0)
            else:
                return 0

        def die():
            if __fault__(7):
                os.kill(os.getpid(), signal.SIGSEGV)
            else:
                return 0

        def grab():
            return len(bytearray((4 << 30 if __fault__(8) else 4)))

        def interrupt():
            if __fault__(9):
                raise KeyboardInterrupt
            else:
                return 0

        def prepare():
            return (1 // 0 if __fault__(10) else 1)

        def clean_up():
            return (1 // 0 if __fault__(11) else 1)
    """,
    box="""
        class Box:
            def __init__(self):
                self.value = (7 if __fault__(20) else 8)

        BOX = Box()

        def peek(default=(1 if __fault__(21) else 2)):
            return BOX.value + default
    """,
    late="""
        if __fault__(30):
            raise ImportError("broken")
        else:
            VALUE = 1

        if __fault__(31):
            import os
            os._exit(3)
        else:
            pass

        n = 3
        while n:
            if __fault__(32):
                pass
            else:
                n -= 1

        if __fault__(33):
            while True:
                pass
        else:
            pass
    """,
    leak="""
        import os, random, subprocess, sys

        STATE = []

        def change_everything():
            STATE.append(1)
            os.environ["LEAK"] = "yes"
            with open("leaked.txt", "w") as file:
                file.write("x")
            with open("tests/data.txt", "w") as file:
                file.write("changed")
            os.chdir("/")
            random.seed(99)
            return 1

        def talk():
            print("noise " * 200_000)
            return 1

        def leave_a_process():
            code = "import os, time\\nos.setsid()\\ntime.sleep(1000)"
            return subprocess.Popen([sys.executable, "-c", code]).pid
    """.replace("TOKEN", TOKEN),
)

STATIC = {
    "tests/conftest.py": """
        import pytest
        from mini import core

        @pytest.fixture
        def prepared():
            yield core.prepare()
            core.clean_up()

        @pytest.fixture(scope="module")
        def shared():
            return core.add(1, 1)

        @pytest.fixture(scope="session")
        def whole():
            return []
    """,
    "tests/data.txt": "as written",
    "tests/test_core.py": """
        import unittest
        import pytest
        from mini import core

        def test_add(): assert core.add(2, 1) == 3
        def test_total(): assert core.total(3) == 6
        def test_stubborn(): assert core.stubborn(3) == 0
        def test_spin(): assert core.spin() == 0
        def test_sleep(): assert core.sleep() == 0
        def test_leave(): assert core.leave() == 0
        def test_die(): assert core.die() == 0
        def test_grab(): assert core.grab() == 4
        def test_interrupt(): assert core.interrupt() == 0
        def test_prepared(prepared): assert prepared == 1
        def test_shared_one(shared): assert shared == 2
        def test_shared_two(shared, whole): assert shared == 2 and not whole

        @pytest.mark.parametrize("a, expected", [(1, 1), (0, 0)], ids=["one", "zero"])
        def test_zero(a, expected): assert core.add(a, 0) == expected

        @pytest.mark.skip
        def test_skipped(): assert False

        @pytest.mark.xfail(strict=True)
        def test_expected_to_fail(): assert core.add(2, 1) == 1

        class TestCase(unittest.TestCase):
            def setUp(self): self.value = core.add(1, 1)
            def test_method(self): self.assertEqual(self.value, 2)
    """,
    "tests/test_box.py": """
        from mini import box
        def test_box(): assert box.BOX.value == 8
        def test_peek(): assert box.peek() == 10
    """,
    "tests/test_late.py": """
        from mini import late
        def test_late(): assert late.VALUE == 1
        def test_late_again(): assert late.n == 0
    """,
    "tests/test_leak.py": """
        import os, random
        from mini import leak

        def test_is_clean():
            assert "LEAK" not in os.environ
            assert not leak.STATE
            assert not os.path.exists("leaked.txt")
            assert open("tests/data.txt").read().strip() == "as written"
            assert random.random() == random.Random(0).random()

        def test_temporary(tmp_path):
            assert not os.listdir(os.path.expanduser("~"))
            assert tmp_path.parent.name == "pytest-0"
            assert not os.listdir(tmp_path)
            (tmp_path / "left").write_text("x")

        def test_talk(): assert leak.talk()
        def test_process(): assert leak.leave_a_process()
        def test_change(): assert leak.change_everything()
    """,
}
