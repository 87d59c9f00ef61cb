"""Arithmetic that cannot run code: an expression is read as a tree, of which only numbers, signs and known functions are worked out.

All numbers are decimals of 50 digits, so none can grow beyond what fits a line, and 0.1 + 0.2 is 0.3.
"""

import ast
import decimal
import math
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal

from autogen_core import CancellationToken
from pydantic import Field

from agents.tools.answer import Arguments, to_text
from agents.tools.tool import GuardedTool, ToolFailed

DIGITS = 50
EXPONENT = 10_000
"""Larger and smaller powers of ten are refused."""
MEANT_DIGITS = 45
"""Of them; the last few are where roundings gather, as in 2 / 3 * 3."""
SHOWN_DIGITS = 28
"""Of a number that has no end within those."""
LARGEST_FACTORIAL = 1000

_CONTEXT = decimal.Context(
    prec=DIGITS,
    Emax=EXPONENT,
    Emin=-EXPONENT,
    traps=[decimal.DivisionByZero, decimal.Overflow, decimal.InvalidOperation],
)
_SIGNS = {"×": "*", "·": "*", "÷": "/", "−": "-", "^": "**", "π": "pi", "√": "sqrt"}
"""How people write what Python writes otherwise."""


class CalculatorArguments(Arguments):
    expression: str = Field(
        min_length=1, max_length=500, description="Such as (2 + 3) * 4 ** 2 / 7 or sqrt(2) * sin(pi / 4); angles in radians"
    )


class Calculator(GuardedTool[CalculatorArguments]):
    """Works out an expression."""

    def __init__(self) -> None:
        super().__init__(
            CalculatorArguments,
            "calculate",
            f"Work out an arithmetic expression exactly. It knows + - * / // % ** and {', '.join(sorted(_FUNCTIONS))}, pi and e.",
            title="Calculator",
            summary="Arithmetic with 50 digits.",
        )

    async def run(self, args: CalculatorArguments, cancellation_token: CancellationToken) -> str:
        return to_text({"expression": args.expression, "result": shown(calculate(args.expression))})


def calculate(expression: str) -> Decimal:
    """Work out an expression. Raises ToolFailed."""
    try:
        with decimal.localcontext(_CONTEXT):
            return _Reading(expression).value()
    except decimal.DivisionByZero:
        raise ToolFailed("That divides by zero.") from None
    except (decimal.Overflow, OverflowError):
        raise ToolFailed(f"That goes beyond 10 to the power of {EXPONENT:,}, where this calculator ends.") from None
    except (decimal.InvalidOperation, ValueError):
        raise ToolFailed("That has no result among the real numbers.") from None
    except RecursionError:
        raise ToolFailed("That expression is too deeply nested. Work it out in parts.") from None


def shown(number: Decimal) -> str:
    """Write a number with as many digits as are meant, and say when that is not all of it."""
    meant = _to_digits(number, MEANT_DIGITS)
    is_whole = meant == meant.to_integral_value() and meant.adjusted() < MEANT_DIGITS
    rounded = meant if is_whole else _to_digits(meant, SHOWN_DIGITS)
    if rounded == 0:
        return "0"
    text = format(rounded, "f" if -12 < rounded.adjusted() < MEANT_DIGITS else "E")
    return text if rounded == meant else f"about {text}"


def _to_digits(number: Decimal, digits: int) -> Decimal:
    with decimal.localcontext(_CONTEXT) as context:
        context.prec = digits
        return number.normalize()


