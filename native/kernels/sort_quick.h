// Quicksort of private keys, with room for as many again.
//
// A part of the row is always the pair of a place `home`, where its keys belong in the end, and a place `spare` of
// the same size; its keys are in one of the two. Partitioning writes the keys below the pivot to the front of
// `home` and the others to the front of `spare`, in order:
//
//     home  [ below ....... | room ............... ]        below: home = [0, b), spare = spare [n - b, n)
//     spare [ above .............. | room ........ ]        above: home = home [b, n), spare = spare [0, n - b)
//
// so both halves are such pairs again, nothing is ever swapped, and one of the two always reads and writes the same
// place: a whole register written there never reaches keys that were not read yet, and never leaves the pair.
// Vector partition by compress after Bramas (2017) and Blacher, Giesen and Kuehne (2022).
//
// No input is quadratic: after too many uneven splits the pivot is the middle of the range of values, which at most
// halves 64 times. Keys that are often repeated are set aside by splitting at pivot and pivot + 1, and keys of few
// values are counted (sort_few.h).
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

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

// Samples of a part: as many as one leaf network of 2 to 8 registers sorts at once.
inline constexpr size_t kSampleMost = 64;

template <typename Key>
struct Sample {
  Key keys[kSampleMost];  // in order
  size_t count;
};

template <typename Key>
static inline void DrawSample(const Key* keys, size_t n, uint64_t* state, Sample<Key>* sample) {
  const size_t count = n >= 8192 ? LeafSize<Key>() < kSampleMost ? LeafSize<Key>() : kSampleMost : 16;
  const uint64_t stride = n / count;
  // One step of the generator gives four places, which do not wait for each other.
  for (size_t i = 0; i < count; i += 4) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    const uint64_t draw = *state >> 16;
    for (size_t k = 0; k < 4; ++k) {
      sample->keys[i + k] = keys[(i + k) * stride + (((draw >> (12 * k) & 4095) * stride) >> 12)];
    }
  }
  SortLeaf(sample->keys, sample->keys, count);
  sample->count = count;
}

// *repeated says that the sample has the pivot more than once.
template <typename Key>
static inline Key PivotOf(const Sample<Key>& sample, bool* repeated) {
  const Key* middle = sample.keys + sample.count / 2;
  *repeated = middle[-1] == middle[0] || middle[1] == middle[0];
  return middle[0];
}

template <typename Key>
static inline Key ChoosePivot(const Key* keys, size_t n, uint64_t* state, bool* repeated) {
  Sample<Key> sample;
  DrawSample(keys, n, state, &sample);
  return PivotOf(sample, repeated);
}

// Sorts n keys, which are in `spare` when in_spare and else in `home`, into `home`.
template <typename Key>
static void QuickSort(Key* home, Key* spare, size_t n, bool in_spare, uint32_t splits_left, uint64_t* state) {
  for (;;) {
    Key* keys = in_spare ? spare : home;
    if (n <= LeafSize<Key>()) {
      SortLeaf(keys, home, n);
      return;
    }
    bool repeated = false;
    Key pivot;
    if (splits_left > 0) {
      --splits_left;
      Sample<Key> sample;
      DrawSample(keys, n, state, &sample);
      pivot = PivotOf(sample, &repeated);
#if OFFLOOP_SORT_VECTORS
      FewValues<Key> few;
      if (repeated && ListFew(sample.keys, sample.count, &few)) {
        const size_t others = CountFew(keys, n, &few);
        QuickSort(home, spare, others, in_spare, splits_left, state);
        MergeFew(home, others, n, few);
        return;
      }
#endif
    } else {
      Key least;
      Key most;
      FindRange(keys, n, &least, &most);
      if (least == most) {
        FillKeys(home, n, least);
        return;
      }
      pivot = Middle(least, most);
    }
    const size_t below = Partition(PlainKeys<Key>{keys}, n, home, spare, pivot);
    Key* above_home = home + below;
    Key* above_spare = spare;
    size_t above = n - below;
    QuickSort(home, spare + above, below, false, splits_left, state);
    if (repeated) {
      // The keys equal to the pivot land where they belong.
      if (pivot == KeyLimits<Key>::kMax) {
        FillKeys(above_home, above, pivot);
        return;
      }
      const size_t equal =
          Partition(PlainKeys<Key>{above_spare}, above, above_home, above_spare, static_cast<Key>(pivot + 1));
      above_home += equal;
      above -= equal;
    }
    home = above_home;
    spare = above_spare;
    n = above;
    in_spare = true;
  }
}

// More uneven splits than this are bad luck or malice.
static inline uint32_t SplitLimit(size_t n) {
  uint32_t limit = 8;
  for (; n > 1; n >>= 1) limit += 2;
  return limit;
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
