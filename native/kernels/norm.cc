// norm(x): the length of each sequence: the root of the sum of squares, the sum of magnitudes, or the greatest one.
// Squares of floats are added in float64 in the lanes of lanes.h, each kReduceChunk elements by themselves; where they
// come out near the ends of float64's range, once more with elements scaled by 2^600 or 2^-600, so that a norm is
// right wherever the result is a number (three ranges as in Blue, "A Portable Fortran Program to Find the Euclidean
// Norm of a Vector", 1978). Integers are added exactly.
//   inputs[0]    any dtype, any strides; the first scalars[0] axes are kept
//   outputs[0]   if any: float64
//   results      without outputs: [0] the norm
//   scalars      [0] kept axes, [1] leave NaNs out, [2] the order: 1, 2 or Infinity
#include "simd/o3.h"

#include <cstring>

#include "kernels/sum.h"

#ifndef OFFLOOP_NORM_STORE
#define OFFLOOP_NORM_STORE
namespace offloop {
namespace {

constexpr ReductionShape kNormShape = {1, 1};

// A sum of squares, magnitudes, or the greatest of them, over 2^(1200 * range); exact for integers but the greatest.
struct NormPartial {
  union {
    double size;
    Wide exact;
  };
  int64_t range;  // -1, 0 or 1
};
static_assert(sizeof(NormPartial) == kReducePartialBytes);

constexpr double kUp = 0x1p600;
constexpr double kDown = 0x1p-600;
// Where sums of squares may neither overflow, however many are added, nor have lost what matters to underflow.
constexpr double kLargestSquares = 0x1p900;
constexpr double kSmallestSquares = 0x1p-900;

inline bool IsGreatest(const Arguments& arguments) { return arguments.scalars[2] == __builtin_inf(); }
inline bool IsSquared(const Arguments& arguments) { return arguments.scalars[2] == 2; }
inline bool IsExact(const Arguments& arguments) {
  return !IsGreatest(arguments) && !IsFloat(arguments.inputs[0].dtype);
}

// Without a loop: combine() also goes over slots that no output of a last, narrower block has filled.
inline __attribute__((always_inline)) double LesserRange(double squares, int64_t ranges) {
  if (ranges >= 1) squares = squares * kDown * kDown;
  if (ranges >= 2) squares = squares * kDown * kDown;
  return squares;
}

inline __attribute__((always_inline)) void MergeSquares(NormPartial* into, double squares, int64_t range) {
  if (range > into->range) {
    into->size = LesserRange(into->size, range - into->range);
    into->range = range;
  }
  into->size += LesserRange(squares, into->range - range);
}

// NaN wins.
inline __attribute__((always_inline)) double GreaterSize(double a, double b) {
  return a != a || b != b ? __builtin_nan("") : (a > b ? a : b);
}

double Norm(const Arguments& arguments, const std::byte* from) {
  const NormPartial& partial = *reinterpret_cast<const NormPartial*>(from);
  const double size = CanonicalNumber(IsExact(arguments) ? RoundWide(partial.exact) : partial.size);
  if (!IsSquared(arguments)) return size;
  const double root = __builtin_sqrt(size);
  return partial.range == 0 ? root : root * (partial.range > 0 ? kUp : kDown);
}

void StoreNorm(const Arguments& arguments, const std::byte* partial, const int64_t* offsets) {
  const double norm = Norm(arguments, partial);
  std::memcpy(static_cast<double*>(arguments.outputs[0].data) + offsets[0], &norm, sizeof(norm));
}

}  // namespace
}  // namespace offloop
#endif  // OFFLOOP_NORM_STORE

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/norm.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"
#include "kernels/lanes.h"
#include "kernels/integer_products.h"
#include "kernels/integer_sums.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

OFFLOOP_INLINE F64 Magnitude(F64 x) { return (F64)((U64)x & 0x7fffffffffffffff); }
OFFLOOP_INLINE double Magnitude(double x) { return __builtin_fabs(x); }

// `of` the elements that count, 0 for the others.
template <typename T, bool skip_nan, typename Of>
struct SizeTerm {
  const T* x;
  Of of;
  OFFLOOP_INLINE void Prefetch(int64_t i) { PrefetchLines(x + i); }
  OFFLOOP_INLINE F64 Vector(int64_t i) {
    const F64 value = LoadF64(x + i);
    if constexpr (!skip_nan) return of(value);
    return of((F64)((U64)value & (U64)(value == value)));
  }
  OFFLOOP_INLINE double Scalar(int64_t i) {
    const double value = ToDouble(x[i]);
    return skip_nan && value != value ? 0 : of(value);
  }
};

