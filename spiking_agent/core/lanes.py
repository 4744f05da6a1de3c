"""Eight numbers at a time: one for every output neuron, or eight neighbours of an array.

A compiler that is given a loop of eight may turn it into vector instructions, or keep every number in memory, or both
by turns. Where the engine's time goes, kernels say what they mean instead: a value of type ``Lanes`` is eight float64,
``Words`` eight uint64, ``Mask`` eight truth values, and all three live in registers. They are added, multiplied and
compared like numbers, with each other and with single numbers, and get in and out of arrays with `load` and `store`.

Interpreted (``NUMBA_DISABLE_JIT=1``) they are NumPy arrays of length 8, on which the same operators do the same, and
every function here is its plain twin below. Results are equal to the bit in both modes and on every processor: no
operation is fused with another, and `total` adds in a fixed order.

Eight float64 are two registers of four: what the engine waits for is division, and the divisions of the two halves
overlap. Processors with AVX2 have such registers, too.
"""

import operator
from typing import Any

import numba
import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import cgutils, types
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

WIDTH = 8
_HALF = 4
_COMPILED = not numba.config.DISABLE_JIT  # type: ignore[attr-defined]


class _EightType(types.Type):
    """Numba's type of eight numbers of a kind."""

    def __init__(self, name: str, element: ir.Type, scalar: types.Type) -> None:
        self.element, self.scalar = element, scalar
        super().__init__(name=name)


LANES = _EightType("Lanes", ir.DoubleType(), types.float64)
WORDS = _EightType("Words", ir.IntType(64), types.uint64)
MASK = _EightType("Mask", ir.IntType(1), types.boolean)


@register_model(_EightType)
class _EightModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: Any) -> None:
        half = ir.VectorType(fe_type.element, _HALF)
        super().__init__(dmm, fe_type, ir.LiteralStructType([half, half]))


# ---- how operations on eight become operations on two halves ---------------------------------------------


def _halves(builder: Any, value: Any) -> list[Any]:
    return [builder.extract_value(value, half) for half in range(2)]


def _whole(builder: Any, halves: list[Any]) -> Any:
    value = ir.Constant(ir.LiteralStructType([half.type for half in halves]), ir.Undefined)
    for n, half in enumerate(halves):
        value = builder.insert_value(value, half, n)
    return value


def _eight(context: Any, builder: Any, value: Any, given: Any, wanted: Any) -> list[Any]:
    """The halves of ``value``; a single number is put into every lane."""
    if isinstance(given, _EightType):
        return _halves(builder, value)
    number = context.cast(builder, value, given, wanted.scalar)
    vector = ir.VectorType(wanted.element, _HALF)
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
    same = ir.Constant(ir.VectorType(ir.IntType(32), _HALF), [0] * _HALF)
    half = builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), same)
    return [half, half]


def _lanewise(function: Any, kind: Any, result: Any, emit: Any) -> None:
    """Let ``function``, an operator, take two of ``kind``, or one and a number, to ``result`` lane by lane."""
    numbers = (kind.scalar,) if kind is WORDS else (types.float64, types.int64) if kind is LANES else ()
    pairs = [(kind, kind), *((kind, number) for number in numbers), *((number, kind) for number in numbers)]

    @infer_global(function)
    class _Typing(ConcreteTemplate):
        cases = [signature(result, *pair) for pair in pairs]  # noqa: RUF012  as numba asks for it

    for pair in pairs:

        @lower_builtin(function, *pair)
        def _lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            left, right = (
                _eight(context, builder, arg, given, kind) for arg, given in zip(args, sig.args, strict=True)
            )
            return _whole(builder, [emit(builder, a, b) for a, b in zip(left, right, strict=True)])


for _operator, _name in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _lanewise(_operator, LANES, LANES, lambda builder, a, b, name=_name: getattr(builder, name)(a, b))
for _operator, _name in (
    *((operator.add, "add"), (operator.mul, "mul"), (operator.xor, "xor"), (operator.and_, "and_")),
    (operator.rshift, "lshr"),
):
    _lanewise(_operator, WORDS, WORDS, lambda builder, a, b, name=_name: getattr(builder, name)(a, b))
for _operator, _name in ((operator.lt, "<"), (operator.le, "<="), (operator.gt, ">"), (operator.ge, ">=")):
    _lanewise(_operator, LANES, MASK, lambda builder, a, b, name=_name: builder.fcmp_ordered(name, a, b))
