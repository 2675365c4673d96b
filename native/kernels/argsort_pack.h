// A key and the index of its element in one int64: the leading bits of the key's distance from the least one above
// the index. Packed numbers are all different, and sorting them is a stable argsort, by as many bits as there were
// room for. Where bits were left over that make a difference, runs of equal leading bits are put in order by the rest,
// which the index leaves room for: index_bits are cut off at most.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

struct Packing {
  int64_t least;
  uint64_t mask;  // of the shifted distance
  uint64_t index_mask;
  uint64_t rest_mask;  // what the shift cuts off; 0 where none of it makes a difference
  uint32_t shift;
  uint32_t index_bits;
};

inline constexpr uint64_t kTopBit = uint64_t{1} << 63;

// What keys differ by: their range, and in which bits they differ from one of them.
struct KeyRange {
  int64_t least;
  int64_t most;
  uint64_t varying;
};

static inline void AddToRange(const int64_t* keys, size_t n, KeyRange* range) {
  int64_t least = range->least;
  int64_t most = range->most;
  uint64_t varying = range->varying;
  const int64_t first = keys[0];
  varying |= static_cast<uint64_t>(first ^ least);
  for (size_t i = 0; i < n; ++i) {
    const int64_t key = keys[i];
    least = key < least ? key : least;
    most = key > most ? key : most;
    varying |= static_cast<uint64_t>(key ^ first);
  }
  range->least = least;
  range->most = most;
  range->varying = varying;
}

// For keys of 32 bits there is always room.
static inline Packing PackNarrow(uint32_t index_bits) {
  return {INT32_MIN, ~uint64_t{0}, (uint64_t{1} << index_bits) - 1, 0, 0, index_bits};
}

static inline Packing PackWide(const KeyRange& range, uint32_t index_bits) {
  Packing packing = {range.least, ~uint64_t{0}, (uint64_t{1} << index_bits) - 1, 0, 0, index_bits};
  const uint64_t width = static_cast<uint64_t>(range.most) - static_cast<uint64_t>(range.least);
  const uint32_t bits = width == 0 ? 0 : 64 - static_cast<uint32_t>(__builtin_clzll(width));
  const uint32_t room = 64 - index_bits;
  if (bits <= room) return packing;
  packing.shift = bits - room;
  const uint64_t cut = (uint64_t{1} << packing.shift) - 1;
  if ((range.varying & cut) != 0) packing.rest_mask = cut;
  return packing;
}

static inline __attribute__((always_inline)) int64_t Pack(int64_t key, uint64_t index, const Packing& packing) {
  const uint64_t distance = static_cast<uint64_t>(key) - static_cast<uint64_t>(packing.least);
  const uint64_t leading = (distance >> packing.shift) & packing.mask;
  return static_cast<int64_t>(((leading << packing.index_bits) | index) ^ kTopBit);
}

// In place.
static inline void PackKeys(int64_t* keys, size_t n, uint64_t first_index, const Packing& packing_in) {
  const Packing packing = packing_in;
  for (size_t i = 0; i < n; ++i) keys[i] = Pack(keys[i], first_index + i, packing);
}

// Packs the keys of a row in place, and sorts them; gives how they are packed. `spare` has room for n as well.
static inline Packing SortPacked(int64_t* keys, int64_t* spare, size_t n, bool is_wide, uint32_t index_bits) {
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

static inline uint64_t IndexOf(int64_t packed, const Packing& packing) {
  return static_cast<uint64_t>(packed) & packing.index_mask;
}

static inline uint64_t LeadingOf(int64_t packed, const Packing& packing) {
  return static_cast<uint64_t>(packed) >> packing.index_bits;
}

// Writes sorted packed numbers out as indices, and as flags that tell which element equals the one before it.
struct Emitter {
  const KeyReader* reader;
  Packing packing;
  uint32_t* order;
  int64_t order_stride;
  uint8_t* flags;         // or null
  const uint32_t* via;    // or null: indices are places in this
  uint64_t last_leading;  // of what was written before, in parts
  bool has_last;
};

static inline void EmitIndex(const Emitter& emitter, uint64_t at, uint64_t index) {
  emitter.order[static_cast<int64_t>(at) * emitter.order_stride] =
      static_cast<uint32_t>(emitter.via == nullptr ? index : emitter.via[index]);
}

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

static inline void EmitPlain(const Emitter& emitter, const int64_t* packed, size_t n, uint64_t at) {
  const uint64_t index_mask = emitter.packing.index_mask;
  if (emitter.order_stride == 1 && emitter.via == nullptr) {
    uint32_t* __restrict order = emitter.order + at;
    for (size_t i = 0; i < n; ++i) order[i] = static_cast<uint32_t>(static_cast<uint64_t>(packed[i]) & index_mask);
  } else {
    for (size_t i = 0; i < n; ++i) EmitIndex(emitter, at + i, IndexOf(packed[i], emitter.packing));
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

// `packed` is sorted, and used up; `spare` has room for n as well.
static void Emit(Emitter* emitter, int64_t* packed, int64_t* spare, size_t n, uint64_t at) {
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

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
