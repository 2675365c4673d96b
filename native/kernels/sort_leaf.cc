// The sorting networks of sort_leaf.h, compiled once a CPU level for all kernels that put keys in order.
#include "simd/o3.h"

#include <cstddef>
#include <cstdint>

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/sort_leaf.cc"
#include "simd/foreach_level.h"

#include "kernels/sort_lanes.h"
#include "kernels/sort_leaf.h"

namespace offloop {
namespace OFFLOOP_LEVEL {

#if OFFLOOP_SORT_VECTORS

namespace {

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

}  // namespace

template <typename Key, int kRows>
void SortRegisters(const Key* from, Key* to, size_t n) {
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

template void SortRegisters<int32_t, 1>(const int32_t*, int32_t*, size_t);
template void SortRegisters<int32_t, 2>(const int32_t*, int32_t*, size_t);
template void SortRegisters<int32_t, 4>(const int32_t*, int32_t*, size_t);
template void SortRegisters<int32_t, 8>(const int32_t*, int32_t*, size_t);
template void SortRegisters<int32_t, 16>(const int32_t*, int32_t*, size_t);
template void SortRegisters<int64_t, 1>(const int64_t*, int64_t*, size_t);
template void SortRegisters<int64_t, 2>(const int64_t*, int64_t*, size_t);
template void SortRegisters<int64_t, 4>(const int64_t*, int64_t*, size_t);
template void SortRegisters<int64_t, 8>(const int64_t*, int64_t*, size_t);
template void SortRegisters<int64_t, 16>(const int64_t*, int64_t*, size_t);

#endif

}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
