// A random permutation of 0 to n - 1, or of the elements of inputs[0], into outputs[0]. A short one is shuffled whole.
// A long one goes by way of buckets: each element goes to a bucket of its own random choice, keeping its order there;
// then each bucket is shuffled by itself in the cache (Rao 1961, Sandelius 1962; in parallel: Sanders, "Random
// Permutations on Distributed, External and Hierarchical Memory", 1998). Every permutation is as likely as any other.
//
//   count     each chunk: how many of its elements go to each bucket
//   add up    each bucket: where the elements of each chunk go in it
//   place     where each bucket starts
//   deal      each chunk: its elements to their buckets, in the output
//   shuffle   each bucket
//
// Choices and swaps come from counters; elements are moved, never looked at.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// Calls visit(i, bucket) for elements [first, last) of a chunk; `first` is a multiple of 512.
template <typename Visit>
static inline __attribute__((always_inline)) void ForEachChoice(const RandomState& state, const PermutePlan& plan,
                                                                uint64_t chunk, Visit visit) {
  constexpr uint64_t kHalves = 2 * kGroupWords;
  const uint64_t first = chunk * plan.chunk;
  const uint64_t last = first + plan.chunk < plan.n ? first + plan.chunk : plan.n;
  const uint32_t shift = 16 - plan.bits;
  alignas(64) uint32_t words[kGroupWords];
  for (uint64_t at = first; at < last; at += kHalves) {
    FillWords(state, at / kHalves, 1, words);
    const uint64_t end = last - at < kHalves ? last - at : kHalves;
    for (uint64_t i = 0; i + 1 < end; i += 2) {
      const uint32_t word = words[i / 2];
      visit(at + i, (word & 0xffff) >> shift);
      visit(at + i + 1, word >> 16 >> shift);
    }
    if (end % 2 != 0) visit(at + end - 1, (words[end / 2] & 0xffff) >> shift);
  }
}

static inline void CountChoices(const Arguments& arguments, const PermutePlan& plan, uint64_t chunk) {
  uint32_t* counts = plan.counts + chunk * plan.buckets;
  for (uint64_t bucket = 0; bucket < plan.buckets; ++bucket) counts[bucket] = 0;
  ForEachChoice(
      StateOf(arguments, kDomainBuckets), plan,
      chunk, [=](uint64_t, uint32_t bucket) __attribute__((always_inline)) { ++counts[bucket]; });
}

static inline void AddUpColumns(const PermutePlan& plan, uint64_t index) {
  const uint64_t first = index * kPermuteColumns;
  const uint64_t last = first + kPermuteColumns < plan.buckets ? first + kPermuteColumns : plan.buckets;
  for (uint64_t bucket = first; bucket < last; ++bucket) plan.totals[bucket] = 0;
  for (uint64_t chunk = 0; chunk < plan.chunks; ++chunk) {
    uint32_t* counts = plan.counts + chunk * plan.buckets;
    for (uint64_t bucket = first; bucket < last; ++bucket) {
      const uint32_t before = plan.totals[bucket];
      plan.totals[bucket] += counts[bucket];
      counts[bucket] = before;
    }
  }
}

static inline void PlaceBuckets(const PermutePlan& plan) {
  uint32_t start = 0;
  for (uint64_t bucket = 0; bucket < plan.buckets; ++bucket) {
    plan.starts[bucket] = start;
    start += plan.totals[bucket];
  }
}

// Element `i` of what is permuted: itself, where there is no input.
template <typename T, bool kHasInput>
static inline __attribute__((always_inline)) T ElementAt(const T* from, int64_t stride, uint64_t i) {
  if constexpr (kHasInput) {
    T element;
    __builtin_memcpy(&element, from + static_cast<int64_t>(i) * stride, sizeof element);
    return element;
  } else {
    return static_cast<T>(i);
  }
}