class _Reading:
    """An expression and its tree."""

    def __init__(self, expression: str) -> None:
        for sign, meaning in _SIGNS.items():
            expression = expression.replace(sign, meaning)
        self._text = expression.strip()

    def value(self) -> Decimal:
        try:
            tree = ast.parse(self._text, mode="eval").body
        except (SyntaxError, ValueError, MemoryError):
            raise ToolFailed(
                "That is no arithmetic expression. Write numbers without thousands separators, and no units or words."
            ) from None
        return self._value(tree)

    def _value(self, node: ast.expr) -> Decimal:
        match node:
            case ast.Constant(value=int() as number) if not isinstance(number, bool):
                return +Decimal(number)
            case ast.Constant(value=float()):  # which has 17 digits of what is written
                return +Decimal(self._written(node))
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=inner):
                return -self._value(inner) if isinstance(sign, ast.USub) else self._value(inner)
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATIONS:
                return _OPERATIONS[type(sign)](self._value(left), self._value(right))
            case ast.Name(id=name) if name in _CONSTANTS:
                return _CONSTANTS[name]
            case ast.Call(func=ast.Name(id=name), args=inner, keywords=[]) if name in _FUNCTIONS:
                return _applied(name, [self._value(argument) for argument in inner])
        raise ToolFailed(f"The calculator does not know “{self._written(node)[:80]}”. It knows {', '.join(sorted(_FUNCTIONS))}, pi and e.")

    def _written(self, node: ast.expr) -> str:
        return ast.get_source_segment(self._text, node) or ""


def _applied(name: str, values: Sequence[Decimal]) -> Decimal:
    least, most = _TAKES.get(name, (1, 1))
    if not least <= len(values) <= most:
        raise ToolFailed(f"The function {name} takes {least if least == most else f'{least} to {most}'} numbers, not {len(values)}.")
    return _FUNCTIONS[name](*values)


def _floor(number: Decimal) -> Decimal:
    return number.to_integral_value(ROUND_FLOOR)


def _rounded(number: Decimal, places: Decimal = Decimal(0)) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-int(places)), decimal.ROUND_HALF_UP)


def _factorial(number: Decimal) -> Decimal:
    if number != _floor(number) or not 0 <= number <= LARGEST_FACTORIAL:
        raise ToolFailed(f"factorial takes a whole number from 0 to {LARGEST_FACTORIAL}.")
    return Decimal(math.factorial(int(number))) + 0


def _logarithm(number: Decimal, base: Decimal | None = None) -> Decimal:
    return number.ln() if base is None else number.ln() / base.ln()


def _in_floats(function: Callable[[float], float]) -> Callable[..., Decimal]:
    """Work out with 15 digits what Python's decimals do not have."""

    def worked_out(number: Decimal) -> Decimal:
        given = float(number)
        if not math.isfinite(given) or not math.isfinite(result := function(given)):
            raise ToolFailed("The functions of angles take numbers up to 10 to the power of 300.")
        return Decimal(f"{result:.15g}")

    return worked_out


_OPERATIONS: Mapping[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: lambda left, right: left + right,
    ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right,
    ast.Div: lambda left, right: left / right,
    ast.FloorDiv: lambda left, right: _floor(left / right),
    ast.Mod: lambda left, right: left - right * _floor(left / right),
    ast.Pow: lambda left, right: left**right,
}
_CONSTANTS = {"pi": Decimal("3.1415926535897932384626433832795028841971693993751"), "e": Decimal(1).exp(_CONTEXT)}
_FUNCTIONS: Mapping[str, Callable[..., Decimal]] = {
    "abs": abs,
    "acos": _in_floats(math.acos),
    "asin": _in_floats(math.asin),
    "atan": _in_floats(math.atan),
    "ceil": lambda number: -_floor(-number),
    "cos": _in_floats(math.cos),
    "degrees": _in_floats(math.degrees),
    "exp": Decimal.exp,
    "factorial": _factorial,
    "floor": _floor,
    "ln": Decimal.ln,
    "log": _logarithm,
    "log10": Decimal.log10,
    "max": max,
    "min": min,
    "radians": _in_floats(math.radians),
    "round": _rounded,
    "sin": _in_floats(math.sin),
    "sqrt": Decimal.sqrt,
    "tan": _in_floats(math.tan),
}
_TAKES = {"log": (1, 2), "max": (1, 100), "min": (1, 100), "round": (1, 2)}
"""How many numbers those take that do not take one."""
