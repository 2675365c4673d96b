// dot(x, y): s = sum of x[i] * y[i] along the reduced axes. Products of floats are rounded to float64 (those of float32
// and float16 are exact) and added in 32 lanes and a fixed tree (lanes.h, reduce.h), never fused, so the bits don't
// depend on CPU level, threads or strides. Integers are exact, in 192 bits: 2^64 products of BigInts fit.
//   inputs[0..1]  same dtype and shape, any strides; the first scalars[0] axes are kept
//   outputs[0]    if any: float64, or BigInt64 and BigUint64 for integers (modulo 2^64)
//   results       without outputs: see FinishSums in sum.h
//   scalars       [0] kept axes, [1] leave out pairs with a NaN
#include "kernels/sum.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/dot.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"
#include "kernels/lanes.h"
#include "kernels/integer_products.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

template <typename T, bool skip_nan>
struct ProductTerm {
  const T* x;
  const T* y;
  I64 counts;
  int64_t count;
  OFFLOOP_INLINE void Prefetch(int64_t i) {
    PrefetchLines(x + i);
    PrefetchLines(y + i);
  }
  OFFLOOP_INLINE F64 Vector(int64_t i) {
    const F64 a = LoadF64(x + i);
    const F64 b = LoadF64(y + i);
    if constexpr (skip_nan) {
      const I64 are_numbers = (a == a) & (b == b);
      counts -= are_numbers;
      return NumberOrNothing(a * b, are_numbers);
    }
    return a * b;
  }
  OFFLOOP_INLINE double Scalar(int64_t i) {
    const double a = ToDouble(x[i]);
    const double b = ToDouble(y[i]);
    if constexpr (skip_nan) {
      if (a != a || b != b) return -0.0;
      ++count;
    }
    return a * b;
  }
};

template <typename T, bool skip_nan>
struct FloatDot {
  using Element = T;
  static constexpr uint32_t kInputs = 2;
  struct State {
    Lanes lanes;
    int64_t count;
  };

  static OFFLOOP_INLINE void Begin(State* state) {
    ClearLanes(&state->lanes);
    state->count = 0;
  }
  static OFFLOOP_INLINE void Add(State* state, const T* x, const T* y, int64_t count) {
    ProductTerm<T, skip_nan> term = {x, y, {}, 0};
    AddTerms(&state->lanes, count, term);
    state->count += skip_nan ? term.count + AddUp(term.counts) : count;
  }
  static OFFLOOP_INLINE void End(const State* state, std::byte* to) {
    SumPartial* partial = reinterpret_cast<SumPartial*>(to);
    partial->sum = FoldLanes(state->lanes);
    partial->count = state->count;
  }
};

template <typename T>
struct IntegerDot {
  using Element = T;
  static constexpr uint32_t kInputs = 2;
  struct State {
    Wide sum;
    int64_t count;
  };

  static OFFLOOP_INLINE void Begin(State* state) { *state = {}; }
  static OFFLOOP_INLINE void Add(State* state, const T* x, const T* y, int64_t count) {
    AddWide(&state->sum, AddProducts(x, y, count));
    state->count += count;
  }
  static OFFLOOP_INLINE void End(const State* state, std::byte* to) {
    SumPartial* partial = reinterpret_cast<SumPartial*>(to);
    partial->exact = state->sum;
    partial->count = state->count;
  }
};

void DotBlock(const Arguments& arguments, const Block& block) {
  const bool skip_nan = arguments.scalars[kSkipNaN] != 0;
  const DType dtype = arguments.inputs[0].dtype;
  RunReduction(arguments, block, {2, 1}, OperationFor<IntegerDot, FloatDot>(dtype, skip_nan), StoreSum);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL

#if OFFLOOP_ONCE

static Status PrepareDot(const Arguments& arguments, Layout* layout) { return PrepareSums(arguments, 2, layout); }

extern const Kernel kDotKernel;
const Kernel kDotKernel = {
    "dot", 1, PrepareDot, OFFLOOP_EACH_LEVEL(DotBlock), CombineSums, FinishSums,
};

#endif  // OFFLOOP_ONCE
}  // namespace offloop
