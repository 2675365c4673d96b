// Sums over the steps of rows against columns, for every kind of step. Two forms: columns in lanes, kRows x kVectors
// vectors of sums in registers (for many columns); or steps in lanes (for few columns, and for a row with itself).
// Included once a CPU level.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// a * b + c, rounded once where the level can.
#if OFFLOOP_VECTOR_BYTES == 64
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

template <typename Step>
struct LanesFor;
template <>
struct LanesFor<float> {
  using Type = F32;
};
template <>
struct LanesFor<double> {
  using Type = F64;
};
template <>
struct LanesFor<int32_t> {
  using Type = I32;
};
template <>
struct LanesFor<uint64_t> {
  using Type = U64;
};

// What is done with a step. `Sum` accumulates in registers, at most kRun steps long where that is not 0, and becomes
// lanes of `Raw`.
template <typename T>
struct Products {
  using V = typename LanesFor<T>::Type;
  using Step = T;
  using Raw = T;
  using Sum = V;
  static constexpr int64_t kRun = 0;
  static constexpr int kSpare = 1;
  static inline __attribute__((always_inline)) Sum Add(Sum sum, V a, V b) { return Fused(a, b, sum); }
  static inline __attribute__((always_inline)) V Finish(Sum sum) { return sum; }
};

// Squares of differences: exact for near rows, where |a|² + |b|² - 2ab would have cancelled.
template <typename T>
struct Squares {
  using V = typename LanesFor<T>::Type;
  using Step = T;
  using Raw = T;
  using Sum = V;
  static constexpr int64_t kRun = 0;
  static constexpr int kSpare = 2;
  static inline __attribute__((always_inline)) Sum Add(Sum sum, V a, V b) {
    const V difference = a - b;
    return Fused(difference, difference, sum);
  }
  static inline __attribute__((always_inline)) V Finish(Sum sum) { return sum; }
};

struct Int8Products {
  using Step = int32_t;
  using Raw = int32_t;
  using Sum = I32;
  static constexpr int64_t kRun = 0;
  static constexpr int kSpare = 2;
  static inline __attribute__((always_inline)) Sum Add(Sum sum, I32 a, I32 b) { return sum + PairProducts(a, b); }
  static inline __attribute__((always_inline)) I32 Finish(Sum sum) { return sum; }
};

// Bits that both have. A byte of a sum holds the counts of 31 steps.
struct CommonBits {
  using Step = uint64_t;
  using Raw = uint64_t;
  using Sum = U8;
  static constexpr int64_t kRun = 31;
  static constexpr int kSpare = 4;
  static inline __attribute__((always_inline)) Sum Add(Sum sum, U64 a, U64 b) { return sum + CountBits((U8)(a & b)); }
  static inline __attribute__((always_inline)) U64 Finish(Sum sum) { return SumBytes(sum); }
};

template <typename Op>
using LanesOf = typename LanesFor<typename Op::Step>::Type;
template <typename Op>
static constexpr int kStepLanes = OFFLOOP_VECTOR_BYTES / static_cast<int>(sizeof(typename Op::Step));

// As many sums as the registers hold beside a strip of columns and what the operation needs to spare.
#if OFFLOOP_VECTOR_BYTES == 64 || defined(__aarch64__)
static constexpr int kTileRows = 8;
template <typename Op>
static constexpr int kTileVectors = Op::kSpare > 2 ? 2 : 3;
#else
static constexpr int kTileRows = 4;
template <typename Op>
static constexpr int kTileVectors = Op::kSpare > 1 || OFFLOOP_VECTOR_BYTES == 16 ? 2 : 3;
#endif
// The widest strip of columns of any operation.
static constexpr int64_t kMostStrip = 3 * OFFLOOP_VECTOR_BYTES / 4;

// The steps over sums are recursive templates, not loops: GCC 12 takes an array apart into registers only where every
// index is a constant before it unrolls.
template <int kRow, typename Op, int kRows, int kVectors>
static inline __attribute__((always_inline)) void AddRows(typename Op::Sum (&sums)[kRows][kVectors], const char* upper,
                                                          const char* lower, int64_t row, int64_t row3,
                                                          const LanesOf<Op> (&strip)[kVectors]) {
  using V = LanesOf<Op>;
  using T = typename Op::Step;
  const char* group = kRow < 4 ? upper : lower;
  const V value = Broadcast<V>(Load<T>(kRow % 4 == 3 ? group + row3 : group + kRow % 4 * row));
  sums[kRow][0] = Op::Add(sums[kRow][0], value, strip[0]);
  if constexpr (kVectors > 1) sums[kRow][1] = Op::Add(sums[kRow][1], value, strip[1]);
  if constexpr (kVectors > 2) sums[kRow][2] = Op::Add(sums[kRow][2], value, strip[2]);
  if constexpr (kRow + 1 < kRows) AddRows<kRow + 1, Op>(sums, upper, lower, row, row3, strip);
}

