// The parts of argsort_pack.h that are large, compiled once a CPU level for all kernels that put indices in order.
#include "simd/o3.h"

#include <cstddef>
#include <cstdint>

#include "base/view.h"
#include "kernels/sort_plan.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/argsort_pack.cc"
#include "simd/foreach_level.h"

#include "kernels/sort_lanes.h"
#include "kernels/sort_keys.h"
#include "kernels/sort_private.h"
#include "kernels/order_keys.h"
#include "kernels/argsort_pack.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// A run of equal leading bits: in order by the rest of the keys. `spare` has room for n as well.
static void EmitRun(const Emitter& emitter, int64_t* run, int64_t* spare, size_t n, uint64_t at) {
  const Packing& packing = emitter.packing;
  for (size_t i = 0; i < n; ++i) {
    const uint64_t index = IndexOf(run[i], packing);
    const uint64_t distance =
        static_cast<uint64_t>(ReadKey(*emitter.reader, index)) - static_cast<uint64_t>(packing.least);
    spare[i] = static_cast<int64_t>((((distance & packing.rest_mask) << packing.index_bits) | index) ^ kTopBit);
  }
  SortKeys(spare, run, n, reinterpret_cast<uintptr_t>(spare));
  for (size_t i = 0; i < n; ++i) {
    EmitIndex(emitter, at + i, IndexOf(spare[i], packing));
    if (emitter.flags != nullptr) {
      emitter.flags[at + i] = i > 0 && LeadingOf(spare[i], packing) == LeadingOf(spare[i - 1], packing) ? 1 : 0;
    }
  }
}

// Equal leading bits are equal keys.
static inline void EmitFlags(const Emitter& emitter, const int64_t* packed, size_t n, uint64_t at) {
  const uint32_t index_bits = emitter.packing.index_bits;
  uint8_t* flags = emitter.flags + at;
  flags[0] = emitter.has_last && LeadingOf(packed[0], emitter.packing) == emitter.last_leading ? 1 : 0;
  for (size_t i = 1; i < n; ++i) {
    flags[i] = static_cast<uint64_t>(packed[i] ^ packed[i - 1]) >> index_bits == 0 ? 1 : 0;
  }
}

// How many of the first n neighbours of packed[0 ..] share their leading bits.
static inline bool HasRuns(const int64_t* packed, size_t n, uint32_t index_bits) {
  uint64_t found = 0;
  for (size_t i = 0; i < n; ++i) found |= static_cast<uint64_t>(packed[i] ^ packed[i + 1]) >> index_bits == 0 ? 1 : 0;
  return found != 0;
}

}  // namespace

Packing SortPacked(int64_t* keys, int64_t* spare, size_t n, bool is_wide, uint32_t index_bits) {
  Packing packing;
  if (is_wide) {
    KeyRange range = {keys[0], keys[0], 0};
    AddToRange(keys, n, &range);
    packing = PackWide(range, index_bits);
  } else {
    packing = PackNarrow(index_bits);
  }
  PackKeys(keys, n, 0, packing);
  SortKeys(keys, spare, n, reinterpret_cast<uintptr_t>(keys));
  return packing;
}

void Emit(Emitter* emitter, int64_t* packed, int64_t* spare, size_t n, uint64_t at) {
  if (n == 0) return;
  const Packing& packing = emitter->packing;
  const uint64_t last_leading = LeadingOf(packed[n - 1], packing);
  if (packing.rest_mask == 0) {
    EmitPlain(*emitter, packed, n, at);
    if (emitter->flags != nullptr) EmitFlags(*emitter, packed, n, at);
  } else {
    for (size_t i = 0; i < n;) {
      // Whole steps without runs go fast.
      constexpr size_t kStep = 64;
      if (i + kStep < n && !HasRuns(packed + i, kStep, packing.index_bits)) {
        EmitPlain(*emitter, packed + i, kStep, at + i);
        if (emitter->flags != nullptr) {
          for (size_t k = 0; k < kStep; ++k) emitter->flags[at + i + k] = 0;
        }
        i += kStep;
        continue;
      }
      const size_t stop = i + kStep < n ? i + kStep : n;
      while (i < stop) {
        const uint64_t leading = LeadingOf(packed[i], packing);
        size_t end = i + 1;
        while (end < n && LeadingOf(packed[end], packing) == leading) ++end;
        if (end - i > 1) {
          EmitRun(*emitter, packed + i, spare, end - i, at + i);
        } else {
          EmitIndex(*emitter, at + i, IndexOf(packed[i], packing));
          if (emitter->flags != nullptr) emitter->flags[at + i] = 0;
        }
        i = end;
      }
    }
  }
  emitter->last_leading = last_leading;
  emitter->has_last = true;
}

}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
