// XXH3 of up to 240 bytes, and what the long form shares with it, after the specification of xxHash (Collet 2012 to
// 2020; doc/xxhash_spec.md of release 0.8.2). Scalar: compiled once, before the levels.
#pragma once
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace {

#define OFFLOOP_XXH3_INLINE inline __attribute__((always_inline))

// The default secret of the specification.
inline constexpr uint8_t kXxh3Secret[192] = {
    0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c, 0xde, 0xd4,
    0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f, 0xcb, 0x79, 0xe6, 0x4e,
    0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21, 0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43,
    0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c, 0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb,
    0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3, 0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19,
    0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8, 0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7,
    0xc7, 0x0b, 0x4f, 0x1d, 0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78,
    0x73, 0x64, 0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
    0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e, 0x2b, 0x16,
    0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce, 0x45, 0xcb, 0x3a, 0x8f,
    0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e};

inline constexpr uint32_t kXxh32Prime1 = 0x9E3779B1;
inline constexpr uint32_t kXxh32Prime2 = 0x85EBCA77;
inline constexpr uint32_t kXxh32Prime3 = 0xC2B2AE3D;
inline constexpr uint64_t kXxh64Prime1 = 0x9E3779B185EBCA87;
inline constexpr uint64_t kXxh64Prime2 = 0xC2B2AE3D27D4EB4F;
inline constexpr uint64_t kXxh64Prime3 = 0x165667B19E3779F9;
inline constexpr uint64_t kXxh64Prime4 = 0x85EBCA77C2B2AE63;
inline constexpr uint64_t kXxh64Prime5 = 0x27D4EB2F165667C5;
inline constexpr uint64_t kXxh3Mix1 = 0x165667919E3779F9;
inline constexpr uint64_t kXxh3Mix2 = 0x9FB21C651E98DF25;

struct Xxh3Wide {
  uint64_t low;
  uint64_t high;
};

// Little-endian machines only, as all that Node runs on with this addon.
OFFLOOP_XXH3_INLINE uint64_t Xxh3Read64(const uint8_t* from) {
  uint64_t value;
  __builtin_memcpy(&value, from, 8);
  return value;
}

OFFLOOP_XXH3_INLINE uint32_t Xxh3Read32(const uint8_t* from) {
  uint32_t value;
  __builtin_memcpy(&value, from, 4);
  return value;
}

OFFLOOP_XXH3_INLINE Xxh3Wide Xxh3Multiply(uint64_t a, uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return {static_cast<uint64_t>(product), static_cast<uint64_t>(product >> 64)};
}

OFFLOOP_XXH3_INLINE uint64_t Xxh3Fold(uint64_t a, uint64_t b) {
  const Xxh3Wide product = Xxh3Multiply(a, b);
  return product.low ^ product.high;
}

OFFLOOP_XXH3_INLINE uint64_t Xxh64Avalanche(uint64_t h) {
  h = (h ^ h >> 33) * kXxh64Prime2;
  h = (h ^ h >> 29) * kXxh64Prime3;
  return h ^ h >> 32;
}

OFFLOOP_XXH3_INLINE uint64_t Xxh3Avalanche(uint64_t h) {
  h = (h ^ h >> 37) * kXxh3Mix1;
  return h ^ h >> 32;
}

OFFLOOP_XXH3_INLINE uint64_t Xxh3Mix16(const uint8_t* data, const uint8_t* secret, uint64_t seed) {
  return Xxh3Fold(Xxh3Read64(data) ^ (Xxh3Read64(secret) + seed),
                  Xxh3Read64(data + 8) ^ (Xxh3Read64(secret + 8) - seed));
}

OFFLOOP_XXH3_INLINE uint64_t Xxh3SpreadSeed(uint64_t seed) {
  return seed ^ static_cast<uint64_t>(__builtin_bswap32(static_cast<uint32_t>(seed))) << 32;
}

OFFLOOP_XXH3_INLINE uint32_t Xxh3Few(const uint8_t* data, uint64_t n) {
  return static_cast<uint32_t>(data[0]) << 16 | static_cast<uint32_t>(data[n >> 1]) << 24 | data[n - 1] |
         static_cast<uint32_t>(n) << 8;
}

// 64 bits of at most 240 bytes.
static uint64_t Xxh3Short(const uint8_t* data, uint64_t n, uint64_t seed) {
  const uint8_t* secret = kXxh3Secret;
  if (n == 0) return Xxh64Avalanche(seed ^ Xxh3Read64(secret + 56) ^ Xxh3Read64(secret + 64));
  if (n <= 3) {
    const uint64_t flip = static_cast<uint64_t>(Xxh3Read32(secret) ^ Xxh3Read32(secret + 4)) + seed;
    return Xxh64Avalanche(Xxh3Few(data, n) ^ flip);
  }
  if (n <= 8) {
    const uint64_t flip = (Xxh3Read64(secret + 8) ^ Xxh3Read64(secret + 16)) - Xxh3SpreadSeed(seed);
    uint64_t h = (Xxh3Read32(data + n - 4) + (static_cast<uint64_t>(Xxh3Read32(data)) << 32)) ^ flip;
    h ^= (h << 49 | h >> 15) ^ (h << 24 | h >> 40);
    h *= kXxh3Mix2;
    h ^= (h >> 35) + n;
    h *= kXxh3Mix2;
    return h ^ h >> 28;
  }
  if (n <= 16) {
    const uint64_t low = Xxh3Read64(data) ^ ((Xxh3Read64(secret + 24) ^ Xxh3Read64(secret + 32)) + seed);
    const uint64_t high = Xxh3Read64(data + n - 8) ^ ((Xxh3Read64(secret + 40) ^ Xxh3Read64(secret + 48)) - seed);
    return Xxh3Avalanche(n + __builtin_bswap64(low) + high + Xxh3Fold(low, high));
  }
  uint64_t sum = n * kXxh64Prime1;
  if (n <= 128) {
    // Pairs from both ends, the outermost last in the secret's order and first in the sum; sums have no order.
    for (uint64_t i = 0; i <= (n - 1) / 32; ++i) {
      sum += Xxh3Mix16(data + 16 * i, secret + 32 * i, seed);
      sum += Xxh3Mix16(data + n - 16 * (i + 1), secret + 32 * i + 16, seed);
    }
    return Xxh3Avalanche(sum);
  }
  for (uint64_t i = 0; i < 8; ++i) sum += Xxh3Mix16(data + 16 * i, secret + 16 * i, seed);
  sum = Xxh3Avalanche(sum);
  for (uint64_t i = 8; i < n / 16; ++i) sum += Xxh3Mix16(data + 16 * i, secret + 16 * (i - 8) + 3, seed);
  return Xxh3Avalanche(sum + Xxh3Mix16(data + n - 16, secret + 136 - 17, seed));
}

OFFLOOP_XXH3_INLINE void Xxh3Mix32(Xxh3Wide* sum, const uint8_t* first, const uint8_t* second, const uint8_t* secret,
                                   uint64_t seed) {
  sum->low += Xxh3Mix16(first, secret, seed);
  sum->low ^= Xxh3Read64(second) + Xxh3Read64(second + 8);
  sum->high += Xxh3Mix16(second, secret + 16, seed);
  sum->high ^= Xxh3Read64(first) + Xxh3Read64(first + 8);
}

// 128 bits of at most 240 bytes.
static Xxh3Wide Xxh3ShortWide(const uint8_t* data, uint64_t n, uint64_t seed) {
  const uint8_t* secret = kXxh3Secret;
  if (n == 0) {
    return {Xxh64Avalanche(seed ^ Xxh3Read64(secret + 64) ^ Xxh3Read64(secret + 72)),
            Xxh64Avalanche(seed ^ Xxh3Read64(secret + 80) ^ Xxh3Read64(secret + 88))};
  }
  if (n <= 3) {
    const uint32_t low = Xxh3Few(data, n);
    const uint32_t swapped = __builtin_bswap32(low);
    const uint32_t high = swapped << 13 | swapped >> 19;
    const uint64_t flip_low = static_cast<uint64_t>(Xxh3Read32(secret) ^ Xxh3Read32(secret + 4)) + seed;
    const uint64_t flip_high = static_cast<uint64_t>(Xxh3Read32(secret + 8) ^ Xxh3Read32(secret + 12)) - seed;
    return {Xxh64Avalanche(low ^ flip_low), Xxh64Avalanche(high ^ flip_high)};
  }
  if (n <= 8) {
    const uint64_t flip = (Xxh3Read64(secret + 16) ^ Xxh3Read64(secret + 24)) + Xxh3SpreadSeed(seed);
    const uint64_t both = Xxh3Read32(data) + (static_cast<uint64_t>(Xxh3Read32(data + n - 4)) << 32);
    Xxh3Wide h = Xxh3Multiply(both ^ flip, kXxh64Prime1 + (n << 2));
    h.high += h.low << 1;
    h.low ^= h.high >> 3;
    h.low = (h.low ^ h.low >> 35) * kXxh3Mix2;
    h.low ^= h.low >> 28;
    h.high = Xxh3Avalanche(h.high);
    return h;
  }
  if (n <= 16) {
    const uint64_t flip_low = (Xxh3Read64(secret + 32) ^ Xxh3Read64(secret + 40)) - seed;
    const uint64_t flip_high = (Xxh3Read64(secret + 48) ^ Xxh3Read64(secret + 56)) + seed;
    const uint64_t low = Xxh3Read64(data);
    const uint64_t last = Xxh3Read64(data + n - 8);
    const uint64_t high = last ^ flip_high;
    Xxh3Wide m = Xxh3Multiply(low ^ last ^ flip_low, kXxh64Prime1);
    m.low += (n - 1) << 54;
    m.high += high + static_cast<uint64_t>(static_cast<uint32_t>(high)) * (kXxh32Prime2 - 1);
    m.low ^= __builtin_bswap64(m.high);
    Xxh3Wide h = Xxh3Multiply(m.low, kXxh64Prime2);
    h.high += m.high * kXxh64Prime2;
    return {Xxh3Avalanche(h.low), Xxh3Avalanche(h.high)};
  }
  Xxh3Wide sum = {n * kXxh64Prime1, 0};
  if (n <= 128) {
    for (uint64_t i = (n - 1) / 32 + 1; i-- > 0;) {
      Xxh3Mix32(&sum, data + 16 * i, data + n - 16 * (i + 1), secret + 32 * i, seed);
    }
  } else {
    for (uint64_t i = 0; i < 128; i += 32) Xxh3Mix32(&sum, data + i, data + i + 16, secret + i, seed);
    sum = {Xxh3Avalanche(sum.low), Xxh3Avalanche(sum.high)};
    for (uint64_t i = 128; i + 32 <= n; i += 32) Xxh3Mix32(&sum, data + i, data + i + 16, secret + 3 + i - 128, seed);
    Xxh3Mix32(&sum, data + n - 16, data + n - 32, secret + 136 - 17 - 16, 0 - seed);
  }
  const uint64_t high = sum.low * kXxh64Prime1 + sum.high * kXxh64Prime4 + (n - seed) * kXxh64Prime2;
  return {Xxh3Avalanche(sum.low + sum.high), 0 - Xxh3Avalanche(high)};
}

// The secret of long inputs.
inline void Xxh3SeedSecret(uint64_t seed, uint8_t* secret) {
  for (uint64_t i = 0; i < 192; i += 16) {
    const uint64_t low = Xxh3Read64(kXxh3Secret + i) + seed;
    const uint64_t high = Xxh3Read64(kXxh3Secret + i + 8) - seed;
    __builtin_memcpy(secret + i, &low, 8);
    __builtin_memcpy(secret + i + 8, &high, 8);
  }
}

inline void Xxh3Begin(uint64_t* sums) {
  constexpr uint64_t kStart[8] = {kXxh32Prime3, kXxh64Prime1, kXxh64Prime2, kXxh64Prime3,
                                  kXxh64Prime4, kXxh32Prime2, kXxh64Prime5, kXxh32Prime1};
  for (int i = 0; i < 8; ++i) sums[i] = kStart[i];
}

inline uint64_t Xxh3Merge(const uint64_t* sums, const uint8_t* secret, uint64_t start) {
  for (int i = 0; i < 4; ++i) {
    start += Xxh3Fold(sums[2 * i] ^ Xxh3Read64(secret + 16 * i), sums[2 * i + 1] ^ Xxh3Read64(secret + 16 * i + 8));
  }
  return Xxh3Avalanche(start);
}

inline void Xxh3Write64(uint64_t value, uint8_t* to) {
  value = __builtin_bswap64(value);
  __builtin_memcpy(to, &value, 8);
}

// Canonical form: most significant byte first.
inline void Xxh3WriteShort(const uint8_t* data, uint64_t n, uint64_t seed, bool wide, uint8_t* to) {
  if (!wide) return Xxh3Write64(Xxh3Short(data, n, seed), to);
  const Xxh3Wide h = Xxh3ShortWide(data, n, seed);
  Xxh3Write64(h.high, to);
  Xxh3Write64(h.low, to + 8);
}

inline void Xxh3WriteLong(const uint64_t* sums, const uint8_t* secret, uint64_t n, bool wide, uint8_t* to) {
  const uint64_t low = Xxh3Merge(sums, secret + 11, n * kXxh64Prime1);
  if (!wide) return Xxh3Write64(low, to);
  Xxh3Write64(Xxh3Merge(sums, secret + 192 - 64 - 11, ~(n * kXxh64Prime2)), to);
  Xxh3Write64(low, to + 8);
}

}  // namespace
}  // namespace offloop
