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

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
