// How a length is taken apart for the FFT: a pure function of the length and of how many transforms ride in one row.
//
// Rows are what everything here works on: kFftRowBytes of memory that hold the real parts of kFftLanes complex numbers
// and then their imaginary parts. Lanes are independent transforms, or neighbouring columns of one: no butterfly mixes
// them, so that one body serves every width of vector, and the layout does not depend on the CPU level.
#pragma once
#include <cstdint>

namespace offloop {

inline constexpr int64_t kFftRowBytes = 128;
// Complex numbers in a row: 8 of float64, 16 of float32.
template <typename T>
inline constexpr int64_t kFftLanes = kFftRowBytes / 2 / static_cast<int64_t>(sizeof(T));

// The largest prime with a butterfly of its own.
inline constexpr int64_t kFftLargestRadix = 31;

// n as a product of radices, in the order of the passes (fft_passes.h).
struct FftFactors {
  int64_t n = 1;
  uint32_t count = 0;
  uint8_t radix[60] = {};
};

// False where a prime factor has no butterfly.
inline bool FactorFft(int64_t n, FftFactors* factors) {
  constexpr uint8_t kOdd[] = {31, 29, 23, 19, 17, 13, 11, 7, 5, 3};
  *factors = FftFactors{};
  factors->n = n;
  for (const uint8_t radix : kOdd) {
    while (n % radix == 0) {
      factors->radix[factors->count++] = radix;
      n /= radix;
    }
  }
  int64_t twos = 0;
  while (n % 2 == 0) {
    ++twos;
    n /= 2;
  }
  // Eights, after as many fours as that leaves; a lone two where it must be.
  const int64_t fours = twos % 3 == 2 ? 1 : twos % 3 == 1 && twos >= 4 ? 2 : 0;
  if (twos == 1) factors->radix[factors->count++] = 2;
  for (int64_t i = 0; i < fours; ++i) factors->radix[factors->count++] = 4;
  if (twos > 1) {
    for (int64_t i = (twos - 2 * fours) / 3; i > 0; --i) factors->radix[factors->count++] = 8;
  }
  return n == 1;
}

inline bool FftHasRoots(uint8_t radix) { return radix > 5 && radix != 8; }

// Numbers in the tables that the passes of these factors read (FillFftPasses in fft_twiddles.h).
inline int64_t FftPassNumbers(const FftFactors& factors) {
  int64_t numbers = 0;
  int64_t left = factors.n;
  for (uint32_t i = 0; i < factors.count; ++i) {
    const int64_t radix = factors.radix[i];
    left /= radix;
    if (FftHasRoots(factors.radix[i])) numbers += 2 * radix;
    if (left > 1) numbers += 2 * (radix - 1) * left;
  }
  return numbers;
}

inline int64_t FftRoundUp(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }

// n = n1 n2 for the four-step transform (fft_columns.h), with as little as may be in rows that are not full.
inline void SplitFft(const FftFactors& factors, int64_t lanes, FftFactors* first, FftFactors* second) {
  const int64_t n = factors.n;
  uint8_t primes[60];
  uint8_t powers[60];
  uint32_t count = 0;
  const auto add = [&](uint8_t prime, uint8_t power) {
    if (count > 0 && primes[count - 1] == prime) {
      powers[count - 1] = static_cast<uint8_t>(powers[count - 1] + power);
    } else {
      primes[count] = prime;
      powers[count++] = power;
    }
  };
  for (uint32_t i = 0; i < factors.count; ++i) {
    const uint8_t radix = factors.radix[i];
    if (radix == 8 || radix == 4) {
      add(2, radix == 8 ? 3 : 2);
    } else {
      add(radix, 1);
    }
  }
  // Every divisor once, counting the powers like the digits of a number.
  uint8_t digits[60] = {};
  int64_t divisor = 1;
  int64_t best = 1;
  int64_t best_cost = INT64_MAX;
  for (;;) {
    const int64_t other = n / divisor;
    const int64_t cost = FftRoundUp(other, lanes) * divisor + FftRoundUp(divisor, lanes) * other +
                         (divisor > other ? divisor - other : other - divisor) * lanes / 4;
    if (cost < best_cost) {
      best_cost = cost;
      best = divisor;
    }
    uint32_t at = 0;
    while (at < count && digits[at] == powers[at]) {
      for (; digits[at] > 0; --digits[at]) divisor /= primes[at];
      ++at;
    }
    if (at == count) break;
    ++digits[at];
    divisor *= primes[at];
  }
  FactorFft(best, first);
  FactorFft(n / best, second);
}

// The least length from `least` up that splits into n1 and n2 of whole rows: 1, 9/8, 5/4 or 3/2 times a power of two.
inline int64_t RoundFftLength(int64_t least, int64_t lanes) {
  int64_t power = lanes * lanes;
  while (power < least) power *= 2;
  const int64_t half = power / 2;
  if (half >= lanes * lanes * 8) {
    if (half / 8 * 9 >= least) return half / 8 * 9;
    if (half / 4 * 5 >= least) return half / 4 * 5;
    if (half / 2 * 3 >= least) return half / 2 * 3;
  }
  return power;
}

}  // namespace offloop
