// primes: in two calls. scalars[0] 0 sieves: outputs[0] is a map of the numbers below scalars[1], a byte for thirty of
// them, of which eight are not divisible by 2, 3 or 5, a bit each; outputs[1] is how many primes there are in each
// segment of scalars[2] bytes. inputs[0] are the primes from 19 to the root of the limit, inputs[1] the map of numbers
// that 7, 11, 13 and 17 do not divide, for one period. scalars[0] 1 writes: inputs[0] is the map, inputs[1] where the
// primes of each segment begin in outputs[0], and where the last ones end. All memory is nobody else's.
//
// The segmented sieve of Eratosthenes (Bays and Hudson 1977) on a wheel of 30 (Pritchard 1982): a prime p crosses out
// p·q for the q on the wheel, eight bytes' bits in every p bytes, whose places are the same in all rounds.
#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "base/view.h"
#include "kernels/kernel.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/primes.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

inline constexpr uint8_t kWheel[8] = {1, 7, 11, 13, 17, 19, 23, 29};

constexpr int BitOf(int residue) {
  for (int bit = 0; bit < 8; ++bit) {
    if (kWheel[bit] == residue) return bit;
  }
  return 0;
}

// Crosses out the multiples of p, which is `residue` modulo 30, in bytes [first, last) of the map.
template <int residue>
inline __attribute__((always_inline)) void CrossOut(uint8_t* map, int64_t first, int64_t last, int64_t p) {
  const int64_t thirty = p / 30;
  int64_t places[8];
  uint8_t masks[8];
#pragma GCC unroll 8
  for (int j = 0; j < 8; ++j) {
    places[j] = thirty * kWheel[j] + residue * kWheel[j] / 30;
    masks[j] = static_cast<uint8_t>(~(1 << BitOf(residue * kWheel[j] % 30)));
  }
  // The round that reaches into the segment; cofactors below p have been crossed out by smaller primes.
  int64_t round = first / p;
  const int64_t least = thirty;
  if (round < least) round = least;
  int64_t at = round * p;
#pragma GCC unroll 8
  for (int j = 0; j < 8; ++j) {
    const bool is_cofactor = round * 30 + kWheel[j] >= p;
    if (is_cofactor && at + places[j] >= first && at + places[j] < last) map[at + places[j]] &= masks[j];
  }
  at += p;
  for (; at + places[7] < last; at += p) {
#pragma GCC unroll 8
    for (int j = 0; j < 8; ++j) map[at + places[j]] &= masks[j];
  }
#pragma GCC unroll 8
  for (int j = 0; j < 8; ++j) {
    if (at + places[j] < last) map[at + places[j]] &= masks[j];
  }
}

void SieveSegment(const Arguments& arguments, int64_t segment) {
  const View& base = arguments.inputs[0];
  const View& pattern = arguments.inputs[1];
  const uint32_t* primes = static_cast<const uint32_t*>(base.data);
  const uint8_t* period = static_cast<const uint8_t*>(pattern.data);
  uint8_t* map = static_cast<uint8_t*>(arguments.outputs[0].data);
  const int64_t bytes = arguments.outputs[0].shape[0];
  const int64_t limit = static_cast<int64_t>(arguments.scalars[1]);
  const int64_t size = static_cast<int64_t>(arguments.scalars[2]);
  const int64_t first = segment * size;
  const int64_t last = bytes - first < size ? bytes : first + size;
  for (int64_t at = first; at < last;) {
    const int64_t from = at % pattern.shape[0];
    int64_t run = pattern.shape[0] - from;
    if (run > last - at) run = last - at;
    __builtin_memcpy(map + at, period + from, static_cast<size_t>(run));
    at += run;
  }
  if (first == 0) map[0] = 0xfe;
  for (int64_t i = 0; i < base.shape[0]; ++i) {
    const int64_t p = primes[i];
    if (p * p >= 30 * last) break;
    switch (p % 30) {
      case 1:
        CrossOut<1>(map, first, last, p);
        break;
      case 7:
        CrossOut<7>(map, first, last, p);
        break;
      case 11:
        CrossOut<11>(map, first, last, p);
        break;
      case 13:
        CrossOut<13>(map, first, last, p);
        break;
      case 17:
        CrossOut<17>(map, first, last, p);
        break;
      case 19:
        CrossOut<19>(map, first, last, p);
        break;
      case 23:
        CrossOut<23>(map, first, last, p);
        break;
      default:
        CrossOut<29>(map, first, last, p);
    }
  }
  if (last == bytes) {
    for (int bit = 0; bit < 8; ++bit) {
      if (30 * (bytes - 1) + kWheel[bit] >= limit) map[bytes - 1] &= static_cast<uint8_t>(~(1 << bit));
    }
  }
  int64_t count = 0;
  int64_t at = first;
  for (; at + 8 <= last; at += 8) {
    uint64_t word;
    __builtin_memcpy(&word, map + at, sizeof(word));
    count += __builtin_popcountll(word);
  }
  for (; at < last; ++at) count += __builtin_popcount(map[at]);
  static_cast<double*>(arguments.outputs[1].data)[segment] = static_cast<double>(count);
}

