"""What can be wrong."""


class Unsupported(Exception):
    """A program outside the language; says where."""

    def __init__(self, what: str, line: int = 0) -> None:
        super().__init__(f"line {line}: {what}" if line else what)
        self.what = what
        self.line = line
