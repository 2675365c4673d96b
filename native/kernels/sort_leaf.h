// Sorts a handful of keys: at most LeafSize<Key>() of them, in place or from one place to another.
//
// With vectors: keys fill 1, 2, 4, 8 or 16 registers, whose columns are sorted by a network from the tables
// (Green's 60 comparators for 16 rows, Knuth volume 3), then pairs of neighbouring columns are merged by bitonic
// networks until one is left, and a transposition by perfect shuffles brings it into memory order. The plan is that
// of Bramas (2017) and of Blacher, Giesen and Kuehne (2022). Unused places hold the largest key.
// Without: the rank of each key is counted, without a branch that data could mislead.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

#if OFFLOOP_SORT_VECTORS

inline constexpr int kLeafRows = 16;

template <typename Key>
constexpr size_t LeafSize() {
  return static_cast<size_t>(kLeafRows) * Lanes<Key>::kCount;
}

template <typename L>
OFFLOOP_LANES_INLINE void Order(typename L::Vec& a, typename L::Vec& b) {
  const typename L::Vec low = L::Min(a, b);
  b = L::Max(a, b);
  a = low;
}

template <typename L, int kRows>
OFFLOOP_LANES_INLINE void SortColumns(typename L::Vec (&r)[kRows]) {
// A line a layer: what compares different rows at once.
// clang-format off
#define OFFLOOP_ORDER(i, j) Order<L>(r[i], r[j]);
  if constexpr (kRows == 2) {
    OFFLOOP_ORDER(0, 1)
  } else if constexpr (kRows == 4) {
    OFFLOOP_ORDER(0, 2) OFFLOOP_ORDER(1, 3) OFFLOOP_ORDER(0, 1) OFFLOOP_ORDER(2, 3) OFFLOOP_ORDER(1, 2)
  } else if constexpr (kRows == 8) {
    OFFLOOP_ORDER(0, 2) OFFLOOP_ORDER(1, 3) OFFLOOP_ORDER(4, 6) OFFLOOP_ORDER(5, 7)
    OFFLOOP_ORDER(0, 4) OFFLOOP_ORDER(1, 5) OFFLOOP_ORDER(2, 6) OFFLOOP_ORDER(3, 7)
    OFFLOOP_ORDER(0, 1) OFFLOOP_ORDER(2, 3) OFFLOOP_ORDER(4, 5) OFFLOOP_ORDER(6, 7)
    OFFLOOP_ORDER(2, 4) OFFLOOP_ORDER(3, 5)
    OFFLOOP_ORDER(1, 4) OFFLOOP_ORDER(3, 6)
    OFFLOOP_ORDER(1, 2) OFFLOOP_ORDER(3, 4) OFFLOOP_ORDER(5, 6)
  } else if constexpr (kRows == 16) {
    OFFLOOP_ORDER(0, 13) OFFLOOP_ORDER(1, 12) OFFLOOP_ORDER(2, 15) OFFLOOP_ORDER(3, 14)
    OFFLOOP_ORDER(4, 8) OFFLOOP_ORDER(5, 6) OFFLOOP_ORDER(7, 11) OFFLOOP_ORDER(9, 10)
    OFFLOOP_ORDER(0, 5) OFFLOOP_ORDER(1, 7) OFFLOOP_ORDER(2, 9) OFFLOOP_ORDER(3, 4)
    OFFLOOP_ORDER(6, 13) OFFLOOP_ORDER(8, 14) OFFLOOP_ORDER(10, 15) OFFLOOP_ORDER(11, 12)
    OFFLOOP_ORDER(0, 1) OFFLOOP_ORDER(2, 3) OFFLOOP_ORDER(4, 5) OFFLOOP_ORDER(6, 8)
    OFFLOOP_ORDER(7, 9) OFFLOOP_ORDER(10, 11) OFFLOOP_ORDER(12, 13) OFFLOOP_ORDER(14, 15)
    OFFLOOP_ORDER(0, 2) OFFLOOP_ORDER(1, 3) OFFLOOP_ORDER(4, 10) OFFLOOP_ORDER(5, 11)
    OFFLOOP_ORDER(6, 7) OFFLOOP_ORDER(8, 9) OFFLOOP_ORDER(12, 14) OFFLOOP_ORDER(13, 15)
    OFFLOOP_ORDER(1, 2) OFFLOOP_ORDER(3, 12) OFFLOOP_ORDER(4, 6) OFFLOOP_ORDER(5, 7)
    OFFLOOP_ORDER(8, 10) OFFLOOP_ORDER(9, 11) OFFLOOP_ORDER(13, 14)
    OFFLOOP_ORDER(1, 4) OFFLOOP_ORDER(2, 6) OFFLOOP_ORDER(5, 8) OFFLOOP_ORDER(7, 10)
    OFFLOOP_ORDER(9, 13) OFFLOOP_ORDER(11, 14)
    OFFLOOP_ORDER(2, 4) OFFLOOP_ORDER(3, 6) OFFLOOP_ORDER(9, 12) OFFLOOP_ORDER(11, 13)
    OFFLOOP_ORDER(3, 5) OFFLOOP_ORDER(6, 8) OFFLOOP_ORDER(7, 9) OFFLOOP_ORDER(10, 12)
    OFFLOOP_ORDER(3, 4) OFFLOOP_ORDER(5, 6) OFFLOOP_ORDER(7, 8) OFFLOOP_ORDER(9, 10) OFFLOOP_ORDER(11, 12)
    OFFLOOP_ORDER(6, 7) OFFLOOP_ORDER(8, 9)
  }
#undef OFFLOOP_ORDER
  // clang-format on
}

