// The loops of sum and mean. Included again for every level, after lanes.h.

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

// Sums of at most kReduceBlock elements that can't overflow: 32 bits hold 2^14 elements of 16, 64 bits those of 32.
OFFLOOP_INLINE __int128 AddIntegers(const int8_t* x, int64_t count) {
  int32_t sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += x[i];
  return sum;
}
OFFLOOP_INLINE __int128 AddIntegers(const uint8_t* x, int64_t count) {
  uint32_t sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += x[i];
  return sum;
}
OFFLOOP_INLINE __int128 AddIntegers(const int16_t* x, int64_t count) {
  int32_t sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += x[i];
  return sum;
}
OFFLOOP_INLINE __int128 AddIntegers(const uint16_t* x, int64_t count) {
  uint32_t sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += x[i];
  return sum;
}
OFFLOOP_INLINE __int128 AddIntegers(const int32_t* x, int64_t count) {
  int64_t sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += x[i];
  return sum;
}
OFFLOOP_INLINE __int128 AddIntegers(const uint32_t* x, int64_t count) {
  uint64_t sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += x[i];
  return sum;
}
// 64-bit elements are added by halves, signed ones moved up by 2^63 so that both halves count from 0.
OFFLOOP_INLINE __int128 AddHalves(const uint64_t* x, int64_t count, uint64_t flip) {
  uint64_t low = 0;
  uint64_t high = 0;
  for (int64_t i = 0; i < count; ++i) {
    const uint64_t value = x[i] ^ flip;
    low += value & 0xffffffff;
    high += value >> 32;
  }
  return (static_cast<__int128>(high) << 32) + low;
}
OFFLOOP_INLINE __int128 AddIntegers(const int64_t* x, int64_t count) {
  const __int128 moved = AddHalves(reinterpret_cast<const uint64_t*>(x), count, 0x8000000000000000);
  return moved - (static_cast<__int128>(count) << 63);
}
OFFLOOP_INLINE __int128 AddIntegers(const uint64_t* x, int64_t count) { return AddHalves(x, count, 0); }

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

void RunSum(const Arguments& arguments, const Block& block, StorePartial store) {
  Reduction plan;
  if (PlanReduction(arguments, 1, 1, &plan) != Status::kOk) return;
  const bool skip_nan = arguments.scalars[kSkipNaN] != 0;
  RunReduction(arguments, block, plan, OperationFor<IntegerSum, FloatSum>(arguments.inputs[0].dtype, skip_nan), store);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
