// The keys of given ranks in a row, without sorting it.
//
// A short row is copied and parted as by quicksort, but only where a rank lies (Hoare's FIND, 1961). A long one is
// sampled (Floyd and Rivest's SELECT, 1975): two keys of the sorted sample that have a rank between them almost
// surely bound it; one pass over the row counts what is below, at and above the bounds and collects the few keys
// between, among which the rank is then found. Bounds that turn out wrong are drawn again, wider.
//
//   start     each row
//   draw      each row: sample, sort, choose bounds
//   collect   each chunk: count, collect
//   find      each row: the keys, or another draw
//
// Which keys are sampled and the order in which blocks collect cannot change the keys that are found.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

struct SelectBounds {
  int64_t low;
  int64_t high;
  uint64_t below_low;  // keys below `low`
  uint64_t to_low;     // keys up to `low`
  uint64_t to_high;    // keys up to `high`
  uint64_t between;
};

struct SelectState {
  uint64_t nans;
  uint64_t collected;
  uint32_t bounds;
  uint32_t draws;
  uint32_t found;
  SelectBounds bound[kSelectPairs];
  int64_t keys[2 * kSelectPairs];  // of the ranks
};
static_assert(sizeof(SelectState) <= kSelectStateBytes);

// After so many draws nothing but memory that changes all the time is the cause, and any key will do.
inline constexpr uint32_t kSelectDraws = 8;

// Ranks that are wanted, in pairs (low, high), low <= high, when `numbers` elements are not NaN.
struct SelectRanks {
  uint32_t pairs;
  uint64_t rank[2 * kSelectPairs];
};

// Finds the keys of `count` ascending ranks, places in the whole of which the n keys start at `offset`.
static void SelectKeys(int64_t* home, int64_t* spare, size_t n, bool in_spare, uint64_t offset, const uint64_t* ranks,
                       int64_t* found, uint32_t count, uint32_t splits_left, uint64_t* state) {
  while (count > 0) {
    int64_t* keys = in_spare ? spare : home;
    if (n <= LeafSize<int64_t>()) {
      SortLeaf(keys, home, n);
      for (uint32_t i = 0; i < count; ++i) found[i] = home[ranks[i] - offset];
      return;
    }
    bool repeated = false;
    int64_t pivot;
    if (splits_left > 0) {
      --splits_left;
      pivot = ChoosePivot(keys, n, state, &repeated);
    } else {
      int64_t least;
      int64_t most;
      FindRange(keys, n, &least, &most);
      if (least == most) {
        for (uint32_t i = 0; i < count; ++i) found[i] = least;
        return;
      }
      pivot = Middle(least, most);
    }
    const size_t below = Partition(PlainKeys<int64_t>{keys}, n, home, spare, pivot);
    uint32_t left = 0;
    while (left < count && ranks[left] < offset + below) ++left;
    SelectKeys(home, spare + (n - below), below, false, offset, ranks, found, left, splits_left, state);
    ranks += left;
    found += left;
    count -= left;
    home += below;
    offset += below;
    n -= below;
    in_spare = true;
    if (count > 0 && repeated) {
      const size_t equal =
          pivot == KeyLimits<int64_t>::kMax ? n : Partition(PlainKeys<int64_t>{spare}, n, home, spare, pivot + 1);
      for (; count > 0 && ranks[0] < offset + equal; --count, ++ranks, ++found) found[0] = pivot;
      home += equal;
      offset += equal;
      n -= equal;
    }
  }
}

// The same for ranks in any order, at most two for each pair.
static void SelectRanksOf(int64_t* home, int64_t* spare, size_t n, const uint64_t* ranks, int64_t* found,
                          uint32_t count) {
  uint64_t sorted[2 * kSelectPairs] = {};
  int64_t keys[2 * kSelectPairs];
  uint32_t place[2 * kSelectPairs];
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t at = i;
    for (; at > 0 && sorted[at - 1] > ranks[i]; --at) {
      sorted[at] = sorted[at - 1];
      place[at] = place[at - 1];
    }
    sorted[at] = ranks[i];
    place[at] = i;
  }
  uint64_t state = reinterpret_cast<uintptr_t>(home);
  SelectKeys(home, spare, n, false, 0, sorted, keys, count, SplitLimit(n), &state);
  for (uint32_t i = 0; i < count; ++i) found[place[i]] = keys[i];
}

static inline uint64_t CountNaNs(const int64_t* keys, size_t n, int64_t nan_key) {
  uint64_t count = 0;
  for (size_t i = 0; i < n; ++i) count += keys[i] == nan_key ? 1 : 0;
  return count;
}

