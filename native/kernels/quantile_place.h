// Where a quantile lies: between which two ranks, from 0, and how far from the lower one. The methods are those of
// Hyndman and Fan (1996) by NumPy's names, in the order of `methods` in src/kernels/quantile.ts; the arithmetic is that
// of src/reference/quantile.ts, operation by operation.
#pragma once
#include <cstdint>

namespace offloop {
namespace {

enum class QuantileMethod : uint32_t {
  kInvertedCdf,
  kAveragedInvertedCdf,
  kClosestObservation,
  kInterpolatedInvertedCdf,
  kHazen,
  kWeibull,
  kLinear,
  kMedianUnbiased,
  kNormalUnbiased,
  kLower,
  kHigher,
  kMidpoint,
  kNearest,
};

struct QuantilePlace {
  uint64_t low;
  uint64_t high;
  double part;
};

// Of a number that lies within +-2^53.
inline double FloorOf(double x) {
  const double whole = static_cast<double>(static_cast<int64_t>(x));
  return whole > x ? whole - 1 : whole;
}

inline QuantilePlace PlaceOfQuantile(QuantileMethod method, double q, uint64_t numbers) {
  const double n = static_cast<double>(numbers);
  double alpha = 1;
  bool is_curve = true;
  double at = 0;
  switch (method) {
    case QuantileMethod::kInvertedCdf:
    case QuantileMethod::kAveragedInvertedCdf:
    case QuantileMethod::kInterpolatedInvertedCdf:
      at = n * q - 1;
      is_curve = false;
      break;
    case QuantileMethod::kClosestObservation:
      at = n * q - 1 - 0.5;
      is_curve = false;
      break;
    case QuantileMethod::kHazen:
      alpha = 0.5;
      break;
    case QuantileMethod::kWeibull:
      alpha = 0;
      break;
    case QuantileMethod::kMedianUnbiased:
      alpha = 1.0 / 3;
      break;
    case QuantileMethod::kNormalUnbiased:
      alpha = 3.0 / 8;
      break;
    default:
      at = (n - 1) * q;
      is_curve = false;
  }
  if (is_curve) at = n * q + (alpha + q * (1 - alpha - alpha)) - 1;
  const double last = n - 1;
  double low = FloorOf(at);
  double part = at - low;
  switch (method) {
    case QuantileMethod::kInvertedCdf:
      low += part == 0 ? 0 : 1;
      part = 0;
      break;
    case QuantileMethod::kAveragedInvertedCdf:
      part = part == 0 ? 0.5 : 1;
      break;
    case QuantileMethod::kClosestObservation: {
      // Halfway the even one of the ranks counted from 1, which is odd from 0.
      const double half = low / 2;
      low += part == 0 && half != FloorOf(half) ? 0 : 1;
      part = 0;
      break;
    }
    case QuantileMethod::kLower:
      part = 0;
      break;
    case QuantileMethod::kHigher:
      low += part == 0 ? 0 : 1;
      part = 0;
      break;
    case QuantileMethod::kMidpoint:
      part = part == 0 ? 0 : 0.5;
      break;
    case QuantileMethod::kNearest: {
      const double half = low / 2;
      low += part < 0.5 || (part == 0.5 && half == FloorOf(half)) ? 0 : 1;
      part = 0;
      break;
    }
    default:
      break;
  }
  if (low < 0) return {0, 0, 0};
  if (low >= last) return {numbers - 1, numbers - 1, 0};
  const uint64_t rank = static_cast<uint64_t>(low);
  return {rank, part == 0 ? rank : rank + 1, part};
}

// Between two numbers, exact at both ends and never outside of them.
inline double Between(double low, double high, double part) {
  if (low == high || part == 0) return low;
  if (part == 1) return high;
  const double difference = high - low;
  const bool is_finite = difference - difference == 0;
  if (!is_finite) return low * (1 - part) + high * part;
  return part < 0.5 ? low + difference * part : high - difference * (1 - part);
}

}  // namespace
}  // namespace offloop
