// exp and log with the same bits everywhere, within 1 ulp: the algorithms of fdlibm (K. C. Ng, 1985 to 1995), operation
// by operation as in native/simd/math.h. The engine's own Math.exp and Math.log differ between engines.
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

const ln2High = 6.9314718036912381649e-1
const ln2Low = 1.90821492927058770002e-10

const number = new Float64Array(1)
const words = new Uint32Array(number.buffer)
/** Where the sign and the exponent are. */
const top = new Uint32Array(Float64Array.of(1).buffer)[1] === 0 ? 0 : 1

/** e to the x. x = k ln 2 + r with |r| <= ln 2 / 2, and exp(r) = 1 + 2 r / (R - r) where R is a polynomial in r². */
export function exp(x: number): number {
  if (!(x <= 7.09782712893383973096e2)) return x > 0 ? Infinity : x
  if (x < -7.4513321910194110842e2) return 0
  const size = Math.abs(x)
  let high = x
  let low = 0
  let k = 0
  if (size > 0.34657359027997264) {
    if (size < 1.0397207708399179) k = x < 0 ? -1 : 1
    else k = Math.trunc(Math.LOG2E * x + (x < 0 ? -0.5 : 0.5))
    high = x - k * ln2High
    low = k * ln2Low
    x = high - low
  } else if (size < 2 ** -28) {
    return 1 + x
  }
  const t = x * x
  const c =
    x -
    t *
      (1.66666666666666019037e-1 +
        t *
          (-2.77777777770155933842e-3 +
            t * (6.61375632143793436117e-5 + t * (-1.6533902205465251539e-6 + t * 4.13813679705723846039e-8))))
  if (k === 0) return 1 - ((x * c) / (c - 2) - x)
  const y = 1 - (low - (x * c) / (2 - c) - high)
  // In two steps where the result may be denormal, or 2^k too large.
  if (k === 1024) return y * 2 * 2 ** 1023
  return k >= -1021 ? y * powerOfTwo(k) : y * powerOfTwo(k + 1000) * 2 ** -1000
}

/**
 * The natural logarithm. x = 2^k (1 + f) with √½ < 1 + f < √2; with s = f / (2 + f),
 * log(1 + f) = f - s (f - R(s²)) = f - f²/2 + s (f²/2 + R(s²)).
 */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN
  if (x === Infinity) return x
  let k = 0
  number[0] = x
  if (words[top] < 0x00100000) {
    k = -54
    number[0] = x * 2 ** 54
  }
  const exponent = words[top] >>> 20
  const fraction = words[top] & 0xfffff
  // Rounds 1 + fraction to the power of two that is nearer.
  const carry = (fraction + 0x95f64) & 0x100000
  k += exponent - 1023 + (carry >>> 20)
  words[top] = fraction | (carry ^ 0x3ff00000)
  const f = number[0] - 1
  if (((fraction + 2) & 0xfffff) < 3) {
    // |f| < 2^-20
    if (f === 0) return k === 0 ? 0 : k * ln2High + k * ln2Low
    const r = f * f * (0.5 - 0.3333333333333333 * f)
    return k === 0 ? f - r : k * ln2High - (r - k * ln2Low - f)
  }
  const s = f / (2 + f)
  const z = s * s
  const w = z * z
  const even = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1))
  const odd =
    z *
    (6.66666666666673513e-1 +
      w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)))
  const r = odd + even
  // Where f is well above 0 or well below, its square is taken off by itself.
  if (((fraction - 0x6147a) | (0x6b851 - fraction)) > 0) {
    const half = 0.5 * f * f
    return k === 0 ? f - (half - s * (half + r)) : k * ln2High - (half - (s * (half + r) + k * ln2Low) - f)
  }
  return k === 0 ? f - s * (f - r) : k * ln2High - (s * (f - r) - k * ln2Low - f)
}

/** 2^k without Math.pow, for normal results. */
function powerOfTwo(k: number): number {
  words[top] = (1023 + k) << 20
  words[1 - top] = 0
  return number[0]
}
