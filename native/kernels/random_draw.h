// The numbers of each distribution, a piece at a time: `buffer` holds the first draws of its elements and is turned
// into numbers in place. Operation by operation as in src/reference/random.ts, never fused.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// The first draw of 64 bits, or of 32, of each of `count` elements from `first` on, a multiple of kPiece.
static inline void Draw64(const RandomState& state, uint64_t first, uint64_t count, void* buffer) {
  FillWords(state, first / kGroupDraws64, (count + kGroupDraws64 - 1) / kGroupDraws64, static_cast<uint32_t*>(buffer));
}

static inline void Draw32(const RandomState& state, uint64_t first, uint64_t count, void* buffer) {
  FillWords(state, first / kGroupWords, (count + kGroupWords - 1) / kGroupWords, static_cast<uint32_t*>(buffer));
}

// The upper 53 bits as doubles, exactly.
static inline __attribute__((always_inline)) F64 Mantissa(U64 bits) {
  bits >>= 11;
#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 64
  return reinterpret_cast<F64>(_mm512_maskz_cvtepi64_pd(0xff, reinterpret_cast<__m512i>(bits)));
#else
  // The upper part on 2^84 and the lower on 2^52: what is left after the subtraction are the parts themselves.
  const U64 upper = (bits >> 32) | Broadcast<U64>(uint64_t{0x4530000000000000});
  const U64 lower = (bits & Broadcast<U64>(uint64_t{0xffffffff})) | Broadcast<U64>(uint64_t{0x4330000000000000});
  return (reinterpret_cast<F64>(upper) - Broadcast<F64>(0x1.00000001p84)) + reinterpret_cast<F64>(lower);
#endif
}

template <typename V, typename T>
static inline __attribute__((always_inline)) V Scaled(V u, T low, T range, T last) {
  const V value = Broadcast<V>(low) + u * Broadcast<V>(range);
  return value < Broadcast<V>(last) ? value : Broadcast<V>(last);
}

// Up to `count` rounded up to whole vectors: the buffer has room.
static inline void Uniform64(uint64_t count, const double* scalars, void* buffer) {
  std::byte* at = static_cast<std::byte*>(buffer);
  const double low = scalars[3], range = scalars[4], last = scalars[5];
  for (uint64_t i = 0; i < count; i += F64Lanes, at += sizeof(F64)) {
    Store(at, Scaled(Mantissa(Load<U64>(at)) * Broadcast<F64>(0x1p-53), low, range, last));
  }
}

static inline void Uniform32(uint64_t count, const double* scalars, void* buffer) {
  std::byte* at = static_cast<std::byte*>(buffer);
  const float low = static_cast<float>(scalars[3]), range = static_cast<float>(scalars[4]);
  const float last = static_cast<float>(scalars[5]);
  for (uint64_t i = 0; i < count; i += F32Lanes, at += sizeof(F32)) {
    const I32 upper = reinterpret_cast<I32>(Load<U32>(at) >> 8);
    Store(at, Scaled(__builtin_convertvector(upper, F32) * Broadcast<F32>(0x1p-24f), low, range, last));
  }
}

// A layer of a ziggurat (Marsaglia and Tsang 2000), as the inner loop wants it.
struct Layer {
  double width;   // 2^-53 of the layer's edge, negative for the negative half
  int64_t limit;  // draws below this need no further look
};

struct Layers {
  Layer of[512];
};

// Twice 256 of them, by the lowest nine bits of a draw; the second half with the other sign.
static constexpr Layers MakeLayers(const double* edges, double other) {
  Layers layers{};
  for (int i = 0; i < 256; ++i) {
    const int64_t limit = static_cast<int64_t>(edges[i + 1] / edges[i] * 0x1p53);
    layers.of[i] = {edges[i] * 0x1p-53, limit};
    layers.of[i + 256] = {other * edges[i] * 0x1p-53, limit};
  }
  return layers;
}

static constexpr Layers kNormalLayers = MakeLayers(kNormalEdges, -1);
static constexpr Layers kExponentialLayers = MakeLayers(kExponentialEdges, 1);

// Whether a point at height u of the part of a layer that the density crosses is under the density.
static inline bool IsUnder(const double* heights, uint64_t layer, double u, double density) {
  return heights[layer] + u * (heights[layer + 1] - heights[layer]) < density;
}

static inline double ResolveNormal(uint64_t bits, MoreDraws& draws) {
  for (;;) {
    const uint64_t layer = bits & 255;
    const int64_t place = static_cast<int64_t>(bits >> 11);
    const double sign = (bits & 256) == 0 ? 1 : -1;
    const double z = static_cast<double>(place) * kNormalLayers.of[layer].width;
    if (place < kNormalLayers.of[layer].limit) return sign * z;
    if (layer == 0) {
      // The tail, by Marsaglia ("Generating a variable from the tail of the normal distribution", 1964).
      double a, b;
      do {
        a = -Log(1 - draws.Unit()) / kNormalEdges[1];
        b = -Log(1 - draws.Unit());
      } while (b + b < a * a);
      return sign * (kNormalEdges[1] + a);
    }
    if (IsUnder(kNormalHeights, layer, draws.Unit(), Exp(-0.5 * z * z))) return sign * z;
    bits = draws.Next64();
  }
}

static inline double ResolveExponential(uint64_t bits, MoreDraws& draws) {
  double start = 0;
  for (;;) {
    const uint64_t layer = bits & 255;
    const int64_t place = static_cast<int64_t>(bits >> 11);
    const double x = static_cast<double>(place) * kExponentialLayers.of[layer].width;
    if (place < kExponentialLayers.of[layer].limit) return start + x;
    // What lies beyond the tail's edge is distributed as the whole.
    if (layer == 0) {
      start += kExponentialEdges[1];
    } else if (IsUnder(kExponentialHeights, layer, draws.Unit(), Exp(-x))) {
      return start + x;
    }
    bits = draws.Next64();
  }
}

// Draws become numbers of the ziggurat's density; about one in a hundred is not under it at once.
template <typename Resolve>
static inline __attribute__((always_inline)) void FillZiggurat(const RandomState& state, const Layers& layers,
                                                               uint64_t first, uint64_t count, void* buffer,
                                                               Resolve resolve) {
  uint32_t again[kPiece];
  uint64_t kept[kPiece];
  uint64_t rejected = 0;
  Draw64(state, first, count, buffer);
  std::byte* at = static_cast<std::byte*>(buffer);
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t bits;
    __builtin_memcpy(&bits, at + 8 * i, 8);
    const Layer& layer = layers.of[bits & 511];
    const int64_t place = static_cast<int64_t>(bits >> 11);
    const double x = static_cast<double>(place) * layer.width;
    __builtin_memcpy(at + 8 * i, &x, 8);
    if (place >= layer.limit) [[unlikely]] {
      again[rejected] = static_cast<uint32_t>(i);
      kept[rejected++] = bits;
    }
  }
  const uint64_t* next = kept;
  DrawAgain(state, first, again, rejected, [&](uint32_t index, MoreDraws& draws) {
    const double x = resolve(*next++, draws);
    __builtin_memcpy(at + 8 * uint64_t{index}, &x, 8);
  });
}

// buffer[i] = shift + scale * buffer[i].
static inline void Affine(uint64_t count, double shift, double scale, void* buffer) {
  std::byte* at = static_cast<std::byte*>(buffer);
  for (uint64_t i = 0; i < count; i += F64Lanes, at += sizeof(F64)) {
    Store(at, Broadcast<F64>(shift) + Broadcast<F64>(scale) * Load<F64>(at));
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
