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

// Rows of interleaved numbers in the memory of a caller: kFftLanes of them from `data`, `row` numbers (of T) from row
// to row. `swap` takes real and imaginary parts for each other, `scale` is for what is written. `ahead` numbers further
// is what will be wanted soon: the hardware does not see rows coming that are pages apart.
template <typename T>
struct FftPacked {
  T* data;
  int64_t row;
  bool swap;
  T scale;
  int64_t ahead;
};

// Vector v of a row of interleaved numbers.
template <typename T>
OFFLOOP_FFT_INLINE FftComplex<T> LoadPacked(const T* from, bool swap, int v) {
  using V = typename FftVectorOf<T>::Type;
  const V low = Load<V>(from + 2 * v * kFftWidth<T>);
  const V high = Load<V>(from + (2 * v + 1) * kFftWidth<T>);
  if (swap) return {Odds(low, high), Evens(low, high)};
  return {Evens(low, high), Odds(low, high)};
}

template <typename T>
OFFLOOP_FFT_INLINE void StorePacked(T* to, bool swap, T scale, const FftComplex<T>& value, int v) {
  using V = typename FftVectorOf<T>::Type;
  const V first = (swap ? value.im : value.re) * Broadcast<V>(scale);
  const V second = (swap ? value.re : value.im) * Broadcast<V>(scale);
  Store<V>(to + 2 * v * kFftWidth<T>, ZipLow(first, second));
  Store<V>(to + (2 * v + 1) * kFftWidth<T>, ZipHigh(first, second));
}

template <int kIndex, bool kPacked, typename T, int kRadix>
OFFLOOP_FFT_INLINE void LoadRows(const T* from, int64_t step, const FftPacked<T>& in, int v,
                                 FftComplex<T> (&a)[kRadix]) {
  if constexpr (kIndex < kRadix) {
    const T* at = from + kIndex * step;
    if constexpr (kPacked) {
      __builtin_prefetch(at + in.ahead + 2 * v * kFftWidth<T>);
      if constexpr (OFFLOOP_VECTOR_BYTES == 64) __builtin_prefetch(at + in.ahead + kFftWidth<T>);
      a[kIndex] = LoadPacked(at, in.swap, v);
    } else {
      a[kIndex] = LoadFft(at, v);
    }
    LoadRows<kIndex + 1, kPacked>(from, step, in, v, a);
  }
}

template <int kIndex, bool kTwiddle, bool kPacked, typename T, int kRadix>
OFFLOOP_FFT_INLINE void StoreRows(T* to, int64_t step, const FftPacked<T>& out, int v, const T* twiddles,
                                  const FftComplex<T> (&a)[kRadix]) {
  using V = typename FftVectorOf<T>::Type;
  if constexpr (kIndex < kRadix) {
    T* at = to + kIndex * step;
    if constexpr (kPacked) {
      __builtin_prefetch(at + out.ahead + 2 * v * kFftWidth<T>, 1);
      if constexpr (OFFLOOP_VECTOR_BYTES == 64) __builtin_prefetch(at + out.ahead + kFftWidth<T>, 1);
      StorePacked(at, out.swap, out.scale, a[kIndex], v);
    } else if constexpr (kTwiddle && kIndex > 0) {
      const FftComplex<T> twiddle = {Broadcast<V>(twiddles[2 * kIndex - 2]), Broadcast<V>(twiddles[2 * kIndex - 1])};
      StoreFft(at, a[kIndex] * twiddle, v);
    } else {
      StoreFft(at, a[kIndex], v);
    }
    StoreRows<kIndex + 1, kTwiddle, kPacked>(to, step, out, v, twiddles, a);
  }
}

