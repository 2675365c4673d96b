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

// Compiled once: select.cc.

// The keys of ranks in any order, at most two for each pair, among the n keys in `home`.
void SelectRanksOf(int64_t* home, int64_t* spare, size_t n, const uint64_t* ranks, int64_t* found, uint32_t count);
void SelectCollect(const KeyReader& reader, const SelectPlan& plan, std::byte* scratch, uint64_t chunk);
// Leaves the keys of the ranks in the state, and says so in `found`.
void SelectFind(const SelectPlan& plan, std::byte* scratch, const SelectRanks& ranks);

namespace {

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

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
