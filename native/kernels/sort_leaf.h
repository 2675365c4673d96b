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

// Networks: sort_leaf.cc. n is more than half of the places, except that it may be 1 in one register.
template <typename Key, int kRows>
void SortRegisters(const Key* from, Key* to, size_t n);

namespace {

#if OFFLOOP_SORT_VECTORS

inline constexpr int kLeafRows = 16;

template <typename Key>
constexpr size_t LeafSize() {
  return static_cast<size_t>(kLeafRows) * Lanes<Key>::kCount;
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
