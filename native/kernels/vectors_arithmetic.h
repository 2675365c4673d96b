// The arithmetic of a step, for every kind of step. Included once a CPU level.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// a * b + c, rounded once where the level can. Written out for GCC 12, which would choose the form that overwrites a or
// b, and move the sums of a loop about from register to register.
#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES >= 32 && defined(__GNUC__) && !defined(__clang__)
static inline __attribute__((always_inline)) F64 Fused(F64 a, F64 b, F64 c) {
  __asm__("vfmadd231pd %2, %1, %0" : "+v"(c) : "v"(a), "v"(b));
  return c;
}
static inline __attribute__((always_inline)) F32 Fused(F32 a, F32 b, F32 c) {
  __asm__("vfmadd231ps %2, %1, %0" : "+v"(c) : "v"(a), "v"(b));
  return c;
}
#elif OFFLOOP_VECTOR_BYTES == 64
static inline __attribute__((always_inline)) F64 Fused(F64 a, F64 b, F64 c) {
  return static_cast<F64>(_mm512_fmadd_pd(a, b, c));
}
static inline __attribute__((always_inline)) F32 Fused(F32 a, F32 b, F32 c) {
  return static_cast<F32>(_mm512_fmadd_ps(a, b, c));
}
#elif OFFLOOP_VECTOR_BYTES == 32
static inline __attribute__((always_inline)) F64 Fused(F64 a, F64 b, F64 c) {
  return static_cast<F64>(_mm256_fmadd_pd(a, b, c));
}
static inline __attribute__((always_inline)) F32 Fused(F32 a, F32 b, F32 c) {
  return static_cast<F32>(_mm256_fmadd_ps(a, b, c));
}
#elif defined(__aarch64__)
static inline __attribute__((always_inline)) F64 Fused(F64 a, F64 b, F64 c) {
  return static_cast<F64>(vfmaq_f64(c, a, b));
}
static inline __attribute__((always_inline)) F32 Fused(F32 a, F32 b, F32 c) {
  return static_cast<F32>(vfmaq_f32(c, a, b));
}
#else
static inline __attribute__((always_inline)) F64 Fused(F64 a, F64 b, F64 c) { return a * b + c; }
static inline __attribute__((always_inline)) F32 Fused(F32 a, F32 b, F32 c) { return a * b + c; }
#endif

// a0 b0 + a1 b1 of the pairs of int16 in every lane.
static inline __attribute__((always_inline)) I32 PairProducts(I32 a, I32 b) {
#if OFFLOOP_VECTOR_BYTES == 64
  return (I32)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#elif OFFLOOP_VECTOR_BYTES == 32
  return (I32)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#elif OFFLOOP_X64
  return (I32)_mm_madd_epi16((__m128i)a, (__m128i)b);
#else
  return (a >> 16) * (b >> 16) + ((a << 16) >> 16) * ((b << 16) >> 16);
#endif
}

// How many bits each nibble has, again and again.
static constexpr struct NibbleBits {
  uint8_t bytes[64];
  constexpr NibbleBits() : bytes{} {
    for (int i = 0; i < 64; ++i) bytes[i] = static_cast<uint8_t>((i & 1) + (i >> 1 & 1) + (i >> 2 & 1) + (i >> 3 & 1));
  }
} kNibbleBits;

// How many bits are set in every byte: by a table of nibbles where there are byte shuffles (Muła, Kurz and Lemire,
// "Faster population counts using AVX2 instructions", 2018).
static inline __attribute__((always_inline)) U8 CountBits(U8 x) {
#if OFFLOOP_VECTOR_BYTES == 64
  const __m512i table = (__m512i)Load<U8>(kNibbleBits.bytes);
  const __m512i low = _mm512_set1_epi8(15);
  const __m512i bits = (__m512i)x;
  return (U8)_mm512_add_epi8(_mm512_shuffle_epi8(table, _mm512_and_si512(bits, low)),
                             _mm512_shuffle_epi8(table, _mm512_and_si512(_mm512_srli_epi16(bits, 4), low)));
#elif OFFLOOP_VECTOR_BYTES == 32
  const __m256i table = (__m256i)Load<U8>(kNibbleBits.bytes);
  const __m256i low = _mm256_set1_epi8(15);
  const __m256i bits = (__m256i)x;
  return (U8)_mm256_add_epi8(_mm256_shuffle_epi8(table, _mm256_and_si256(bits, low)),
                             _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(bits, 4), low)));
#elif defined(__aarch64__)
  return (U8)vcntq_u8((uint8x16_t)x);
#else
  U64 bits = (U64)x;
  bits = bits - ((bits >> 1) & 0x5555555555555555);
  bits = (bits & 0x3333333333333333) + ((bits >> 2) & 0x3333333333333333);
  return (U8)((bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0f);
#endif
}

// The sum of the eight bytes of every lane.
static inline __attribute__((always_inline)) U64 SumBytes(U8 x) {
#if OFFLOOP_VECTOR_BYTES == 64
  return (U64)_mm512_sad_epu8((__m512i)x, _mm512_setzero_si512());
#elif OFFLOOP_VECTOR_BYTES == 32
  return (U64)_mm256_sad_epu8((__m256i)x, _mm256_setzero_si256());
#elif OFFLOOP_X64
  return (U64)_mm_sad_epu8((__m128i)x, _mm_setzero_si128());
#else
  U64 sums = (U64)x;
  sums = (sums & 0x00ff00ff00ff00ff) + ((sums >> 8) & 0x00ff00ff00ff00ff);
  sums = sums + (sums >> 16);
  return (sums + (sums >> 32)) & 0xffff;
#endif
}

// How a step is summed: `Sum` accumulates in registers, and becomes lanes of `Raw`.
template <typename Op>
struct Adder;

template <typename T>
struct Adder<Products<T>> {
  using V = typename LanesFor<T>::Type;
  using Sum = V;
  static inline __attribute__((always_inline)) Sum Add(Sum sum, V a, V b) { return Fused(a, b, sum); }
  static inline __attribute__((always_inline)) V Finish(Sum sum) { return sum; }
};

template <typename T>
struct Adder<Squares<T>> {
  using V = typename LanesFor<T>::Type;
  using Sum = V;
  static inline __attribute__((always_inline)) Sum Add(Sum sum, V a, V b) {
    const V difference = a - b;
    return Fused(difference, difference, sum);
  }
  static inline __attribute__((always_inline)) V Finish(Sum sum) { return sum; }
};

template <>
struct Adder<Int8Products> {
  using Sum = I32;
  static inline __attribute__((always_inline)) Sum Add(Sum sum, I32 a, I32 b) { return sum + PairProducts(a, b); }
  static inline __attribute__((always_inline)) I32 Finish(Sum sum) { return sum; }
};

template <>
struct Adder<CommonBits> {
  using Sum = U8;
  static inline __attribute__((always_inline)) Sum Add(Sum sum, U64 a, U64 b) { return sum + CountBits((U8)(a & b)); }
  static inline __attribute__((always_inline)) U64 Finish(Sum sum) { return SumBytes(sum); }
};

template <typename Op>
using SumOf = typename Adder<Op>::Sum;

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
