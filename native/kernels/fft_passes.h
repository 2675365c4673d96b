// Transforms along rows: n rows (fft_factors.h) of lanes that know nothing of each other, from memory to memory in the
// cache. Stockham's form (Cochran et al., "What is the fast Fourier transform?", 1967), decimated in frequency: a pass
// of radix r takes rows s m apart and leaves them s apart, so that after the last pass all are in order and nothing is
// ever reversed by bits. Sign of the exponent: minus; the inverse is the same with real and imaginary parts swapped.
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

template <typename T>
OFFLOOP_FFT_INLINE void Butterfly(FftComplex<T> (&a)[2]) {
  const FftComplex<T> sum = a[0] + a[1];
  a[1] = a[0] - a[1];
  a[0] = sum;
}

template <typename T>
OFFLOOP_FFT_INLINE FftComplex<T> Scaled(T factor, const FftComplex<T>& a) {
  using V = typename FftVectorOf<T>::Type;
  return {Broadcast<V>(factor) * a.re, Broadcast<V>(factor) * a.im};
}

template <typename T>
OFFLOOP_FFT_INLINE FftComplex<T> AddScaled(const FftComplex<T>& a, T factor, const FftComplex<T>& b) {
  using V = typename FftVectorOf<T>::Type;
  return {FftMulAdd(Broadcast<V>(factor), b.re, a.re), FftMulAdd(Broadcast<V>(factor), b.im, a.im)};
}

template <typename T>
OFFLOOP_FFT_INLINE void Butterfly(FftComplex<T> (&a)[3]) {
  const FftComplex<T> sum = a[1] + a[2];
  const FftComplex<T> turned = Scaled(static_cast<T>(0.86602540378443864676), a[1] - a[2]);
  const FftComplex<T> middle = AddScaled(a[0], static_cast<T>(-0.5), sum);
  a[0] = a[0] + sum;
  a[1] = SubTurned(middle, turned);
  a[2] = AddTurned(middle, turned);
}

template <typename T>
OFFLOOP_FFT_INLINE void Butterfly(FftComplex<T> (&a)[4]) {
  const FftComplex<T> even = a[0] + a[2];
  const FftComplex<T> odd = a[1] + a[3];
  const FftComplex<T> even_less = a[0] - a[2];
  const FftComplex<T> odd_less = a[1] - a[3];
  a[0] = even + odd;
  a[1] = SubTurned(even_less, odd_less);
  a[2] = even - odd;
  a[3] = AddTurned(even_less, odd_less);
}

template <typename T>
OFFLOOP_FFT_INLINE void Butterfly(FftComplex<T> (&a)[5]) {
  constexpr T kCos1 = static_cast<T>(0.30901699437494742410), kCos2 = static_cast<T>(-0.80901699437494742410);
  constexpr T kSin1 = static_cast<T>(0.95105651629515357212), kSin2 = static_cast<T>(0.58778525229247312917);
  const FftComplex<T> sum1 = a[1] + a[4];
  const FftComplex<T> sum2 = a[2] + a[3];
  const FftComplex<T> less1 = a[1] - a[4];
  const FftComplex<T> less2 = a[2] - a[3];
  const FftComplex<T> middle1 = AddScaled(AddScaled(a[0], kCos1, sum1), kCos2, sum2);
  const FftComplex<T> middle2 = AddScaled(AddScaled(a[0], kCos2, sum1), kCos1, sum2);
  const FftComplex<T> turned1 = AddScaled(Scaled(kSin1, less1), kSin2, less2);
  const FftComplex<T> turned2 = AddScaled(Scaled(kSin2, less1), -kSin1, less2);
  a[0] = a[0] + sum1 + sum2;
  a[1] = SubTurned(middle1, turned1);
  a[2] = SubTurned(middle2, turned2);
  a[3] = AddTurned(middle2, turned2);
  a[4] = AddTurned(middle1, turned1);
}

template <typename T>
OFFLOOP_FFT_INLINE void Butterfly(FftComplex<T> (&a)[8]) {
  using V = typename FftVectorOf<T>::Type;
  const V half = Broadcast<V>(static_cast<T>(0.70710678118654752440));
  FftComplex<T> even[4] = {a[0] + a[4], a[1] + a[5], a[2] + a[6], a[3] + a[7]};
  const FftComplex<T> one = a[1] - a[5];
  const FftComplex<T> two = a[2] - a[6];
  const FftComplex<T> three = a[3] - a[7];
  FftComplex<T> odd[4] = {a[0] - a[4],
                          {half * (one.re + one.im), half * (one.im - one.re)},
                          {two.im, -two.re},
                          {half * (three.im - three.re), -(half * (three.re + three.im))}};
  Butterfly(even);
  Butterfly(odd);
  a[0] = even[0];
  a[1] = odd[0];
  a[2] = even[1];
  a[3] = odd[1];
  a[4] = even[2];
  a[5] = odd[2];
  a[6] = even[3];
  a[7] = odd[3];
}

template <int kIndex, typename T, int kRadix>
OFFLOOP_FFT_INLINE void LoadRows(const T* from, int64_t step, int v, FftComplex<T> (&a)[kRadix]) {
  if constexpr (kIndex < kRadix) {
    a[kIndex] = LoadFft(from + kIndex * step, v);
    LoadRows<kIndex + 1>(from, step, v, a);
  }
}

