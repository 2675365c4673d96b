// Sorts and parts private keys, compiled once a CPU level for all kernels that put keys in order.
#include "simd/o3.h"

#include <cstddef>
#include <cstdint>

#include "base/view.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/sort_private.cc"
#include "simd/foreach_level.h"

#include "kernels/sort_lanes.h"
#include "kernels/sort_keys.h"
#include "kernels/sort_part.h"
#include "kernels/sort_leaf.h"
#include "kernels/sort_few.h"
#include "kernels/sort_sample.h"
#include "kernels/sort_quick.h"
#include "kernels/sort_private.h"

namespace offloop {
namespace OFFLOOP_LEVEL {

template <typename Key>
size_t PartKeys(const Key* keys, size_t n, Key* home, Key* spare, Key pivot) {
  return Partition(PlainKeys<Key>{keys}, n, home, spare, pivot);
}

template <typename Key>
void SortKeys(Key* home, Key* spare, size_t n, uint64_t seed) {
  if (n <= LeafSize<Key>()) {
    SortLeaf(home, home, n);
  } else if (!IsSorted(home, n)) {
    uint64_t state = seed;
    QuickSort(home, spare, n, false, SplitLimit(n), &state);
  }
}

template size_t PartKeys<int32_t>(const int32_t*, size_t, int32_t*, int32_t*, int32_t);
template size_t PartKeys<int64_t>(const int64_t*, size_t, int64_t*, int64_t*, int64_t);
template void SortKeys<int32_t>(int32_t*, int32_t*, size_t, uint64_t);
template void SortKeys<int64_t>(int64_t*, int64_t*, size_t, uint64_t);

}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