void WriteSegment(const Arguments& arguments, int64_t segment) {
  const View& view = arguments.inputs[0];
  const uint8_t* map = static_cast<const uint8_t*>(view.data);
  const double* starts = static_cast<const double*>(arguments.inputs[1].data);
  uint32_t* out = static_cast<uint32_t*>(arguments.outputs[0].data);
  const int64_t size = static_cast<int64_t>(arguments.scalars[2]);
  int64_t at = segment * size;
  const int64_t last = view.shape[0] - at < size ? view.shape[0] : at + size;
  int64_t to = static_cast<int64_t>(starts[segment]);
  int64_t end = static_cast<int64_t>(starts[segment + 1]);
  if (end > arguments.outputs[0].shape[0]) end = arguments.outputs[0].shape[0];
#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 64
  // Two bytes are sixteen numbers: those of the set bits move together.
  const __m512i wheel = _mm512_setr_epi32(1, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 49, 53, 59);
  for (; at + 2 <= last && to + 16 <= end; at += 2) {
    uint16_t bits;
    __builtin_memcpy(&bits, map + at, sizeof(bits));
    const __m512i numbers = _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(30 * at)), wheel);
    _mm512_storeu_si512(out + to, _mm512_maskz_compress_epi32(bits, numbers));
    to += __builtin_popcount(bits);
  }
#endif
  for (; at < last; ++at) {
    for (uint32_t bits = map[at]; bits != 0 && to < end; bits &= bits - 1) {
      out[to++] = static_cast<uint32_t>(30 * at) + kWheel[__builtin_ctz(bits)];
    }
  }
}

void PrimesBlock(const Arguments& arguments, const Block& block) {
  const int64_t segment = static_cast<int64_t>(block.index);
  if (arguments.scalars[0] == 0) {
    SieveSegment(arguments, segment);
  } else {
    WriteSegment(arguments, segment);
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop

#if OFFLOOP_ONCE
namespace offloop {
namespace {

bool IsArray(const View& view, DType dtype) { return view.rank == 1 && view.dtype == dtype && view.IsContiguous(); }

Status PreparePrimes(const Arguments& arguments, Layout* layout) {
  const bool writes = arguments.scalars[0] != 0;
  if (arguments.input_count != 2 || arguments.output_count != (writes ? 1 : 2)) return Status::kInvalidArgument;
  const View& map = writes ? arguments.inputs[0] : arguments.outputs[0];
  const View& numbers = writes ? arguments.outputs[0] : arguments.inputs[0];
  const View& counts = writes ? arguments.inputs[1] : arguments.outputs[1];
  if (!IsArray(map, DType::kUint8) || !IsArray(numbers, DType::kUint32) || !IsArray(counts, DType::kFloat64)) {
    return Status::kInvalidArgument;
  }
  const double limit = arguments.scalars[1];
  const double size = arguments.scalars[2];
  if (!(limit >= 1 && limit <= 0x1p32) || !(size >= 1 && size <= 0x1p24)) return Status::kInvalidArgument;
  const int64_t bytes = (static_cast<int64_t>(limit) + 29) / 30;
  const int64_t segment = static_cast<int64_t>(size);
  const int64_t segments = (bytes + segment - 1) / segment;
  if (map.shape[0] != bytes || counts.shape[0] != segments + (writes ? 1 : 0)) return Status::kInvalidArgument;
  if (!writes) {
    const View& pattern = arguments.inputs[1];
    if (!IsArray(pattern, DType::kUint8) || pattern.shape[0] < 1) return Status::kInvalidArgument;
  }
  layout->phase_count = 1;
  layout->phases[0].blocks = static_cast<uint64_t>(segments);
  return Status::kOk;
}

}  // namespace

extern const Kernel kPrimesKernel;
const Kernel kPrimesKernel = {
    .name = "primes",
    .version = 1,
    .prepare = PreparePrimes,
    .run_block = OFFLOOP_EACH_LEVEL(PrimesBlock),
    .combine = nullptr,
    .finish = nullptr,
};

}  // namespace offloop
#endif
