// Sorts private keys, by whichever way is quickest for what they are.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

template <typename Key>
static inline bool IsSorted(const Key* keys, size_t n) {
  // Steps of 64, so that the loop inside has no exit and the first steps of unsorted keys end it.
  for (size_t i = 1; i < n;) {
    const size_t end = n - i < 64 ? n : i + 64;
    Key wrong = 0;
    for (; i < end; ++i) wrong |= keys[i] < keys[i - 1] ? 1 : 0;
    if (wrong != 0) return false;
  }
  return true;
}

// Whether every key is below the one before it.
template <typename Key>
static inline bool IsFalling(const Key* keys, size_t n) {
  for (size_t i = 1; i < n;) {
    const size_t end = n - i < 64 ? n : i + 64;
    Key wrong = 0;
    for (; i < end; ++i) wrong |= keys[i] >= keys[i - 1] ? 1 : 0;
    if (wrong != 0) return false;
  }
  return true;
}

// `spare` has room for n keys as well.
template <typename Key>
static inline void SortKeys(Key* home, Key* spare, size_t n, uint64_t seed) {
  if (n <= LeafSize<Key>()) {
    SortLeaf(home, home, n);
  } else if (!IsSorted(home, n)) {
    uint64_t state = seed;
    QuickSort(home, spare, n, false, SplitLimit(n), &state);
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
