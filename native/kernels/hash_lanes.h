// Vectors whose lanes are independent messages: 16, 8 or 4 blocks of 64 bytes are read at once and turned so that
// vector w has word w of every block. Included again for every level.
#include <cstddef>
#include <cstdint>

#ifndef OFFLOOP_HASH_INLINE
#define OFFLOOP_HASH_INLINE static inline __attribute__((always_inline))
#endif

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

#if OFFLOOP_X64
#if OFFLOOP_VECTOR_BYTES == 64
#define OFFLOOP_HASH_UNPACK(name, intrinsic)                                                       \
  OFFLOOP_HASH_INLINE U32 name(U32 a, U32 b) {                                                     \
    return reinterpret_cast<U32>(                                                                  \
        _mm512_maskz_##intrinsic(-1, reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b))); \
  }
#elif OFFLOOP_VECTOR_BYTES == 32
#define OFFLOOP_HASH_UNPACK(name, intrinsic)                                                                      \
  OFFLOOP_HASH_INLINE U32 name(U32 a, U32 b) {                                                                    \
    return reinterpret_cast<U32>(_mm256_##intrinsic(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b))); \
  }
#else
#define OFFLOOP_HASH_UNPACK(name, intrinsic)                                                                   \
  OFFLOOP_HASH_INLINE U32 name(U32 a, U32 b) {                                                                 \
    return reinterpret_cast<U32>(_mm_##intrinsic(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b))); \
  }
#endif
OFFLOOP_HASH_UNPACK(UnpackLow32, unpacklo_epi32)
OFFLOOP_HASH_UNPACK(UnpackHigh32, unpackhi_epi32)
OFFLOOP_HASH_UNPACK(UnpackLow64, unpacklo_epi64)
OFFLOOP_HASH_UNPACK(UnpackHigh64, unpackhi_epi64)
#undef OFFLOOP_HASH_UNPACK
#else
OFFLOOP_HASH_INLINE U32 UnpackLow32(U32 a, U32 b) { return __builtin_shufflevector(a, b, 0, 4, 1, 5); }
OFFLOOP_HASH_INLINE U32 UnpackHigh32(U32 a, U32 b) { return __builtin_shufflevector(a, b, 2, 6, 3, 7); }
OFFLOOP_HASH_INLINE U32 UnpackLow64(U32 a, U32 b) { return __builtin_shufflevector(a, b, 0, 1, 4, 5); }
OFFLOOP_HASH_INLINE U32 UnpackHigh64(U32 a, U32 b) { return __builtin_shufflevector(a, b, 2, 3, 6, 7); }
#endif

// 16 bytes at `at` of lanes 0, 4, 8, 12 of `lanes`.
OFFLOOP_HASH_INLINE U32 LoadQuads(const uint8_t* const* lanes, size_t at) {
#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 64
  const auto load = [&](int i) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(lanes[i] + at)); };
  __m512i v = _mm512_zextsi128_si512(load(0));
  v = _mm512_maskz_inserti32x4(-1, v, load(4), 1);
  v = _mm512_maskz_inserti32x4(-1, v, load(8), 2);
  return reinterpret_cast<U32>(_mm512_maskz_inserti32x4(-1, v, load(12), 3));
#elif OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 32
  const auto load = [&](int i) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(lanes[i] + at)); };
  return reinterpret_cast<U32>(_mm256_inserti128_si256(_mm256_zextsi128_si256(load(0)), load(4), 1));
#else
  return Load<U32>(lanes[0] + at);
#endif
}

// Four by four words within each 128 bits.
OFFLOOP_HASH_INLINE void TurnQuads(U32 a, U32 b, U32 c, U32 d, U32* to) {
  const U32 ab_low = UnpackLow32(a, b);
  const U32 ab_high = UnpackHigh32(a, b);
  const U32 cd_low = UnpackLow32(c, d);
  const U32 cd_high = UnpackHigh32(c, d);
  to[0] = UnpackLow64(ab_low, cd_low);
  to[1] = UnpackHigh64(ab_low, cd_low);
  to[2] = UnpackLow64(ab_high, cd_high);
  to[3] = UnpackHigh64(ab_high, cd_high);
}

// words[w], lane i: little-endian word w of the 64 bytes at lanes[i] + at.
OFFLOOP_HASH_INLINE void LoadTurned(const uint8_t* const* lanes, size_t at, U32* words) {
#pragma GCC unroll 4
  for (size_t quad = 0; quad < 4; ++quad) {
    TurnQuads(LoadQuads(lanes, at + 16 * quad), LoadQuads(lanes + 1, at + 16 * quad),
              LoadQuads(lanes + 2, at + 16 * quad), LoadQuads(lanes + 3, at + 16 * quad), words + 4 * quad);
  }
}

// The reverse for eight words: 32 bytes to to[i] for lane i.
OFFLOOP_HASH_INLINE void StoreTurned(const U32* words, uint8_t* const* to) {
  for (size_t half = 0; half < 2; ++half) {
    U32 turned[4];
    TurnQuads(words[4 * half], words[4 * half + 1], words[4 * half + 2], words[4 * half + 3], turned);
    for (int j = 0; j < 4; ++j) {
      alignas(64) uint8_t bytes[OFFLOOP_VECTOR_BYTES];
      Store<U32>(bytes, turned[j]);
      for (int i = 0; i < U32Lanes / 4; ++i) __builtin_memcpy(to[4 * i + j] + 16 * half, bytes + 16 * i, 16);
    }
  }
}

template <int kBits>
OFFLOOP_HASH_INLINE U32 RotateRight(U32 x) {
#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 64
  return reinterpret_cast<U32>(_mm512_maskz_ror_epi32(-1, reinterpret_cast<__m512i>(x), kBits));
#elif OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 32
  if constexpr (kBits == 8 || kBits == 16) {
    const auto from = [](int i) { return static_cast<char>((i & 12) | ((i + kBits / 8) & 3)); };
    const __m256i order = _mm256_setr_epi8(
        from(0), from(1), from(2), from(3), from(4), from(5), from(6), from(7), from(8), from(9), from(10), from(11),
        from(12), from(13), from(14), from(15), from(0), from(1), from(2), from(3), from(4), from(5), from(6), from(7),
        from(8), from(9), from(10), from(11), from(12), from(13), from(14), from(15));
    return reinterpret_cast<U32>(_mm256_shuffle_epi8(reinterpret_cast<__m256i>(x), order));
  }
  return x >> kBits | x << (32 - kBits);
#else
  return x >> kBits | x << (32 - kBits);
#endif
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
