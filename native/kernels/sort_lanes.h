// What the sort needs of vectors of int64 and int32 keys, once for each CPU level that has vectors worth the name:
// AVX2 and AVX-512. The baseline sorts without (sort_leaf.h and sort_quick.h have a plain branch for it).
// Included again for every level.
//
// Columns are lanes: lane c of register r belongs to column c, row r. Groups of 2, 4, 8 ... neighbouring lanes are
// named by their width. The zero-masking forms with every lane on are plain instructions; the unmasked intrinsics
// of GCC 12 warn of their own uninitialized operand.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {

template <typename Key>
struct KeyLimits;
template <>
struct KeyLimits<int64_t> {
  static constexpr int64_t kMin = INT64_MIN;
  static constexpr int64_t kMax = INT64_MAX;
};
template <>
struct KeyLimits<int32_t> {
  static constexpr int32_t kMin = INT32_MIN;
  static constexpr int32_t kMax = INT32_MAX;
};

namespace {

#undef OFFLOOP_SORT_VECTORS
#undef OFFLOOP_LANES_INLINE
#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES >= 32
#define OFFLOOP_SORT_VECTORS 1
#define OFFLOOP_LANES_INLINE static inline __attribute__((always_inline))
#else
#define OFFLOOP_SORT_VECTORS 0
#endif

#if OFFLOOP_SORT_VECTORS
template <typename Key>
struct Lanes;
#endif

#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 64

// How many lanes a mask has. The move is written out because GCC 12 may keep the mask on the stack as its one or two
// bytes, and then count the bits of the four that lie there: seen at -O2 with ThreadSanitizer.
static inline __attribute__((always_inline)) size_t CountOf(__mmask8 mask) {
  uint32_t bits;
  __asm__("kmovb %1, %0" : "=r"(bits) : "k"(mask));
  return static_cast<size_t>(_mm_popcnt_u32(bits));
}
static inline __attribute__((always_inline)) size_t CountOf(__mmask16 mask) {
  uint32_t bits;
  __asm__("kmovw %1, %0" : "=r"(bits) : "k"(mask));
  return static_cast<size_t>(_mm_popcnt_u32(bits));
}

template <>
struct Lanes<int64_t> {
  using Vec = __m512i;
  static constexpr int kCount = 8;
  static constexpr __mmask8 kAll = 0xFF;

  OFFLOOP_LANES_INLINE Vec Set(int64_t x) { return _mm512_set1_epi64(x); }
  OFFLOOP_LANES_INLINE Vec Load(const int64_t* from) { return _mm512_loadu_si512(from); }
  OFFLOOP_LANES_INLINE void Store(int64_t* to, Vec v) { _mm512_storeu_si512(to, v); }
  // Past the caches, to an aligned place.
  OFFLOOP_LANES_INLINE void Stream(int64_t* to, Vec v) { _mm512_stream_si512(reinterpret_cast<Vec*>(to), v); }
  OFFLOOP_LANES_INLINE __mmask8 First(size_t n) { return static_cast<__mmask8>((1u << n) - 1); }
  // The first n < kCount lanes from memory, the largest key in the others.
  OFFLOOP_LANES_INLINE Vec LoadFirst(const int64_t* from, size_t n) {
    return _mm512_mask_loadu_epi64(Set(INT64_MAX), First(n), from);
  }
  OFFLOOP_LANES_INLINE void StoreFirst(int64_t* to, Vec v, size_t n) { _mm512_mask_storeu_epi64(to, First(n), v); }
  // One more in the lanes where `v` has `value`.
  OFFLOOP_LANES_INLINE Vec CountEqual(Vec counts, Vec v, Vec value) {
    return _mm512_mask_add_epi64(counts, _mm512_cmpeq_epi64_mask(v, value), counts, Set(1));
  }
  OFFLOOP_LANES_INLINE uint32_t EqualBits(Vec v, Vec value) { return _mm512_cmpeq_epi64_mask(v, value); }
  OFFLOOP_LANES_INLINE Vec Min(Vec a, Vec b) { return _mm512_maskz_min_epi64(kAll, a, b); }
  OFFLOOP_LANES_INLINE Vec Max(Vec a, Vec b) { return _mm512_maskz_max_epi64(kAll, a, b); }

