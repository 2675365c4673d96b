// random: numbers of the distribution that scalars[0] names into outputs[0], of one axis and contiguous; the scalars
// are described in random_plan.h, the generator in random_chacha.h. Element i is a function of the scalars and i
// alone, by operations that are the same at every level and in src/reference/random.ts: the same bits everywhere.
//   uniform      low + u (high - low), below high         float64, float32
//   normal       mean + standard deviation * z            float64, float32 (the float64 number, rounded)
//   exponential  scale * x                                float64, float32 (the float64 number, rounded)
//   integers     low + 0 ... most                         integers, float64
//   permutation  of 0 ... n - 1, or of inputs[0]          uint32, or as the input
#include "simd/o3.h"

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "base/view.h"
#include "kernels/kernel.h"
#include "kernels/random_plan.h"
#include "kernels/random_tables.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/random.cc"
#include "simd/foreach_level.h"

#include "simd/vec.h"
#include "simd/math.h"
#include "kernels/random_chacha.h"
#include "kernels/random_draw.h"
#include "kernels/random_integers.h"
#include "kernels/random_permute.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// Room for the first draws of a piece, which become its numbers, and for those in the result's own type.
struct alignas(64) PieceBuffers {
  std::byte draws[8 * kPiece];
  std::byte results[8 * kPiece];
};

static void ToFloat32(const void* __restrict from, uint64_t count, void* __restrict to) {
  const double* numbers = static_cast<const double*>(from);
  float* results = static_cast<float*>(to);
  for (uint64_t i = 0; i < count; ++i) results[i] = static_cast<float>(numbers[i]);
}

// Makes elements [first, first + count) and returns which buffer they are in.
static const std::byte* MakePiece(const Arguments& arguments, uint64_t first, uint64_t count, PieceBuffers* buffers) {
  const DType dtype = arguments.outputs[0].dtype;
  const double* scalars = arguments.scalars;
  std::byte* draws = buffers->draws;
  switch (KindOf(arguments)) {
    case RandomKind::kUniform:
      if (dtype == DType::kFloat32) {
        Draw32(StateOf(arguments, kDomainUniform32), first, count, draws);
        Uniform32(count, scalars, draws);
      } else {
        Draw64(StateOf(arguments, kDomainUniform64), first, count, draws);
        Uniform64(count, scalars, draws);
      }
      return draws;
    case RandomKind::kIntegers: {
      const IntegerRange range = RangeOf(arguments);
      if (range.method == IntegerMethod::kMask) {
        Offsets64(StateOf(arguments, kDomainIntegers64), range, first, count, draws);
        ShiftTo<uint64_t>(dtype, draws, count, range.low, buffers->results);
      } else {
        Offsets32(StateOf(arguments, kDomainIntegers32), range, first, count, draws);
        ShiftTo<uint32_t>(dtype, draws, count, range.low, buffers->results);
      }
      return buffers->results;
    }
    case RandomKind::kNormal:
      FillZiggurat(StateOf(arguments, kDomainNormal), kNormalLayers, first, count, draws, ResolveNormal);
      if (scalars[3] != 0 || scalars[4] != 1) Affine(count, scalars[3], scalars[4], draws);
      break;
    default:
      FillZiggurat(StateOf(arguments, kDomainExponential), kExponentialLayers, first, count, draws, ResolveExponential);
      if (scalars[3] != 1) Affine(count, 0, scalars[3], draws);
      break;
  }
  if (dtype != DType::kFloat32) return draws;
  ToFloat32(draws, count, buffers->results);
  return buffers->results;
}

// Copies around the cache: what follows a result of this size would push it out again before anybody reads it.
static void StreamBytes(std::byte* to, const std::byte* from, size_t bytes) {
#if OFFLOOP_X64
  size_t head = (0 - reinterpret_cast<uintptr_t>(to)) % sizeof(U8);
  if (head > bytes) head = bytes;
  __builtin_memcpy(to, from, head);
  size_t at = head;
  for (; at + sizeof(U8) <= bytes; at += sizeof(U8)) {
    const U8 bits = Load<U8>(from + at);
#if OFFLOOP_VECTOR_BYTES == 64
    _mm512_stream_si512(reinterpret_cast<__m512i*>(to + at), reinterpret_cast<__m512i>(bits));
#elif OFFLOOP_VECTOR_BYTES == 32
    _mm256_stream_si256(reinterpret_cast<__m256i*>(to + at), reinterpret_cast<__m256i>(bits));
#else
    _mm_stream_si128(reinterpret_cast<__m128i*>(to + at), reinterpret_cast<__m128i>(bits));
#endif
  }
  __builtin_memcpy(to + at, from + at, bytes - at);
#else
  __builtin_memcpy(to, from, bytes);
#endif
}

