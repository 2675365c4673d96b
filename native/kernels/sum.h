// What sum, mean and dot share: partials that are a float64 sum or an exact integer, and how they are given back.
#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/kernel.h"
#include "kernels/reduce.h"

namespace offloop {

// Integers are summed exactly; floating-point elements in float64.
struct SumPartial {
  union {
    double sum;
    Wide exact;
  };
  int64_t count;  // elements that were not left out
};
static_assert(sizeof(SumPartial) == kReducePartialBytes);

Status PrepareSums(const Arguments& arguments, uint32_t inputs, Layout* layout);
void CombineSums(const Arguments& arguments, uint32_t phase, std::byte* into, const std::byte* from);

// The sum as a number: of integers the nearest one, of no elements +0.
double SumNumber(DType dtype, const SumPartial& partial);

// Writes to output 0: float64, or the low 64 bits to BigInt64 and BigUint64.
void StoreSum(const Arguments& arguments, const std::byte* partial, const int64_t* offsets);

// results[2] is the number. For integers results[0], [1] and [3] are the exact sum, 192 bits in two's complement, low
// word first (without [3] the low 128 bits: all that a sum needs); for floating-point elements [0] is the number too.
Status FinishSums(const Arguments& arguments);

}  // namespace offloop
