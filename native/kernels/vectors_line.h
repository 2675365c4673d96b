// The second form of vectors_micro.h: steps in lanes. One line against kLineRows rows at a time, and rows with
// themselves. Included once a CPU level.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

static constexpr int kLineRows = 4;

// Zeros, then ones: a vector from byte 64 - n on keeps its last n bytes.
static constexpr struct TailMask {
  uint8_t bytes[128];
  constexpr TailMask() : bytes{} {
    for (int i = 64; i < 128; ++i) bytes[i] = 255;
  }
} kTailMask;

// The last `rest` steps of a row in the last lanes of a vector, zeros before them. Reads nothing outside the row.
template <typename Op>
static inline LanesOf<Op> LoadRest(const char* row, int64_t steps, int64_t rest) {
  using V = LanesOf<Op>;
  using T = typename Op::Step;
  constexpr int64_t kLanes = kStepLanes<Op>;
  const int64_t bytes = rest * static_cast<int64_t>(sizeof(T));
  if (steps >= kLanes) {
    const U8 all = Load<U8>(row + (steps - kLanes) * static_cast<int64_t>(sizeof(T)));
    return (V)(all & Load<U8>(kTailMask.bytes + 64 - OFFLOOP_VECTOR_BYTES + bytes));
  }
  alignas(64) T lanes[kLanes] = {};
  for (int64_t i = 0; i < rest; ++i) lanes[kLanes - rest + i] = Load<T>(row + i * static_cast<int64_t>(sizeof(T)));
  return Load<V>(lanes);
}

// Steps that a line takes: whole vectors, and one of the rest.
template <typename Op>
static inline int64_t LineSteps(int64_t steps) {
  return (steps + kStepLanes<Op> - 1) / kStepLanes<Op> * kStepLanes<Op>;
}

template <typename Op>
static inline void PackLine(const char* row, int64_t steps, char* line) {
  using V = LanesOf<Op>;
  constexpr int64_t kBytes = OFFLOOP_VECTOR_BYTES;
  const int64_t whole = steps / kStepLanes<Op>;
  for (int64_t i = 0; i < whole; ++i) Store(line + i * kBytes, Load<V>(row + i * kBytes));
  const int64_t rest = steps % kStepLanes<Op>;
  if (rest > 0) Store(line + whole * kBytes, LoadRest<Op>(row, steps, rest));
}

// The lower half of a vector's lanes plus the upper, down to 16 bytes.
template <typename V>
static inline __attribute__((always_inline)) auto FoldLanes(V v) {
  if constexpr (sizeof(V) == 64) {
    typedef __typeof__(v[0] + v[0]) Half __attribute__((vector_size(32)));
    struct Halves {
      Half low, high;
    };
    const Halves halves = __builtin_bit_cast(Halves, v);
    return FoldLanes(halves.low + halves.high);
  } else if constexpr (sizeof(V) == 32) {
    typedef __typeof__(v[0] + v[0]) Half __attribute__((vector_size(16)));
    struct Halves {
      Half low, high;
    };
    const Halves halves = __builtin_bit_cast(Halves, v);
    return halves.low + halves.high;
  } else {
    return v;
  }
}

// raw[i] = the sum of the lanes of v[i]. Always in the same order, whatever kRows.
template <int kRows, typename V, typename T>
static inline __attribute__((always_inline)) void SumLanes(const V (&v)[kRows], T* raw) {
  if constexpr (kRows == 4 && sizeof(T) == 4) {
    const auto a = FoldLanes(v[0]), b = FoldLanes(v[1]), c = FoldLanes(v[2]), d = FoldLanes(v[3]);
    const auto ab = __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
    const auto cd = __builtin_shufflevector(c, d, 0, 4, 1, 5) + __builtin_shufflevector(c, d, 2, 6, 3, 7);
    const auto sums = __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
    for (int i = 0; i < 4; ++i) raw[i] = sums[i];
  } else {
    for (int i = 0; i < kRows; ++i) {
      const auto folded = FoldLanes(v[i]);
      if constexpr (sizeof(T) == 4)
        raw[i] = (folded[0] + folded[2]) + (folded[1] + folded[3]);
      else
        raw[i] = folded[0] + folded[1];
    }
  }
}

