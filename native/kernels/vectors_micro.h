// Sums over the steps of rows against columns, for every kind of step. Two forms: columns in lanes, kRows x kVectors
// vectors of sums in registers (for many columns); or steps in lanes (for few columns, and for a row with itself).
// Included once a CPU level.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// The steps over sums are recursive templates, not loops: GCC 12 takes an array apart into registers only where every
// index is a constant before it unrolls.
template <int kRow, typename Op, int kRows, int kVectors>
static inline __attribute__((always_inline)) void AddRows(SumOf<Op> (&sums)[kRows][kVectors], const char* upper,
                                                          const char* lower, int64_t row, int64_t row3,
                                                          const LanesOf<Op> (&strip)[kVectors]) {
  using V = LanesOf<Op>;
  using T = typename Op::Step;
  const char* group = kRow < 4 ? upper : lower;
  const V value = Broadcast<V>(Load<T>(kRow % 4 == 3 ? group + row3 : group + kRow % 4 * row));
  sums[kRow][0] = Adder<Op>::Add(sums[kRow][0], value, strip[0]);
  if constexpr (kVectors > 1) sums[kRow][1] = Adder<Op>::Add(sums[kRow][1], value, strip[1]);
  if constexpr (kVectors > 2) sums[kRow][2] = Adder<Op>::Add(sums[kRow][2], value, strip[2]);
  if constexpr (kRow + 1 < kRows) AddRows<kRow + 1, Op>(sums, upper, lower, row, row3, strip);
}

template <int kRow, typename Op, int kRows, int kVectors>
static inline __attribute__((always_inline)) void ClearRows(SumOf<Op> (&sums)[kRows][kVectors]) {
  sums[kRow][0] = SumOf<Op>{};
  if constexpr (kVectors > 1) sums[kRow][1] = SumOf<Op>{};
  if constexpr (kVectors > 2) sums[kRow][2] = SumOf<Op>{};
  if constexpr (kRow + 1 < kRows) ClearRows<kRow + 1, Op>(sums);
}

template <int kRow, int kVector, typename Op, int kRows, int kVectors>
static inline __attribute__((always_inline)) void StoreRows(const SumOf<Op> (&sums)[kRows][kVectors],
                                                            typename Op::Raw* raw, int64_t width, bool add) {
  using V = LanesOf<Op>;
  typename Op::Raw* to = raw + kRow * width + kVector * kStepLanes<Op>;
  const V sum = Adder<Op>::Finish(sums[kRow][kVector]);
  if constexpr (Op::kRun > 0)
    Store(to, add ? Load<V>(to) + sum : sum);
  else
    Store(to, sum);
  if constexpr (kVector + 1 < kVectors)
    StoreRows<kRow, kVector + 1, Op>(sums, raw, width, add);
  else if constexpr (kRow + 1 < kRows)
    StoreRows<kRow + 1, 0, Op>(sums, raw, width, add);
}

// kRows rows, `row` bytes apart, against a panel of kVectors vectors of columns. raw[i * width + j] gets the sum of row
// i and column j, over steps in order, whatever the shape of the tile.
template <typename Op, int kRows, int kVectors>
static __attribute__((noinline)) void SumTile(int64_t steps, const char* rows, int64_t row, const char* panel,
                                              typename Op::Raw* raw, int64_t width) {
  using V = LanesOf<Op>;
  using Sum = SumOf<Op>;
  constexpr int64_t kBytes = sizeof(typename Op::Step);
  const char* upper = rows;
  const char* lower = rows + 4 * row;
  int64_t done = 0;
  do {
    const int64_t end = Op::kRun > 0 && steps - done > Op::kRun ? done + Op::kRun : steps;
    alignas(sizeof(V)) Sum sums[kRows][kVectors];
    ClearRows<0, Op>(sums);
    for (int64_t p = done; p < end; ++p) {
      alignas(sizeof(V)) V strip[kVectors];
      strip[0] = Load<V>(panel);
      if constexpr (kVectors > 1) strip[1] = Load<V>(panel + OFFLOOP_VECTOR_BYTES);
      if constexpr (kVectors > 2) strip[2] = Load<V>(panel + 2 * OFFLOOP_VECTOR_BYTES);
      AddRows<0, Op>(sums, upper, lower, row, 3 * row, strip);
      upper += kBytes;
      lower += kBytes;
      panel += kVectors * OFFLOOP_VECTOR_BYTES;
    }
    StoreRows<0, 0, Op>(sums, raw, width, done > 0);
    done = end;
  } while (done < steps);
}

// The same for any number of rows up to kTileRows.
template <typename Op, int kVectors>
static void SumRows(int64_t steps, const char* rows, int64_t row, int64_t count, const char* panel,
                    typename Op::Raw* raw, int64_t width) {
  if (count == kTileRows) return SumTile<Op, kTileRows, kVectors>(steps, rows, row, panel, raw, width);
  int64_t i = 0;
  if constexpr (kTileRows > 4) {
    for (; i + 4 <= count; i += 4) SumTile<Op, 4, kVectors>(steps, rows + i * row, row, panel, raw + i * width, width);
  }
  for (; i < count; ++i) SumTile<Op, 1, kVectors>(steps, rows + i * row, row, panel, raw + i * width, width);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
