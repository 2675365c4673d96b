// Transforms of an even number of real numbers, as half as many complex ones (Cooley, Lewis and Welch 1970): the
// spectrum of x[2j] + i x[2j+1] is that of the even and of the odd ones, which numbers k and n - k together tell apart.
// Included again for every level.
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// Numbers k and n - k, and w = exp(-2 pi i k / 2n): from the packed spectrum to the real one's, or back.
template <bool kInverse, typename T>
OFFLOOP_FFT_INLINE void SplitPair(FftComplex<T>& low, FftComplex<T>& high, const FftComplex<T>& w) {
  const T half = static_cast<T>(0.5);
  const FftComplex<T> even = Scaled(half, FftComplex<T>{low.re + high.re, low.im - high.im});
  const FftComplex<T> odd = Scaled(half, FftComplex<T>{low.re - high.re, low.im + high.im});
  if constexpr (kInverse) {
    const FftComplex<T> turned = odd * FftComplex<T>{w.re, -w.im};
    low = AddTurned(even, turned);
    high = {even.re + turned.im, turned.re - even.im};
  } else {
    const FftComplex<T> turned = odd * w;
    low = SubTurned(even, turned);
    high = {even.re - turned.im, -even.im - turned.re};
  }
}

// Rows of lanes: n of the packed spectrum `from` to n + 1 of the real one's, or back, to `to`. `roots` has
// exp(-2 pi i k / 2n) up to k = n / 2.
template <typename T, bool kInverse>
static void SplitRows(int64_t n, const T* from, T* to, const T* roots) {
  using V = typename FftVectorOf<T>::Type;
  constexpr int64_t kRow = 2 * kFftLanes<T>;
  for (int v = 0; v < kFftVectors; ++v) {
    const FftComplex<T> first = LoadFft(from, v);
    if constexpr (kInverse) {
      const FftComplex<T> last = LoadFft(from + n * kRow, v);
      const V half = Broadcast<V>(static_cast<T>(0.5));
      StoreFft(to, FftComplex<T>{half * (first.re + last.re), half * (first.re - last.re)}, v);
    } else {
      StoreFft(to, FftComplex<T>{first.re + first.im, V{}}, v);
      StoreFft(to + n * kRow, FftComplex<T>{first.re - first.im, V{}}, v);
    }
  }
  for (int64_t k = 1; k <= n / 2; ++k) {
    for (int v = 0; v < kFftVectors; ++v) {
      FftComplex<T> low = LoadFft(from + k * kRow, v);
      FftComplex<T> high = LoadFft(from + (n - k) * kRow, v);
      SplitPair<kInverse>(low, high, {Broadcast<V>(roots[2 * k]), Broadcast<V>(roots[2 * k + 1])});
      StoreFft(to + (n - k) * kRow, high, v);
      StoreFft(to + k * kRow, low, v);
    }
  }
}

template <typename T>
OFFLOOP_FFT_INLINE void LoadReversed(const T* from, T* row) {
  alignas(64) T forward[2 * kFftLanes<T>];
  LoadPackedRow(from, false, forward);
  for (int v = 0; v < kFftVectors; ++v) {
    const FftComplex<T> value = LoadFft(forward, kFftVectors - 1 - v);
    StoreFft(row, FftComplex<T>{Reversed(value.re), Reversed(value.im)}, v);
  }
}

template <typename T>
OFFLOOP_FFT_INLINE void StoreReversed(T* to, T scale, const T* row) {
  alignas(64) T forward[2 * kFftLanes<T>];
  for (int v = 0; v < kFftVectors; ++v) {
    const FftComplex<T> value = LoadFft(row, kFftVectors - 1 - v);
    StoreFft(forward, FftComplex<T>{Reversed(value.re), Reversed(value.im)}, v);
  }
  StorePackedRow(to, false, scale, forward);
}

// Pairs k and n - k for k from `begin` to before `end`, at most n / 2 + 1, of one transform: `from` has n numbers and
// `to` n + 1, or the other way round; they may be the same memory. `roots` is as above, or null to have them computed.
template <typename T, bool kInverse>
static void SplitLine(int64_t n, const FftLine<T>& from, const FftLine<T>& to, const T* roots, int64_t begin,
                      int64_t end) {
  constexpr int64_t kLanes = kFftLanes<T>;
  alignas(64) T low[2 * kLanes] = {};
  alignas(64) T high[2 * kLanes] = {};
  alignas(64) T twiddles[2 * kLanes];
  int64_t k = begin;
  if (k == 0) {
    LoadFftNumber(from, 0, low, 0);
    if constexpr (kInverse) {
      LoadFftNumber(from, n, high, 0);
      const T half = static_cast<T>(0.5);
      SetFftLane(low, 0, half * (low[0] + high[0]), half * (low[0] - high[0]));
    } else {
      SetFftLane<T>(high, 0, low[0] - low[kLanes], 0);
      SetFftLane<T>(low, 0, low[0] + low[kLanes], 0);
      StoreFftNumber(to, n, high, 0);
    }
    StoreFftNumber(to, 0, low, 0);
    k = 1;
  }
  for (; k < end; k += kLanes) {
    const int64_t lanes = end - k < kLanes ? end - k : kLanes;
    // Whole rows on both sides that do not meet in the middle.
    const bool whole = lanes == kLanes && 2 * (k + kLanes - 1) < n && from.IsPacked() && to.IsPacked();
    if (roots != nullptr) {
      LoadPackedRow(roots + 2 * k, false, twiddles);
    } else {
      FillFftRow<T>(2 * n, static_cast<double>(k), 1, 0, twiddles);
    }
    if (whole) {
      LoadPackedRow(from.data + 2 * k, false, low);
      LoadReversed(from.data + 2 * (n - k - kLanes + 1), high);
    } else {
      for (int64_t lane = 0; lane < lanes; ++lane) {
        LoadFftNumber(from, k + lane, low, lane);
        LoadFftNumber(from, n - k - lane, high, lane);
      }
    }
    for (int v = 0; v < kFftVectors; ++v) {
      FftComplex<T> a = LoadFft(low, v);
      FftComplex<T> b = LoadFft(high, v);
      SplitPair<kInverse>(a, b, LoadFft(twiddles, v));
      StoreFft(low, a, v);
      StoreFft(high, b, v);
    }
    if (whole) {
      StorePackedRow(to.data + 2 * k, false, to.scale, low);
      StoreReversed(to.data + 2 * (n - k - kLanes + 1), to.scale, high);
    } else {
      for (int64_t lane = 0; lane < lanes; ++lane) {
        StoreFftNumber(to, n - k - lane, high, lane);
        StoreFftNumber(to, k + lane, low, lane);
      }
    }
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
