// The parts of select.h that are large, compiled once a CPU level for all kernels that look for ranks.
#include "simd/o3.h"

#include <cstddef>
#include <cstdint>

#include "base/view.h"
#include "kernels/select_plan.h"
#include "kernels/sort_plan.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/select.cc"
#include "simd/foreach_level.h"

#include "kernels/sort_lanes.h"
#include "kernels/sort_keys.h"
#include "kernels/sort_part.h"
#include "kernels/sort_leaf.h"
#include "kernels/sort_sample.h"
#include "kernels/sort_private.h"
#include "kernels/order_keys.h"
#include "kernels/select.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

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
    const size_t below = PartKeys(keys, n, home, spare, pivot);
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
      const size_t equal = pivot == KeyLimits<int64_t>::kMax ? n : PartKeys(spare, n, home, spare, pivot + 1);
      for (; count > 0 && ranks[0] < offset + equal; --count, ++ranks, ++found) found[0] = pivot;
      home += equal;
      offset += equal;
      n -= equal;
    }
  }
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

}  // namespace

void SelectRanksOf(int64_t* home, int64_t* spare, size_t n, const uint64_t* ranks, int64_t* found, uint32_t count) {
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

void SelectCollect(const KeyReader& reader, const SelectPlan& plan, std::byte* scratch, uint64_t chunk) {
  SelectState* state = reinterpret_cast<SelectState*>(scratch);
  if (state->found != 0) return;
  int64_t* collected = reinterpret_cast<int64_t*>(scratch + plan.between_at);
  constexpr size_t kStep = 1024;
  // Whole registers are written over one another where little is kept: within a line of the cache.
  alignas(64) int64_t keys[kStep];
  alignas(64) int64_t kept[kStep + 8];
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

void SelectFind(const SelectPlan& plan, std::byte* scratch, const SelectRanks& ranks) {
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

}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
