// A key and the index of its element in one int64: the leading bits of the key's distance from the least one above
// the index. Packed numbers are all different, and sorting them is a stable argsort, by as many bits as there were
// room for. Where bits were left over that make a difference, runs of equal leading bits are put in order by the rest,
// which the index leaves room for: index_bits are cut off at most.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {

struct Packing {
  int64_t least;
  uint64_t mask;  // of the shifted distance
  uint64_t index_mask;
  uint64_t rest_mask;  // what the shift cuts off; 0 where none of it makes a difference
  uint32_t shift;
  uint32_t index_bits;
};

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

// Compiled once: argsort_pack.cc.

// Packs the keys of a row in place, and sorts them; gives how they are packed. `spare` has room for n as well.
Packing SortPacked(int64_t* keys, int64_t* spare, size_t n, bool is_wide, uint32_t index_bits);
// `packed` is sorted, and used up; `spare` has room for n as well.
void Emit(Emitter* emitter, int64_t* packed, int64_t* spare, size_t n, uint64_t at);

namespace {

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

static inline uint64_t IndexOf(int64_t packed, const Packing& packing) {
  return static_cast<uint64_t>(packed) & packing.index_mask;
}

static inline uint64_t LeadingOf(int64_t packed, const Packing& packing) {
  return static_cast<uint64_t>(packed) >> packing.index_bits;
}

static inline void EmitIndex(const Emitter& emitter, uint64_t at, uint64_t index) {
  emitter.order[static_cast<int64_t>(at) * emitter.order_stride] =
      static_cast<uint32_t>(emitter.via == nullptr ? index : emitter.via[index]);
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

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