template <int kRow, typename Op, int kRows, int kVectors>
static inline __attribute__((always_inline)) void ClearRows(typename Op::Sum (&sums)[kRows][kVectors]) {
  sums[kRow][0] = typename Op::Sum{};
  if constexpr (kVectors > 1) sums[kRow][1] = typename Op::Sum{};
  if constexpr (kVectors > 2) sums[kRow][2] = typename Op::Sum{};
  if constexpr (kRow + 1 < kRows) ClearRows<kRow + 1, Op>(sums);
}

template <int kRow, int kVector, typename Op, int kRows, int kVectors>
static inline __attribute__((always_inline)) void StoreRows(const typename Op::Sum (&sums)[kRows][kVectors],
                                                            typename Op::Raw* raw, int64_t width, bool add) {
  using V = LanesOf<Op>;
  typename Op::Raw* to = raw + kRow * width + kVector * kStepLanes<Op>;
  const V sum = Op::Finish(sums[kRow][kVector]);
  if constexpr (Op::kRun > 0)
    Store(to, add ? Load<V>(to) + sum : sum);
  else
    Store(to, sum);
  if constexpr (kVector + 1 < kVectors)
    StoreRows<kRow, kVector + 1, Op>(sums, raw, width, add);
  else if constexpr (kRow + 1 < kRows)
    StoreRows<kRow + 1, 0, Op>(sums, raw, width, add);
}

// kRows rows, `row` bytes apart, against a panel of kVectors vectors of columns. raw[i * width + j] gets the sum of row
// i and column j, over steps in order, whatever the shape of the tile.
template <typename Op, int kRows, int kVectors>
static void SumTile(int64_t steps, const char* rows, int64_t row, const char* panel, typename Op::Raw* raw,
                    int64_t width) {
  using V = LanesOf<Op>;
  using Sum = typename Op::Sum;
  constexpr int64_t kBytes = sizeof(typename Op::Step);
  const char* upper = rows;
  const char* lower = rows + 4 * row;
  int64_t done = 0;
  do {
    const int64_t end = Op::kRun > 0 && steps - done > Op::kRun ? done + Op::kRun : steps;
    alignas(sizeof(V)) Sum sums[kRows][kVectors];
    ClearRows<0, Op>(sums);
    for (int64_t p = done; p < end; ++p) {
      alignas(sizeof(V)) V strip[kVectors];
      strip[0] = Load<V>(panel);
      if constexpr (kVectors > 1) strip[1] = Load<V>(panel + OFFLOOP_VECTOR_BYTES);
      if constexpr (kVectors > 2) strip[2] = Load<V>(panel + 2 * OFFLOOP_VECTOR_BYTES);
      AddRows<0, Op>(sums, upper, lower, row, 3 * row, strip);
      upper += kBytes;
      lower += kBytes;
      panel += kVectors * OFFLOOP_VECTOR_BYTES;
    }
    StoreRows<0, 0, Op>(sums, raw, width, done > 0);
    done = end;
  } while (done < steps);
}

// The same for any number of rows up to kTileRows.
template <typename Op, int kVectors>
static void SumRows(int64_t steps, const char* rows, int64_t row, int64_t count, const char* panel,
                    typename Op::Raw* raw, int64_t width) {
  if (count == kTileRows) return SumTile<Op, kTileRows, kVectors>(steps, rows, row, panel, raw, width);
  int64_t i = 0;
  if constexpr (kTileRows > 4) {
    for (; i + 4 <= count; i += 4) SumTile<Op, 4, kVectors>(steps, rows + i * row, row, panel, raw + i * width, width);
  }
  for (; i < count; ++i) SumTile<Op, 1, kVectors>(steps, rows + i * row, row, panel, raw + i * width, width);
}

// How the columns of a tile are dealt to panels: vectors of columns in strips, as wide as registers allow and as even
// as can be.
template <typename Op>
struct Strips {
  int64_t vectors, count;

  explicit Strips(int64_t columns)
      : vectors((columns + kStepLanes<Op> - 1) / kStepLanes<Op>),
        count((vectors + kTileVectors<Op> - 1) / kTileVectors<Op>) {}

  // Vectors before strip `index`.
  int64_t First(int64_t index) const {
    const int64_t wide = vectors % count;
    return index * (vectors / count) + (index < wide ? index : wide);
  }
};

// One strip of columns under up to kTileRows rows.
template <typename Op>
static inline void SumStrip(int64_t vectors, int64_t steps, const char* rows, int64_t row, int64_t count,
                            const char* panel, typename Op::Raw* raw, int64_t width) {
  if (vectors == 1)
    SumRows<Op, 1>(steps, rows, row, count, panel, raw, width);
  else if (vectors == 2)
    SumRows<Op, 2>(steps, rows, row, count, panel, raw, width);
  else if constexpr (kTileVectors<Op> > 2)
    SumRows<Op, 3>(steps, rows, row, count, panel, raw, width);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