static inline double SelectSqrt(double x) {
  double root = x > 1 ? x : 1;
  for (int i = 0; i < 40; ++i) root = (root + x / root) / 2;
  return root;
}

static inline void SelectStart(std::byte* scratch) {
  SelectState* state = reinterpret_cast<SelectState*>(scratch);
  state->draws = 0;
  state->found = 0;
}

// Draws a sample and chooses bounds for the ranks. `numbers_only`: ranks count what is not NaN alone; then `ranks_of`
// is asked with an estimate.
template <typename RanksOf>
static inline void SelectDraw(const KeyReader& reader, const SelectPlan& plan, std::byte* scratch, bool numbers_only,
                              const RanksOf& ranks_of) {
  SelectState* state = reinterpret_cast<SelectState*>(scratch);
  if (state->found != 0) return;
  int64_t* samples = reinterpret_cast<int64_t*>(scratch + plan.samples_at);
  state->nans = 0;
  state->collected = 0;
  state->bounds = 0;
  uint64_t random = (reinterpret_cast<uintptr_t>(scratch) >> 12) * 0x9E3779B97F4A7C15u +
                    static_cast<uint64_t>(ReadKey(reader, plan.n / 2)) + state->draws;
  for (uint64_t i = 0; i < plan.samples; ++i) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    const uint64_t place =
        static_cast<uint64_t>(static_cast<double>(random >> 11) * 0x1p-53 * static_cast<double>(plan.n));
    samples[i] = ReadKey(reader, place < plan.n ? place : plan.n - 1);
  }
  SortKeys(samples, samples + plan.samples, plan.samples, random);
  const bool is_float = IsFloatDType(reader.dtype);
  const uint64_t nan_samples = is_float && numbers_only ? CountNaNs(samples, plan.samples, NaNKey(reader)) : 0;
  const double usable = static_cast<double>(plan.samples - nan_samples);
  const uint64_t numbers =
      nan_samples == 0
          ? plan.n
          : static_cast<uint64_t>(static_cast<double>(plan.n) * usable / static_cast<double>(plan.samples));
  const int64_t least = KeyLimits<int64_t>::kMin;
  const int64_t most = is_float ? NaNKey(reader) : KeyLimits<int64_t>::kMax;
  const SelectRanks ranks = ranks_of(numbers > 0 ? numbers : 1);
  for (uint32_t pair = 0; pair < ranks.pairs; ++pair) {
    const double scale = usable / static_cast<double>(numbers > 0 ? numbers : 1);
    const double low = (static_cast<double>(ranks.rank[2 * pair]) + 0.5) * scale;
    const double high = (static_cast<double>(ranks.rank[2 * pair + 1]) + 0.5) * scale;
    const double share = usable > 0 ? low / usable : 0;
    const double spread = share > 0 && share < 1 ? SelectSqrt(usable * share * (1 - share)) : 0;
    const double margin = (4 * spread + 4) * static_cast<double>(state->draws + 1);
    SelectBounds bounds = {least, most, 0, 0, 0, 0};
    if (low - margin >= 0) bounds.low = samples[static_cast<uint64_t>(low - margin)];
    if (high + margin < usable) bounds.high = samples[static_cast<uint64_t>(high + margin)];
    // Kept in ascending order, bounds that overlap as one.
    uint32_t at = state->bounds++;
    for (; at > 0 && state->bound[at - 1].low > bounds.low; --at) state->bound[at] = state->bound[at - 1];
    state->bound[at] = bounds;
  }
  uint32_t kept = 0;
  for (uint32_t i = 1; i < state->bounds; ++i) {
    SelectBounds* last = &state->bound[kept];
    if (state->bound[i].low < last->high) {
      if (state->bound[i].high > last->high) last->high = state->bound[i].high;
    } else {
      state->bound[++kept] = state->bound[i];
    }
  }
  state->bounds = kept + 1;
}

// Copies the keys between two bounds; `to` has room for a register more than n. Returns how many.
static inline size_t KeepBetween(const int64_t* keys, size_t n, int64_t low, int64_t high, int64_t* to) {
  size_t kept = 0;
  size_t i = 0;
#if OFFLOOP_SORT_VECTORS
  using L = Lanes<int64_t>;
  constexpr size_t kStep = static_cast<size_t>(L::kCount);
  const L::Vec lows = L::Set(low);
  const L::Vec highs = L::Set(high);
  for (; i + kStep <= n; i += kStep) kept += L::KeepBetween(L::Load(keys + i), lows, highs, to + kept);
#endif
  for (; i < n; ++i) {
    to[kept] = keys[i];
    kept += keys[i] > low && keys[i] < high ? 1 : 0;
  }
  return kept;
}