// A half-cleaner between lanes kWidth / 2 apart, in every group of kWidth, and those of smaller widths.
template <typename L, int kWidth, int kRows>
OFFLOOP_LANES_INLINE void CleanLanes(typename L::Vec (&r)[kRows]) {
#pragma GCC unroll 16
  for (int i = 0; i < kRows; ++i) r[i] = L::template MinMax<kWidth>(r[i], L::template Exchange<kWidth>(r[i]));
  if constexpr (kWidth > 2) CleanLanes<L, kWidth / 2, kRows>(r);
}

template <typename L, int kDistance, int kRows>
OFFLOOP_LANES_INLINE void CleanRows(typename L::Vec (&r)[kRows]) {
#pragma GCC unroll 16
  for (int i = 0; i < kRows; ++i) {
    if ((i & kDistance) == 0) Order<L>(r[i], r[i + kDistance]);
  }
  if constexpr (kDistance > 1) CleanRows<L, kDistance / 2, kRows>(r);
}

// Every group of kWidth lanes holds two sorted halves, each read column after column. Merges them: the key at
// place i of the group meets the one at the same place from the end, then half-cleaners finish.
template <typename L, int kWidth, int kRows>
OFFLOOP_LANES_INLINE void MergeColumns(typename L::Vec (&r)[kRows]) {
  using Vec = typename L::Vec;
  if constexpr (kRows == 1) {
    r[0] = L::template MinMax<kWidth>(r[0], L::template Reverse<kWidth>(r[0]));
  } else {
#pragma GCC unroll 16
    for (int i = 0; i < kRows / 2; ++i) {
      const Vec top = r[i];
      const Vec bottom = r[kRows - 1 - i];
      r[i] = L::template MinMax<kWidth>(top, L::template Reverse<kWidth>(bottom));
      r[kRows - 1 - i] = L::template MinMax<kWidth>(bottom, L::template Reverse<kWidth>(top));
    }
  }
  if constexpr (kWidth > 2) CleanLanes<L, kWidth / 2, kRows>(r);
  if constexpr (kRows > 1) CleanRows<L, kRows / 2, kRows>(r);
  if constexpr (kWidth < L::kCount) MergeColumns<L, kWidth * 2, kRows>(r);
}

// One perfect shuffle rotates the bits of a key's place by one; log2(kRows) of them turn [row][lane] into [lane][row].
template <typename L, int kRounds, int kRows>
OFFLOOP_LANES_INLINE void Transpose(typename L::Vec (&r)[kRows]) {
  if constexpr (kRounds > 1) {
    typename L::Vec t[kRows];
#pragma GCC unroll 16
    for (int i = 0; i < kRows / 2; ++i) L::Interleave(r[i], r[i + kRows / 2], &t[2 * i], &t[2 * i + 1]);
#pragma GCC unroll 16
    for (int i = 0; i < kRows; ++i) r[i] = t[i];
    Transpose<L, kRounds / 2, kRows>(r);
  }
}

// n is more than half of the places, except that it may be 1 in one register.
template <typename Key, int kRows>
static __attribute__((noinline)) void SortRegisters(const Key* from, Key* to, size_t n) {
  using L = Lanes<Key>;
  constexpr size_t kStep = static_cast<size_t>(L::kCount);
  typename L::Vec r[kRows];
#pragma GCC unroll 16
  for (size_t i = 0; i < kRows; ++i) {
    if (i < kRows / 2 || n >= (i + 1) * kStep) {
      r[i] = L::Load(from + i * kStep);
    } else {
      r[i] = n > i * kStep ? L::LoadFirst(from + i * kStep, n - i * kStep) : L::Set(KeyLimits<Key>::kMax);
    }
  }
  SortColumns<L, kRows>(r);
  MergeColumns<L, 2, kRows>(r);
  Transpose<L, kRows, kRows>(r);
#pragma GCC unroll 16
  for (size_t i = 0; i < kRows; ++i) {
    if (i < kRows / 2 || n >= (i + 1) * kStep) {
      L::Store(to + i * kStep, r[i]);
    } else if (n > i * kStep) {
      L::StoreFirst(to + i * kStep, r[i], n - i * kStep);
    }
  }
}

// `from` and `to` are the same or apart.
template <typename Key>
static inline void SortLeaf(const Key* from, Key* to, size_t n) {
  constexpr size_t kStep = static_cast<size_t>(Lanes<Key>::kCount);
  if (n > 8 * kStep) {
    SortRegisters<Key, 16>(from, to, n);
  } else if (n > 4 * kStep) {
    SortRegisters<Key, 8>(from, to, n);
  } else if (n > 2 * kStep) {
    SortRegisters<Key, 4>(from, to, n);
  } else if (n > kStep) {
    SortRegisters<Key, 2>(from, to, n);
  } else if (n > 0) {
    SortRegisters<Key, 1>(from, to, n);
  }
}

#else

template <typename Key>
constexpr size_t LeafSize() {
  return 16;
}

template <typename Key>
static inline void SortLeaf(const Key* from, Key* to, size_t n) {
  Key keys[LeafSize<Key>()];
  uint32_t ranks[LeafSize<Key>()];
  for (size_t i = 0; i < n; ++i) keys[i] = from[i];
  for (size_t i = 0; i < n; ++i) {
    uint32_t rank = 0;
    for (size_t j = 0; j < i; ++j) {
      const uint32_t after = keys[i] < keys[j] ? 1 : 0;
      ranks[j] += after;
      rank += 1 - after;
    }
    ranks[i] = rank;
  }
  for (size_t i = 0; i < n; ++i) to[ranks[i]] = keys[i];
}

#endif

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