static void RandomBlock(const Arguments& arguments, const Block& block) {
  if (KindOf(arguments) == RandomKind::kPermutation) return PermuteBlock(arguments, block);
  const View& out = arguments.outputs[0];
  const uint64_t n = static_cast<uint64_t>(out.shape[0]);
  const uint64_t element = DTypeSize(out.dtype);
  const bool stream = n * element >= kStreamBytes;
  const uint64_t start = block.index * kBlockElements;
  const uint64_t end = start + kBlockElements < n ? start + kBlockElements : n;
  PieceBuffers buffers;
  for (uint64_t first = start; first < end; first += kPiece) {
    const uint64_t count = end - first < kPiece ? end - first : kPiece;
    const std::byte* made = MakePiece(arguments, first, count, &buffers);
    std::byte* to = static_cast<std::byte*>(out.data) + first * element;
    if (stream) {
      StreamBytes(to, made, count * element);
    } else {
      __builtin_memcpy(to, made, count * element);
    }
  }
#if OFFLOOP_X64
  if (stream) _mm_sfence();
#endif
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop

#if OFFLOOP_ONCE
namespace offloop {
namespace {

bool IsWord(double value) { return value >= 0 && value <= 4294967295.0; }

bool AreScalarsSound(const Arguments& arguments) {
  const double* scalars = arguments.scalars;
  for (int i = 0; i < 3; ++i) {
    if (!(scalars[i] >= 0 && scalars[i] <= 9007199254740991.0)) return false;
  }
  if (scalars[0] > static_cast<double>(RandomKind::kPermutation)) return false;
  if (KindOf(arguments) != RandomKind::kIntegers) return true;
  for (int i = 3; i < 8; ++i) {
    if (!IsWord(scalars[i])) return false;
  }
  // Of an offset in 32 bits, the range is one as well.
  return scalars[3] == 2 || (scalars[3] <= 1 && scalars[5] == 0 && (scalars[3] == 1 || scalars[4] < 4294967295.0));
}

bool IsDTypeSound(const Arguments& arguments) {
  const DType dtype = arguments.outputs[0].dtype;
  switch (KindOf(arguments)) {
    case RandomKind::kIntegers:
      return dtype != DType::kFloat32 && dtype != DType::kFloat16;
    case RandomKind::kPermutation:
      return dtype == (arguments.input_count == 0 ? DType::kUint32 : arguments.inputs[0].dtype);
    default:
      return dtype == DType::kFloat64 || dtype == DType::kFloat32;
  }
}

Status PreparePermute(const Arguments& arguments, Layout* layout) {
  const View& out = arguments.outputs[0];
  if (arguments.input_count > 1 || out.shape[0] > 4294967295) return Status::kInvalidArgument;
  if (arguments.input_count == 1) {
    const View& input = arguments.inputs[0];
    if (input.rank != 1 || input.shape[0] != out.shape[0]) return Status::kInvalidArgument;
  }
  const PermutePlan plan = PlanPermute(arguments);
  if (plan.bits == 0) {
    layout->phases[0].blocks = 1;
    layout->phase_count = 1;
    return Status::kOk;
  }
  layout->phases[0].blocks = layout->phases[3].blocks = plan.chunks;
  layout->phases[1].blocks = (plan.buckets + kPermuteColumns - 1) / kPermuteColumns;
  layout->phases[2].blocks = 1;
  layout->phases[4].blocks = plan.buckets;
  layout->phase_count = 5;
  layout->scratch_bytes = 4 * (plan.chunks + 2) * plan.buckets;
  return Status::kOk;
}

Status PrepareRandom(const Arguments& arguments, Layout* layout) {
  if (arguments.output_count != 1) return Status::kInvalidArgument;
  const View& out = arguments.outputs[0];
  if (out.rank != 1 || !out.IsContiguous() || !AreScalarsSound(arguments) || !IsDTypeSound(arguments)) {
    return Status::kInvalidArgument;
  }
  if (out.shape[0] == 0) return Status::kOk;
  if (KindOf(arguments) == RandomKind::kPermutation) return PreparePermute(arguments, layout);
  if (arguments.input_count != 0) return Status::kInvalidArgument;
  layout->phases[0].blocks = (static_cast<uint64_t>(out.shape[0]) + kBlockElements - 1) / kBlockElements;
  layout->phase_count = 1;
  return Status::kOk;
}

}  // namespace

extern const Kernel kRandomKernel;
const Kernel kRandomKernel = {
    .name = "random",
    .version = 1,
    .prepare = PrepareRandom,
    .run_block = OFFLOOP_EACH_LEVEL(RandomBlock),
    .combine = nullptr,
    .finish = nullptr,
};

}  // namespace offloop
#endif
