// Parts private keys by sorted splitters: bucket b holds the keys from splitter b - 1 on and below splitter b.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// Where the buckets of a chunk go.
template <typename Key>
struct Dealing {
  const Key* splitters;
  uint32_t splitter_count;
  uint32_t* starts;
  Key* to;            // the chunk's place in scratch
  bool is_apart;      // keys are parted elsewhere and streamed to `to`; otherwise `home` lies in `to`
  bool drops_single;  // buckets of one key are counted alone
};

// Whether a bucket can hold one value only.
template <typename Key>
static inline bool HoldsOneKey(const Key* splitters, uint32_t count, uint64_t bucket) {
  if (bucket == 0) return false;
  const Key least = splitters[bucket - 1];
  return least == KeyLimits<Key>::kMax || (bucket < count && splitters[bucket] == least + 1);
}

// Parts keys for buckets first .. last, notes where each starts, and leaves them, in order, at dealing.to + start.
template <typename Key>
static void Deal(const Dealing<Key>& dealing, const Key* keys, Key* home, Key* spare, size_t n, uint64_t first,
                 uint64_t last, uint32_t start) {
  if (n == 0) {
    for (uint64_t bucket = first; bucket <= last; ++bucket) dealing.starts[bucket] = start;
    return;
  }
  if (first == last) {
    dealing.starts[first] = start;
    if (dealing.drops_single && HoldsOneKey(dealing.splitters, dealing.splitter_count, first)) return;
    if (dealing.is_apart) {
      StreamCopy(keys, n, dealing.to + start);
    } else if (keys != home) {
      CopyKeys(keys, home, n);
    }
    return;
  }
  const uint64_t middle = (first + last + 1) / 2;
  const size_t below = Partition(PlainKeys<Key>{keys}, n, home, spare, dealing.splitters[middle - 1]);
  const size_t above = n - below;
  Deal(dealing, home, home, spare + above, below, first, middle - 1, start);
  Deal(dealing, spare, home + below, spare, above, middle, last, start + static_cast<uint32_t>(below));
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
