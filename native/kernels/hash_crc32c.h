// CRC-32C (Castagnoli, Braeuer and Herrmann 1993; RFC 3720), reflected. By the crc32 instruction of SSE4.2, which
// AVX2 implies, in three independent runs, as one waits three cycles for its last (Gopal et al., Fast CRC Computation
// for iSCSI Polynomial Using CRC32 Instruction, Intel 2011); else sixteen bytes a step by tables (Kounavis and Berry
// 2005). A checksum goes on over n more bytes by multiplication with x^(8n). Included again for every level.
#include <cstddef>
#include <cstdint>

#include "kernels/hash_crc32c_tables.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES >= 32

OFFLOOP_HASH_INLINE uint64_t Crc32cWord(uint64_t crc, const uint8_t* data) {
  return _mm_crc32_u64(
      crc, static_cast<uint64_t>(*reinterpret_cast<const long long __attribute__((aligned(1), may_alias))*>(data)));
}

// Runs of kRun bytes, three at a time.
template <uint64_t kRun>
OFFLOOP_HASH_INLINE uint64_t Crc32cTriples(uint64_t crc, const uint8_t** data, uint64_t* bytes,
                                           const Crc32cShift& shift) {
  const uint8_t* at = *data;
  uint64_t left = *bytes;
  for (; left >= 3 * kRun; left -= 3 * kRun, at += 3 * kRun) {
    uint64_t second = 0;
    uint64_t third = 0;
    for (uint64_t i = 0; i < kRun; i += 64) {
      __builtin_prefetch(at + 3 * kRun + i);
      __builtin_prefetch(at + 4 * kRun + i);
      __builtin_prefetch(at + 5 * kRun + i);
#pragma GCC unroll 8
      for (uint64_t j = i; j < i + 64; j += 8) {
        crc = Crc32cWord(crc, at + j);
        second = Crc32cWord(second, at + kRun + j);
        third = Crc32cWord(third, at + 2 * kRun + j);
      }
    }
    crc = ShiftCrc32c(shift, static_cast<uint32_t>(crc)) ^ second;
    crc = ShiftCrc32c(shift, static_cast<uint32_t>(crc)) ^ third;
  }
  *data = at;
  *bytes = left;
  return crc;
}

static uint32_t Crc32c(uint32_t start, const uint8_t* data, uint64_t bytes) {
  uint64_t crc = start;
  crc = Crc32cTriples<kCrc32cLongRun>(crc, &data, &bytes, kCrc32cLongShift);
  crc = Crc32cTriples<kCrc32cShortRun>(crc, &data, &bytes, kCrc32cShortShift);
  for (; bytes >= 8; bytes -= 8, data += 8) crc = Crc32cWord(crc, data);
  for (; bytes > 0; --bytes) crc = _mm_crc32_u8(static_cast<uint32_t>(crc), *data++);
  return static_cast<uint32_t>(crc);
}

#else

static uint32_t Crc32c(uint32_t crc, const uint8_t* data, uint64_t bytes) {
  const auto& t = kCrc32cSlices.of;
  for (; bytes >= 16; bytes -= 16, data += 16) {
    uint32_t words[4];
    __builtin_memcpy(words, data, 16);
    words[0] ^= crc;
    crc = 0;
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      const uint32_t word = words[i];
      crc ^= t[15 - 4 * i][word & 0xFF] ^ t[14 - 4 * i][word >> 8 & 0xFF] ^ t[13 - 4 * i][word >> 16 & 0xFF] ^
             t[12 - 4 * i][word >> 24];
    }
  }
  for (; bytes > 0; --bytes) crc = crc >> 8 ^ t[0][(crc ^ *data++) & 0xFF];
  return crc;
}

#endif

OFFLOOP_HASH_INLINE void WriteCrc32c(uint32_t crc, uint8_t* to) {
  crc = __builtin_bswap32(~crc);
  __builtin_memcpy(to, &crc, 4);
}

static void Crc32cPartsBlock(const Arguments& arguments, const HashPlan& plan, const HashItem* items,
                             const Block& block) {
  uint32_t* parts = reinterpret_cast<uint32_t*>(arguments.scratch + plan.states_at);
  HashWalk walk(plan, items, block.index);
  HashPart part;
  while (walk.Next(&part)) {
    // Parts are taken up from zero, so that joining them is linear.
    const uint32_t crc = Crc32c(part.whole ? 0xFFFFFFFF : 0, part.data, part.bytes);
    if (part.whole) {
      WriteCrc32c(crc, HashDigestAt(arguments, plan, part.item));
    } else {
      parts[part.slot] = crc;
    }
  }
}

static void Crc32cLongBlock(const Arguments& arguments, const HashPlan& plan, const HashItem* items, uint64_t index) {
  const HashItem& item = items[index];
  const uint32_t* parts = reinterpret_cast<const uint32_t*>(arguments.scratch + plan.states_at) + item.first_part;
  const uint64_t segment = HashSegment(plan.algorithm, item.bytes);
  const uint64_t count = HashSegments(plan.algorithm, item.bytes);
  uint8_t* out = HashState(arguments);
  uint32_t crc = 0xFFFFFFFF;
  if (plan.before > 0) __builtin_memcpy(&crc, out, 4);
  const uint32_t power = Crc32cPower(segment);
  for (uint64_t i = 0; i < count; ++i) {
    const bool last = i + 1 == count;
    crc = MultiplyCrc32c(crc, last ? Crc32cPower(item.bytes - i * segment) : power) ^ parts[i];
  }
  if (plan.mode == HashMode::kUpdate) {
    __builtin_memcpy(out, &crc, 4);
  } else {
    WriteCrc32c(crc, plan.IsStream() ? out : HashDigestAt(arguments, plan, index));
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
