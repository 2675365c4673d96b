// ChaCha with 8 rounds (Bernstein, "ChaCha, a variant of Salsa20", 2008) as a counter-based generator: 256 words at a
// time from 16 counters, a lane each. No statistical test is known to tell its output from noise, nor any attack on
// its 8 rounds (Aumasson, "Too Much Crypto", 2019); additions, exclusive ors and rotations of 32-bit words are all it
// needs, which every CPU level and JavaScript do fast and alike.
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

template <int kBits>
static inline __attribute__((always_inline)) U32 RotateLeft(U32 x) {
#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 32
  if constexpr (kBits == 16 || kBits == 8) {
    const __m256i by_16 = _mm256_set_epi8(13, 12, 15, 14, 9, 8, 11, 10, 5, 4, 7, 6, 1, 0, 3, 2, 13, 12, 15, 14, 9, 8,
                                          11, 10, 5, 4, 7, 6, 1, 0, 3, 2);
    const __m256i by_8 = _mm256_set_epi8(14, 13, 12, 15, 10, 9, 8, 11, 6, 5, 4, 7, 2, 1, 0, 3, 14, 13, 12, 15, 10, 9, 8,
                                         11, 6, 5, 4, 7, 2, 1, 0, 3);
    return reinterpret_cast<U32>(_mm256_shuffle_epi8(reinterpret_cast<__m256i>(x), kBits == 16 ? by_16 : by_8));
  }
#endif
  return (x << kBits) | (x >> (32 - kBits));
}

static inline __attribute__((always_inline)) void Quarter(U32& a, U32& b, U32& c, U32& d) {
  a += b;
  d = RotateLeft<16>(d ^ a);
  c += d;
  b = RotateLeft<12>(b ^ c);
  a += b;
  d = RotateLeft<8>(d ^ a);
  c += d;
  b = RotateLeft<7>(b ^ c);
}

// Word w of lane b goes to to[16 w + b]. `low` and `high` are the lanes' counters.
static __attribute__((noinline)) void ChaChaGroup(const RandomState& state, const uint32_t* low, const uint32_t* high,
                                                  uint32_t* to) {
  const uint32_t* words = state.words;
  for (uint32_t lane = 0; lane < kLanes; lane += U32Lanes) {
    U32 x0 = Broadcast<U32>(words[0]), x1 = Broadcast<U32>(words[1]), x2 = Broadcast<U32>(words[2]);
    U32 x3 = Broadcast<U32>(words[3]), x4 = Broadcast<U32>(words[4]), x5 = Broadcast<U32>(words[5]);
    U32 x6 = Broadcast<U32>(words[6]), x7 = Broadcast<U32>(words[7]), x8 = Broadcast<U32>(words[8]);
    U32 x9 = Broadcast<U32>(words[9]), x10 = Broadcast<U32>(words[10]), x11 = Broadcast<U32>(words[11]);
    U32 x12 = Load<U32>(low + lane), x13 = Load<U32>(high + lane);
    U32 x14 = Broadcast<U32>(words[14]), x15 = Broadcast<U32>(words[15]);
    for (int round = 0; round < 8; round += 2) {
      Quarter(x0, x4, x8, x12);
      Quarter(x1, x5, x9, x13);
      Quarter(x2, x6, x10, x14);
      Quarter(x3, x7, x11, x15);
      Quarter(x0, x5, x10, x15);
      Quarter(x1, x6, x11, x12);
      Quarter(x2, x7, x8, x13);
      Quarter(x3, x4, x9, x14);
    }
    const U32 mixed[16] = {x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15};
#pragma GCC unroll 16
    for (uint32_t w = 0; w < 16; ++w) {
      const U32 input = w == 12 ? Load<U32>(low + lane) : w == 13 ? Load<U32>(high + lane) : Broadcast<U32>(words[w]);
      Store(to + kLanes * w + lane, mixed[w] + input);
    }
  }
}

static constexpr uint32_t kLaneNumbers[kLanes] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// The words of groups first to first + count - 1.
static inline void FillWords(const RandomState& state, uint64_t first, uint64_t count, uint32_t* to) {
  alignas(64) uint32_t low[kLanes], high[kLanes];
  for (uint64_t group = first; group < first + count; ++group, to += kGroupWords) {
    const uint64_t counter = group * kLanes;
    // In whole vectors, as they are loaded: a load of several smaller stores would wait for them.
    for (uint32_t lane = 0; lane < kLanes; lane += U32Lanes) {
      Store(low + lane, Broadcast<U32>(static_cast<uint32_t>(counter)) + Load<U32>(kLaneNumbers + lane));
      Store(high + lane, Broadcast<U32>(static_cast<uint32_t>(counter >> 32)));
    }
    ChaChaGroup(state, low, high, to);
  }
}

// What one element draws after its first draw: the words of block `element` of the domain for that, from attempt 0 on.
class MoreDraws {
 public:
  // `words` are those of attempt 0, kLanes apart.
  MoreDraws(const RandomState& state, uint64_t element, const uint32_t* words)
      : state_(state), element_(element), words_(words) {}

  uint32_t Next32() {
    if (at_ == 16) Refill();
    return words_[kLanes * at_++];
  }

  uint64_t Next64() {
    const uint64_t low = Next32();
    return low | static_cast<uint64_t>(Next32()) << 32;
  }

  // From 0 up to 1, excluded, in steps of 2^-53.
  double Unit() { return static_cast<double>(static_cast<int64_t>(Next64() >> 11)) * 0x1p-53; }

 private:
  void Refill() {
    uint32_t low[kLanes], high[kLanes];
    for (uint32_t lane = 0; lane < kLanes; ++lane) {
      low[lane] = static_cast<uint32_t>(element_);
      high[lane] = static_cast<uint32_t>(element_ >> 32);
    }
    RandomState state = state_;
    state.words[15] = ++attempt_;
    ChaChaGroup(state, low, high, own_);
    words_ = own_;
    at_ = 0;
  }

  const RandomState& state_;
  uint64_t element_;
  const uint32_t* words_;
  uint32_t at_ = 0;
  uint32_t attempt_ = 0;
  uint32_t own_[kGroupWords];
};

// Gives `resolve(index, draws)` each of `count` elements whose first draw did not do, 16 blocks at a time. `indices`
// count from element `first`.
template <typename Resolve>
static inline void DrawAgain(const RandomState& state, uint64_t first, const uint32_t* indices, uint64_t count,
                             Resolve resolve) {
  RandomState again = state;
  again.words[14] |= kDomainAgain;
  uint32_t low[kLanes], high[kLanes], words[kGroupWords];
  for (uint64_t at = 0; at < count; at += kLanes) {
    const uint64_t lanes = count - at < kLanes ? count - at : kLanes;
    for (uint64_t lane = 0; lane < kLanes; ++lane) {
      const uint64_t element = first + indices[at + (lane < lanes ? lane : 0)];
      low[lane] = static_cast<uint32_t>(element);
      high[lane] = static_cast<uint32_t>(element >> 32);
    }
    ChaChaGroup(again, low, high, words);
    for (uint64_t lane = 0; lane < lanes; ++lane) {
      const uint32_t index = indices[at + lane];
      MoreDraws draws(again, first + index, words + lane);
      resolve(index, draws);
    }
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
