// The search for extremes. Included again for every level, after extremes.h and lanes.h.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// a < b ? a : b and a > b ? a : b: of equal numbers, and where either is NaN, the second.
template <typename V>
OFFLOOP_INLINE V Lesser(V a, V b) {
  return a < b ? a : b;
}
template <typename V>
OFFLOOP_INLINE V Greater(V a, V b) {
  return a > b ? a : b;
}

// Vectors of a type, the integers of its size, and the bounds that start a search.
template <typename T>
struct Traits;
#define OFFLOOP_TRAITS(T, V, I, first, last) \
  template <>                                \
  struct Traits<T> {                         \
    using Vector = V;                        \
    using Bits = I;                          \
    static constexpr T kFirst = first;       \
    static constexpr T kLast = last;         \
  };
OFFLOOP_TRAITS(int8_t, I8, int8_t, INT8_MIN, INT8_MAX)
OFFLOOP_TRAITS(uint8_t, U8, int8_t, 0, UINT8_MAX)
OFFLOOP_TRAITS(int16_t, I16, int16_t, INT16_MIN, INT16_MAX)
OFFLOOP_TRAITS(uint16_t, U16, int16_t, 0, UINT16_MAX)
OFFLOOP_TRAITS(int32_t, I32, int32_t, INT32_MIN, INT32_MAX)
OFFLOOP_TRAITS(uint32_t, U32, int32_t, 0, UINT32_MAX)
OFFLOOP_TRAITS(int64_t, I64, int64_t, INT64_MIN, INT64_MAX)
OFFLOOP_TRAITS(uint64_t, U64, int64_t, 0, UINT64_MAX)
OFFLOOP_TRAITS(float, F32, int32_t, -__builtin_inff(), __builtin_inff())
OFFLOOP_TRAITS(double, F64, int64_t, -__builtin_inf(), __builtin_inf())
#undef OFFLOOP_TRAITS

// The NaNs seen so far, in whichever form the level tests fastest.
template <typename T>
struct NaNs {
  using V = typename Traits<T>::Vector;
  decltype(V{} != V{}) seen;
  OFFLOOP_INLINE void Note(V a, V b) { seen |= (a != a) | (b != b); }
  OFFLOOP_INLINE bool Any() const {
    bool any = false;
    for (size_t lane = 0; lane < sizeof(V) / sizeof(T); ++lane) any |= seen[lane] != 0;
    return any;
  }
};

#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 64
OFFLOOP_INLINE F64 Lesser(F64 a, F64 b) { return F64(_mm512_maskz_min_pd(0xff, a, b)); }
OFFLOOP_INLINE F64 Greater(F64 a, F64 b) { return F64(_mm512_maskz_max_pd(0xff, a, b)); }
OFFLOOP_INLINE F32 Lesser(F32 a, F32 b) { return F32(_mm512_maskz_min_ps(0xffff, a, b)); }
OFFLOOP_INLINE F32 Greater(F32 a, F32 b) { return F32(_mm512_maskz_max_ps(0xffff, a, b)); }
template <>
struct NaNs<double> {
  __mmask8 seen;
  OFFLOOP_INLINE void Note(F64 a, F64 b) { seen = _kor_mask8(seen, _mm512_cmp_pd_mask(a, b, _CMP_UNORD_Q)); }
  OFFLOOP_INLINE bool Any() const { return seen != 0; }
};
template <>
struct NaNs<float> {
  __mmask16 seen;
  OFFLOOP_INLINE void Note(F32 a, F32 b) { seen = _kor_mask16(seen, _mm512_cmp_ps_mask(a, b, _CMP_UNORD_Q)); }
  OFFLOOP_INLINE bool Any() const { return seen != 0; }
};
#elif OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 32
OFFLOOP_INLINE F64 Lesser(F64 a, F64 b) { return F64(_mm256_min_pd(a, b)); }
OFFLOOP_INLINE F64 Greater(F64 a, F64 b) { return F64(_mm256_max_pd(a, b)); }
OFFLOOP_INLINE F32 Lesser(F32 a, F32 b) { return F32(_mm256_min_ps(a, b)); }
OFFLOOP_INLINE F32 Greater(F32 a, F32 b) { return F32(_mm256_max_ps(a, b)); }
template <>
struct NaNs<double> {
  __m256d seen;
  OFFLOOP_INLINE void Note(F64 a, F64 b) { seen = _mm256_or_pd(seen, _mm256_cmp_pd(a, b, _CMP_UNORD_Q)); }
  OFFLOOP_INLINE bool Any() const { return _mm256_movemask_pd(seen) != 0; }
};
template <>
struct NaNs<float> {
  __m256 seen;
  OFFLOOP_INLINE void Note(F32 a, F32 b) { seen = _mm256_or_ps(seen, _mm256_cmp_ps(a, b, _CMP_UNORD_Q)); }
  OFFLOOP_INLINE bool Any() const { return _mm256_movemask_ps(seen) != 0; }
};
#elif OFFLOOP_X64
OFFLOOP_INLINE F64 Lesser(F64 a, F64 b) { return F64(_mm_min_pd(a, b)); }
OFFLOOP_INLINE F64 Greater(F64 a, F64 b) { return F64(_mm_max_pd(a, b)); }
OFFLOOP_INLINE F32 Lesser(F32 a, F32 b) { return F32(_mm_min_ps(a, b)); }
OFFLOOP_INLINE F32 Greater(F32 a, F32 b) { return F32(_mm_max_ps(a, b)); }
template <>
struct NaNs<double> {
  __m128d seen;
  OFFLOOP_INLINE void Note(F64 a, F64 b) { seen = _mm_or_pd(seen, _mm_cmpunord_pd(a, b)); }
  OFFLOOP_INLINE bool Any() const { return _mm_movemask_pd(seen) != 0; }
};
template <>
struct NaNs<float> {
  __m128 seen;
  OFFLOOP_INLINE void Note(F32 a, F32 b) { seen = _mm_or_ps(seen, _mm_cmpunord_ps(a, b)); }
  OFFLOOP_INLINE bool Any() const { return _mm_movemask_ps(seen) != 0; }
};
#endif

