"""What can go wrong, and the exit code that each kind of trouble ends the command with."""

from __future__ import annotations

from collections.abc import Sequence

EXIT_DONE = 0
EXIT_GATE = 1
EXIT_USER = 2
EXIT_TESTBED = 3
EXIT_STOPPED = 130  # as shells say it of a program that SIGINT ended


class TestbedError(Exception):
    """A fault of the testbed itself; the command ends with exit code 3."""

    __test__ = False  # the name begins with Test; keep pytest from collecting it

    exit_code = EXIT_TESTBED


class UserError(TestbedError):
    """Something that the user can put right; the command ends with one line and exit code 2.

    `what` is wrong, `where` it is (a file with its key and line, an option, a folder), and the
    `remedy` says what would be right.
    """

    exit_code = EXIT_USER

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what, self.where, self.remedy = what, where, remedy
        super().__init__(self.line())

    def line(self) -> str:
        """The one line that the user reads."""
        start = f"{self.where}: {self.what}" if self.where else self.what
        return " ".join(f"{start}; {self.remedy}".rstrip("; ").split())

    def lines(self) -> tuple[str, ...]:
        """What the user reads, one line for each problem."""
        return (self.line(),)


class UserErrors(UserError):
    """All the problems that were found in one thing (a campaign file, a plug-in) at once; never empty."""

    def __init__(self, problems: Sequence[UserError]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.line() for problem in problems))

    def lines(self) -> tuple[str, ...]:
        """One line for each problem, in the order in which they were found."""
        return tuple(line for problem in self.problems for line in problem.lines())


class Stopped(Exception):
    """A command was interrupted. What a run has finished is in the ledger in `folder`, if there is one."""

    def __init__(self, folder: object = None) -> None:
        super().__init__("" if folder is None else str(folder))
        self.folder = folder

    def line(self) -> str:
        """What the user reads."""
        return "stopped" if self.folder is None else f"stopped; go on with `testbed resume {self.folder}`"
