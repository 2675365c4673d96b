// Central moments of a sequence, merged pairwise: what variance and describe share. The reference's arithmetic
// (src/reference/moments.ts) is the same, operation by operation.
#pragma once
#include <cstdint>

#include "kernels/kernel.h"
#include "kernels/reduce.h"

namespace offloop {

// The mean is near + rest, unevaluated: `near` is close to the elements and `rest` small beside their spread, so that
// the difference of two means keeps its digits however far from zero they are.
struct Moments {
  double count;
  double near;
  double rest;
  double m2;  // sum of squared deviations from the mean
};
static_assert(sizeof(Moments) == kReducePartialBytes);

// With the sums of their third and fourth powers.
struct HighMoments {
  Moments low;
  double m3;
  double m4;
};

// The sum of squares about the mean from sums about a pivot: `sum` and `squares`, and `rest`, the sum divided by the
// count. Not below 0; infinite where squares overflow, NaN where an element is not finite.
inline __attribute__((always_inline)) double CenterSquares(double sum, double squares, double rest) {
  const double correction = sum * rest;
  if (squares > correction) return squares - correction;
  return squares < __builtin_inf() ? 0 : squares + (sum - sum);
}

// Chan, Golub & LeVeque (1979).
inline __attribute__((always_inline)) void MergeMoments(Moments* into, const Moments& from) {
  if (from.count == 0) return;
  if (into->count == 0) {
    *into = from;
    return;
  }
  const double count = into->count + from.count;
  const double delta = (from.near - into->near) + (from.rest - into->rest);
  const double share = from.count / count;
  into->rest += delta * share;
  into->m2 = (into->m2 + from.m2) + (delta * delta) * (into->count * share);
  into->count = count;
}

// The same for higher moments (Pébay 2008).
inline __attribute__((always_inline)) void MergeHighMoments(HighMoments* into, const HighMoments& from) {
  if (from.low.count == 0) return;
  if (into->low.count == 0) {
    *into = from;
    return;
  }
  const double count = into->low.count + from.low.count;
  const double delta = (from.low.near - into->low.near) + (from.low.rest - into->low.rest);
  const double a = into->low.count / count;
  const double b = from.low.count / count;
  const double square = delta * delta;
  const double weight = into->low.count * b;
  const double m2a = into->low.m2;
  const double m2b = from.low.m2;
  into->m4 = (into->m4 + from.m4) + (square * square) * (weight * ((a * a - a * b) + b * b)) +
             6 * square * ((a * a) * m2b + (b * b) * m2a) + 4 * delta * (a * from.m3 - b * into->m3);
  into->m3 = (into->m3 + from.m3) + (square * delta) * (weight * (a - b)) + 3 * delta * (a * m2b - b * m2a);
  MergeMoments(&into->low, from.low);
}

static inline double VarianceOf(const Moments& moments, double ddof) {
  const double freedom = moments.count - ddof;
  return freedom > 0 ? CanonicalNumber(moments.m2 / freedom) : __builtin_nan("");
}

}  // namespace offloop