  // Lanes in reverse order inside every group.
  template <int kWidth>
  OFFLOOP_LANES_INLINE Vec Reverse(Vec v) {
    if constexpr (kWidth == 2) return _mm512_maskz_shuffle_epi32(0xFFFF, v, _MM_PERM_BADC);
    if constexpr (kWidth == 4) return _mm512_maskz_permutex_epi64(kAll, v, 0x1B);
    return _mm512_maskz_permutexvar_epi64(kAll, _mm512_setr_epi64(7, 6, 5, 4, 3, 2, 1, 0), v);
  }
  // Halves of every group exchanged.
  template <int kWidth>
  OFFLOOP_LANES_INLINE Vec Exchange(Vec v) {
    if constexpr (kWidth == 2) return _mm512_maskz_shuffle_epi32(0xFFFF, v, _MM_PERM_BADC);
    if constexpr (kWidth == 4) return _mm512_maskz_permutex_epi64(kAll, v, 0x4E);
    return _mm512_maskz_shuffle_i64x2(kAll, v, v, 0x4E);
  }
  // The lower half of every group gets the smaller of the two keys, the upper half the larger one.
  template <int kWidth>
  OFFLOOP_LANES_INLINE Vec MinMax(Vec a, Vec b) {
    constexpr __mmask8 kUpper = kWidth == 2 ? 0xAA : kWidth == 4 ? 0xCC : 0xF0;
    return _mm512_mask_max_epi64(Min(a, b), kUpper, a, b);
  }
  // a0 b0 a1 b1 ... over two registers.
  OFFLOOP_LANES_INLINE void Interleave(Vec a, Vec b, Vec* low, Vec* high) {
    *low = _mm512_permutex2var_epi64(a, _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11), b);
    *high = _mm512_permutex2var_epi64(a, _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15), b);
  }
  // Writes the keys below the pivot to `below`, the others to `above`, a whole register each; returns how many are
  // below. The register forms of compress: the ones that write to memory are microcode on Zen 4.
  OFFLOOP_LANES_INLINE size_t Split(Vec v, Vec pivot, int64_t* below, int64_t* above) {
    const __mmask8 less = _mm512_cmplt_epi64_mask(v, pivot);
    Store(below, _mm512_maskz_compress_epi64(less, v));
    Store(above, _mm512_maskz_compress_epi64(_mm512_cmpge_epi64_mask(v, pivot), v));
    return CountOf(less);
  }
  // Writes the keys between two others, bounds excluded, to `to`, a whole register; returns how many.
  OFFLOOP_LANES_INLINE size_t KeepBetween(Vec v, Vec low, Vec high, int64_t* to) {
    const __mmask8 kept = static_cast<__mmask8>(_mm512_cmpgt_epi64_mask(v, low) & _mm512_cmplt_epi64_mask(v, high));
    Store(to, _mm512_maskz_compress_epi64(kept, v));
    return CountOf(kept);
  }
  // The same for the first n < kCount lanes, writing no more than there are.
  OFFLOOP_LANES_INLINE size_t SplitFirst(Vec v, size_t n, Vec pivot, int64_t* below, int64_t* above) {
    const __mmask8 less = static_cast<__mmask8>(_mm512_cmplt_epi64_mask(v, pivot) & First(n));
    const size_t count = CountOf(less);
    StoreFirst(below, _mm512_maskz_compress_epi64(less, v), count);
    StoreFirst(above, _mm512_maskz_compress_epi64(static_cast<__mmask8>(~less & First(n)), v), n - count);
    return count;
  }
};

template <>
struct Lanes<int32_t> {
  using Vec = __m512i;
  static constexpr int kCount = 16;
  static constexpr __mmask16 kAll = 0xFFFF;

