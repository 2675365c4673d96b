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
  const size_t below = PartKeys(keys, n, home, spare, dealing.splitters[middle - 1]);
  const size_t above = n - below;
  Deal(dealing, home, home, spare + above, below, first, middle - 1, start);
  Deal(dealing, spare, home + below, spare, above, middle, last, start + static_cast<uint32_t>(below));
}

// Large rows go past the caches on their way between phases.
template <typename Key, typename Plan>
static inline bool IsBeyondCaches(const Plan& plan) {
  return plan.rows * plan.n * sizeof(Key) >= (uint64_t{16} << 20);
}

// The rows and plans of sort_buckets.h and argsort_buckets.h have their buckets in common.

template <typename Row, typename Plan>
static inline void AddUp(const Row& row, const Plan& plan) {
  const uint64_t buckets = row.state->splitters + 1;
  for (uint64_t b = 0; b <= buckets; ++b) row.totals[b] = 0;
  // The places of bucket b in all chunks begin, added up, where the bucket begins in the output.
  for (uint64_t chunk = 0; chunk < plan.chunks; ++chunk) {
    const uint32_t* starts = row.starts + chunk * (plan.buckets + 1);
    for (uint64_t b = 0; b <= buckets; ++b) row.totals[b] += starts[b];
  }
}

// Brings the pieces of a bucket from all chunks together.
template <typename Key, typename Row, typename Plan>
static inline void GatherBucket(const Row& row, const Plan& plan, uint64_t bucket, Key* to) {
  for (uint64_t chunk = 0; chunk < plan.chunks; ++chunk) {
    const uint32_t* starts = row.starts + chunk * (plan.buckets + 1) + bucket;
    const size_t count = starts[1] - starts[0];
    CopyKeys(row.keys + chunk * plan.chunk + starts[0], to, count);
    to += count;
  }
}

// Keys below the pivot to the front, a key at a time; returns how many. For buckets too large for their room.
template <typename Key>
static inline size_t PartitionInPlace(Key* keys, size_t n, Key pivot) {
  size_t below = 0;
  for (size_t i = 0; i < n; ++i) {
    const Key key = keys[i];
    keys[i] = keys[below];
    keys[below] = key;
    below += key < pivot ? 1 : 0;
  }
  return below;
}

// Calls write(bucket, at, end) for the parts of buckets among places first .. last - 1 of the output.
template <typename Row, typename Write>
static inline void EachBucket(const Row& row, uint64_t first, uint64_t last, const Write& write) {
  uint64_t bucket = 0;
  for (uint64_t at = first; at < last; ++bucket) {
    const uint64_t end = row.totals[bucket + 1] < last ? row.totals[bucket + 1] : last;
    if (end <= at) continue;
    write(bucket, at, end);
    at = end;
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
