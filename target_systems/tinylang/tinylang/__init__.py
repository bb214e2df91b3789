"""A tiny language: lexer, parser, type checks, an optimising compiler, a stack machine."""

from .api import build, check, execute, interpret, tidy
from .errors import BudgetError, LangError, ParseError, RunError, TypeProblem

__all__ = ["BudgetError", "LangError", "ParseError", "RunError", "TypeProblem"]
__all__ += ["build", "check", "execute", "interpret", "tidy"]
