// Complex vectors of the level, and how rows (fft_factors.h) come from interleaved numbers and go back.
// Included again for every level.
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

#undef OFFLOOP_FFT_INLINE
#define OFFLOOP_FFT_INLINE static inline __attribute__((always_inline))

template <typename T>
struct FftVectorOf;
template <>
struct FftVectorOf<double> {
  using Type = F64;
};
template <>
struct FftVectorOf<float> {
  using Type = F32;
};

// Vectors in half a row.
static constexpr int kFftVectors = static_cast<int>(kFftRowBytes) / 2 / OFFLOOP_VECTOR_BYTES;
template <typename T>
static constexpr int kFftWidth = OFFLOOP_VECTOR_BYTES / static_cast<int>(sizeof(T));

// a * b + c and a * b - c, rounded once where the level can.
#if OFFLOOP_VECTOR_BYTES == 64
OFFLOOP_FFT_INLINE F64 FftMulAdd(F64 a, F64 b, F64 c) { return static_cast<F64>(_mm512_fmadd_pd(a, b, c)); }
OFFLOOP_FFT_INLINE F32 FftMulAdd(F32 a, F32 b, F32 c) { return static_cast<F32>(_mm512_fmadd_ps(a, b, c)); }
OFFLOOP_FFT_INLINE F64 FftMulSub(F64 a, F64 b, F64 c) { return static_cast<F64>(_mm512_fmsub_pd(a, b, c)); }
OFFLOOP_FFT_INLINE F32 FftMulSub(F32 a, F32 b, F32 c) { return static_cast<F32>(_mm512_fmsub_ps(a, b, c)); }
#elif OFFLOOP_VECTOR_BYTES == 32
OFFLOOP_FFT_INLINE F64 FftMulAdd(F64 a, F64 b, F64 c) { return static_cast<F64>(_mm256_fmadd_pd(a, b, c)); }
OFFLOOP_FFT_INLINE F32 FftMulAdd(F32 a, F32 b, F32 c) { return static_cast<F32>(_mm256_fmadd_ps(a, b, c)); }
OFFLOOP_FFT_INLINE F64 FftMulSub(F64 a, F64 b, F64 c) { return static_cast<F64>(_mm256_fmsub_pd(a, b, c)); }
OFFLOOP_FFT_INLINE F32 FftMulSub(F32 a, F32 b, F32 c) { return static_cast<F32>(_mm256_fmsub_ps(a, b, c)); }
#elif defined(__aarch64__)
OFFLOOP_FFT_INLINE F64 FftMulAdd(F64 a, F64 b, F64 c) { return static_cast<F64>(vfmaq_f64(c, a, b)); }
OFFLOOP_FFT_INLINE F32 FftMulAdd(F32 a, F32 b, F32 c) { return static_cast<F32>(vfmaq_f32(c, a, b)); }
OFFLOOP_FFT_INLINE F64 FftMulSub(F64 a, F64 b, F64 c) { return static_cast<F64>(vfmaq_f64(-c, a, b)); }
OFFLOOP_FFT_INLINE F32 FftMulSub(F32 a, F32 b, F32 c) { return static_cast<F32>(vfmaq_f32(-c, a, b)); }
#else
OFFLOOP_FFT_INLINE F64 FftMulAdd(F64 a, F64 b, F64 c) { return a * b + c; }
OFFLOOP_FFT_INLINE F32 FftMulAdd(F32 a, F32 b, F32 c) { return a * b + c; }
OFFLOOP_FFT_INLINE F64 FftMulSub(F64 a, F64 b, F64 c) { return a * b - c; }
OFFLOOP_FFT_INLINE F32 FftMulSub(F32 a, F32 b, F32 c) { return a * b - c; }
#endif

template <typename T>
struct FftComplex {
  typename FftVectorOf<T>::Type re, im;
};

template <typename T>
OFFLOOP_FFT_INLINE FftComplex<T> operator+(const FftComplex<T>& a, const FftComplex<T>& b) {
  return {a.re + b.re, a.im + b.im};
}