  OFFLOOP_LANES_INLINE Vec Set(int32_t x) { return _mm512_set1_epi32(x); }
  OFFLOOP_LANES_INLINE Vec Load(const int32_t* from) { return _mm512_loadu_si512(from); }
  OFFLOOP_LANES_INLINE void Store(int32_t* to, Vec v) { _mm512_storeu_si512(to, v); }
  // Past the caches, to an aligned place.
  OFFLOOP_LANES_INLINE void Stream(int32_t* to, Vec v) { _mm512_stream_si512(reinterpret_cast<Vec*>(to), v); }
  OFFLOOP_LANES_INLINE __mmask16 First(size_t n) { return static_cast<__mmask16>((1u << n) - 1); }
  OFFLOOP_LANES_INLINE Vec LoadFirst(const int32_t* from, size_t n) {
    return _mm512_mask_loadu_epi32(Set(INT32_MAX), First(n), from);
  }
  OFFLOOP_LANES_INLINE void StoreFirst(int32_t* to, Vec v, size_t n) { _mm512_mask_storeu_epi32(to, First(n), v); }
  OFFLOOP_LANES_INLINE Vec CountEqual(Vec counts, Vec v, Vec value) {
    return _mm512_mask_add_epi32(counts, _mm512_cmpeq_epi32_mask(v, value), counts, Set(1));
  }
  OFFLOOP_LANES_INLINE uint32_t EqualBits(Vec v, Vec value) { return _mm512_cmpeq_epi32_mask(v, value); }
  OFFLOOP_LANES_INLINE Vec Min(Vec a, Vec b) { return _mm512_maskz_min_epi32(kAll, a, b); }
  OFFLOOP_LANES_INLINE Vec Max(Vec a, Vec b) { return _mm512_maskz_max_epi32(kAll, a, b); }

  template <int kWidth>
  OFFLOOP_LANES_INLINE Vec Reverse(Vec v) {
    if constexpr (kWidth == 2) return _mm512_maskz_shuffle_epi32(kAll, v, _MM_PERM_CDAB);
    if constexpr (kWidth == 4) return _mm512_maskz_shuffle_epi32(kAll, v, _MM_PERM_ABCD);
    if constexpr (kWidth == 8) {
      return _mm512_maskz_permutexvar_epi32(kAll,
                                            _mm512_setr_epi32(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8), v);
    }
    return _mm512_maskz_permutexvar_epi32(kAll, _mm512_setr_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
                                          v);
  }
  template <int kWidth>
  OFFLOOP_LANES_INLINE Vec Exchange(Vec v) {
    if constexpr (kWidth == 2) return _mm512_maskz_shuffle_epi32(kAll, v, _MM_PERM_CDAB);
    if constexpr (kWidth == 4) return _mm512_maskz_shuffle_epi32(kAll, v, _MM_PERM_BADC);
    if constexpr (kWidth == 8) return _mm512_maskz_permutex_epi64(0xFF, v, 0x4E);
    return _mm512_maskz_shuffle_i64x2(0xFF, v, v, 0x4E);
  }
  template <int kWidth>
  OFFLOOP_LANES_INLINE Vec MinMax(Vec a, Vec b) {
    constexpr __mmask16 kUpper = kWidth == 2 ? 0xAAAA : kWidth == 4 ? 0xCCCC : kWidth == 8 ? 0xF0F0 : 0xFF00;
    return _mm512_mask_max_epi32(Min(a, b), kUpper, a, b);
  }
  OFFLOOP_LANES_INLINE void Interleave(Vec a, Vec b, Vec* low, Vec* high) {
    *low = _mm512_permutex2var_epi32(a, _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23), b);
    *high = _mm512_permutex2var_epi32(
        a, _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31), b);
  }
  OFFLOOP_LANES_INLINE size_t Split(Vec v, Vec pivot, int32_t* below, int32_t* above) {
    const __mmask16 less = _mm512_cmplt_epi32_mask(v, pivot);
    Store(below, _mm512_maskz_compress_epi32(less, v));
    Store(above, _mm512_maskz_compress_epi32(_mm512_cmpge_epi32_mask(v, pivot), v));
    return CountOf(less);
  }
  OFFLOOP_LANES_INLINE size_t SplitFirst(Vec v, size_t n, Vec pivot, int32_t* below, int32_t* above) {
    const __mmask16 less = static_cast<__mmask16>(_mm512_cmplt_epi32_mask(v, pivot) & First(n));
    const size_t count = CountOf(less);
    StoreFirst(below, _mm512_maskz_compress_epi32(less, v), count);
    StoreFirst(above, _mm512_maskz_compress_epi32(static_cast<__mmask16>(~less & First(n)), v), n - count);
    return count;
  }
};

#elif OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 32

// Entry m brings the lanes whose bit in m is set to the front, in order; bytes that are indices of 32-bit lanes.
template <int kLanes, int kWords>
struct FrontTable {
  uint8_t entry[1 << kLanes][8];
  constexpr FrontTable() : entry() {
    for (int mask = 0; mask < 1 << kLanes; ++mask) {
      int to = 0;
      for (int want = 1; want >= 0; --want) {
        for (int lane = 0; lane < kLanes; ++lane) {
          if ((mask >> lane & 1) != want) continue;
          for (int word = 0; word < kWords; ++word) {
            entry[mask][to++] = static_cast<uint8_t>(lane * kWords + word);
          }
        }
      }
    }
  }
};
constexpr FrontTable<4, 2> kFront64;
constexpr FrontTable<8, 1> kFront32;

