// The instructions work on the state in two registers, ABEF and CDGH, and do two rounds each (Gulley et al., Intel
// SHA Extensions, 2013).
#include "kernels/hash_sha256_ni.h"

#include "kernels/hash_sha256_constants.h"

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("sha,avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("sha,avx2")
#endif

namespace offloop {
namespace {

#define OFFLOOP_SHA_INLINE inline __attribute__((always_inline))

struct Halves {
  __m128i abef;
  __m128i cdgh;
};

OFFLOOP_SHA_INLINE Halves LoadState(const uint32_t* state) {
  const __m128i abcd = _mm_loadu_si128(reinterpret_cast<const __m128i*>(state));
  const __m128i efgh = _mm_loadu_si128(reinterpret_cast<const __m128i*>(state + 4));
  const __m128i badc = _mm_shuffle_epi32(abcd, 0xB1);
  const __m128i hgfe = _mm_shuffle_epi32(efgh, 0x1B);
  return {_mm_alignr_epi8(badc, hgfe, 8), _mm_blend_epi16(hgfe, badc, 0xF0)};
}

OFFLOOP_SHA_INLINE void StoreState(const Halves& halves, uint32_t* state) {
  const __m128i feba = _mm_shuffle_epi32(halves.abef, 0x1B);
  const __m128i dchg = _mm_shuffle_epi32(halves.cdgh, 0xB1);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(state), _mm_blend_epi16(feba, dchg, 0xF0));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

// Words 4 * i to 4 * i + 3 of the message, as numbers.
OFFLOOP_SHA_INLINE __m128i LoadWords(const uint8_t* data, int i) {
  const __m128i order = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
  return _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(data) + i), order);
}

// Rounds 4 * i to 4 * i + 3.
OFFLOOP_SHA_INLINE void FourRounds(Halves* halves, __m128i words, int i) {
  const __m128i sums = _mm_add_epi32(words, _mm_load_si128(reinterpret_cast<const __m128i*>(kSha256Round) + i));
  halves->cdgh = _mm_sha256rnds2_epu32(halves->cdgh, halves->abef, sums);
  halves->abef = _mm_sha256rnds2_epu32(halves->abef, halves->cdgh, _mm_shuffle_epi32(sums, 0x0E));
}

// The four words after w[0] to w[15], which take the place of the first four.
OFFLOOP_SHA_INLINE __m128i NextWords(__m128i w0, __m128i w4, __m128i w8, __m128i w12) {
  const __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w4), _mm_alignr_epi8(w12, w8, 4));
  return _mm_sha256msg2_epu32(sum, w12);
}

template <int kMessages>
OFFLOOP_SHA_INLINE void Compress(uint32_t* const* states, const uint8_t* const* data, uint64_t blocks) {
  Halves halves[kMessages];
  for (int m = 0; m < kMessages; ++m) halves[m] = LoadState(states[m]);
  for (uint64_t block = 0; block < blocks; ++block) {
    __m128i w[kMessages][4];
    Halves before[kMessages];
    for (int m = 0; m < kMessages; ++m) {
      before[m] = halves[m];
      for (int i = 0; i < 4; ++i) w[m][i] = LoadWords(data[m] + 64 * block, i);
    }
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) {
      for (int m = 0; m < kMessages; ++m) {
        FourRounds(&halves[m], w[m][i & 3], i);
        if (i < 12) w[m][i & 3] = NextWords(w[m][i & 3], w[m][(i + 1) & 3], w[m][(i + 2) & 3], w[m][(i + 3) & 3]);
      }
    }
    for (int m = 0; m < kMessages; ++m) {
      halves[m].abef = _mm_add_epi32(halves[m].abef, before[m].abef);
      halves[m].cdgh = _mm_add_epi32(halves[m].cdgh, before[m].cdgh);
    }
  }
  for (int m = 0; m < kMessages; ++m) StoreState(halves[m], states[m]);
}

}  // namespace

void Sha256Instructions(uint32_t* state, const uint8_t* data, uint64_t blocks) { Compress<1>(&state, &data, blocks); }

void Sha256InstructionsTwice(uint32_t* const* states, const uint8_t* const* data, uint64_t blocks) {
  Compress<2>(states, data, blocks);
}

}  // namespace offloop

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#else

namespace offloop {

void Sha256Instructions(uint32_t*, const uint8_t*, uint64_t) {}
void Sha256InstructionsTwice(uint32_t* const*, const uint8_t* const*, uint64_t) {}

}  // namespace offloop

#endif