template <typename T>
OFFLOOP_FFT_INLINE FftComplex<T> operator-(const FftComplex<T>& a, const FftComplex<T>& b) {
  return {a.re - b.re, a.im - b.im};
}

template <typename T>
OFFLOOP_FFT_INLINE FftComplex<T> operator*(const FftComplex<T>& a, const FftComplex<T>& b) {
  return {FftMulSub(a.re, b.re, a.im * b.im), FftMulAdd(a.re, b.im, a.im * b.re)};
}

// a + i b and a - i b.
template <typename T>
OFFLOOP_FFT_INLINE FftComplex<T> AddTurned(const FftComplex<T>& a, const FftComplex<T>& b) {
  return {a.re - b.im, a.im + b.re};
}
template <typename T>
OFFLOOP_FFT_INLINE FftComplex<T> SubTurned(const FftComplex<T>& a, const FftComplex<T>& b) {
  return {a.re + b.im, a.im - b.re};
}

// How many of `count` there are from `first` on, and at most `most`.
OFFLOOP_FFT_INLINE int64_t FftLanesLeft(int64_t count, int64_t first, int64_t most) {
  const int64_t left = count - first;
  return left >= most ? most : left > 0 ? left : 0;
}

// Vector v of a row.
template <typename T>
OFFLOOP_FFT_INLINE FftComplex<T> LoadFft(const T* row, int v = 0) {
  using V = typename FftVectorOf<T>::Type;
  return {Load<V>(row + v * kFftWidth<T>), Load<V>(row + kFftLanes<T> + v * kFftWidth<T>)};
}

template <typename T>
OFFLOOP_FFT_INLINE void StoreFft(T* row, const FftComplex<T>& value, int v = 0) {
  using V = typename FftVectorOf<T>::Type;
  Store<V>(row + v * kFftWidth<T>, value.re);
  Store<V>(row + kFftLanes<T> + v * kFftWidth<T>, value.im);
}

