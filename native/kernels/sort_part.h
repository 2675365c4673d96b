// Parts private keys by a pivot, or the caller's as they are read: vector partition by compress after Bramas (2017) and
// Blacher, Giesen and Kuehne (2022). Included again for every level.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {

// Partition() of private keys, compiled once: sort_private.cc.
template <typename Key>
size_t PartKeys(const Key* keys, size_t n, Key* home, Key* spare, Key pivot);

namespace {

template <typename Key>
static inline void FillKeys(Key* to, size_t n, Key key) {
  for (size_t i = 0; i < n; ++i) to[i] = key;
}

// Private keys as they are. (CodedElements in sort_keys.h is its twin for the caller's memory.)
template <typename Key>
struct PlainKeys {
  const Key* from;

  inline __attribute__((always_inline)) Key At(size_t i) const { return from[i]; }
#if OFFLOOP_SORT_VECTORS
  inline __attribute__((always_inline)) typename Lanes<Key>::Vec LoadAt(size_t i) const {
    return Lanes<Key>::Load(from + i);
  }
  inline __attribute__((always_inline)) typename Lanes<Key>::Vec LoadFirstAt(size_t i, size_t n) const {
    return Lanes<Key>::LoadFirst(from + i, n);
  }
#endif
};

// The n keys of `source` are those of `home` or of `spare`, or lie apart from both. Returns how many are below.
template <typename Key, typename Source>
static inline size_t Partition(const Source& source, size_t n, Key* home, Key* spare, Key pivot) {
  size_t below = 0;
  size_t i = 0;
#if OFFLOOP_SORT_VECTORS
  using L = Lanes<Key>;
  using Vec = typename L::Vec;
  constexpr size_t kStep = static_cast<size_t>(L::kCount);
  const Vec pivots = L::Set(pivot);
  for (; i + 4 * kStep <= n; i += 4 * kStep) {
    // All four are read before any is written: what is written may lie where they were.
    const Vec v0 = source.LoadAt(i);
    const Vec v1 = source.LoadAt(i + kStep);
    const Vec v2 = source.LoadAt(i + 2 * kStep);
    const Vec v3 = source.LoadAt(i + 3 * kStep);
    // Places as one running count: two running pointers were a fifth slower here.
    below += L::Split(v0, pivots, home + below, spare + (i - below));
    below += L::Split(v1, pivots, home + below, spare + (i + kStep - below));
    below += L::Split(v2, pivots, home + below, spare + (i + 2 * kStep - below));
    below += L::Split(v3, pivots, home + below, spare + (i + 3 * kStep - below));
  }
  for (; i + kStep <= n; i += kStep) {
    below += L::Split(source.LoadAt(i), pivots, home + below, spare + (i - below));
  }
#if OFFLOOP_VECTOR_BYTES == 64
  if (i < n) below += L::SplitFirst(source.LoadFirstAt(i, n - i), n - i, pivots, home + below, spare + (i - below));
  return below;
#endif
#endif
  for (; i < n; ++i) {
    const Key key = source.At(i);
    home[below] = key;
    spare[i - below] = key;
    below += key < pivot ? 1 : 0;
  }
  return below;
}

template <typename Key>
static inline void CopyKeys(const Key* from, Key* to, size_t n) {
  for (size_t i = 0; i < n; ++i) to[i] = from[i];
}

template <typename Key>
static inline void FindRange(const Key* keys, size_t n, Key* least_of_all, Key* most_of_all) {
  Key least = keys[0];
  Key most = keys[0];
  for (size_t i = 1; i < n; ++i) {
    least = keys[i] < least ? keys[i] : least;
    most = keys[i] > most ? keys[i] : most;
  }
  *least_of_all = least;
  *most_of_all = most;
}

// Halfway between two keys, rounded up, by unsigned arithmetic that cannot overflow: least < middle <= most.
template <typename Key>
static inline Key Middle(Key least, Key most) {
  const uint64_t range = static_cast<uint64_t>(most) - static_cast<uint64_t>(least);
  return static_cast<Key>(static_cast<uint64_t>(least) + range / 2 + (range & 1));
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
