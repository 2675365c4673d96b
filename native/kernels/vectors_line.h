// The second form of vectors_micro.h: steps in lanes. One line against kLineRows rows at a time, and rows with
// themselves. Included once a CPU level.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

static constexpr int kLineRows = 4;

// The lanes of one row's sums, with the line and with itself. One row at a time: memory is read as one long line, which
// a CPU fetches ahead by itself twice as fast as four rows in turn.
template <typename Op, bool kLine, bool kSelf>
static inline __attribute__((always_inline)) void SumRow(int64_t steps, const char* row, const char* line,
                                                         LanesOf<Op>& with, LanesOf<Op>& own) {
  using V = LanesOf<Op>;
  using Sum = SumOf<Op>;
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
        if constexpr (kLine) parts[part] = Adder<Op>::Add(parts[part], Load<V>(line + (i + part) * kBytes), value);
        if constexpr (kSelf) own_parts[part] = Adder<Op>::Add(own_parts[part], value, value);
      }
    }
    for (; i < end; ++i) {
      const V value = Load<V>(row + i * kBytes);
      if constexpr (kLine) parts[0] = Adder<Op>::Add(parts[0], Load<V>(line + i * kBytes), value);
      if constexpr (kSelf) own_parts[0] = Adder<Op>::Add(own_parts[0], value, value);
    }
    if (end == whole && rest > 0) {
      const V value = LoadRest<Op>(row, steps, rest);
      if constexpr (kLine) parts[1] = Adder<Op>::Add(parts[1], Load<V>(line + whole * kBytes), value);
      if constexpr (kSelf) own_parts[1] = Adder<Op>::Add(own_parts[1], value, value);
    }
    if constexpr (kParts == 4) {
      with = with + ((Adder<Op>::Finish(parts[0]) + Adder<Op>::Finish(parts[1])) +
                     (Adder<Op>::Finish(parts[2]) + Adder<Op>::Finish(parts[3])));
      own = own + ((Adder<Op>::Finish(own_parts[0]) + Adder<Op>::Finish(own_parts[1])) +
                   (Adder<Op>::Finish(own_parts[2]) + Adder<Op>::Finish(own_parts[3])));
    } else {
      with = with + (Adder<Op>::Finish(parts[0]) + Adder<Op>::Finish(parts[1]));
      own = own + (Adder<Op>::Finish(own_parts[0]) + Adder<Op>::Finish(own_parts[1]));
    }
  } while (i < whole);
}

template <typename Op, int kRows, bool kLine, bool kSelf>
static inline __attribute__((always_inline)) void SumLine(int64_t steps, const char* rows, int64_t row,
                                                          const char* line, typename Op::Raw* raw,
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

// Where a step takes many registers, as bits do, a function of its own is quicker than one large loop over rows.
template <typename Op, int kRows, bool kLine, bool kSelf>
static __attribute__((noinline)) void SumLineApart(int64_t steps, const char* rows, int64_t row, const char* line,
                                                   typename Op::Raw* raw, typename Op::Raw* self) {
  SumLine<Op, kRows, kLine, kSelf>(steps, rows, row, line, raw, self);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