// The counts of a chunk become the places of its elements: its own row, so no other block sees it change.
template <typename T, bool kHasInput>
static inline void DealElements(const Arguments& arguments, const PermutePlan& plan, uint64_t chunk) {
  const T* from = kHasInput ? static_cast<const T*>(arguments.inputs[0].data) : nullptr;
  const int64_t stride = kHasInput ? arguments.inputs[0].strides[0] : 1;
  T* to = static_cast<T*>(arguments.outputs[0].data);
  uint32_t* next = plan.counts + chunk * plan.buckets;
  for (uint64_t bucket = 0; bucket < plan.buckets; ++bucket) next[bucket] += plan.starts[bucket];
  ForEachChoice(
      StateOf(arguments, kDomainBuckets), plan, chunk, [=](uint64_t i, uint32_t bucket) __attribute__((always_inline)) {
        const T element = ElementAt<T, kHasInput>(from, stride, i);
        __builtin_memcpy(to + next[bucket]++, &element, sizeof element);
      });
}

// Exchanges each element with one that is not after it (Fisher and Yates 1938; Durstenfeld 1964).
template <typename T>
static inline void Shuffle(const Arguments& arguments, uint64_t bucket, T* elements, uint64_t size) {
  const RandomState state = StateOf(arguments, kDomainSwaps);
  alignas(64) uint32_t words[kGroupWords];
  for (uint64_t first = 0; first < size; first += kGroupWords) {
    FillWords(state, bucket << 24 | first / kGroupWords, 1, words);
    const uint64_t last = size - first < kGroupWords ? size - first : kGroupWords;
    for (uint64_t at = first == 0 ? 1 : 0; at < last; ++at) {
      const uint64_t i = first + at;
      uint64_t product = words[at] * (i + 1);
      // A draw that would favour some places is drawn again (Lemire 2019).
      if (static_cast<uint32_t>(product) <= i) [[unlikely]] {
        const uint32_t range = static_cast<uint32_t>(i) + 1;
        const uint32_t threshold = (0 - range) % range;
        if (static_cast<uint32_t>(product) < threshold) {
          const uint32_t index = static_cast<uint32_t>(i);
          DrawAgain(state, bucket << 32, &index, 1, [&](uint32_t, MoreDraws& draws) {
            while (static_cast<uint32_t>(product) < threshold) product = uint64_t{draws.Next32()} * range;
          });
        }
      }
      const uint64_t j = product >> 32;
      T a, b;
      __builtin_memcpy(&a, elements + i, sizeof a);
      __builtin_memcpy(&b, elements + j, sizeof b);
      __builtin_memcpy(elements + i, &b, sizeof b);
      __builtin_memcpy(elements + j, &a, sizeof a);
    }
  }
}

template <typename T, bool kHasInput>
static inline void ShuffleWhole(const Arguments& arguments, uint64_t n) {
  const T* from = kHasInput ? static_cast<const T*>(arguments.inputs[0].data) : nullptr;
  const int64_t stride = kHasInput ? arguments.inputs[0].strides[0] : 1;
  T* to = static_cast<T*>(arguments.outputs[0].data);
  for (uint64_t i = 0; i < n; ++i) {
    const T element = ElementAt<T, kHasInput>(from, stride, i);
    __builtin_memcpy(to + i, &element, sizeof element);
  }
  Shuffle(arguments, 0, to, n);
}

template <typename T, bool kHasInput>
static inline void PermuteBlockOf(const Arguments& arguments, const Block& block) {
  const PermutePlan plan = PlanPermute(arguments);
  if (plan.bits == 0) return ShuffleWhole<T, kHasInput>(arguments, plan.n);
  switch (block.phase) {
    case 0:
      return CountChoices(arguments, plan, block.index);
    case 1:
      return AddUpColumns(plan, block.index);
    case 2:
      return PlaceBuckets(plan);
    case 3:
      return DealElements<T, kHasInput>(arguments, plan, block.index);
    default:
      return Shuffle(arguments, block.index, static_cast<T*>(arguments.outputs[0].data) + plan.starts[block.index],
                     plan.totals[block.index]);
  }
}

static void PermuteBlock(const Arguments& arguments, const Block& block) {
  if (arguments.input_count == 0) return PermuteBlockOf<uint32_t, false>(arguments, block);
  switch (DTypeSize(arguments.outputs[0].dtype)) {
    case 1:
      return PermuteBlockOf<uint8_t, true>(arguments, block);
    case 2:
      return PermuteBlockOf<uint16_t, true>(arguments, block);
    case 4:
      return PermuteBlockOf<uint32_t, true>(arguments, block);
    default:
      return PermuteBlockOf<uint64_t, true>(arguments, block);
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