OFFLOOP_LANES_INLINE __m256i Permute(__m256i v, const uint8_t* entry) {
  return _mm256_permutevar8x32_epi32(v, _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(entry))));
}

template <>
struct Lanes<int64_t> {
  using Vec = __m256i;
  static constexpr int kCount = 4;

  OFFLOOP_LANES_INLINE Vec Set(int64_t x) { return _mm256_set1_epi64x(x); }
  OFFLOOP_LANES_INLINE Vec Load(const int64_t* from) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  }
  OFFLOOP_LANES_INLINE void Store(int64_t* to, Vec v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), v); }
  OFFLOOP_LANES_INLINE void Stream(int64_t* to, Vec v) { _mm256_stream_si256(reinterpret_cast<Vec*>(to), v); }
  OFFLOOP_LANES_INLINE Vec First(size_t n) {
    return _mm256_cmpgt_epi64(Set(static_cast<int64_t>(n)), _mm256_setr_epi64x(0, 1, 2, 3));
  }
  OFFLOOP_LANES_INLINE Vec LoadFirst(const int64_t* from, size_t n) {
    const Vec mask = First(n);
    return _mm256_blendv_epi8(Set(INT64_MAX), _mm256_maskload_epi64(reinterpret_cast<const long long*>(from), mask),
                              mask);
  }
  OFFLOOP_LANES_INLINE void StoreFirst(int64_t* to, Vec v, size_t n) {
    _mm256_maskstore_epi64(reinterpret_cast<long long*>(to), First(n), v);
  }
  OFFLOOP_LANES_INLINE Vec CountEqual(Vec counts, Vec v, Vec value) {
    return _mm256_sub_epi64(counts, _mm256_cmpeq_epi64(v, value));
  }
  OFFLOOP_LANES_INLINE uint32_t EqualBits(Vec v, Vec value) {
    return static_cast<uint32_t>(_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(v, value))));
  }
  OFFLOOP_LANES_INLINE Vec Min(Vec a, Vec b) { return Choose(a, b, _mm256_cmpgt_epi64(a, b)); }
  OFFLOOP_LANES_INLINE Vec Max(Vec a, Vec b) { return Choose(b, a, _mm256_cmpgt_epi64(a, b)); }
  OFFLOOP_LANES_INLINE Vec Choose(Vec a, Vec b, Vec second) {
    return _mm256_castpd_si256(
        _mm256_blendv_pd(_mm256_castsi256_pd(a), _mm256_castsi256_pd(b), _mm256_castsi256_pd(second)));
  }
  template <int kWidth>
  OFFLOOP_LANES_INLINE Vec Reverse(Vec v) {
    if constexpr (kWidth == 2) return _mm256_shuffle_epi32(v, 0x4E);
    return _mm256_permute4x64_epi64(v, 0x1B);
  }
  template <int kWidth>
  OFFLOOP_LANES_INLINE Vec Exchange(Vec v) {
    return kWidth == 2 ? _mm256_shuffle_epi32(v, 0x4E) : _mm256_permute4x64_epi64(v, 0x4E);
  }
  template <int kWidth>
  OFFLOOP_LANES_INLINE Vec MinMax(Vec a, Vec b) {
    constexpr int kUpper = kWidth == 2 ? 0xCC : 0xF0;
    return _mm256_blend_epi32(Min(a, b), Max(a, b), kUpper);
  }
  OFFLOOP_LANES_INLINE void Interleave(Vec a, Vec b, Vec* low, Vec* high) {
    const Vec even = _mm256_unpacklo_epi64(a, b);
    const Vec odd = _mm256_unpackhi_epi64(a, b);
    *low = _mm256_permute2x128_si256(even, odd, 0x20);
    *high = _mm256_permute2x128_si256(even, odd, 0x31);
  }
  // Writes the keys between two others, bounds excluded, to `to`, a whole register; returns how many.
  OFFLOOP_LANES_INLINE size_t KeepBetween(Vec v, Vec low, Vec high, int64_t* to) {
    const Vec inside = _mm256_and_si256(_mm256_cmpgt_epi64(v, low), _mm256_cmpgt_epi64(high, v));
    const int kept = _mm256_movemask_pd(_mm256_castsi256_pd(inside));
    Store(to, Permute(v, kFront64.entry[kept]));
    return static_cast<size_t>(_mm_popcnt_u32(static_cast<uint32_t>(kept)));
  }
  OFFLOOP_LANES_INLINE size_t Split(Vec v, Vec pivot, int64_t* below, int64_t* above) {
    const int less = _mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpgt_epi64(pivot, v)));
    Store(below, Permute(v, kFront64.entry[less]));
    Store(above, Permute(v, kFront64.entry[less ^ 15]));
    return static_cast<size_t>(_mm_popcnt_u32(static_cast<uint32_t>(less)));
  }
};

