// Groups of eight, of which every scan is made: prefixes within a group by Sklansky's network (1960), which every
// vector width and the JavaScript reference do in this order:
//
//   y1 = x0 ∘ x1    y2 = y1 ∘ x2    y3 = y1 ∘ (x2 ∘ x3)    p = x4 ∘ x5
//   y4 = y3 ∘ x4    y5 = y3 ∘ p     y6 = y3 ∘ (p ∘ x6)     y7 = y3 ∘ (p ∘ (x6 ∘ x7))
//
// Included again for every level, after kernels/scan_store.h. Accumulators are double or uint64_t.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

inline constexpr int kGroup = 8;
inline constexpr int kGroupVectors = kGroup / F64Lanes;

// Elements that pass through local memory at once.
inline constexpr int64_t kScanPiece = 512;

template <typename A>
struct VectorOf;
template <>
struct VectorOf<double> {
  using V = F64;
};
template <>
struct VectorOf<uint64_t> {
  using V = U64;
};

// Calls work<Element, Result>() for what elements of a dtype are read as and results stored as: 64-bit integers wrap,
// float16 and small integers are read as float64.
template <typename Work>
OFFLOOP_INLINE void ForScan(DType dtype, const Work& work) {
  switch (dtype) {
    case DType::kBigInt64:
    case DType::kBigUint64:
      return work.template operator()<uint64_t, uint64_t>();
    case DType::kFloat32:
      return work.template operator()<float, float>();
    case DType::kFloat16:
      return work.template operator()<double, Half>();
    default:
      return work.template operator()<double, double>();
  }
}

// What elements that are read as T are accumulated in.
template <typename T>
struct AccumulatorOf {
  using Type = double;
};
template <>
struct AccumulatorOf<uint64_t> {
  using Type = uint64_t;
};

template <typename T>
OFFLOOP_INLINE F64 LoadAccumulators(const T* x) {
  return LoadF64(x);
}
OFFLOOP_INLINE U64 LoadAccumulators(const uint64_t* x) { return Load<U64>(x); }

template <typename T>
OFFLOOP_INLINE double LoadAccumulator(const T* x) {
  return ToDouble(*x);
}
OFFLOOP_INLINE uint64_t LoadAccumulator(const uint64_t* x) { return *x; }

struct Add {
  static constexpr bool kIsSum = true;
  template <typename A>
  static OFFLOOP_INLINE A Apply(A a, A b) {
    return a + b;
  }
  // -0 is the one number that addition leaves as it finds it.
  static OFFLOOP_INLINE double Neutral(double) { return -0.0; }
  static OFFLOOP_INLINE uint64_t Neutral(uint64_t) { return 0; }
};

struct Multiply {
  static constexpr bool kIsSum = false;
  template <typename A>
  static OFFLOOP_INLINE A Apply(A a, A b) {
    return a * b;
  }
  static OFFLOOP_INLINE double Neutral(double) { return 1; }
  static OFFLOOP_INLINE uint64_t Neutral(uint64_t) { return 1; }
};

#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 64
// Operations in some lanes alone spare the shuffles that would put the others back.
template <typename Op>
OFFLOOP_INLINE __m512d ApplyMasked(__m512d x, __mmask8 lanes, __m512d y) {
  if constexpr (Op::kIsSum) {
    return _mm512_mask_add_pd(x, lanes, y, x);
  } else {
    return _mm512_mask_mul_pd(x, lanes, y, x);
  }
}
#endif

// Prefixes within a group, in place; the last one in every lane of the result.
template <typename Op, typename A>
OFFLOOP_INLINE typename VectorOf<A>::V Sklansky(typename VectorOf<A>::V* v) {
  using V = typename VectorOf<A>::V;
#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 64
  if constexpr (__is_same(A, double)) {
    __m512d x = __m512d(v[0]);
    x = ApplyMasked<Op>(x, 0xaa, _mm512_maskz_movedup_pd(0xff, x));
    x = ApplyMasked<Op>(x, 0xcc, _mm512_maskz_permutex_pd(0xff, x, 0x55));
    x = ApplyMasked<Op>(x, 0xf0, _mm512_maskz_permutexvar_pd(0xff, _mm512_set1_epi64(3), x));
    v[0] = V(x);
    return V(_mm512_maskz_permutexvar_pd(0xff, _mm512_set1_epi64(7), x));
  }
#endif
#if OFFLOOP_VECTOR_BYTES == 64
  V x = v[0];
  V y = Op::Apply(__builtin_shufflevector(x, x, 0, 0, 2, 2, 4, 4, 6, 6), x);
  x = __builtin_shufflevector(x, y, 0, 9, 2, 11, 4, 13, 6, 15);
  y = Op::Apply(__builtin_shufflevector(x, x, 1, 1, 1, 1, 5, 5, 5, 5), x);
  x = __builtin_shufflevector(x, y, 0, 1, 10, 11, 4, 5, 14, 15);
  y = Op::Apply(__builtin_shufflevector(x, x, 3, 3, 3, 3, 3, 3, 3, 3), x);
  x = __builtin_shufflevector(x, y, 0, 1, 2, 3, 12, 13, 14, 15);
  v[0] = x;
  return __builtin_shufflevector(x, x, 7, 7, 7, 7, 7, 7, 7, 7);
#elif OFFLOOP_VECTOR_BYTES == 32
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) {
    V x = v[i];
    V y = Op::Apply(__builtin_shufflevector(x, x, 0, 0, 2, 2), x);
    x = __builtin_shufflevector(x, y, 0, 5, 2, 7);
    y = Op::Apply(__builtin_shufflevector(x, x, 1, 1, 1, 1), x);
    v[i] = __builtin_shufflevector(x, y, 0, 1, 6, 7);
  }
  v[1] = Op::Apply(V(__builtin_shufflevector(v[0], v[0], 3, 3, 3, 3)), v[1]);
  return __builtin_shufflevector(v[1], v[1], 3, 3, 3, 3);
