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
  const bool skip_nan = arguments.scalars[kSkipNaN] != 0;
  const DType dtype = arguments.inputs[0].dtype;
  RunReduction(arguments, block, {1, 1}, OperationFor<IntegerSum, FloatSum>(dtype, skip_nan), store);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