template <>
struct Lanes<int32_t> {
  using Vec = __m256i;
  static constexpr int kCount = 8;

  OFFLOOP_LANES_INLINE Vec Set(int32_t x) { return _mm256_set1_epi32(x); }
  OFFLOOP_LANES_INLINE Vec Load(const int32_t* from) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  }
  OFFLOOP_LANES_INLINE void Store(int32_t* to, Vec v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), v); }
  OFFLOOP_LANES_INLINE void Stream(int32_t* to, Vec v) { _mm256_stream_si256(reinterpret_cast<Vec*>(to), v); }
  OFFLOOP_LANES_INLINE Vec First(size_t n) {
    return _mm256_cmpgt_epi32(Set(static_cast<int32_t>(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  OFFLOOP_LANES_INLINE Vec LoadFirst(const int32_t* from, size_t n) {
    const Vec mask = First(n);
    return _mm256_blendv_epi8(Set(INT32_MAX), _mm256_maskload_epi32(from, mask), mask);
  }
  OFFLOOP_LANES_INLINE void StoreFirst(int32_t* to, Vec v, size_t n) { _mm256_maskstore_epi32(to, First(n), v); }
  OFFLOOP_LANES_INLINE Vec CountEqual(Vec counts, Vec v, Vec value) {
    return _mm256_sub_epi32(counts, _mm256_cmpeq_epi32(v, value));
  }
  OFFLOOP_LANES_INLINE uint32_t EqualBits(Vec v, Vec value) {
    return static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(v, value))));
  }
  OFFLOOP_LANES_INLINE Vec Min(Vec a, Vec b) { return _mm256_min_epi32(a, b); }
  OFFLOOP_LANES_INLINE Vec Max(Vec a, Vec b) { return _mm256_max_epi32(a, b); }
  template <int kWidth>
  OFFLOOP_LANES_INLINE Vec Reverse(Vec v) {
    if constexpr (kWidth == 2) return _mm256_shuffle_epi32(v, 0xB1);
    if constexpr (kWidth == 4) return _mm256_shuffle_epi32(v, 0x1B);
    return _mm256_permutevar8x32_epi32(v, _mm256_setr_epi32(7, 6, 5, 4, 3, 2, 1, 0));
  }
  template <int kWidth>
  OFFLOOP_LANES_INLINE Vec Exchange(Vec v) {
    if constexpr (kWidth == 2) return _mm256_shuffle_epi32(v, 0xB1);
    if constexpr (kWidth == 4) return _mm256_shuffle_epi32(v, 0x4E);
    return _mm256_permute4x64_epi64(v, 0x4E);
  }
  template <int kWidth>
  OFFLOOP_LANES_INLINE Vec MinMax(Vec a, Vec b) {
    constexpr int kUpper = kWidth == 2 ? 0xAA : kWidth == 4 ? 0xCC : 0xF0;
    return _mm256_blend_epi32(Min(a, b), Max(a, b), kUpper);
  }
  OFFLOOP_LANES_INLINE void Interleave(Vec a, Vec b, Vec* low, Vec* high) {
    const Vec first = _mm256_unpacklo_epi32(a, b);
    const Vec second = _mm256_unpackhi_epi32(a, b);
    *low = _mm256_permute2x128_si256(first, second, 0x20);
    *high = _mm256_permute2x128_si256(first, second, 0x31);
  }
  OFFLOOP_LANES_INLINE size_t Split(Vec v, Vec pivot, int32_t* below, int32_t* above) {
    const int less = _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(pivot, v)));
    Store(below, Permute(v, kFront32.entry[less]));
    Store(above, Permute(v, kFront32.entry[less ^ 255]));
    return static_cast<size_t>(_mm_popcnt_u32(static_cast<uint32_t>(less)));
  }
};

#endif

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
