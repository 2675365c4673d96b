// Integers from 0 to a greatest offset, each as likely as any other, and what they become in each dtype.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

struct IntegerRange {
  IntegerMethod method;
  uint64_t most;  // the greatest offset
  uint64_t low;   // what an offset is added to, modulo 2^64
};

static inline IntegerRange RangeOf(const Arguments& arguments) {
  const double* scalars = arguments.scalars;
  const auto join = [scalars](int at) {
    return static_cast<uint64_t>(scalars[at]) | static_cast<uint64_t>(scalars[at + 1]) << 32;
  };
  return {static_cast<IntegerMethod>(static_cast<uint32_t>(scalars[3])), join(4), join(6)};
}

// Products of the lower halves of 64-bit lanes.
static inline __attribute__((always_inline)) U64 MultiplyHalves(U64 a, U64 b) {
#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 64
  return reinterpret_cast<U64>(
      _mm512_maskz_mul_epu32(0xff, reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
#elif OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 32
  return reinterpret_cast<U64>(_mm256_mul_epu32(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
#elif OFFLOOP_X64
  return reinterpret_cast<U64>(_mm_mul_epu32(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
#else
  const U64 half = Broadcast<U64>(uint64_t{0xffffffff});
  return (a & half) * (b & half);
#endif
}

static inline bool AnyBit(U64 lanes) {
  uint64_t any = 0;
#pragma GCC unroll 8
  for (int i = 0; i < U64Lanes; ++i) any |= lanes[i];
  return any != 0;
}

// Words become the upper halves of word * range, and `again` gets the index of each whose lower half is below
// `threshold`, 2^32 mod range: without those, every offset has as many words as any other (Lemire, "Fast Random
// Integer Generation in an Interval", 2019). Returns how many those are.
static inline uint64_t MultiplyWords(uint64_t count, uint32_t range, uint32_t threshold, void* buffer,
                                     uint32_t* again) {
  constexpr uint64_t kChunk = 64;
  const U64 ranges = Broadcast<U64>(uint64_t{range});
  const U64 upper = Broadcast<U64>(uint64_t{0xffffffff00000000});
  uint64_t rejected = 0;
  std::byte* at = static_cast<std::byte*>(buffer);
  for (uint64_t first = 0; first < count; first += kChunk) {
    uint32_t lows[kChunk];
    U64 below{};
    for (uint64_t i = 0; i < kChunk; i += U32Lanes, at += sizeof(U64)) {
      const U64 words = Load<U64>(at);
      const U64 even = MultiplyHalves(words, ranges);
      const U64 odd = MultiplyHalves(words >> 32, ranges);
      Store(at, (even >> 32) | (odd & upper));
      const U32 low = reinterpret_cast<U32>((even & ~upper) | (odd << 32));
      Store(lows + i, low);
      below |= reinterpret_cast<U64>(low < Broadcast<U32>(threshold));
    }
    if (threshold == 0 || !AnyBit(below)) continue;
    const uint64_t last = count - first < kChunk ? count - first : kChunk;
    for (uint64_t i = 0; i < last; ++i) {
      again[rejected] = static_cast<uint32_t>(first + i);
      rejected += lows[i] < threshold;
    }
  }
  return rejected;
}

// 32-bit offsets of `count` elements into `buffer`, which has room for a whole piece.
static inline void Offsets32(const RandomState& state, const IntegerRange& range, uint64_t first, uint64_t count,
                             void* buffer) {
  Draw32(state, first, count, buffer);
  if (range.method == IntegerMethod::kWord) return;
  uint32_t again[kPiece + 1];
  const uint32_t size = static_cast<uint32_t>(range.most) + 1;
  const uint32_t threshold = (0 - size) % size;
  const uint64_t rejected = MultiplyWords(count, size, threshold, buffer, again);
  DrawAgain(state, first, again, rejected, [=](uint32_t index, MoreDraws& draws) {
    uint64_t product;
    do {
      product = uint64_t{draws.Next32()} * size;
    } while (static_cast<uint32_t>(product) < threshold);
    const uint32_t offset = static_cast<uint32_t>(product >> 32);
    __builtin_memcpy(static_cast<std::byte*>(buffer) + 4 * uint64_t{index}, &offset, 4);
  });
}

// 64-bit offsets: random bits of the length of the greatest, again while they are above it.
static inline void Offsets64(const RandomState& state, const IntegerRange& range, uint64_t first, uint64_t count,
                             void* buffer) {
  Draw64(state, first, count, buffer);
  uint32_t again[kPiece + 1];
  uint64_t rejected = 0;
  std::byte* at = static_cast<std::byte*>(buffer);
  const uint64_t mask = range.most == 0 ? 0 : ~uint64_t{0} >> __builtin_clzll(range.most);
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t offset;
    __builtin_memcpy(&offset, at + 8 * i, 8);
    offset &= mask;
    __builtin_memcpy(at + 8 * i, &offset, 8);
    again[rejected] = static_cast<uint32_t>(i);
    rejected += offset > range.most;
  }
  DrawAgain(state, first, again, rejected, [=](uint32_t index, MoreDraws& draws) {
    uint64_t offset;
    do {
      offset = draws.Next64() & mask;
    } while (offset > range.most);
    __builtin_memcpy(at + 8 * uint64_t{index}, &offset, 8);
  });
}

// to[i] = low + offsets[i] as a T: whole vectors of it, as the buffers have room.
template <typename Offset, typename T>
static inline void Shift(const void* __restrict offsets, uint64_t count, uint64_t low, void* __restrict to) {
  const Offset* from = static_cast<const Offset*>(offsets);
  T* result = static_cast<T*>(to);
  for (uint64_t i = 0; i < count; ++i) {
    if constexpr (sizeof(T) < 8) {
      result[i] = static_cast<T>(static_cast<uint32_t>(low) + static_cast<uint32_t>(from[i]));
    } else {
      result[i] = static_cast<T>(static_cast<int64_t>(low + from[i]));
    }
  }
}

template <typename Offset>
static inline void ShiftTo(DType dtype, const void* offsets, uint64_t count, uint64_t low, void* to) {
  switch (dtype) {
    case DType::kInt8:
    case DType::kUint8:
    case DType::kUint8Clamped:
      return Shift<Offset, uint8_t>(offsets, count, low, to);
    case DType::kInt16:
    case DType::kUint16:
      return Shift<Offset, uint16_t>(offsets, count, low, to);
    case DType::kInt32:
    case DType::kUint32:
      return Shift<Offset, uint32_t>(offsets, count, low, to);
    case DType::kBigInt64:
    case DType::kBigUint64:
      return Shift<Offset, uint64_t>(offsets, count, low, to);
    default:
      return Shift<Offset, double>(offsets, count, low, to);
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