#else
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    const V y = Op::Apply(V(__builtin_shufflevector(v[i], v[i], 0, 0)), v[i]);
    v[i] = __builtin_shufflevector(v[i], y, 0, 3);
  }
  v[1] = Op::Apply(V(__builtin_shufflevector(v[0], v[0], 1, 1)), v[1]);
  v[3] = Op::Apply(V(__builtin_shufflevector(v[2], v[2], 1, 1)), v[3]);
  const V middle = __builtin_shufflevector(v[1], v[1], 1, 1);
  v[2] = Op::Apply(middle, v[2]);
  v[3] = Op::Apply(middle, v[3]);
  return __builtin_shufflevector(v[3], v[3], 1, 1);
#endif
}

// The last prefix of a group alone, in every lane.
template <typename A>
OFFLOOP_INLINE typename VectorOf<A>::V GroupSum(const typename VectorOf<A>::V* v) {
  using V = typename VectorOf<A>::V;
#if OFFLOOP_VECTOR_BYTES == 64
  V x = v[0];
  x += __builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6);
  x += __builtin_shufflevector(x, x, 2, 3, 0, 1, 6, 7, 4, 5);
  return x + __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3);
#elif OFFLOOP_VECTOR_BYTES == 32
  V sums[2];
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) {
    V x = v[i];
    x += __builtin_shufflevector(x, x, 1, 0, 3, 2);
    sums[i] = x + __builtin_shufflevector(x, x, 2, 3, 0, 1);
  }
  return sums[0] + sums[1];
#else
  V sums[4];
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) sums[i] = v[i] + V(__builtin_shufflevector(v[i], v[i], 1, 0));
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
#endif
}

#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 64
// The sums of eight groups, which are the eight vectors, in order: transposed while they are added.
OFFLOOP_INLINE F64 EightGroupSums(const F64* v) {
  F64 pairs[4];
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    const F64 a = v[2 * i];
    const F64 b = v[2 * i + 1];
    pairs[i] = __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14) +
               __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15);
  }
  F64 quads[2];
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) {
    const F64 a = pairs[2 * i];
    const F64 b = pairs[2 * i + 1];
    quads[i] = __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13) +
               __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
  }
  return __builtin_shufflevector(quads[0], quads[1], 0, 1, 2, 3, 8, 9, 10, 11) +
         __builtin_shufflevector(quads[0], quads[1], 4, 5, 6, 7, 12, 13, 14, 15);
}
#endif

// A line of the input.
struct ScanLine {
  DType dtype;
  const std::byte* data;
  int64_t stride;
};

OFFLOOP_INLINE ScanLine ScanLineOf(const View& input, int64_t line) {
  const int64_t bytes = LineOffset(input, line) * static_cast<int64_t>(DTypeSize(input.dtype));
  return {input.dtype, static_cast<const std::byte*>(input.data) + bytes, input.strides[input.rank - 1]};
}

// Up to kScanPiece elements of a line, one after another: where they are, or copied. As double they may be of any
// dtype.
template <typename T>
OFFLOOP_INLINE const T* PieceOf(const ScanLine& line, int64_t first, int64_t count, T* local) {
  const std::byte* from = line.data + first * line.stride * static_cast<int64_t>(DTypeSize(line.dtype));
  if constexpr (__is_same(T, double)) {
    if (line.dtype != DType::kFloat64) {
      ToDoubles(line.dtype, from, line.stride, count, local);
      return local;
    }
  }
  const T* x = reinterpret_cast<const T*>(from);
  if (line.stride == 1) return x;
  for (int64_t i = 0; i < count; ++i) local[i] = x[i * line.stride];
  return local;
}

// Calls run(first, count, pointer to elements, pointer for results) for pieces of [first, last) of a line. Results go
// straight to their places where these follow one another, else by way of local memory.
template <typename T, typename R, typename Run>
OFFLOOP_INLINE void ForPieces(const ScanLine& line, R* y, int64_t out_stride, int64_t first, int64_t last, bool stream,
                              Run run) {
  alignas(64) T elements[kScanPiece];
  alignas(64) R results[kScanPiece];
  for (int64_t i = first; i < last; i += kScanPiece) {
    const int64_t count = last - i < kScanPiece ? last - i : kScanPiece;
    const T* from = PieceOf(line, i, count, elements);
    if (out_stride == 1 && !stream) {
      run(count, from, y + i);
      continue;
    }
    run(count, from, results);
    if (out_stride == 1) {
      StreamOut(y + i, results, count * static_cast<int64_t>(sizeof(R)));
    } else {
      for (int64_t k = 0; k < count; ++k) y[(i + k) * out_stride] = results[k];
    }
  }
  if (stream) EndStream();
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