OFFLOOP_INLINE int64_t KeyOf(uint64_t x) { return static_cast<int64_t>(x ^ 0x8000000000000000); }
OFFLOOP_INLINE int64_t KeyOf(double x) { return TurnNegative<int64_t>(__builtin_bit_cast(int64_t, x)); }
OFFLOOP_INLINE int64_t KeyOf(float x) { return TurnNegative<int32_t>(__builtin_bit_cast(int32_t, x)); }
template <typename T>
OFFLOOP_INLINE int64_t KeyOf(T x) {
  return x;
}

inline constexpr int kChains = 4;

// An element may be looked at twice, so a run is covered by a block at either end and aligned ones between, where no
// load crosses a cache line. Calls visit.At(pointer) for kChains vectors each; `count` is at least that many elements.
template <typename T, typename Visit>
OFFLOOP_INLINE void Cover(const T* x, int64_t count, Visit* visit) {
  constexpr int64_t kVector = OFFLOOP_VECTOR_BYTES / sizeof(T);
  constexpr int64_t kStep = kChains * kVector;
  visit->At(x);
  const int64_t past_line = static_cast<int64_t>(reinterpret_cast<uintptr_t>(x) % OFFLOOP_VECTOR_BYTES / sizeof(T));
  for (int64_t i = kVector - past_line; i + kStep <= count; i += kStep) {
    PrefetchPageAhead<kChains * OFFLOOP_VECTOR_BYTES>(x + i);
    visit->At(x + i);
  }
  visit->At(x + count - kStep);
}

// The extreme of all lanes of kChains vectors, by halves. They come as plain memory: as an argument of a template a
// vector type loses its alignment to elements.
template <typename T, typename Choose>
OFFLOOP_INLINE T FoldChains(const void* chains, Choose choose) {
  using V = typename Traits<T>::Vector;
  constexpr int kVector = OFFLOOP_VECTOR_BYTES / sizeof(T);
  const std::byte* from = static_cast<const std::byte*>(chains);
  V best = Load<V>(from);
#pragma GCC unroll 4
  for (int c = 1; c < kChains; ++c) best = choose(best, Load<V>(from + c * OFFLOOP_VECTOR_BYTES));
  T lanes[kVector];
  Store(lanes, best);
#pragma GCC unroll 8
  for (int half = kVector / 2; half >= 1; half /= 2) {
    for (int lane = 0; lane < half; ++lane) lanes[lane] = choose(lanes[lane], lanes[lane + half]);
  }
  return lanes[0];
}

struct ChooseLesser {
  template <typename V>
  OFFLOOP_INLINE V operator()(V a, V b) const {
    return Lesser(a, b);
  }
};
struct ChooseGreater {
  template <typename V>
  OFFLOOP_INLINE V operator()(V a, V b) const {
    return Greater(a, b);
  }
};

template <typename T, bool watch_nan>
struct Search {
  using V = typename Traits<T>::Vector;
  V low[kChains];
  V high[kChains];
  NaNs<T> nans;

