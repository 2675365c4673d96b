// sum(x): s = sum of x[i] along the reduced axes. Floats are added in float64 in 32 lanes and a fixed tree (lanes.h,
// reduce.h), so the bits don't depend on CPU level, threads or strides; integers are added exactly.
//   inputs[0]    any dtype, any strides; the first scalars[0] axes are kept
//   outputs[0]   if any: float64, or BigInt64 and BigUint64 for integers (modulo 2^64)
//   results      without outputs: see FinishSums in sum.h
//   scalars      [0] kept axes, [1] leave NaNs out
#include "kernels/sum.h"

#include <cstring>

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/sum.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"
#include "kernels/lanes.h"
#include "kernels/integer_sums.h"
#include "kernels/sum_block.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

template <typename T, bool skip_nan>
struct FloatSum {
  using Element = T;
  static constexpr uint32_t kInputs = 1;
  struct State {
    Lanes lanes;
    int64_t count;
  };

  static OFFLOOP_INLINE void Begin(State* state) {
    ClearLanes(&state->lanes);
    state->count = 0;
  }
  static OFFLOOP_INLINE void Add(State* state, const T* x, int64_t count) {
    if constexpr (skip_nan) {
      NumberTerm<T> term = {x, {}, 0};
      AddTerms(&state->lanes, count, term);
      state->count += term.Count();
    } else {
      ValueTerm<T> term{x};
      AddTerms(&state->lanes, count, term);
      state->count += count;
    }
  }
  static OFFLOOP_INLINE void End(const State* state, std::byte* to) {
    SumPartial* partial = reinterpret_cast<SumPartial*>(to);
    partial->sum = FoldLanes(state->lanes);
    partial->count = state->count;
  }
};

template <typename T>
struct IntegerSum {
  using Element = T;
  static constexpr uint32_t kInputs = 1;
  struct State {
    __int128 sum;
    int64_t count;
  };

  static OFFLOOP_INLINE void Begin(State* state) { *state = {0, 0}; }
  static OFFLOOP_INLINE void Add(State* state, const T* x, int64_t count) {
    state->sum += AddIntegers(x, count);
    state->count += count;
  }
  static OFFLOOP_INLINE void End(const State* state, std::byte* to) {
    SumPartial* partial = reinterpret_cast<SumPartial*>(to);
    partial->exact = WideOf(state->sum);
    partial->count = state->count;
  }
};

}  // namespace

void RunSum(const Arguments& arguments, const Block& block, StorePartial store) {
  const bool skip_nan = arguments.scalars[kSkipNaN] != 0;
  const DType dtype = arguments.inputs[0].dtype;
  RunReduction(arguments, block, {1, 1}, OperationFor<IntegerSum, FloatSum>(dtype, skip_nan), store);
}

static void SumBlock(const Arguments& arguments, const Block& block) { RunSum(arguments, block, StoreSum); }

}  // namespace OFFLOOP_LEVEL

#if OFFLOOP_ONCE

void CombineSums(const Arguments& arguments, uint32_t, std::byte* into, const std::byte* from) {
  const int64_t width = PartialWidth(arguments, {arguments.input_count, 1});
  SumPartial* a = reinterpret_cast<SumPartial*>(into);
  const SumPartial* b = reinterpret_cast<const SumPartial*>(from);
  const bool is_float = IsFloat(arguments.inputs[0].dtype);
  for (int64_t i = 0; i < width; ++i) {
    if (is_float) {
      a[i].sum += b[i].sum;
    } else {
      AddWide(&a[i].exact, b[i].exact);
    }
    a[i].count += b[i].count;
  }
}

double SumNumber(DType dtype, const SumPartial& partial) {
  if (partial.count == 0) return 0;
  return IsFloat(dtype) ? CanonicalNumber(partial.sum) : RoundWide(partial.exact);
}

void StoreSum(const Arguments& arguments, const std::byte* partial, const int64_t* offsets) {
  const SumPartial& sum = *reinterpret_cast<const SumPartial*>(partial);
  const View& output = arguments.outputs[0];
  std::byte* to = static_cast<std::byte*>(output.data) + offsets[0] * 8;
  if (output.dtype == DType::kFloat64) {
    const double number = SumNumber(arguments.inputs[0].dtype, sum);
    std::memcpy(to, &number, sizeof(number));
  } else {
    std::memcpy(to, &sum.exact.words[0], sizeof(uint64_t));
  }
}

Status PrepareSums(const Arguments& arguments, uint32_t inputs, Layout* layout) {
  Reduction plan;
  const Status status = PlanReduction(arguments, {inputs, 1}, &plan);
  if (status != Status::kOk) return status;
  if (!plan.whole) {
    const DType dtype = arguments.outputs[0].dtype;
    const bool wraps = dtype == DType::kBigInt64 || dtype == DType::kBigUint64;
    if (dtype != DType::kFloat64 && !(wraps && !IsFloat(arguments.inputs[0].dtype))) return Status::kInvalidArgument;
  }
  LayOutReduction(plan, layout);
  return Status::kOk;
}

Status FinishSums(const Arguments& arguments) {
  if (arguments.output_count > 0) return Status::kOk;
  const SumPartial& partial = *reinterpret_cast<const SumPartial*>(arguments.partials);
  const DType dtype = arguments.inputs[0].dtype;
  const double number = SumNumber(dtype, partial);
  arguments.results[2].number = number;
  if (IsFloat(dtype)) {
    arguments.results[0].number = number;
    return Status::kOk;
  }
  arguments.results[0].bits = partial.exact.words[0];
  arguments.results[1].bits = partial.exact.words[1];
  arguments.results[3].bits = partial.exact.words[2];
  return Status::kOk;
}

static Status PrepareSum(const Arguments& arguments, Layout* layout) { return PrepareSums(arguments, 1, layout); }

extern const Kernel kSumKernel;
const Kernel kSumKernel = {
    "sum", 1, PrepareSum, OFFLOOP_EACH_LEVEL(SumBlock), CombineSums, FinishSums,
};

#endif  // OFFLOOP_ONCE
}  // namespace offloop
