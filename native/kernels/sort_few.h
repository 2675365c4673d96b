// Counts keys that have one of a few values, by comparing all of them with each value: for that few, cheaper than one
// step of a quicksort, and most of them need no other. Which values are counted is told by the sample that a pivot is
// chosen from; keys of other values are kept, so that a sample may be wrong about the gain but not about the result.
// Included again for every level; the baseline has no vectors to compare by.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

#if OFFLOOP_SORT_VECTORS

inline constexpr size_t kFewMost = 16;
// So many values are counted at a time, each in a register.
inline constexpr size_t kFewGroup = 4;
// Keys are counted in pieces that stay in the nearest cache.
inline constexpr size_t kFewPiece = 2048;

template <typename Key>
struct FewValues {
  size_t count;
  Key values[kFewMost];  // in order; the last one again where `count` is no multiple of a group
  size_t counts[kFewMost];
};

// The values of a sorted sample, if those are few: each seen four times, taken together.
template <typename Key>
static inline bool ListFew(const Key* sample, size_t n, FewValues<Key>* few) {
  size_t steps = 0;
  for (size_t i = 1; i < n; ++i) steps += sample[i] != sample[i - 1] ? 1 : 0;
  if ((steps + 1) * 4 > n || steps >= kFewMost) return false;
  few->count = 0;
  for (size_t i = 0; i < n; ++i) {
    if (i == 0 || sample[i] != sample[i - 1]) few->values[few->count++] = sample[i];
  }
  for (size_t i = few->count; i < kFewMost; ++i) few->values[i] = sample[n - 1];
  for (size_t i = 0; i < kFewMost; ++i) few->counts[i] = 0;
  return true;
}

// Whole registers only.
template <typename Key>
static inline size_t CountPiece(const Key* keys, size_t n, FewValues<Key>* few) {
  using L = Lanes<Key>;
  using Vec = typename L::Vec;
  constexpr size_t kStep = static_cast<size_t>(L::kCount);
  size_t total = 0;
  for (size_t group = 0; group < few->count; group += kFewGroup) {
    const Vec a = L::Set(few->values[group]);
    const Vec b = L::Set(few->values[group + 1]);
    const Vec c = L::Set(few->values[group + 2]);
    const Vec d = L::Set(few->values[group + 3]);
    Vec counts[kFewGroup] = {L::Set(0), L::Set(0), L::Set(0), L::Set(0)};
    for (size_t i = 0; i < n; i += kStep) {
      const Vec v = L::Load(keys + i);
      counts[0] = L::CountEqual(counts[0], v, a);
      counts[1] = L::CountEqual(counts[1], v, b);
      counts[2] = L::CountEqual(counts[2], v, c);
      counts[3] = L::CountEqual(counts[3], v, d);
    }
    for (size_t i = 0; i < kFewGroup && group + i < few->count; ++i) {
      Key lanes[kStep];
      L::Store(lanes, counts[i]);
      size_t sum = 0;
      for (size_t lane = 0; lane < kStep; ++lane) sum += static_cast<size_t>(lanes[lane]);
      few->counts[group + i] += sum;
      total += sum;
    }
  }
  return total;
}

// Keys of no listed value go to `to`, which may be where they are, or before; returns how many.
template <typename Key>
static inline size_t KeepOthers(const Key* keys, size_t n, const FewValues<Key>& few, Key* to) {
  using L = Lanes<Key>;
  constexpr size_t kStep = static_cast<size_t>(L::kCount);
  constexpr uint32_t kAll = (1u << kStep) - 1;
  size_t kept = 0;
  for (size_t i = 0; i < n; i += kStep) {
    const typename L::Vec v = L::Load(keys + i);
    uint32_t listed = 0;
    for (size_t k = 0; k < few.count; ++k) listed |= L::EqualBits(v, L::Set(few.values[k]));
    for (uint32_t others = ~listed & kAll; others != 0; others &= others - 1) {
      to[kept++] = keys[i + static_cast<size_t>(__builtin_ctz(others))];
    }
  }
  return kept;
}

// Counts the keys of listed values and moves the others to the front; returns how many those are.
template <typename Key>
static inline size_t CountFew(Key* keys, size_t n, FewValues<Key>* few) {
  constexpr size_t kStep = static_cast<size_t>(Lanes<Key>::kCount);
  const size_t whole = n - n % kStep;
  size_t others = 0;
  for (size_t i = 0; i < whole; i += kFewPiece) {
    const size_t length = whole - i < kFewPiece ? whole - i : kFewPiece;
    if (CountPiece(keys + i, length, few) < length) others += KeepOthers(keys + i, length, *few, keys + others);
  }
  for (size_t i = whole; i < n; ++i) {
    const Key key = keys[i];
    size_t k = 0;
    while (k < few->count && few->values[k] != key) ++k;
    if (k < few->count) {
      ++few->counts[k];
    } else {
      keys[others++] = key;
    }
  }
  return others;
}

// Merges the runs of listed values with the sorted others at the front of `keys`: from the end, where nothing lies that
// is still needed.
template <typename Key>
static inline void MergeFew(Key* keys, size_t others, size_t n, const FewValues<Key>& few) {
  for (size_t i = few.count; i-- > 0;) {
    while (others > 0 && keys[others - 1] > few.values[i]) keys[--n] = keys[--others];
    n -= few.counts[i];
    FillKeys(keys + n, few.counts[i], few.values[i]);
  }
}

#endif

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
