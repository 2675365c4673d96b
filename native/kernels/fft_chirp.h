// Lengths with a large prime factor (Bluestein, "A linear filtering approach to the computation of discrete Fourier
// transform", 1970): with c[j] = exp(-pi i j^2 / n), the transform is c[k] times the convolution of x[j] c[j] with
// conj(c[j]), which is done by transforms of a length that splits well, round a circle of at least 2n - 1 numbers.
// Squares are taken modulo 2n in integers, so angles are exact. Included again for every level.
//
// Long ones are folded, for half the memory: polynomials modulo z^2m - 1 are those modulo z^m - 1 and those modulo
// z^m + 1 (Chinese remainder theorem), so a convolution round a circle of 2m is half the sum of two of length m >= n,
// one after the other in the same place. The second wraps round with its sign changed; numbers turned by
// exp(-pi i j / m) make it a circle again.
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

// What a convolution is done round: `circle` numbers, which lie in transforms of as many, or of half as many.
struct FftCircle {
  int64_t n;
  int64_t circle;
  bool is_folded;
  bool is_odd;  // the half that changes its sign

  int64_t m() const { return is_folded ? circle / 2 : circle; }
};

// What is the same for all groups of columns: exp(-2 pi i j1 n2 lane / n), a row for each j1, and exp(-pi i j1 / n1).
template <typename T>
struct FftChirpTables {
  const T* lanes;
  const T* turns;
};

template <typename T>
static void FillChirpTables(const FftColumns<T>& plan, int64_t n, T* lanes, T* turns) {
  int64_t step = 0;
  for (int64_t j1 = 0; j1 < plan.n1(); ++j1) {
    FillFftRow<T>(n, 0, static_cast<double>(step), 0, lanes + j1 * 2 * kFftLanes<T>);
    step = (step + plan.n2()) % n;
  }
  FillFftRoots(2 * plan.n1(), 1, plan.n1(), turns);
}

// c[j] of a group of columns, j = j1 n2 + column + lane, or c[m - j] where kDown, as products of three: j^2 is a sum of
// what depends on j1 alone, on the lane alone, and 2 j1 n2 lane. Of the odd half times exp(-pi i j / m), or where kBack
// times exp(pi i j / m).
template <typename T>
struct FftChirp {
  const T* scalars;
  const T* lanes;
  alignas(64) T row[2 * kFftLanes<T>];

  inline __attribute__((always_inline)) FftComplex<T> At(int64_t j1, int v) const {
    using V = typename FftVectorOf<T>::Type;
    const FftComplex<T> scalar = {Broadcast<V>(scalars[2 * j1]), Broadcast<V>(scalars[2 * j1 + 1])};
    return scalar * LoadFft<T>(row, v) * LoadFft<T>(lanes + j1 * 2 * kFftLanes<T>, v);
  }
};

template <typename T, bool kDown, bool kBack>
static void FillChirp(const FftCircle& circle, const FftColumns<T>& plan, const FftChirpTables<T>& tables,
                      int64_t column, T* scalars, FftChirp<T>* chirp) {
  const auto n2 = static_cast<uint64_t>(plan.n2());
  const uint64_t modulus = 2 * static_cast<uint64_t>(circle.n);
  const int64_t start = kDown ? circle.m() - column : column;
  const uint64_t cross = 2 * static_cast<uint64_t>(start) % modulus * n2 % modulus;
  const uint64_t square = n2 * n2 % modulus;
  const uint64_t twice = 2 * square % modulus;
  uint64_t step = (square + (kDown ? modulus - cross : cross)) % modulus;
  uint64_t angle = 0;
  FftRootWriter<T> writer{scalars, static_cast<double>(modulus)};
  for (int64_t j1 = 0; j1 < plan.n1(); ++j1) {
    writer.Add(static_cast<int64_t>(angle));
    angle += step;
    if (angle >= modulus) angle -= modulus;
    step += twice;
    if (step >= modulus) step -= modulus;
  }
  writer.Flush();
  FillChirpRow<T, kDown>(circle.n, start, chirp->row);
  chirp->scalars = scalars;
  chirp->lanes = tables.lanes;
  if (!circle.is_odd) return;
  for (int64_t j1 = 0; j1 < plan.n1(); ++j1) {
    const T re = scalars[2 * j1];
    const T im = scalars[2 * j1 + 1];
    const T turn_re = tables.turns[2 * j1];
    const T turn_im = kBack ? -tables.turns[2 * j1 + 1] : tables.turns[2 * j1 + 1];
    scalars[2 * j1] = re * turn_re - im * turn_im;
    scalars[2 * j1 + 1] = re * turn_im + im * turn_re;
  }
  alignas(64) T turn[2 * kFftLanes<T>];
  const double first = static_cast<double>(kBack ? circle.circle - column : column);
  FillFftRow<T>(circle.circle, first, kBack ? -1 : 1, 0, turn);
  MultiplyRow(chirp->row, turn);
}