for _operator, _name in ((operator.and_, "and_"), (operator.or_, "or_")):
    _lanewise(_operator, MASK, MASK, lambda builder, a, b, name=_name: getattr(builder, name)(a, b))


# ---- in and out of arrays --------------------------------------------------------------------------------


def _pointers(context: Any, builder: Any, array_type: Any, array: Any, index: Any, index_type: Any) -> list[Any]:
    """Where the halves lie: of row ``index`` in an array of two dimensions, from element ``index`` on in one of one."""
    struct = context.make_array(array_type)(context, builder, array)
    data = struct.data
    index = context.cast(builder, index, index_type, types.intp)
    if numba.config.BOUNDSCHECK:  # type: ignore[attr-defined]
        length = builder.extract_value(struct.shape, 0)
        for last in (0,) if array_type.ndim == 2 else (0, WIDTH - 1):
            cgutils.do_boundscheck(context, builder, builder.add(index, ir.Constant(index.type, last)), length)
    step = WIDTH if array_type.ndim == 2 else 1
    first = builder.mul(index, ir.Constant(index.type, step)) if step > 1 else index
    vector = ir.VectorType(LANES.element, _HALF).as_pointer()
    places = (builder.add(first, ir.Constant(index.type, half * _HALF)) for half in range(2))
    return [builder.bitcast(builder.gep(data, [place]), vector) for place in places]


def _can_hold_lanes(array: Any) -> bool:
    return isinstance(array, types.Array) and array.dtype == types.float64 and array.layout == "C" and array.ndim <= 2


@intrinsic
def _load(typing: Any, array: Any, index: Any) -> Any:
    if not (_can_hold_lanes(array) and isinstance(index, types.Integer)):
        return None

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        places = _pointers(context, builder, sig.args[0], args[0], args[1], sig.args[1])
        return _whole(builder, [builder.load(place, align=8) for place in places])

    return signature(LANES, array, index), emit


@intrinsic
def _store(typing: Any, array: Any, index: Any, lanes: Any) -> Any:
    if not (_can_hold_lanes(array) and isinstance(index, types.Integer)):
        return None

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        places = _pointers(context, builder, sig.args[0], args[0], args[1], sig.args[1])
        for place, half in zip(places, _eight(context, builder, args[2], sig.args[2], LANES), strict=True):
            builder.store(half, place, align=8)
        return context.get_dummy_value()

    return signature(types.none, array, index, lanes), emit


# ---- functions of lanes ----------------------------------------------------------------------------------


@intrinsic
def _same(typing: Any, number: Any) -> Any:
    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _whole(builder, _eight(context, builder, args[0], sig.args[0], LANES))

    return signature(LANES, number), emit


