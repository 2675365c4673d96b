// Lengths with a large prime factor (Bluestein, "A linear filtering approach to the computation of discrete Fourier
// transform", 1970): with c[j] = exp(-pi i j^2 / n), the transform is c[k] times the convolution of x[j] c[j] with
// conj(c[j]), which is done by transforms of a length m >= 2n - 1 that splits well. Squares are taken modulo 2n in
// integers, so angles are exact. Included again for every level.
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// The square of j modulo `modulus`, both below 2^52.
OFFLOOP_FFT_INLINE uint64_t SquareModulo(uint64_t j, uint64_t modulus) {
  j %= modulus;
  if (j < (uint64_t{1} << 32)) return j * j % modulus;
  // j * j as the sum of j times its digits of eleven bits.
  uint64_t product = 0;
  for (int shift = 44; shift >= 0; shift -= 11) {
    product = ((product << 11) + j * (j >> shift & 2047) % modulus) % modulus;
  }
  return product;
}

// c[first + lane], and c[first - lane] where kDown.
template <typename T, bool kDown>
OFFLOOP_FFT_INLINE void FillChirpRow(int64_t n, int64_t first, T* row) {
  const uint64_t modulus = 2 * static_cast<uint64_t>(n);
  const uint64_t start = SquareModulo(static_cast<uint64_t>(first), modulus);
  const uint64_t step = 2 * static_cast<uint64_t>(first) % modulus;
  FillFftRow<T>(2 * n, static_cast<double>(start), static_cast<double>(kDown ? modulus - step : step), 1, row);
}

// Row [a] times row [c], to row [a].
template <typename T>
OFFLOOP_FFT_INLINE void MultiplyRow(T* a, const T* c) {
  for (int v = 0; v < kFftVectors; ++v) StoreFft(a, LoadFft<T>(a, v) * LoadFft(c, v), v);
}

// Numbers from `first` on of x[j] c[j], with zeros after them.
template <typename T>
static inline void LoadChirpedRow(const FftLine<T>& line, int64_t first, T* row) {
  LoadFftRow(line, first, kFftLanes<T>, row);
  if (first >= line.count) return;
  alignas(64) T chirp[2 * kFftLanes<T>];
  FillChirpRow<T, false>(line.count, first, chirp);
  MultiplyRow(row, chirp);
}

// Numbers from `first` on of the filter: conj(c[j]) for |j| < n, round a circle of m.
template <typename T>
static inline void LoadFilterRow(int64_t n, int64_t m, int64_t first, T* row) {
  constexpr int64_t kLanes = kFftLanes<T>;
  for (int64_t lane = 0; lane < kLanes; ++lane) SetFftLane<T>(row, lane, 0, 0);
  alignas(64) T chirp[2 * kLanes];
  if (first < n) {
    FillChirpRow<T, false>(n, first, chirp);
    for (int64_t lane = 0; lane < kLanes && first + lane < n; ++lane) {
      SetFftLane(row, lane, chirp[lane], -chirp[kLanes + lane]);
    }
  }
  if (first + kLanes > m - n + 1) {
    FillChirpRow<T, true>(n, m - first, chirp);
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      if (first + lane > m - n) SetFftLane(row, lane, chirp[lane], -chirp[kLanes + lane]);
    }
  }
}

// Rows of two spectra multiplied, with real and imaginary parts swapped, to `a`.
template <typename T>
static void MultiplySpectra(int64_t rows, T* a, const T* b) {
  for (int64_t i = 0; i < rows; ++i, a += 2 * kFftLanes<T>, b += 2 * kFftLanes<T>) {
    for (int v = 0; v < kFftVectors; ++v) {
      const FftComplex<T> product = LoadFft<T>(a, v) * LoadFft(b, v);
      StoreFft(a, FftComplex<T>{product.im, product.re}, v);
    }
  }
}

// One group of rows of the convolution: transformed along j2, times the filter's spectrum, transformed back, in place.
template <typename T>
static void ConvolveRowGroup(const FftColumns<T>& plan, int64_t group, const T* spectrum, T* middle, T* a, T* b) {
  T* product = const_cast<T*>(FftRowGroup(plan, group, middle, a, b));
  MultiplySpectra(plan.n2(), product, spectrum);
  T* spare = product == a ? b : a;
  const T* done = FftRows(*plan.second, product, spare, product, plan.second_table);
  T* to = middle + group * plan.n2() * 2 * kFftLanes<T>;
  for (int64_t i = 0; i < plan.n2() * 2 * kFftLanes<T>; ++i) to[i] = done[i];
}

// Rows j1 of group g after FftInverseColumnGroup(): times c[k] and 1 / m, to their places in `line`.
template <typename T>
static void StoreChirpedGroup(const FftColumns<T>& plan, int64_t n, const FftLine<T>& line, int64_t group,
                              const T* rows) {
  constexpr int64_t kLanes = kFftLanes<T>;
  FftLine<T> scaled = line;
  scaled.scale = line.scale / static_cast<T>(plan.n1() * plan.n2());
  alignas(64) T row[2 * kLanes];
  alignas(64) T chirp[2 * kLanes];
  for (int64_t j1 = 0; j1 < plan.n1(); ++j1) {
    const int64_t first = j1 * plan.n2() + group * kLanes;
    if (first >= line.count) break;
    const T* from = rows + j1 * 2 * kLanes;
    for (int64_t lane = 0; lane < kLanes; ++lane) SetFftLane(row, lane, from[kLanes + lane], from[lane]);
    FillChirpRow<T, false>(n, first, chirp);
    MultiplyRow(row, chirp);
    StoreFftRow(scaled, first, kLanes, row);
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
