// SHA-256 (FIPS 180-4, 2015). One message is sequential; several go side by side: two by the SHA instructions, or one
// a lane of the level's vectors. Included again for every level.
#include <cstddef>
#include <cstdint>

#include "kernels/hash_sha256_constants.h"
#include "kernels/hash_sha256_ni.h"
#include "simd/sha.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// The arithmetic of a round, of one message or of a vector of them.
OFFLOOP_HASH_INLINE uint32_t Sha256Rotate(uint32_t x, int bits) { return x >> bits | x << (32 - bits); }

struct Sha256Scalar {
  using Word = uint32_t;
  template <int kBits>
  OFFLOOP_HASH_INLINE uint32_t Rotate(uint32_t x) {
    return x >> kBits | x << (32 - kBits);
  }
  OFFLOOP_HASH_INLINE uint32_t Set(uint32_t x) { return x; }
};

struct Sha256Vector {
  using Word = U32;
  template <int kBits>
  OFFLOOP_HASH_INLINE U32 Rotate(U32 x) {
    return RotateRight<kBits>(x);
  }
  OFFLOOP_HASH_INLINE U32 Set(uint32_t x) { return Broadcast<U32>(x); }
};

// One block: `w` has its sixteen words, and is used up.
template <typename Of>
OFFLOOP_HASH_INLINE void Sha256Block(typename Of::Word* state, typename Of::Word* w) {
  using Word = typename Of::Word;
  Word a = state[0], b = state[1], c = state[2], d = state[3];
  Word e = state[4], f = state[5], g = state[6], h = state[7];
  for (int i = 0; i < 64; i += 16) {
#pragma GCC unroll 16
    for (int j = 0; j < 16; ++j) {
      if (i > 0) {
        const Word x = w[(j + 1) & 15];
        const Word y = w[(j + 14) & 15];
        const Word low = Of::template Rotate<7>(x) ^ Of::template Rotate<18>(x) ^ x >> 3;
        const Word high = Of::template Rotate<17>(y) ^ Of::template Rotate<19>(y) ^ y >> 10;
        w[j] += low + w[(j + 9) & 15] + high;
      }
      const Word sigma = Of::template Rotate<6>(e) ^ Of::template Rotate<11>(e) ^ Of::template Rotate<25>(e);
      const Word t = h + sigma + ((e & f) ^ (~e & g)) + Of::Set(kSha256Round[i + j]) + w[j];
      const Word most = (a & b) ^ (a & c) ^ (b & c);
      h = g;
      g = f;
      f = e;
      e = d + t;
      d = c;
      c = b;
      b = a;
      a = t + (Of::template Rotate<2>(a) ^ Of::template Rotate<13>(a) ^ Of::template Rotate<22>(a)) + most;
    }
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

static void Sha256One(uint32_t* state, const uint8_t* data, uint64_t blocks) {
  for (; blocks > 0; --blocks, data += 64) {
    uint32_t w[16];
    for (int i = 0; i < 16; ++i) {
      __builtin_memcpy(&w[i], data + 4 * i, 4);
      w[i] = __builtin_bswap32(w[i]);
    }
    Sha256Block<Sha256Scalar>(state, w);
  }
}

// So many blocks of as many messages as there are lanes; where there are fewer, the first stands in.
static void Sha256Many(uint32_t* const* states, const uint8_t* const* data, int count, uint64_t blocks) {
  const uint8_t* lanes[U32Lanes];
  U32 h[8];
  for (int i = 0; i < U32Lanes; ++i) {
    lanes[i] = data[i < count ? i : 0];
    for (int j = 0; j < 8; ++j) h[j][i] = states[i < count ? i : 0][j];
  }
  for (uint64_t block = 0; block < blocks; ++block) {
    U32 w[16];
    LoadTurned(lanes, 64 * block, w);
    for (int i = 0; i < 16; ++i) {
      const U32 x = w[i];
      w[i] = RotateRight<8>(x & Broadcast<U32>(0x00FF00FFu)) | (RotateRight<24>(x & Broadcast<U32>(0xFF00FF00u)));
    }
    Sha256Block<Sha256Vector>(h, w);
  }
  for (int i = 0; i < count; ++i) {
    for (int j = 0; j < 8; ++j) states[i][j] = h[j][i];
  }
}

// A message on its way: runs of whole blocks, of which the last is the padding.
struct Sha256Lane {
  alignas(16) uint32_t state[8];
  alignas(16) uint8_t end[128];
  const uint8_t* data;
  uint64_t blocks;      // at `data`
  uint64_t end_blocks;  // to follow
  uint64_t item;
};

// Sets the message up from `data` on, of a whole that is `total` bytes long.
OFFLOOP_HASH_INLINE void BeginSha256(Sha256Lane* lane, const uint8_t* data, uint64_t bytes, uint64_t total) {
  lane->data = data;
  lane->blocks = bytes / 64;
  const uint64_t rest = bytes % 64;
  lane->end_blocks = rest < 56 ? 1 : 2;
  const uint64_t size = 64 * lane->end_blocks;
  for (uint64_t i = 0; i < size; ++i) lane->end[i] = 0;
  for (uint64_t i = 0; i < rest; ++i) lane->end[i] = data[64 * lane->blocks + i];
  lane->end[rest] = 0x80;
  const uint64_t bits = __builtin_bswap64(total * 8);
  __builtin_memcpy(lane->end + size - 8, &bits, 8);
}

// Moves on to the next run; false at the end of the message.
OFFLOOP_HASH_INLINE bool NextSha256Run(Sha256Lane* lane) {
  if (lane->blocks > 0) return true;
  lane->data = lane->end;
  lane->blocks = lane->end_blocks;
  lane->end_blocks = 0;
  return lane->blocks > 0;
}

OFFLOOP_HASH_INLINE void WriteSha256(const uint32_t* state, uint8_t* to) {
  for (int i = 0; i < 8; ++i) {
    const uint32_t word = __builtin_bswap32(state[i]);
    __builtin_memcpy(to + 4 * i, &word, 4);
  }
}

// A step of `count` messages together: as many blocks as the shortest run has.
OFFLOOP_HASH_INLINE void StepSha256(Sha256Lane* const* lanes, int count, bool instructions) {
  uint64_t blocks = lanes[0]->blocks;
  uint32_t* states[U32Lanes];
  const uint8_t* data[U32Lanes];
  for (int i = 0; i < count; ++i) {
    if (lanes[i]->blocks < blocks) blocks = lanes[i]->blocks;
    states[i] = lanes[i]->state;
    data[i] = lanes[i]->data;
  }
  if (instructions) {
    if (count == 2) {
      Sha256InstructionsTwice(states, data, blocks);
    } else {
      Sha256Instructions(states[0], data[0], blocks);
    }
  } else if (count > U32Lanes / 4) {
    Sha256Many(states, data, count, blocks);
  } else {
    for (int i = 0; i < count; ++i) Sha256One(states[i], data[i], blocks);
  }
  for (int i = 0; i < count; ++i) {
    lanes[i]->data += 64 * blocks;
    lanes[i]->blocks -= blocks;
  }
}

static void Sha256PartsBlock(const Arguments& arguments, const HashPlan& plan, const HashItem* items,
                             const Block& block) {
  const bool instructions = HasShaInstructions();
  const int most = instructions ? 2 : U32Lanes;
  Sha256Lane room[U32Lanes];
  Sha256Lane* lanes[U32Lanes];
  for (int i = 0; i < U32Lanes; ++i) lanes[i] = &room[i];
  int count = 0;
  HashWalk walk(plan, items, block.index);
  HashPart part;
  bool more = true;
  for (;;) {
    while (more && count < most) {
      more = walk.Next(&part);
      if (!more) break;
      Sha256Lane* lane = lanes[count++];
      for (int i = 0; i < 8; ++i) lane->state[i] = kSha256Start[i];
      lane->item = part.item;
      BeginSha256(lane, part.data, part.bytes, part.bytes);
      NextSha256Run(lane);
    }
    if (count == 0) return;
    StepSha256(lanes, count, instructions);
    for (int i = count; i-- > 0;) {
      Sha256Lane* lane = lanes[i];
      if (NextSha256Run(lane)) continue;
      WriteSha256(lane->state, HashDigestAt(arguments, plan, lane->item));
      lanes[i] = lanes[--count];
      lanes[count] = lane;
    }
  }
}

// One round of one or two long items, or of a stream.
static void Sha256LongBlock(const Arguments& arguments, const HashPlan& plan, const HashItem* items,
                            const uint64_t* longs, uint64_t first, uint64_t round) {
  const uint64_t segment = HashSegment(plan.algorithm, 0);
  const uint64_t end = first + HashLongsPerBlock(plan.algorithm);
  Sha256Lane room[2];
  Sha256Lane* lanes[2] = {&room[0], &room[1]};
  uint32_t* chains[2];
  bool ends[2];
  int count = 0;
  for (uint64_t index = first; index < end && index < plan.longs; ++index) {
    const HashItem& item = items[longs[index]];
    const uint64_t from = round * segment;
    if (from >= item.bytes) continue;
    const uint64_t left = item.bytes - from;
    Sha256Lane* lane = &room[count];
    ends[count] = left <= segment && plan.mode != HashMode::kUpdate;
    chains[count] = reinterpret_cast<uint32_t*>(arguments.scratch + plan.states_at + index * kHashChainBytes);
    for (int i = 0; i < 8; ++i) lane->state[i] = chains[count][i];
    lane->item = longs[index];
    BeginSha256(lane, item.data + from, left < segment ? left : segment, plan.before + item.bytes);
    if (!ends[count]) lane->end_blocks = 0;
    NextSha256Run(lane);
    ++count;
  }
  Sha256Lane* live[2] = {lanes[0], lanes[1]};
  int running = count;
  while (running > 0) {
    StepSha256(live, running, HasShaInstructions());
    for (int i = running; i-- > 0;) {
      if (NextSha256Run(live[i])) continue;
      live[i] = live[--running];
    }
  }
  uint8_t* out = HashState(arguments);
  for (int i = 0; i < count; ++i) {
    for (int j = 0; j < 8; ++j) chains[i][j] = room[i].state[j];
    if (ends[i]) WriteSha256(room[i].state, plan.IsStream() ? out : HashDigestAt(arguments, plan, room[i].item));
    if (plan.mode == HashMode::kUpdate && (round + 1) * segment >= items[room[i].item].bytes) {
      __builtin_memcpy(out, room[i].state, 32);
    }
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
