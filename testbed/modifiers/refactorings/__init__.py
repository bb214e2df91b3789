"""The built-in refactorings, by name."""

from __future__ import annotations

from testbed.modifiers.refactorings.add_docstring import AddDocstring
from testbed.modifiers.refactorings.add_else_after_return import AddElseAfterReturn
from testbed.modifiers.refactorings.annotate_local import AnnotateLocal
from testbed.modifiers.refactorings.annotate_return import AnnotateReturn
from testbed.modifiers.refactorings.augmented_assignment import AugmentedAssignment
from testbed.modifiers.refactorings.base import Edit, Example, Kit, Refactoring, Site
from testbed.modifiers.refactorings.cached_length import CachedLength
from testbed.modifiers.refactorings.chained_comparison import ChainedComparison
from testbed.modifiers.refactorings.comprehension_to_loop import ComprehensionToLoop
from testbed.modifiers.refactorings.copy_function import CopyFunction
from testbed.modifiers.refactorings.copy_method import CopyMethod
from testbed.modifiers.refactorings.de_morgan import DeMorgan
from testbed.modifiers.refactorings.decompose_expression import DecomposeExpression
from testbed.modifiers.refactorings.extract_function import ExtractFunction
from testbed.modifiers.refactorings.extract_variable import ExtractVariable
from testbed.modifiers.refactorings.for_to_while import ForToWhile
from testbed.modifiers.refactorings.format_to_fstring import FormatToFstring
from testbed.modifiers.refactorings.fstring_to_format import FstringToFormat
from testbed.modifiers.refactorings.generator_argument import GeneratorArgument
from testbed.modifiers.refactorings.grow_batch import GrowBatch
from testbed.modifiers.refactorings.grow_cached import GrowCached
from testbed.modifiers.refactorings.grow_composed import GrowComposed
from testbed.modifiers.refactorings.grow_stream import GrowStream
from testbed.modifiers.refactorings.grow_validated import GrowValidated
from testbed.modifiers.refactorings.grow_variant import GrowVariant
from testbed.modifiers.refactorings.guard_clause import GuardClause
from testbed.modifiers.refactorings.if_to_ternary import IfToTernary
from testbed.modifiers.refactorings.inline_constant import InlineConstant
from testbed.modifiers.refactorings.inline_function import InlineFunction
from testbed.modifiers.refactorings.inline_variable import InlineVariable
from testbed.modifiers.refactorings.introduce_constant import IntroduceConstant
from testbed.modifiers.refactorings.introduce_parameter import IntroduceParameter
from testbed.modifiers.refactorings.invert_if import InvertIf
from testbed.modifiers.refactorings.keyword_argument import KeywordArgument
from testbed.modifiers.refactorings.literal_constructor import LiteralConstructor
from testbed.modifiers.refactorings.loop_to_comprehension import LoopToComprehension
from testbed.modifiers.refactorings.merge_isinstance import MergeIsinstance
from testbed.modifiers.refactorings.move_function import MoveFunction
from testbed.modifiers.refactorings.nested_elif import NestedElif
from testbed.modifiers.refactorings.remove_else_after_return import RemoveElseAfterReturn
from testbed.modifiers.refactorings.rename_attribute import RenameAttribute
from testbed.modifiers.refactorings.rename_local import RenameLocal
from testbed.modifiers.refactorings.rename_private import RenamePrivate
from testbed.modifiers.refactorings.reorder_definitions import ReorderDefinitions
from testbed.modifiers.refactorings.reorder_statements import ReorderStatements
from testbed.modifiers.refactorings.return_condition import ReturnCondition
from testbed.modifiers.refactorings.return_variable import ReturnVariable
from testbed.modifiers.refactorings.split_condition import SplitCondition
from testbed.modifiers.refactorings.split_module import SplitModule
from testbed.modifiers.refactorings.swap_comparison import SwapComparison
from testbed.modifiers.refactorings.ternary_to_if import TernaryToIf
from testbed.modifiers.refactorings.tuple_assignment import TupleAssignment
from testbed.modifiers.refactorings.while_to_for import WhileToFor
from testbed.modifiers.refactorings.with_items import WithItems

ALL: tuple[Refactoring, ...] = (
    AddDocstring(),
    AddElseAfterReturn(),
    AnnotateLocal(),
    AnnotateReturn(),
    AugmentedAssignment(),
    CachedLength(),
    ChainedComparison(),
    ComprehensionToLoop(),
    CopyFunction(),
    CopyMethod(),
    DeMorgan(),
    DecomposeExpression(),
    ExtractFunction(),
    ExtractVariable(),
    ForToWhile(),
    FormatToFstring(),
    FstringToFormat(),
    GeneratorArgument(),
    GrowBatch(),
    GrowCached(),
    GrowComposed(),
    GrowStream(),
    GrowValidated(),
    GrowVariant(),
    GuardClause(),
    IfToTernary(),
    InlineConstant(),
    InlineFunction(),
    InlineVariable(),
    IntroduceConstant(),
    IntroduceParameter(),
    InvertIf(),
    KeywordArgument(),
    LiteralConstructor(),
    LoopToComprehension(),
    MergeIsinstance(),
    MoveFunction(),
    NestedElif(),
    RemoveElseAfterReturn(),
    RenameAttribute(),
    RenameLocal(),
    RenamePrivate(),
    ReorderDefinitions(),
    ReorderStatements(),
    ReturnCondition(),
    ReturnVariable(),
    SplitCondition(),
    SplitModule(),
    SwapComparison(),
    TernaryToIf(),
    TupleAssignment(),
    WhileToFor(),
    WithItems(),
)

__all__ = ["ALL", "Edit", "Example", "Kit", "Refactoring", "Site"]