// One pass of radix kRadix over s * kRadix * m rows; `twiddles` has kRadix - 1 for each of the m. Reads `in` instead of
// `from` where kIn, and writes `out` instead of `to` where kOut.
template <typename T, int kRadix, bool kTwiddle, bool kIn, bool kOut>
static void FftPass(const T* from, T* to, int64_t s, int64_t m, const T* twiddles, const FftPacked<T>& in,
                    const FftPacked<T>& out) {
  const int64_t from_row = kIn ? in.row : 2 * kFftLanes<T>;
  const int64_t to_row = kOut ? out.row : 2 * kFftLanes<T>;
  for (int64_t p = 0; p < m; ++p) {
    const T* x = (kIn ? in.data : from) + p * s * from_row;
    T* y = (kOut ? out.data : to) + p * kRadix * s * to_row;
    for (int64_t j = 0; j < s; ++j, x += from_row, y += to_row) {
      for (int v = 0; v < kFftVectors; ++v) {
        FftComplex<T> a[kRadix];
        LoadRows<0, kIn>(x, s * m * from_row, in, v, a);
        Butterfly(a);
        StoreRows<0, kTwiddle, kOut>(y, s * to_row, out, v, twiddles, a);
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

// The first pass may read packed rows, and the last, which has no twiddle factors, may write them.
template <typename T, int kRadix>
static void FftPassOf(const T* from, T* to, int64_t s, int64_t m, const T* twiddles, const FftPacked<T>* in,
                      const FftPacked<T>* out) {
  const FftPacked<T> none{};
  if (out != nullptr) {
    FftPass<T, kRadix, false, false, true>(from, to, s, m, twiddles, none, *out);
  } else if (m == 1) {
    FftPass<T, kRadix, false, false, false>(from, to, s, m, twiddles, none, none);
  } else if (in != nullptr) {
    FftPass<T, kRadix, true, true, false>(from, to, s, m, twiddles, *in, none);
  } else {
    FftPass<T, kRadix, true, false, false>(from, to, s, m, twiddles, none, none);
  }
}

// Whether FftRows() can read `in`, and whether it can write `out`.
OFFLOOP_FFT_INLINE bool FftReadsPacked(const FftFactors& factors) {
  return factors.count > 1 && !FftHasRoots(factors.radix[0]);
}
OFFLOOP_FFT_INLINE bool FftWritesPacked(const FftFactors& factors) {
  return factors.count > 1 && !FftHasRoots(factors.radix[factors.count - 1]);
}

// Transforms the factors.n rows from `from` and returns where they are: `a` or `b`, of as many rows, taking turns from
// `a` on; `from` may be `b`. Of one row: `from`. `table` is what FillFftPasses() made for these factors. With `in` rows
// come from there, and with `out` they go there, and null is returned.
template <typename T>
static const T* FftRows(const FftFactors& factors, const T* from, T* a, T* b, const T* table,
                        const FftPacked<T>* in = nullptr, const FftPacked<T>* out = nullptr) {
  int64_t s = 1;
  int64_t m = factors.n;
  for (uint32_t i = 0; i < factors.count; ++i) {
    const int radix = factors.radix[i];
    m /= radix;
    const FftPacked<T>* source = i == 0 ? in : nullptr;
    const FftPacked<T>* target = i + 1 == factors.count ? out : nullptr;
    switch (radix) {
      case 2:
        FftPassOf<T, 2>(from, a, s, m, table, source, target);
        break;
      case 3:
        FftPassOf<T, 3>(from, a, s, m, table, source, target);
        break;
      case 4:
        FftPassOf<T, 4>(from, a, s, m, table, source, target);
        break;
      case 5:
        FftPassOf<T, 5>(from, a, s, m, table, source, target);
        break;
      case 7:
        FftPassOdd<T, 7>(7, from, a, s, m, table, table + 14);
        table += 14;
        break;
      case 8:
        FftPassOf<T, 8>(from, a, s, m, table, source, target);
        break;
      default:
        FftPassOdd<T, 0>(radix, from, a, s, m, table, table + 2 * radix);
        table += 2 * radix;
        break;
    }
    if (m > 1) table += 2 * (radix - 1) * m;
    s *= radix;
    // The buffers take turns.
    T* done = a;
    a = b;
    b = done;
    from = done;
  }
  return out != nullptr ? nullptr : from;
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
