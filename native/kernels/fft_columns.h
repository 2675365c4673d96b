// One transform of n = n1 n2 numbers in two steps over rows (Bailey, "FFTs in external or hierarchical memory", 1990):
//
//   columns   x as a matrix [n1, n2]: transform kFftLanes columns at once (group g), times exp(-2 pi i j2 k1 / n), and
//             turn them over into `middle`, where group h has kFftLanes of k1 as lanes and a row for every j2
//   rows      transform each group h of `middle` along j2: number k1 + n1 k2 of the result is row k2, lane k1
//
// Each reads and writes memory once, in pieces of whole cache lines; what is between stays in the cache. Groups are
// independent of each other: of a long transform they are blocks, for threads; of a short one all are done in a row.
// `middle` has n2 rows for every group of k1. n1 and n2 need not be whole numbers of lanes: rows and lanes past them
// are not read. Included again for every level.
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

template <typename T>
struct FftColumns {
  const FftFactors* first;   // n1
  const FftFactors* second;  // n2
  const T* first_table;      // FillFftPasses()
  const T* second_table;
  const T* lanes;  // FillFftLanes(n, n1 rounded up to lanes)

  int64_t n1() const { return first->n; }
  int64_t n2() const { return second->n; }
  int64_t FirstGroups() const { return FftRoundUp(first->n, kFftLanes<T>) / kFftLanes<T>; }
  int64_t SecondGroups() const { return FftRoundUp(second->n, kFftLanes<T>) / kFftLanes<T>; }
};

// exp(-2 pi i k1 g lanes / n) for a group's columns: with the lanes' own roots they make the twiddle factors.
template <typename T>
OFFLOOP_FFT_INLINE void FillFftGroup(const FftColumns<T>& plan, int64_t group, T* table) {
  FillFftRoots<T>(plan.n1() * plan.n2(), group * kFftLanes<T>, plan.n1(), table);
}

// The rows of a square of vectors times their twiddle factors.
template <int kRow, typename T, typename V, int kRows>
OFFLOOP_FFT_INLINE void TwiddleSquare(const T* group, const T* lanes, V (&re)[kRows], V (&im)[kRows]) {
  if constexpr (kRow < kRows) {
    const FftComplex<T> common = {Broadcast<V>(group[2 * kRow]), Broadcast<V>(group[2 * kRow + 1])};
    const FftComplex<T> twiddle = common * LoadFft(lanes + kRow * 2 * kFftLanes<T>);
    const FftComplex<T> product = FftComplex<T>{re[kRow], im[kRow]} * twiddle;
    re[kRow] = product.re;
    im[kRow] = product.im;
    TwiddleSquare<kRow + 1>(group, lanes, re, im);
  }
}

// Turns a tile of kFftLanes rows over. Rows on the side of k1 (`from` where kBefore, `to` otherwise) are multiplied by
// the twiddle factors of `group` and `lanes`, which begin with the tile's first k1.
template <typename T, bool kBefore>
OFFLOOP_FFT_INLINE void TurnTile(const T* from, T* to, const T* group, const T* lanes) {
  using V = typename FftVectorOf<T>::Type;
  constexpr int64_t kRow = 2 * kFftLanes<T>;
  constexpr int kWidth = kFftWidth<T>;
  for (int64_t i = 0; i < kFftLanes<T>; i += kWidth) {
    for (int64_t j = 0; j < kFftLanes<T>; j += kWidth) {
      alignas(OFFLOOP_VECTOR_BYTES) V re[kWidth];
      alignas(OFFLOOP_VECTOR_BYTES) V im[kWidth];
      LoadSquare<0>(from + i * kRow + j, kRow, re);
      LoadSquare<0>(from + i * kRow + kFftLanes<T> + j, kRow, im);
      if constexpr (kBefore) TwiddleSquare<0>(group + 2 * i, lanes + i * kRow + j, re, im);
      TurnSquare<kWidth>(re);
      TurnSquare<kWidth>(im);
      if constexpr (!kBefore) TwiddleSquare<0>(group + 2 * j, lanes + j * kRow + i, re, im);
      StoreSquare<0>(to + j * kRow + i, kRow, re);
      StoreSquare<0>(to + j * kRow + kFftLanes<T> + i, kRow, im);
    }
  }
}

// Group g of columns, which are in `rows`, n1 of them (room for n1 rounded up to lanes), into its places in `middle`.
// `group_table` is FillFftGroup(g), with as much room as rows. With `in` the columns are there, and `rows` is room.
// `middle` may be only groups first .. end - 1 of k1.
template <typename T>
static void FftColumnGroup(const FftColumns<T>& plan, int64_t group, T* rows, T* spare, const T* group_table, T* middle,
                           int64_t first, int64_t end, const FftPacked<T>* in = nullptr) {
  constexpr int64_t kRow = 2 * kFftLanes<T>;
  const T* done = FftRows(*plan.first, rows, spare, rows, plan.first_table, in);
  const int64_t column = group * kFftLanes<T>;
  const int64_t columns = FftLanesLeft(plan.n2(), column, kFftLanes<T>);
  for (int64_t h = first; h < end; ++h) {
    T* to = middle + ((h - first) * plan.n2() + column) * kRow;
    const int64_t k1 = h * kFftLanes<T>;
    if (columns == kFftLanes<T>) {
      TurnTile<T, true>(done + k1 * kRow, to, group_table + 2 * k1, plan.lanes + k1 * kRow);
    } else {
      alignas(64) T tile[kFftLanes<T> * kRow];
      TurnTile<T, true>(done + k1 * kRow, tile, group_table + 2 * k1, plan.lanes + k1 * kRow);
      for (int64_t i = 0; i < columns * kRow; ++i) to[i] = tile[i];
    }
  }
}

// Group h of `middle`: the rows k2 of its result are in `a` or in `b`; with `out` they are there.
template <typename T>
OFFLOOP_FFT_INLINE const T* FftRowGroup(const FftColumns<T>& plan, int64_t group, const T* middle, T* a, T* b,
                                        const FftPacked<T>* out = nullptr) {
  const FftPacked<T>* in = nullptr;
  return FftRows(*plan.second, middle + group * plan.n2() * 2 * kFftLanes<T>, a, b, plan.second_table, in, out);
}

// The way back, for products of transforms, where n1 and n2 are whole numbers of lanes: group g of columns from a
// `middle` whose groups hold rows j2, as FftRowGroup() leaves them when it transforms swapped numbers. Returns rows
// j1 of columns j2: numbers j1 n2 + j2 of the inverse, swapped and n times too large.
template <typename T>
static const T* FftInverseColumnGroup(const FftColumns<T>& plan, int64_t group, const T* middle, const T* group_table,
                                      T* a, T* b) {
  constexpr int64_t kRow = 2 * kFftLanes<T>;
  for (int64_t h = 0; h < plan.FirstGroups(); ++h) {
    const int64_t k1 = h * kFftLanes<T>;
    TurnTile<T, false>(middle + (h * plan.n2() + group * kFftLanes<T>)*kRow, a + k1 * kRow, group_table + 2 * k1,
                       plan.lanes + k1 * kRow);
  }
  return FftRows(*plan.first, a, b, a, plan.first_table);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