template <int kIndex, bool kTwiddle, typename T, int kRadix>
OFFLOOP_FFT_INLINE void StoreRows(T* to, int64_t step, int v, const T* twiddles, const FftComplex<T> (&a)[kRadix]) {
  using V = typename FftVectorOf<T>::Type;
  if constexpr (kIndex < kRadix) {
    if constexpr (kTwiddle && kIndex > 0) {
      const FftComplex<T> twiddle = {Broadcast<V>(twiddles[2 * kIndex - 2]), Broadcast<V>(twiddles[2 * kIndex - 1])};
      StoreFft(to + kIndex * step, a[kIndex] * twiddle, v);
    } else {
      StoreFft(to + kIndex * step, a[kIndex], v);
    }
    StoreRows<kIndex + 1, kTwiddle>(to, step, v, twiddles, a);
  }
}

// One pass of radix kRadix over s * kRadix * m rows; `twiddles` has kRadix - 1 for each of the m.
template <typename T, int kRadix, bool kTwiddle>
static void FftPass(const T* from, T* to, int64_t s, int64_t m, const T* twiddles) {
  constexpr int64_t kRow = 2 * kFftLanes<T>;
  for (int64_t p = 0; p < m; ++p) {
    const T* x = from + p * s * kRow;
    T* y = to + p * kRadix * s * kRow;
    for (int64_t j = 0; j < s; ++j, x += kRow, y += kRow) {
      for (int v = 0; v < kFftVectors; ++v) {
        FftComplex<T> a[kRadix];
        LoadRows<0>(x, s * m * kRow, v, a);
        Butterfly(a);
        StoreRows<0, kTwiddle>(y, s * kRow, v, twiddles, a);
      }
    }
    if constexpr (kTwiddle) twiddles += 2 * (kRadix - 1);
  }
}

// The same for an odd radix by its definition, real and imaginary parts of pairs of roots taken together. `roots` has
// exp(-2 pi i k / radix) for every k.
template <typename T, int kRadix>
static void FftPassOdd(int any_radix, const T* from, T* to, int64_t s, int64_t m, const T* roots, const T* twiddles) {
  using V = typename FftVectorOf<T>::Type;
  using C = FftComplex<T>;
  constexpr int64_t kRow = 2 * kFftLanes<T>;
  const int radix = kRadix > 0 ? kRadix : any_radix;
  const int half = (radix - 1) / 2;
  for (int64_t p = 0; p < m; ++p) {
    const T* x = from + p * s * kRow;
    T* y = to + p * radix * s * kRow;
    for (int64_t j = 0; j < s; ++j, x += kRow, y += kRow) {
      for (int v = 0; v < kFftVectors; ++v) {
        C sums[kFftLargestRadix / 2 + 1], turns[kFftLargestRadix / 2 + 1];
        const C first = LoadFft(x, v);
        C total = first;
        for (int i = 1; i <= half; ++i) {
          const C a = LoadFft(x + i * s * m * kRow, v);
          const C b = LoadFft(x + (radix - i) * s * m * kRow, v);
          sums[i] = a + b;
          turns[i] = a - b;
          total = total + sums[i];
        }
        StoreFft(y, total, v);
        for (int k = 1; k <= half; ++k) {
          C middle = first;
          C turned = {V{}, V{}};
          int at = 0;
          for (int i = 1; i <= half; ++i) {
            at += k;
            if (at >= radix) at -= radix;
            middle = AddScaled(middle, roots[2 * at], sums[i]);
            turned = AddScaled(turned, roots[2 * at + 1], turns[i]);
          }
          C low = AddTurned(middle, turned);
          C high = SubTurned(middle, turned);
          if (m > 1) {
            const T* w = twiddles + 2 * (k - 1);
            low = low * C{Broadcast<V>(w[0]), Broadcast<V>(w[1])};
            w = twiddles + 2 * (radix - k - 1);
            high = high * C{Broadcast<V>(w[0]), Broadcast<V>(w[1])};
          }
          StoreFft(y + k * s * kRow, low, v);
          StoreFft(y + (radix - k) * s * kRow, high, v);
        }
      }
    }
    twiddles += 2 * (radix - 1);
  }
}

template <typename T, int kRadix>
OFFLOOP_FFT_INLINE void FftPassOf(const T* from, T* to, int64_t s, int64_t m, const T* twiddles) {
  if (m > 1) {
    FftPass<T, kRadix, true>(from, to, s, m, twiddles);
  } else {
    FftPass<T, kRadix, false>(from, to, s, m, twiddles);
  }
}

// Transforms the factors.n rows from `from` and returns where they are: `a` or `b`, of as many rows, taking turns from
// `a` on; `from` may be `b`. Of one row: `from`. `table` is what FillFftPasses() made for these factors.
template <typename T>
static const T* FftRows(const FftFactors& factors, const T* from, T* a, T* b, const T* table) {
  int64_t s = 1;
  int64_t m = factors.n;
  for (uint32_t i = 0; i < factors.count; ++i) {
    const int radix = factors.radix[i];
    m /= radix;
    switch (radix) {
      case 2:
        FftPassOf<T, 2>(from, a, s, m, table);
        break;
      case 3:
        FftPassOf<T, 3>(from, a, s, m, table);
        break;
      case 4:
        FftPassOf<T, 4>(from, a, s, m, table);
        break;
      case 5:
        FftPassOf<T, 5>(from, a, s, m, table);
        break;
      case 7:
        FftPassOdd<T, 7>(7, from, a, s, m, table, table + 14);
        table += 14;
        break;
      case 8:
        FftPassOf<T, 8>(from, a, s, m, table);
        break;
      default:
        FftPassOdd<T, 0>(radix, from, a, s, m, table, table + 2 * radix);
        table += 2 * radix;
        break;
    }
    if (m > 1) table += 2 * (radix - 1) * m;
    s *= radix;
    from = a;
    a = b;
    b = const_cast<T*>(from);
  }
  return from;
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