static inline void SelectCollect(const KeyReader& reader, const SelectPlan& plan, std::byte* scratch, uint64_t chunk) {
  SelectState* state = reinterpret_cast<SelectState*>(scratch);
  if (state->found != 0) return;
  int64_t* collected = reinterpret_cast<int64_t*>(scratch + plan.between_at);
  constexpr size_t kStep = 1024;
  int64_t keys[kStep];
  int64_t kept[kStep + 8];
  const uint32_t bounds = state->bounds;
  uint64_t counts[kSelectPairs][4] = {};
  uint64_t nans = 0;
  const bool is_float = IsFloatDType(reader.dtype);
  const int64_t nan_key = NaNKey(reader);
  const uint64_t first = chunk * kSelectChunk;
  const uint64_t last = plan.n - first < kSelectChunk ? plan.n : first + kSelectChunk;
  for (uint64_t at = first; at < last; at += kStep) {
    const size_t count = last - at < kStep ? last - at : kStep;
    ReadKeys(reader, at, count, keys);
    if (is_float) nans += CountNaNs(keys, count, nan_key);
    size_t here = 0;
    for (uint32_t b = 0; b < bounds; ++b) {
      const int64_t low = state->bound[b].low;
      const int64_t high = state->bound[b].high;
      uint64_t below_low = 0;
      uint64_t to_low = 0;
      uint64_t to_high = 0;
      for (size_t i = 0; i < count; ++i) {
        below_low += keys[i] < low ? 1 : 0;
        to_low += keys[i] <= low ? 1 : 0;
        to_high += keys[i] <= high ? 1 : 0;
      }
      const size_t between = low < high ? KeepBetween(keys, count, low, high, kept + here) : 0;
      counts[b][0] += below_low;
      counts[b][1] += to_low;
      counts[b][2] += to_high;
      counts[b][3] += between;
      here += between;
    }
    if (here > 0) {
      const uint64_t place = __atomic_fetch_add(&state->collected, here, __ATOMIC_RELAXED);
      if (place + here <= plan.room) CopyKeys(kept, collected + place, here);
    }
  }
  for (uint32_t b = 0; b < bounds; ++b) {
    SelectBounds* bound = &state->bound[b];
    __atomic_fetch_add(&bound->below_low, counts[b][0], __ATOMIC_RELAXED);
    __atomic_fetch_add(&bound->to_low, counts[b][1], __ATOMIC_RELAXED);
    __atomic_fetch_add(&bound->to_high, counts[b][2], __ATOMIC_RELAXED);
    __atomic_fetch_add(&bound->between, counts[b][3], __ATOMIC_RELAXED);
  }
  if (nans > 0) __atomic_fetch_add(&state->nans, nans, __ATOMIC_RELAXED);
}

// Leaves the keys of the ranks in the state, and says so in `found`.
static inline void SelectFind(const SelectPlan& plan, std::byte* scratch, const SelectRanks& ranks) {
  SelectState* state = reinterpret_cast<SelectState*>(scratch);
  uint64_t places[2 * kSelectPairs];
  uint32_t wanted[2 * kSelectPairs];
  uint32_t count = 0;
  bool lost = state->collected > plan.room;
  for (uint32_t i = 0; i < 2 * ranks.pairs; ++i) {
    const uint64_t rank = ranks.rank[i];
    uint64_t before = 0;
    bool is_known = false;
    for (uint32_t b = 0; b < state->bounds && !is_known; ++b) {
      const SelectBounds& bound = state->bound[b];
      is_known = rank >= bound.below_low && rank < bound.to_high;
      if (!is_known) {
        before += bound.between;
      } else if (rank < bound.to_low) {
        state->keys[i] = bound.low;
      } else if (rank - bound.to_low >= bound.between) {
        state->keys[i] = bound.high;
      } else {
        places[count] = before + (rank - bound.to_low);
        wanted[count++] = i;
      }
    }
    lost = lost || !is_known;
  }
  ++state->draws;
  if (lost) {
    state->found = state->draws < kSelectDraws ? 0 : 1;
    if (state->found != 0) {
      for (uint32_t i = 0; i < 2 * ranks.pairs; ++i) state->keys[i] = state->bound[0].low;
    }
    return;
  }
  int64_t keys[2 * kSelectPairs];
  SelectRanksOf(reinterpret_cast<int64_t*>(scratch + plan.between_at),
                reinterpret_cast<int64_t*>(scratch + plan.spare_at), state->collected, places, keys, count);
  for (uint32_t i = 0; i < count; ++i) state->keys[wanted[i]] = keys[i];
  state->found = 1;
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