// Numbers from `first` on of x[j] c[j], with zeros after them.
template <typename T>
static inline void LoadChirpedRow(const FftLine<T>& line, const FftChirp<T>& chirp, int64_t j1, int64_t first, T* row) {
  LoadFftRow(line, first, kFftLanes<T>, row);
  if (first >= line.count) return;
  for (int v = 0; v < kFftVectors; ++v) StoreFft(row, LoadFft<T>(row, v) * chirp.At(j1, v), v);
}

// Numbers from `first` on of the filter: conj(c[j]) for |j| < n, folded where it has to be. `up` and `down` are turned
// back, as their conjugates are taken.
template <typename T>
static inline void LoadFilterRow(const FftCircle& circle, const FftChirp<T>& up, const FftChirp<T>& down, int64_t j1,
                                 int64_t first, T* row) {
  constexpr int64_t kLanes = kFftLanes<T>;
  const int64_t up_lanes = circle.n - first;                     // lanes below are c[j]
  const int64_t down_lanes = circle.m() - circle.n + 1 - first;  // lanes from here on are c[m - j]
  for (int v = 0; v < kFftVectors; ++v) {
    FftComplex<T> number = {};
    if (up_lanes >= kLanes) number = up.At(j1, v);
    if (down_lanes <= 0) number = circle.is_odd ? number - down.At(j1, v) : number + down.At(j1, v);
    StoreFft(row, FftComplex<T>{number.re, -number.im}, v);
  }
  const bool up_ends = up_lanes > 0 && up_lanes < kLanes;
  const bool down_begins = down_lanes > 0 && down_lanes < kLanes;
  if (!up_ends && !down_begins) return;
  alignas(64) T up_row[2 * kLanes];
  alignas(64) T down_row[2 * kLanes];
  for (int v = 0; v < kFftVectors; ++v) {
    StoreFft(up_row, up.At(j1, v), v);
    StoreFft(down_row, down.At(j1, v), v);
  }
  const T sign = circle.is_odd ? -1 : 1;
  for (int64_t lane = 0; lane < kLanes; ++lane) {
    const bool adds_up = up_ends && lane < up_lanes;
    const bool adds_down = down_begins && lane >= down_lanes;
    const T re = (adds_up ? up_row[lane] : 0) + (adds_down ? sign * down_row[lane] : 0);
    const T im = (adds_up ? up_row[kLanes + lane] : 0) + (adds_down ? sign * down_row[kLanes + lane] : 0);
    SetFftLane(row, lane, row[lane] + re, row[kLanes + lane] - im);
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

// Rows j1 of group g after FftInverseColumnGroup(): times c[k] and 1 / m, to their places in `line`. Of the second half
// they are added to those of the first, in `even`. `chirp` is turned back.
template <typename T>
static void StoreChirpedGroup(const FftColumns<T>& plan, const FftCircle& circle, FftChirp<T>* chirp,
                              const FftLine<T>& line, const FftLine<T>& even, int64_t group, const T* rows) {
  constexpr int64_t kLanes = kFftLanes<T>;
  for (int64_t i = 0; i < 2 * kLanes; ++i) chirp->row[i] *= 1 / static_cast<T>(circle.circle);
  alignas(64) T row[2 * kLanes];
  alignas(64) T sum[2 * kLanes];
  for (int64_t j1 = 0; j1 < plan.n1(); ++j1) {
    const int64_t first = j1 * plan.n2() + group * kLanes;
    if (first >= line.count) break;
    const T* from = rows + j1 * 2 * kLanes;
    if (line.IsPacked()) FetchRow(line.data + 2 * (first + kFftRowsAhead * plan.n2()));
    if (circle.is_odd) LoadFftRow(even, first, kLanes, sum);
    for (int v = 0; v < kFftVectors; ++v) {
      const FftComplex<T> swapped = LoadFft<T>(from, v);
      FftComplex<T> number = FftComplex<T>{swapped.im, swapped.re} * chirp->At(j1, v);
      if (circle.is_odd) number = number + LoadFft<T>(sum, v);
      StoreFft(row, number, v);
    }
    StoreFftRow(line, first, kLanes, row);
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
