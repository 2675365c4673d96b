// exp and log with the same bits on every CPU level and in JavaScript (src/reference/math.ts), within 1 ulp: the
// algorithms of fdlibm (K. C. Ng, 1985 to 1995), operation by operation, never fused. Included again for every level,
// like vec.h.
//
// The notice of the original:
// ====================================================
// Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
//
// Developed at SunPro, a Sun Microsystems, Inc. business.
// Permission to use, copy, modify, and distribute this
// software is freely granted, provided that this notice
// is preserved.
// ====================================================
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

static inline uint64_t BitsOf(double x) {
  uint64_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline double FromBits(uint64_t bits) {
  double x;
  __builtin_memcpy(&x, &bits, sizeof x);
  return x;
}

inline constexpr double kLn2High = 6.93147180369123816490e-01;
inline constexpr double kLn2Low = 1.90821492927058770002e-10;

// x = k ln 2 + r with |r| <= ln 2 / 2, and exp(r) = 1 + 2 r / (R - r) where R is a polynomial in r^2.
static inline double Exp(double x) {
  if (!(x <= 7.09782712893383973096e+02)) return x > 0 ? FromBits(0x7ff0000000000000) : x;  // too large, or NaN
  if (x < -7.45133219101941108420e+02) return 0;
  const double size = x < 0 ? -x : x;
  double high = x, low = 0;
  int32_t k = 0;
  if (size > 0.34657359027997264) {
    if (size < 1.0397207708399179) {
      k = x < 0 ? -1 : 1;
    } else {
      k = static_cast<int32_t>(1.44269504088896338700 * x + (x < 0 ? -0.5 : 0.5));
    }
    high = x - k * kLn2High;
    low = k * kLn2Low;
    x = high - low;
  } else if (size < 0x1p-28) {
    return 1 + x;
  }
  const double t = x * x;
  const double c =
      x -
      t * (1.66666666666666019037e-01 +
           t * (-2.77777777770155933842e-03 +
                t * (6.61375632143793436117e-05 + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))));
  if (k == 0) return 1 - ((x * c) / (c - 2) - x);
  const double y = 1 - ((low - (x * c) / (2 - c)) - high);
  // In two steps where the result may be denormal, or 2^k too large.
  if (k == 1024) return y * 2 * 0x1p1023;
  if (k >= -1021) return y * FromBits(static_cast<uint64_t>(1023 + k) << 52);
  return y * FromBits(static_cast<uint64_t>(1023 + k + 1000) << 52) * 0x1p-1000;
}

// x = 2^k (1 + f) with sqrt(2)/2 < 1 + f < sqrt(2); with s = f / (2 + f),
// log(1 + f) = f - s (f - R(s^2)) = f - f^2/2 + s (f^2/2 + R(s^2)).
static inline double Log(double x) {
  if (!(x > 0)) return x == 0 ? -FromBits(0x7ff0000000000000) : FromBits(0x7ff8000000000000);
  uint64_t bits = BitsOf(x);
  if (bits >= 0x7ff0000000000000) return x;
  int32_t k = 0;
  if (bits < 0x0010000000000000) {
    k = -54;
    bits = BitsOf(x * 0x1p54);
  }
  const uint64_t fraction = bits & 0x000fffffffffffff;
  // Rounds 1 + fraction to the power of two that is nearer: 0x95f64 and up, in the upper 20 bits, count as below 2.
  const uint64_t carry = ((fraction >> 32) + 0x95f64) & 0x100000;
  k += static_cast<int32_t>(bits >> 52) - 1023 + static_cast<int32_t>(carry >> 20);
  const double f = FromBits(fraction | ((carry ^ 0x3ff00000) << 32)) - 1;
  const int32_t top = static_cast<int32_t>(fraction >> 32);
  if (((top + 2) & 0xfffff) < 3) {  // |f| < 2^-20
    if (f == 0) return k == 0 ? 0 : k * kLn2High + k * kLn2Low;
    const double r = f * f * (0.5 - 0.33333333333333333 * f);
    return k == 0 ? f - r : k * kLn2High - ((r - k * kLn2Low) - f);
  }
  const double s = f / (2 + f);
  const double z = s * s;
  const double w = z * z;
  const double even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
  const double odd =
      z * (6.666666666666735130e-01 +
           w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
  const double r = odd + even;
  // Where f is well above 0 or well below, its square is taken off by itself.
  if (((top - 0x6147a) | (0x6b851 - top)) > 0) {
    const double half = 0.5 * f * f;
    return k == 0 ? f - (half - s * (half + r)) : k * kLn2High - ((half - (s * (half + r) + k * kLn2Low)) - f);
  }
  return k == 0 ? f - s * (f - r) : k * kLn2High - ((s * (f - r) - k * kLn2Low) - f);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