  OFFLOOP_INLINE void At(const T* x) {
    constexpr int64_t kVector = OFFLOOP_VECTOR_BYTES / sizeof(T);
    V values[kChains];
#pragma GCC unroll 4
    for (int c = 0; c < kChains; ++c) {
      values[c] = Load<V>(x + c * kVector);
      low[c] = Lesser(values[c], low[c]);
      high[c] = Greater(values[c], high[c]);
    }
    if constexpr (watch_nan) {
      nans.Note(values[0], values[1]);
      nans.Note(values[2], values[3]);
    }
  }
};

struct ExtremesOp {
  static constexpr uint32_t kInputs = 1;
  using State = Extremes;
  static OFFLOOP_INLINE void Begin(State* state) { *state = {INT64_MAX, INT64_MIN, 0, 0}; }
  static OFFLOOP_INLINE void End(const State* state, std::byte* to) { *reinterpret_cast<Extremes*>(to) = *state; }
};

// Least and greatest by `<`, to which NaNs are nothing; whether there was one, if it is watched for.
template <typename T, bool watch_nan>
OFFLOOP_INLINE bool FindExtremes(const T* x, int64_t count, T* least, T* greatest) {
  using V = typename Traits<T>::Vector;
  *least = Traits<T>::kLast;
  *greatest = Traits<T>::kFirst;
  bool nan = false;
  if (count >= kChains * int64_t{OFFLOOP_VECTOR_BYTES / sizeof(T)}) {
    Search<T, watch_nan> search = {};
#pragma GCC unroll 4
    for (int c = 0; c < kChains; ++c) {
      search.low[c] = *least - V{};
      search.high[c] = *greatest - V{};
    }
    Cover(x, count, &search);
    *least = FoldChains<T>(search.low, ChooseLesser());
    *greatest = FoldChains<T>(search.high, ChooseGreater());
    return watch_nan && search.nans.Any();
  }
  for (int64_t i = 0; i < count; ++i) {
    const T value = x[i];
    nan = nan || (watch_nan && value != value);
    *least = Lesser(value, *least);
    *greatest = Greater(value, *greatest);
  }
  return nan;
}

template <typename T>
struct IntegerExtremes : ExtremesOp {
  using Element = T;
  static OFFLOOP_INLINE void Add(State* state, const T* x, int64_t count) {
    if (count == 0) return;
    T least;
    T greatest;
    FindExtremes<T, false>(x, count, &least, &greatest);
    MergeExtremes(state, KeyOf(least), KeyOf(greatest));
  }
};

template <typename T, bool skip_nan>
struct FloatExtremes : ExtremesOp {
  using Element = T;
  using Bits = typename Traits<T>::Bits;

  static OFFLOOP_INLINE void Add(State* state, const T* x, int64_t count) {
    T least;
    T greatest;
    state->nan |= FindExtremes<T, !skip_nan>(x, count, &least, &greatest);
    // Infinities that were there from the start are not elements.
    if (least > greatest) return;
    // Comparisons don't tell zeros apart; if one is an extreme, those that are there decide its sign.
    if (least == 0) least = Has(x, count, -T{0}) ? -T{0} : T{0};
    if (greatest == 0) greatest = Has(x, count, T{0}) ? T{0} : -T{0};
    MergeExtremes(state, KeyOf(least), KeyOf(greatest));
  }

  static OFFLOOP_INLINE bool Has(const T* x, int64_t count, T wanted) {
    typedef Bits AliasedBits __attribute__((may_alias));
    const AliasedBits* bits = reinterpret_cast<const AliasedBits*>(x);
    const Bits pattern = __builtin_bit_cast(Bits, wanted);
    Bits found = 0;
    for (int64_t i = 0; i < count; ++i) found |= bits[i] == pattern ? Bits{1} : Bits{0};
    return found != 0;
  }
};

// float16 is compared in its integer order, NaNs beyond both infinities.
template <bool skip_nan>
struct FloatExtremes<Half, skip_nan> : ExtremesOp {
  using Element = Half;
  static constexpr int16_t kInfinity = 0x7c00;
  static constexpr int16_t kMinusInfinity = -0x7c01;

  static OFFLOOP_INLINE void Add(State* state, const Half* x, int64_t count) {
    int16_t least = INT16_MAX;
    int16_t greatest = INT16_MIN;
    for (int64_t i = 0; i < count; ++i) {
      const int16_t bits = static_cast<int16_t>(x[i].bits);
      const int16_t key = static_cast<int16_t>(bits ^ ((bits >> 15) & 0x7fff));
      const bool left_out = skip_nan && (key > kInfinity || key < kMinusInfinity);
      const int16_t low = left_out ? INT16_MAX : key;
      const int16_t high = left_out ? INT16_MIN : key;
      least = low < least ? low : least;
      greatest = high > greatest ? high : greatest;
    }
    if (least > greatest) return;
    state->nan |= greatest > kInfinity || least < kMinusInfinity;
    MergeExtremes(state, least, greatest);
  }
};

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