def _select_one(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return builder.select(*args)


@intrinsic
def _select(typing: Any, mask: Any, yes: Any, no: Any) -> Any:
    if mask == types.boolean:
        return signature(types.float64, mask, types.float64, types.float64), _select_one

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        chosen = _halves(builder, args[0])
        yes, no = (_eight(context, builder, args[n], sig.args[n], LANES) for n in (1, 2))
        return _whole(builder, [builder.select(*three) for three in zip(chosen, yes, no, strict=True)])

    return signature(LANES, mask, yes, no), emit


@intrinsic
def _magnitude(typing: Any, lanes: Any) -> Any:
    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        bits = ir.VectorType(ir.IntType(64), _HALF)
        without_sign = ir.Constant(bits, [0x7FFFFFFFFFFFFFFF] * _HALF)
        return _whole(
            builder,
            [
                builder.bitcast(builder.and_(builder.bitcast(half, bits), without_sign), half.type)
                for half in _halves(builder, args[0])
            ],
        )

    return signature(LANES, lanes), emit


@intrinsic
def _signed(typing: Any, lanes: Any, signs: Any) -> Any:
    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        half = ir.VectorType(ir.DoubleType(), _HALF)
        function = ir.FunctionType(half, [half, half])
        copysign = cgutils.get_or_insert_function(builder.module, function, f"llvm.copysign.v{_HALF}f64")
        pairs = zip(_halves(builder, args[0]), _halves(builder, args[1]), strict=True)
        return _whole(builder, [builder.call(copysign, pair) for pair in pairs])

    return signature(LANES, lanes, signs), emit


@intrinsic
def _lowest(typing: Any, bits: Any) -> Any:
    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return signature(types.int64, types.int64), emit


@intrinsic
def _total(typing: Any, lanes: Any) -> Any:
    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        low, high = _halves(builder, args[0])
        four = builder.fadd(low, high)
        numbers = [builder.extract_element(four, ir.Constant(ir.IntType(32), n)) for n in range(_HALF)]
        return builder.fadd(builder.fadd(numbers[0], numbers[2]), builder.fadd(numbers[1], numbers[3]))

    return signature(types.float64, lanes), emit


@intrinsic
def _bits(typing: Any, mask: Any) -> Any:
    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        low, high = (
            builder.zext(builder.bitcast(half, ir.IntType(_HALF)), ir.IntType(64)) for half in _halves(builder, args[0])
        )
        return builder.or_(low, builder.shl(high, ir.Constant(ir.IntType(64), _HALF)))

    return signature(types.int64, mask), emit


@intrinsic
def _counted(typing: Any, first: Any) -> Any:
    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        halves = _eight(context, builder, args[0], sig.args[0], WORDS)
        steps = (ir.Constant(halves[0].type, list(range(at, at + _HALF))) for at in (0, _HALF))
        return _whole(builder, [builder.add(*two) for two in zip(halves, steps, strict=True)])

    return signature(WORDS, types.uint64), emit


@intrinsic
def _floats(typing: Any, words: Any) -> Any:
    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        # As signed numbers, which processors convert in one instruction; that is why they must be small.
        doubles = ir.VectorType(ir.DoubleType(), _HALF)
        return _whole(builder, [builder.sitofp(half, doubles) for half in _halves(builder, args[0])])

    return signature(LANES, words), emit


# ---- the same on NumPy arrays, and the names by which kernels know them ----------------------------------


def _plain_load(array: Any, index: Any) -> np.ndarray:
    """Row ``index`` of float64[n, 8], or the eight elements of float64[n] from ``index`` on."""
    lanes: np.ndarray = array[index] if array.ndim == 2 else array[index : index + WIDTH]
    if lanes.shape != (WIDTH,):
        raise IndexError(f"{index}: there are no {WIDTH} numbers from there on in an array of shape {array.shape}")
    return lanes.copy()


def _plain_store(array: Any, index: Any, lanes: Any) -> None:
    """Write ``lanes``, or one number eight times, where `load` would read."""
    if array.ndim == 2:
        array[index] = lanes
    else:
        array[index : index + WIDTH] = lanes


def _plain_same(number: Any) -> np.ndarray:
    """One number eight times."""
    return np.full(WIDTH, number, dtype=np.float64)


def _plain_select(mask: Any, yes: Any, no: Any) -> Any:
    """``yes`` where ``mask`` is true, else ``no``; either may be one number. Of one truth value, one number."""
    return np.where(mask, yes, no)[()]


def _plain_magnitude(lanes: Any) -> np.ndarray:
    """Absolute values."""
    magnitude: np.ndarray = np.abs(lanes)
    return magnitude


def _plain_signed(lanes: Any, signs: Any) -> np.ndarray:
    """``lanes`` with the signs of ``signs``."""
    signed: np.ndarray = np.copysign(lanes, signs)
    return signed


def _plain_lowest(bits: int) -> int:
    """Number of the lowest bit that is set, of bits that are not all 0."""
    return int(bits & -bits).bit_length() - 1


def _plain_total(lanes: Any) -> Any:
    """Sum of the eight."""
    a, b, c, d = lanes[:_HALF] + lanes[_HALF:]
    return (a + c) + (b + d)


def _plain_bits(mask: Any) -> int:
    """An integer whose bit k says whether lane k is true; 0 if none is."""
    return sum(1 << lane for lane in range(WIDTH) if mask[lane])


def _plain_counted(first: Any) -> np.ndarray:
    """Words ``first``, ``first`` + 1, ... ``first`` + 7."""
    return first + np.arange(WIDTH, dtype=np.uint64)


def _plain_floats(words: Any) -> np.ndarray:
    """Words below 2**63 as floats."""
    floats: np.ndarray = words.astype(np.float64)
    return floats


load: Any = _load if _COMPILED else _plain_load
store: Any = _store if _COMPILED else _plain_store
same: Any = _same if _COMPILED else _plain_same
select: Any = _select if _COMPILED else _plain_select
magnitude: Any = _magnitude if _COMPILED else _plain_magnitude
signed: Any = _signed if _COMPILED else _plain_signed
lowest: Any = _lowest if _COMPILED else _plain_lowest
total: Any = _total if _COMPILED else _plain_total
bits: Any = _bits if _COMPILED else _plain_bits
counted: Any = _counted if _COMPILED else _plain_counted
floats: Any = _floats if _COMPILED else _plain_floats
