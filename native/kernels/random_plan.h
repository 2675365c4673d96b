// What a call of random asks for, read from its scalars, and the draws that its elements are made of. A draw is a word
// of ChaCha8 (random_chacha.h) and a function of seed, stream, domain and place alone: whoever needs a number computes
// it, so that no state is handed on and blocks run anywhere in any order.
//
// scalars: kind, seed, stream, then by kind
//   uniform      low, high - low, the greatest value below high
//   normal       mean, standard deviation
//   exponential  scale
//   integers     method, greatest offset (low word, high word), low (low word, high word; two's complement)
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/view.h"
#include "kernels/kernel.h"

namespace offloop {

enum class RandomKind : uint32_t { kUniform = 0, kNormal = 1, kIntegers = 2, kExponential = 3, kPermutation = 4 };

// How an integer comes from random bits: 32 bits by multiplication, 32 bits as they are, 64 bits under a mask.
enum class IntegerMethod : uint32_t { kMultiply = 0, kWord = 1, kMask = 2 };

// Domains keep draws for different ends apart: the word in which ChaCha's nonce begins.
enum RandomDomain : uint32_t {
  kDomainUniform64 = 1,
  kDomainUniform32 = 2,
  kDomainNormal = 3,
  kDomainExponential = 4,
  kDomainIntegers32 = 5,
  kDomainIntegers64 = 6,
  kDomainBuckets = 7,
  kDomainSwaps = 8,
  // Added for what an element draws when its first draw did not do: its own 16 words, counted by the element.
  kDomainAgain = 0x80000000,
};

// Words are made in groups: 16 blocks of ChaCha with counters 16 g to 16 g + 15. Word w of block b of the group is
// number 16 w + b; two words that follow one another make one draw of 64 bits, the lower one first.
inline constexpr uint32_t kLanes = 16;
inline constexpr uint32_t kGroupWords = 256;
inline constexpr uint64_t kGroupDraws64 = 128;

// Elements made at a time, in a buffer that stays in the first-level cache.
inline constexpr uint64_t kPiece = 1024;
inline constexpr uint64_t kBlockElements = uint64_t{1} << 16;
// Results from here up go around the cache.
inline constexpr uint64_t kStreamBytes = uint64_t{16} << 20;

inline RandomKind KindOf(const Arguments& arguments) {
  return static_cast<RandomKind>(static_cast<uint32_t>(arguments.scalars[0]));
}

// ChaCha's 16 words of input; 12 and 13 are the counter and are filled in by whoever draws.
struct RandomState {
  uint32_t words[16];
};

inline RandomState StateOf(const Arguments& arguments, uint32_t domain) {
  const uint64_t seed = static_cast<uint64_t>(arguments.scalars[1]);
  const uint64_t stream = static_cast<uint64_t>(arguments.scalars[2]);
  return {{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574,  // "expand 32-byte k"
           static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32), static_cast<uint32_t>(stream),
           static_cast<uint32_t>(stream >> 32), 0x6c66666f, 0x20706f6f, 0x646e6172, 0x31206d6f,  // "offloop random 1"
           0, 0, domain, 0}};
}

// How a permutation of n elements is made (random_permute.h), and where its working memory is.
struct PermutePlan {
  uint64_t n;
  uint32_t bits;     // buckets are 2^bits; 0: in one piece
  uint64_t buckets;  // of 8,192 to 16,384 elements, where 2^14 buckets are enough
  uint64_t chunk;
  uint64_t chunks;
  uint32_t* counts;  // chunks rows of `buckets`
  uint32_t* totals;  // by bucket: its size
  uint32_t* starts;  // by bucket: its first place
};

inline constexpr uint64_t kPermuteWhole = 32768;
inline constexpr uint64_t kPermuteColumns = 64;

inline PermutePlan PlanPermute(const Arguments& arguments) {
  PermutePlan plan{};
  plan.n = static_cast<uint64_t>(arguments.outputs[0].shape[0]);
  if (plan.n > kPermuteWhole) {
    while (plan.bits < 14 && uint64_t{16384} << plan.bits < plan.n) ++plan.bits;
  }
  plan.buckets = uint64_t{1} << plan.bits;
  plan.chunk = 16 * plan.buckets < 65536 ? 65536 : 16 * plan.buckets;
  plan.chunks = (plan.n + plan.chunk - 1) / plan.chunk;
  plan.counts = reinterpret_cast<uint32_t*>(arguments.scratch);
  plan.totals = plan.counts + plan.chunks * plan.buckets;
  plan.starts = plan.totals + plan.buckets;
  return plan;
}

}  // namespace offloop
