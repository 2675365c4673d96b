// XXH3 of more than 240 bytes: eight 64-bit sums take in a stripe of 64 bytes a step, and are scrambled after every
// sixteen. Sequential by definition. Included again for every level.
#include <cstddef>
#include <cstdint>

#include "kernels/hash_xxh3_short.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

inline constexpr int kXxh3Vectors = 64 / OFFLOOP_VECTOR_BYTES;
inline constexpr uint64_t kXxh3Block = 1024;

struct Xxh3Sums {
  U64 v[kXxh3Vectors];
};

// The product of the low halves of each lane.
OFFLOOP_HASH_INLINE U64 MultiplyLow32(U64 a, U64 b) {
#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 64
  return reinterpret_cast<U64>(_mm512_maskz_mul_epu32(-1, reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
#elif OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 32
  return reinterpret_cast<U64>(_mm256_mul_epu32(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
#elif OFFLOOP_X64
  return reinterpret_cast<U64>(_mm_mul_epu32(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
#elif defined(__aarch64__)
  return reinterpret_cast<U64>(
      vmull_u32(vmovn_u64(reinterpret_cast<uint64x2_t>(a)), vmovn_u64(reinterpret_cast<uint64x2_t>(b))));
#else
  return (a & 0xFFFFFFFF) * (b & 0xFFFFFFFF);
#endif
}

OFFLOOP_HASH_INLINE U64 SwapPairs(U64 x) {
#if OFFLOOP_VECTOR_BYTES == 64
  return __builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6);
#elif OFFLOOP_VECTOR_BYTES == 32
  return __builtin_shufflevector(x, x, 1, 0, 3, 2);
#else
  return __builtin_shufflevector(x, x, 1, 0);
#endif
}

OFFLOOP_HASH_INLINE void Xxh3Stripe(Xxh3Sums* sums, const uint8_t* data, const uint8_t* secret) {
#pragma GCC unroll 4
  for (int i = 0; i < kXxh3Vectors; ++i) {
    const U64 value = Load<U64>(data + OFFLOOP_VECTOR_BYTES * i);
    const U64 keyed = value ^ Load<U64>(secret + OFFLOOP_VECTOR_BYTES * i);
    sums->v[i] += SwapPairs(value) + MultiplyLow32(keyed, keyed >> 32);
  }
}

OFFLOOP_HASH_INLINE void Xxh3Scramble(Xxh3Sums* sums, const uint8_t* secret) {
  const U64 prime = Broadcast<U64>(uint64_t{kXxh32Prime1});
  for (int i = 0; i < kXxh3Vectors; ++i) {
    const U64 x = sums->v[i] ^ sums->v[i] >> 47 ^ Load<U64>(secret + OFFLOOP_VECTOR_BYTES * i);
    sums->v[i] = MultiplyLow32(x, prime) + (MultiplyLow32(x >> 32, prime) << 32);
  }
}

OFFLOOP_HASH_INLINE Xxh3Sums Xxh3Load(const uint64_t* from) {
  Xxh3Sums sums;
  for (int i = 0; i < kXxh3Vectors; ++i) sums.v[i] = Load<U64>(from + U64Lanes * i);
  return sums;
}

OFFLOOP_HASH_INLINE void Xxh3Store(const Xxh3Sums& sums, uint64_t* to) {
  for (int i = 0; i < kXxh3Vectors; ++i) Store<U64>(to + U64Lanes * i, sums.v[i]);
}

// AVX-512 takes a stripe in so few cycles that memory falls behind: the CPU's own prefetch ends at each page of 4 kB.
// At the lower levels it keeps up by itself, and is only disturbed.
inline constexpr uint64_t kXxh3BlocksAhead = OFFLOOP_VECTOR_BYTES == 64 ? 2 : 0;

// So many blocks of 1024 bytes.
static void Xxh3Blocks(uint64_t* state, const uint8_t* data, uint64_t blocks, const uint8_t* secret) {
  Xxh3Sums sums = Xxh3Load(state);
  for (; blocks > 0; --blocks, data += kXxh3Block) {
    const uint8_t* ahead = blocks > kXxh3BlocksAhead ? data + kXxh3BlocksAhead * kXxh3Block : data;
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) {
      if constexpr (kXxh3BlocksAhead > 0) __builtin_prefetch(ahead + 64 * i);
      Xxh3Stripe(&sums, data + 64 * i, secret + 8 * i);
    }
    Xxh3Scramble(&sums, secret + 128);
  }
  Xxh3Store(sums, state);
}

// The bytes after the whole blocks, 1 to 1024 of them, and the last stripe of all, which may begin before them.
static void Xxh3End(uint64_t* state, const uint8_t* data, uint64_t bytes, const uint8_t* last, const uint8_t* secret) {
  Xxh3Sums sums = Xxh3Load(state);
  const uint64_t stripes = (bytes - 1) / 64;
  for (uint64_t i = 0; i < stripes; ++i) Xxh3Stripe(&sums, data + 64 * i, secret + 8 * i);
  Xxh3Stripe(&sums, last, secret + 192 - 64 - 7);
  Xxh3Store(sums, state);
}

static void Xxh3PartsBlock(const Arguments& arguments, const HashPlan& plan, const HashItem* items,
                           const Block& block) {
  const bool wide = plan.algorithm == HashAlgorithm::kXxh3Wide;
  alignas(64) uint8_t secret[192];
  Xxh3SeedSecret(plan.seed, secret);
  HashWalk walk(plan, items, block.index);
  HashPart part;
  while (walk.Next(&part)) {
    uint8_t* to = HashDigestAt(arguments, plan, part.item);
    if (part.bytes <= 240) {
      Xxh3WriteShort(part.data, part.bytes, plan.seed, wide, to);
      continue;
    }
    alignas(64) uint64_t state[8];
    Xxh3Begin(state);
    const uint64_t blocks = (part.bytes - 1) / kXxh3Block;
    Xxh3Blocks(state, part.data, blocks, secret);
    Xxh3End(state, part.data + blocks * kXxh3Block, part.bytes - blocks * kXxh3Block, part.data + part.bytes - 64,
            secret);
    Xxh3WriteLong(state, secret, part.bytes, wide, to);
  }
}

// A round of a long item, or of a stream: whole blocks, until what is left is the end.
static void Xxh3LongBlock(const Arguments& arguments, const HashPlan& plan, const HashItem& item, uint64_t round,
                          uint64_t* chain, uint8_t* digest) {
  const uint64_t segment = HashSegment(plan.algorithm, item.bytes);
  const uint64_t from = round * segment;
  if (from >= item.bytes) return;
  const bool more = plan.mode == HashMode::kUpdate;
  alignas(64) uint8_t secret[192];
  Xxh3SeedSecret(plan.seed, secret);
  const uint64_t left = item.bytes - from;
  const bool ends = left <= segment;
  const uint64_t blocks = (!ends ? segment : more ? left : left - 1) / kXxh3Block;
  Xxh3Blocks(chain, item.data + from, blocks, secret);
  if (!ends) return;
  uint8_t* state = HashState(arguments);
  if (more) {
    // The last stripe of the stream may begin in this piece.
    __builtin_memcpy(state, chain, 64);
    __builtin_memcpy(state + 64, item.data + item.bytes - 64, 64);
    return;
  }
  alignas(64) uint8_t last[64];
  if (item.bytes >= 64) {
    __builtin_memcpy(last, item.data + item.bytes - 64, 64);
  } else {
    for (uint64_t i = 0; i < 64; ++i) {
      last[i] = i + item.bytes < 64 ? state[64 + i + item.bytes] : item.data[i + item.bytes - 64];
    }
  }
  const uint64_t done = from + blocks * kXxh3Block;
  Xxh3End(chain, item.data + done, item.bytes - done, last, secret);
  Xxh3WriteLong(chain, secret, plan.before + item.bytes, plan.algorithm == HashAlgorithm::kXxh3Wide, digest);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