struct MagnitudeOf {
  template <typename V>
  OFFLOOP_INLINE V operator()(V x) const {
    return Magnitude(x);
  }
};

struct SquareOf {
  template <typename V>
  OFFLOOP_INLINE V operator()(V x) const {
    return x * x;
  }
};

struct ScaledSquareOf {
  double scale;
  OFFLOOP_INLINE double operator()(double x) const { return (x * scale) * (x * scale); }
  OFFLOOP_INLINE F64 operator()(F64 x) const {
    const F64 scaled = x * Broadcast<F64>(scale);
    return scaled * scaled;
  }
};

template <bool skip_nan, typename T, typename Of>
OFFLOOP_INLINE double AddSizes(const T* x, int64_t count, Of of) {
  SizeTerm<T, skip_nan, Of> term = {x, of};
  Lanes lanes;
  ClearLanes(&lanes);
  AddTerms(&lanes, count, term);
  return FoldLanes(lanes);
}

struct NormOp {
  static constexpr uint32_t kInputs = 1;
  using State = NormPartial;
  static OFFLOOP_INLINE void Begin(State* state) { *state = {{0}, 0}; }
  static OFFLOOP_INLINE void End(const State* state, std::byte* to) { *reinterpret_cast<NormPartial*>(to) = *state; }
};

template <typename T, bool skip_nan>
struct Squares : NormOp {
  using Element = T;
  // Squares that are near nothing must not be in the range of those that are not.
  static OFFLOOP_INLINE void Begin(State* state) { *state = {{0}, -1}; }

  static OFFLOOP_INLINE void Add(State* state, const T* x, int64_t count) {
    for (int64_t done = 0; done < count; done += kReduceChunk) {
      const int64_t size = count - done < kReduceChunk ? count - done : kReduceChunk;
      const double squares = AddSizes<skip_nan>(x + done, size, SquareOf());
      if (squares > kLargestSquares) {
        MergeSquares(state, AddSizes<skip_nan>(x + done, size, ScaledSquareOf{kDown}), 1);
      } else if (squares < kSmallestSquares) {
        MergeSquares(state, AddSizes<skip_nan>(x + done, size, ScaledSquareOf{kUp}), -1);
      } else {
        MergeSquares(state, squares, 0);
      }
    }
  }
};

template <typename T, bool skip_nan>
struct Magnitudes : NormOp {
  using Element = T;
  static OFFLOOP_INLINE void Add(State* state, const T* x, int64_t count) {
    for (int64_t done = 0; done < count; done += kReduceChunk) {
      const int64_t size = count - done < kReduceChunk ? count - done : kReduceChunk;
      state->size += AddSizes<skip_nan>(x + done, size, MagnitudeOf());
    }
  }
};

template <typename T, bool skip_nan>
struct GreatestMagnitude : NormOp {
  using Element = T;
  static OFFLOOP_INLINE void Add(State* state, const T* x, int64_t count) {
    constexpr int kChains = 4;
    constexpr int64_t kStep = kChains * F64Lanes;
    SizeTerm<T, skip_nan, MagnitudeOf> term = {x, {}};
    F64 greatest[kChains] = {};
    I64 nans = {};
    int64_t i = 0;
    for (; i + kStep <= count; i += kStep) {
#pragma GCC unroll 4
      for (int c = 0; c < kChains; ++c) {
        const F64 size = term.Vector(i + c * F64Lanes);
        greatest[c] = size > greatest[c] ? size : greatest[c];
        if constexpr (!skip_nan) nans |= size != size;
      }
    }
    for (int c = 0; c < kChains; ++c) {
      for (int lane = 0; lane < F64Lanes; ++lane) state->size = GreaterSize(state->size, greatest[c][lane]);
    }
    for (int lane = 0; lane < F64Lanes; ++lane) {
      if (nans[lane] != 0) state->size = __builtin_nan("");
    }
    for (; i < count; ++i) state->size = GreaterSize(state->size, term.Scalar(i));
  }
};

