// Norms of lines, and lines divided by theirs. Everything is added in float64. Included once a CPU level.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

typedef float HalfF32 __attribute__((vector_size(OFFLOOP_VECTOR_BYTES / 2)));

static inline __attribute__((always_inline)) F64 Widen(const double* from) { return LoadAny<F64>(from); }
static inline __attribute__((always_inline)) F64 Widen(const float* from) {
  return __builtin_convertvector(LoadAny<HalfF32>(from), F64);
}
static inline __attribute__((always_inline)) void Narrow(double* to, F64 value) { StoreAny(to, value); }
static inline __attribute__((always_inline)) void Narrow(float* to, F64 value) {
  StoreAny(to, __builtin_convertvector(value, HalfF32));
}

static inline __attribute__((always_inline)) F64 Magnitude(F64 x) { return (F64)((I64)x & (I64{} + INT64_MAX)); }
static inline __attribute__((always_inline)) double Magnitude(double x) { return __builtin_fabs(x); }

// NaN is above all else, as its bits are.
static inline __attribute__((always_inline)) F64 Greater(F64 a, F64 b) {
  const I64 is_less = (I64)a < (I64)b;
  return (F64)(((I64)b & is_less) | ((I64)a & ~is_less));
}
static inline __attribute__((always_inline)) double Greater(double a, double b) { return a != a || a >= b ? a : b; }

template <Norm kNorm, typename V>
static inline __attribute__((always_inline)) V AddToNorm(V sum, V x) {
  if constexpr (kNorm == Norm::kL1) return sum + Magnitude(x);
  if constexpr (kNorm == Norm::kL2) return sum + x * x;
  if constexpr (kNorm == Norm::kMax) return Greater(sum, Magnitude(x));
}

template <Norm kNorm, typename V>
static inline __attribute__((always_inline)) V JoinNorms(V a, V b) {
  if constexpr (kNorm == Norm::kMax)
    return Greater(a, b);
  else
    return a + b;
}

template <typename T, Norm kNorm>
static double SumLine(const T* x, int64_t step, int64_t length, double factor) {
  constexpr int kLanes = F64Lanes;
  double sum = 0;
  int64_t i = 0;
  if (step == 1 && factor == 1) {
    F64 parts[4] = {};
    for (; i + 4 * kLanes <= length; i += 4 * kLanes) {
#pragma GCC unroll 4
      for (int p = 0; p < 4; ++p) parts[p] = AddToNorm<kNorm>(parts[p], Widen(x + i + p * kLanes));
    }
    for (; i + kLanes <= length; i += kLanes) parts[0] = AddToNorm<kNorm>(parts[0], Widen(x + i));
    const F64 all = JoinNorms<kNorm>(JoinNorms<kNorm>(parts[0], parts[1]), JoinNorms<kNorm>(parts[2], parts[3]));
    for (int lane = 0; lane < kLanes; ++lane) sum = JoinNorms<kNorm>(sum, static_cast<double>(all[lane]));
  }
  for (; i < length; ++i) sum = AddToNorm<kNorm>(sum, static_cast<double>(x[i * step]) * factor);
  return sum;
}

// Whether a sum has kept the precision that doubles give.
static inline bool IsSafe(double sum) { return sum > 0x1p-900 && sum < 0x1p1000; }

// The sum again, of a line that was brought near to 1 by a power of two first.
template <typename T, Norm kNorm>
static LineSum SumScaled(const T* x, int64_t step, int64_t length, double sum) {
  const double greatest = SumLine<T, Norm::kMax>(x, step, length, 1);
  if (!(greatest > 0 && greatest < __builtin_inf())) return {1, sum};
  uint64_t bits;
  __builtin_memcpy(&bits, &greatest, sizeof(bits));
  bits &= uint64_t{0x7ff} << 52;
  if (bits == 0) bits = uint64_t{1} << 52;
  double scale;
  __builtin_memcpy(&scale, &bits, sizeof(scale));
  return {scale, SumLine<T, kNorm>(x, step, length, 1 / scale)};
}

template <typename T, Norm kNorm>
static LineSum CheckSum(const T* x, int64_t step, int64_t length, double sum) {
  if (sizeof(T) == 4 || kNorm == Norm::kMax || IsSafe(sum)) return {1, sum};
  return SumScaled<T, kNorm>(x, step, length, sum);
}

// What a line is divided by: by `scale`, a power of two, and then by `norm`.
static inline LineSum Divisor(Norm norm, const LineSum& sum) {
  if (sum.sum == 0) return {1, 1};
#if OFFLOOP_X64
  const double root = _mm_cvtsd_f64(_mm_sqrt_pd(_mm_set1_pd(sum.sum)));
#else
  const double root = __builtin_sqrt(sum.sum);
#endif
  return {sum.scale, norm == Norm::kL2 ? root : sum.sum};
}

// float64 is divided; for float32 a product with the reciprocal in float64 rounds to the same.
template <typename T>
static void DivideLine(const T* x, int64_t in_step, T* y, int64_t out_step, int64_t length, const LineSum& by) {
  constexpr int kLanes = F64Lanes;
  const double factor = 1 / by.scale;
  const double reciprocal = 1 / by.sum;
  int64_t i = 0;
  if (in_step == 1 && out_step == 1 && by.scale == 1) {
    const F64 divisor = Broadcast<F64>(sizeof(T) == 4 ? reciprocal : by.sum);
    for (; i + kLanes <= length; i += kLanes) {
      const F64 value = Widen(x + i);
      Narrow(y + i, sizeof(T) == 4 ? value * divisor : value / divisor);
    }
  }
  for (; i < length; ++i) {
    const double value = static_cast<double>(x[i * in_step]) * factor;
    y[i * out_step] = static_cast<T>(sizeof(T) == 4 ? value * reciprocal : value / by.sum);
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