// Low halves (a0 b0 a1 b1 ...) and high halves of two vectors zipped; every second element of both; reversed.
#if OFFLOOP_VECTOR_BYTES == 64
OFFLOOP_FFT_INLINE F64 ZipLow(F64 a, F64 b) { return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
OFFLOOP_FFT_INLINE F64 ZipHigh(F64 a, F64 b) { return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }
OFFLOOP_FFT_INLINE F64 Evens(F64 a, F64 b) { return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14); }
OFFLOOP_FFT_INLINE F64 Odds(F64 a, F64 b) { return __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15); }
OFFLOOP_FFT_INLINE F64 Reversed(F64 a) { return __builtin_shufflevector(a, a, 7, 6, 5, 4, 3, 2, 1, 0); }
OFFLOOP_FFT_INLINE F32 ZipLow(F32 a, F32 b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
OFFLOOP_FFT_INLINE F32 ZipHigh(F32 a, F32 b) {
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
OFFLOOP_FFT_INLINE F32 Evens(F32 a, F32 b) {
  return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}
OFFLOOP_FFT_INLINE F32 Odds(F32 a, F32 b) {
  return __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}
OFFLOOP_FFT_INLINE F32 Reversed(F32 a) {
  return __builtin_shufflevector(a, a, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
}
#elif OFFLOOP_VECTOR_BYTES == 32
OFFLOOP_FFT_INLINE F64 ZipLow(F64 a, F64 b) { return __builtin_shufflevector(a, b, 0, 4, 1, 5); }
OFFLOOP_FFT_INLINE F64 ZipHigh(F64 a, F64 b) { return __builtin_shufflevector(a, b, 2, 6, 3, 7); }
OFFLOOP_FFT_INLINE F64 Evens(F64 a, F64 b) { return __builtin_shufflevector(a, b, 0, 2, 4, 6); }
OFFLOOP_FFT_INLINE F64 Odds(F64 a, F64 b) { return __builtin_shufflevector(a, b, 1, 3, 5, 7); }
OFFLOOP_FFT_INLINE F64 Reversed(F64 a) { return __builtin_shufflevector(a, a, 3, 2, 1, 0); }
OFFLOOP_FFT_INLINE F32 ZipLow(F32 a, F32 b) { return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
OFFLOOP_FFT_INLINE F32 ZipHigh(F32 a, F32 b) { return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }
OFFLOOP_FFT_INLINE F32 Evens(F32 a, F32 b) { return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14); }
OFFLOOP_FFT_INLINE F32 Odds(F32 a, F32 b) { return __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15); }
OFFLOOP_FFT_INLINE F32 Reversed(F32 a) { return __builtin_shufflevector(a, a, 7, 6, 5, 4, 3, 2, 1, 0); }
#else
OFFLOOP_FFT_INLINE F64 ZipLow(F64 a, F64 b) { return __builtin_shufflevector(a, b, 0, 2); }
OFFLOOP_FFT_INLINE F64 ZipHigh(F64 a, F64 b) { return __builtin_shufflevector(a, b, 1, 3); }
OFFLOOP_FFT_INLINE F64 Evens(F64 a, F64 b) { return __builtin_shufflevector(a, b, 0, 2); }
OFFLOOP_FFT_INLINE F64 Odds(F64 a, F64 b) { return __builtin_shufflevector(a, b, 1, 3); }
OFFLOOP_FFT_INLINE F64 Reversed(F64 a) { return __builtin_shufflevector(a, a, 1, 0); }
OFFLOOP_FFT_INLINE F32 ZipLow(F32 a, F32 b) { return __builtin_shufflevector(a, b, 0, 4, 1, 5); }
OFFLOOP_FFT_INLINE F32 ZipHigh(F32 a, F32 b) { return __builtin_shufflevector(a, b, 2, 6, 3, 7); }
OFFLOOP_FFT_INLINE F32 Evens(F32 a, F32 b) { return __builtin_shufflevector(a, b, 0, 2, 4, 6); }
OFFLOOP_FFT_INLINE F32 Odds(F32 a, F32 b) { return __builtin_shufflevector(a, b, 1, 3, 5, 7); }
OFFLOOP_FFT_INLINE F32 Reversed(F32 a) { return __builtin_shufflevector(a, a, 3, 2, 1, 0); }
#endif

// A square of vectors turned over: log2 of the width times, row i is zipped with the row half a square below.
template <int kRow, typename V, int kRows>
OFFLOOP_FFT_INLINE void ZipRows(const V (&from)[kRows], V (&to)[kRows]) {
  if constexpr (kRow < kRows / 2) {
    to[2 * kRow] = ZipLow(from[kRow], from[kRow + kRows / 2]);
    to[2 * kRow + 1] = ZipHigh(from[kRow], from[kRow + kRows / 2]);
    ZipRows<kRow + 1>(from, to);
  }
}

template <int kRow, typename V, int kRows>
OFFLOOP_FFT_INLINE void CopyRows(const V (&from)[kRows], V (&to)[kRows]) {
  if constexpr (kRow < kRows) {
    to[kRow] = from[kRow];
    CopyRows<kRow + 1>(from, to);
  }
}

template <int kLeft, typename V, int kRows>
OFFLOOP_FFT_INLINE void TurnSquare(V (&square)[kRows]) {
  if constexpr (kLeft > 1) {
    alignas(OFFLOOP_VECTOR_BYTES) V once[kRows];
    ZipRows<0>(square, once);
    if constexpr (kLeft >= 4) {
      ZipRows<0>(once, square);
      TurnSquare<kLeft / 4>(square);
    } else {
      CopyRows<0>(once, square);
    }
  }
}

template <int kRow, typename T, typename V, int kRows>
OFFLOOP_FFT_INLINE void LoadSquare(const T* from, int64_t row_numbers, V (&square)[kRows]) {
  if constexpr (kRow < kRows) {
    square[kRow] = Load<V>(from + kRow * row_numbers);
    LoadSquare<kRow + 1>(from, row_numbers, square);
  }
}

template <int kRow, typename T, typename V, int kRows>
OFFLOOP_FFT_INLINE void StoreSquare(T* to, int64_t row_numbers, const V (&square)[kRows]) {
  if constexpr (kRow < kRows) {
    Store<V>(to + kRow * row_numbers, square[kRow]);
    StoreSquare<kRow + 1>(to, row_numbers, square);
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