// The lanes of one row's sums, with the line and with itself. One row at a time: memory is read as one long line, which
// a CPU fetches ahead by itself twice as fast as four rows in turn.
template <typename Op, bool kLine, bool kSelf>
static inline __attribute__((always_inline)) void SumRow(int64_t steps, const char* row, const char* line,
                                                         LanesOf<Op>& with, LanesOf<Op>& own) {
  using V = LanesOf<Op>;
  using Sum = typename Op::Sum;
  constexpr int64_t kBytes = OFFLOOP_VECTOR_BYTES;
  constexpr int kParts = Op::kRun > 0 ? 2 : 4;
  constexpr int64_t kMost = Op::kRun > 0 ? kParts * (Op::kRun - 2) : INT64_MAX;
  const int64_t whole = steps / kStepLanes<Op>;
  const int64_t rest = steps % kStepLanes<Op>;
  int64_t i = 0;
  with = own = V{};
  do {
    Sum parts[kParts] = {};
    Sum own_parts[kParts] = {};
    const int64_t end = whole - i > kMost ? i + kMost : whole;
    for (; i + kParts <= end; i += kParts) {
      PrefetchPageAhead<kParts * kBytes>(row + i * kBytes);
#pragma GCC unroll 4
      for (int part = 0; part < kParts; ++part) {
        const V value = Load<V>(row + (i + part) * kBytes);
        if constexpr (kLine) parts[part] = Op::Add(parts[part], Load<V>(line + (i + part) * kBytes), value);
        if constexpr (kSelf) own_parts[part] = Op::Add(own_parts[part], value, value);
      }
    }
    for (; i < end; ++i) {
      const V value = Load<V>(row + i * kBytes);
      if constexpr (kLine) parts[0] = Op::Add(parts[0], Load<V>(line + i * kBytes), value);
      if constexpr (kSelf) own_parts[0] = Op::Add(own_parts[0], value, value);
    }
    if (end == whole && rest > 0) {
      const V value = LoadRest<Op>(row, steps, rest);
      if constexpr (kLine) parts[1] = Op::Add(parts[1], Load<V>(line + whole * kBytes), value);
      if constexpr (kSelf) own_parts[1] = Op::Add(own_parts[1], value, value);
    }
    if constexpr (kParts == 4) {
      with = with + ((Op::Finish(parts[0]) + Op::Finish(parts[1])) + (Op::Finish(parts[2]) + Op::Finish(parts[3])));
      own = own + ((Op::Finish(own_parts[0]) + Op::Finish(own_parts[1])) +
                   (Op::Finish(own_parts[2]) + Op::Finish(own_parts[3])));
    } else {
      with = with + (Op::Finish(parts[0]) + Op::Finish(parts[1]));
      own = own + (Op::Finish(own_parts[0]) + Op::Finish(own_parts[1]));
    }
  } while (i < whole);
}

template <typename Op, int kRows, bool kLine, bool kSelf>
static inline void SumLine(int64_t steps, const char* rows, int64_t row, const char* line, typename Op::Raw* raw,
                           typename Op::Raw* self) {
  using V = LanesOf<Op>;
  alignas(sizeof(V)) V with[kRows];
  alignas(sizeof(V)) V own[kRows];
  for (int i = 0; i < kRows; ++i) {
    V with_row, own_row;
    SumRow<Op, kLine, kSelf>(steps, rows + i * row, line, with_row, own_row);
    with[i] = with_row;
    own[i] = own_row;
  }
  if constexpr (kLine) SumLanes<kRows>(with, raw);
  if constexpr (kSelf) SumLanes<kRows>(own, self);
}

// raw[i] and self[i] for `count` rows; either may be left out.
template <typename Op, bool kLine, bool kSelf>
static void SumLines(int64_t steps, const char* rows, int64_t row, int64_t count, const char* line,
                     typename Op::Raw* raw, typename Op::Raw* self) {
  int64_t i = 0;
  for (; i + kLineRows <= count; i += kLineRows) {
    SumLine<Op, kLineRows, kLine, kSelf>(steps, rows + i * row, row, line, raw + i, self + i);
  }
  for (; i < count; ++i) SumLine<Op, 1, kLine, kSelf>(steps, rows + i * row, row, line, raw + i, self + i);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
