// Roots of unity, as accurate as the type holds them: the angle is reduced to an eighth of a turn in exact integers,
// the rest is Taylor's series, in float64 whatever the type. Tables are made anew by every job, in its scratch.
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

struct FftRoots {
  F64 re, im;
};

// exp(-2 pi i e / n) for whole numbers e below 2^50 and n below 2^49. Off by less than 3e-16.
OFFLOOP_FFT_INLINE FftRoots RootsOfUnity(F64 e, double n) {
  constexpr double kRounder = 6755399441055744.0;  // 1.5 * 2^52: adding and taking it away rounds to a whole number
  const F64 rounder = Broadcast<F64>(kRounder);
  const F64 quarters = (e * Broadcast<F64>(4.0 / n) + rounder) - rounder;
  const F64 rest = e * Broadcast<F64>(4.0) - quarters * Broadcast<F64>(n);  // exact
  const F64 t = rest * Broadcast<F64>(1.5707963267948966192 / n);
  const F64 z = t * t;
  F64 sine = Broadcast<F64>(1.0 / 355687428096000.0);
  sine = FftMulAdd(sine, z, Broadcast<F64>(-1.0 / 1307674368000.0));
  sine = FftMulAdd(sine, z, Broadcast<F64>(1.0 / 6227020800.0));
  sine = FftMulAdd(sine, z, Broadcast<F64>(-1.0 / 39916800.0));
  sine = FftMulAdd(sine, z, Broadcast<F64>(1.0 / 362880.0));
  sine = FftMulAdd(sine, z, Broadcast<F64>(-1.0 / 5040.0));
  sine = FftMulAdd(sine, z, Broadcast<F64>(1.0 / 120.0));
  sine = FftMulAdd(sine, z, Broadcast<F64>(-1.0 / 6.0));
  sine = FftMulAdd(sine, z * t, t);
  F64 cosine = Broadcast<F64>(1.0 / 20922789888000.0);
  cosine = FftMulAdd(cosine, z, Broadcast<F64>(-1.0 / 87178291200.0));
  cosine = FftMulAdd(cosine, z, Broadcast<F64>(1.0 / 479001600.0));
  cosine = FftMulAdd(cosine, z, Broadcast<F64>(-1.0 / 3628800.0));
  cosine = FftMulAdd(cosine, z, Broadcast<F64>(1.0 / 40320.0));
  cosine = FftMulAdd(cosine, z, Broadcast<F64>(-1.0 / 720.0));
  cosine = FftMulAdd(cosine, z, Broadcast<F64>(1.0 / 24.0));
  cosine = FftMulAdd(cosine, z, Broadcast<F64>(-0.5));
  cosine = FftMulAdd(cosine, z, Broadcast<F64>(1.0));
  // Whole quarters of a turn swap the two and flip signs.
  const F64 turns = (quarters * Broadcast<F64>(0.25) + rounder) - rounder;
  const F64 quarter = quarters - turns * Broadcast<F64>(4.0);
  const F64 one = Broadcast<F64>(1.0);
  const auto ahead = quarter == one;
  const auto behind = quarter == -one;
  const auto across = quarter * quarter > one;
  const F64 first = ahead | behind ? sine : cosine;
  const F64 second = ahead | behind ? cosine : sine;
  return {ahead | across ? -first : first, behind | across ? second : -second};
}

// Takes whole numbers one by one and writes the roots exp(-2 pi i e / n) of eight at once: pairs of re, im.
template <typename T>
struct FftRootWriter {
  T* to;
  double n;
  int64_t waiting = 0;
  double e[8] = {};

  __attribute__((always_inline)) void Add(int64_t value) {
    e[waiting++] = static_cast<double>(value);
    if (waiting == 8) Flush();
  }

  __attribute__((noinline)) void Flush() {
    double re[8], im[8];
    for (int i = 0; i < 8; i += F64Lanes) {
      const FftRoots roots = RootsOfUnity(Load<F64>(e + i), n);
      Store<F64>(re + i, roots.re);
      Store<F64>(im + i, roots.im);
    }
    for (int64_t i = 0; i < waiting; ++i) {
      *to++ = static_cast<T>(re[i]);
      *to++ = static_cast<T>(im[i]);
    }
    waiting = 0;
  }
};

// What FftRows() reads: FftPassNumbers() numbers.
template <typename T>
static void FillFftPasses(const FftFactors& factors, T* table) {
  int64_t left = factors.n;
  for (uint32_t i = 0; i < factors.count; ++i) {
    const int64_t radix = factors.radix[i];
    if (FftHasRoots(factors.radix[i])) {
      FftRootWriter<T> writer{table, static_cast<double>(radix)};
      for (int64_t k = 0; k < radix; ++k) writer.Add(k);
      writer.Flush();
      table = writer.to;
    }
    FftRootWriter<T> writer{table, static_cast<double>(left)};
    left /= radix;
    if (left > 1) {
      for (int64_t p = 0; p < left; ++p) {
        for (int64_t k = 1; k < radix; ++k) writer.Add(p * k);
      }
      writer.Flush();
      table = writer.to;
    }
  }
}

// count roots exp(-2 pi i k step / n), pairs of re, im. step * count is below 2^50.
template <typename T>
static void FillFftRoots(int64_t n, int64_t step, int64_t count, T* table) {
  int64_t k = 0;
  if constexpr (sizeof(T) == sizeof(double)) {
    constexpr double kLanes[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    F64 e = Load<F64>(kLanes) * Broadcast<F64>(static_cast<double>(step));
    for (; k + F64Lanes <= count; k += F64Lanes) {
      const FftRoots roots = RootsOfUnity(e, static_cast<double>(n));
      Store<F64>(table + 2 * k, ZipLow(roots.re, roots.im));
      Store<F64>(table + 2 * k + F64Lanes, ZipHigh(roots.re, roots.im));
      e += Broadcast<F64>(static_cast<double>(F64Lanes * step));
    }
  }
  FftRootWriter<T> writer{table + 2 * k, static_cast<double>(n)};
  for (; k < count; ++k) writer.Add(k * step);
  writer.Flush();
}

// A row of roots: exp(-2 pi i (start + lane step + lane^2 square) / n).
template <typename T>
static __attribute__((noinline)) void FillFftRow(int64_t n, double start, double step, double square, T* row) {
  constexpr double kLanes[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  alignas(64) double numbers[32];
  double* re = numbers;
  double* im = numbers + 16;
  if constexpr (sizeof(T) == sizeof(double)) {
    re = row;
    im = row + kFftLanes<T>;
  }
  for (int i = 0; i < kFftLanes<T>; i += F64Lanes) {
    const F64 lane = Load<F64>(kLanes + i);
    const F64 e = Broadcast<F64>(start) + lane * (Broadcast<F64>(step) + lane * Broadcast<F64>(square));
    const FftRoots roots = RootsOfUnity(e, static_cast<double>(n));
    Store<F64>(re + i, roots.re);
    Store<F64>(im + i, roots.im);
  }
  if constexpr (sizeof(T) < sizeof(double)) {
    for (int i = 0; i < kFftLanes<T>; ++i) {
      row[i] = static_cast<T>(re[i]);
      row[kFftLanes<T> + i] = static_cast<T>(im[i]);
    }
  }
}

// rows rows of exp(-2 pi i k lane / n).
template <typename T>
static void FillFftLanes(int64_t n, int64_t rows, T* table) {
  for (int64_t k = 0; k < rows; ++k) {
    FillFftRow<T>(n, 0, static_cast<double>(k), 0, table + k * 2 * kFftLanes<T>);
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