// Sums of at most kReduceBlock magnitudes, which is no more than the sum of as many elements of their range.
template <typename T>
OFFLOOP_INLINE __int128 AddMagnitudes(const T* x, int64_t count) {
  if constexpr (static_cast<T>(-1) > 0) return AddIntegers(x, count);
  if constexpr (sizeof(T) == sizeof(int64_t)) {
    uint64_t low = 0;
    uint64_t high = 0;
    for (int64_t i = 0; i < count; ++i) {
      const uint64_t size = x[i] < 0 ? -static_cast<uint64_t>(x[i]) : static_cast<uint64_t>(x[i]);
      low += size & 0xffffffff;
      high += size >> 32;
    }
    return (static_cast<__int128>(high) << 32) + low;
  } else if constexpr (sizeof(T) == sizeof(int32_t)) {
    int64_t sum = 0;
    for (int64_t i = 0; i < count; ++i) sum += x[i] < 0 ? -int64_t{x[i]} : int64_t{x[i]};
    return sum;
  } else {
    int32_t sum = 0;
    for (int64_t i = 0; i < count; ++i) sum += x[i] < 0 ? -int32_t{x[i]} : int32_t{x[i]};
    return sum;
  }
}

template <typename T>
struct IntegerMagnitudes : NormOp {
  using Element = T;
  static OFFLOOP_INLINE void Begin(State* state) { *state = {{.exact = {}}, 0}; }
  static OFFLOOP_INLINE void Add(State* state, const T* x, int64_t count) {
    AddWide(&state->exact, WideOf(AddMagnitudes(x, count)));
  }
};

template <typename T>
struct IntegerSquares : NormOp {
  using Element = T;
  static OFFLOOP_INLINE void Begin(State* state) { *state = {{.exact = {}}, 0}; }
  static OFFLOOP_INLINE void Add(State* state, const T* x, int64_t count) {
    AddWide(&state->exact, AddProducts(x, x, count));
  }
};

template <bool skip_nan>
const ReduceOperation& FloatOperation(const Arguments& arguments) {
  const DType dtype = arguments.inputs[0].dtype;
  return IsGreatest(arguments)  ? OperationOnFloats<GreatestMagnitude, skip_nan>(dtype)
         : IsSquared(arguments) ? OperationOnFloats<Squares, skip_nan>(dtype)
                                : OperationOnFloats<Magnitudes, skip_nan>(dtype);
}

const ReduceOperation& ExactOperation(const Arguments& arguments) {
  return ForElement(arguments.inputs[0].dtype, [&]<typename T>() -> const ReduceOperation& {
    if constexpr (kIsFloat<T>) {
      return TableOf<Squares<double, false>>::kTable;
    } else {
      return IsSquared(arguments) ? TableOf<IntegerSquares<T>>::kTable : TableOf<IntegerMagnitudes<T>>::kTable;
    }
  });
}

void NormBlock(const Arguments& arguments, const Block& block) {
  const bool skip_nan = arguments.scalars[kSkipNaN] != 0 && IsFloat(arguments.inputs[0].dtype);
  const ReduceOperation& operation = IsExact(arguments) ? ExactOperation(arguments)
                                     : skip_nan         ? FloatOperation<true>(arguments)
                                                        : FloatOperation<false>(arguments);
  RunReduction(arguments, block, kNormShape, operation, StoreNorm);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL

#if OFFLOOP_ONCE

static Status PrepareNorm(const Arguments& arguments, Layout* layout) {
  if (!IsGreatest(arguments) && !IsSquared(arguments) && arguments.scalars[2] != 1) return Status::kInvalidArgument;
  Reduction plan;
  const Status status = PlanReduction(arguments, kNormShape, &plan);
  if (status != Status::kOk) return status;
  if (!plan.whole && arguments.outputs[0].dtype != DType::kFloat64) return Status::kInvalidArgument;
  LayOutReduction(plan, layout);
  return Status::kOk;
}

static void CombineNorm(const Arguments& arguments, uint32_t, std::byte* into, const std::byte* from) {
  const int64_t width = PartialWidth(arguments, kNormShape);
  NormPartial* a = reinterpret_cast<NormPartial*>(into);
  const NormPartial* b = reinterpret_cast<const NormPartial*>(from);
  for (int64_t i = 0; i < width; ++i) {
    if (IsExact(arguments)) {
      AddWide(&a[i].exact, b[i].exact);
    } else if (IsGreatest(arguments)) {
      a[i].size = GreaterSize(a[i].size, b[i].size);
    } else {
      MergeSquares(&a[i], b[i].size, b[i].range);
    }
  }
}

static Status FinishNorm(const Arguments& arguments) {
  if (arguments.output_count == 0) arguments.results[0].number = Norm(arguments, arguments.partials);
  return Status::kOk;
}

extern const Kernel kNormKernel;
const Kernel kNormKernel = {
    "norm", 1, PrepareNorm, OFFLOOP_EACH_LEVEL(NormBlock), CombineNorm, FinishNorm,
};

#endif  // OFFLOOP_ONCE
}  // namespace offloop
