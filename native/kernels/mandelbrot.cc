// mandelbrot: how many steps z = z * z + c, from z = 0, stay within radius 2, counted up to scalars[3].
// output: uint16 [height, width], contiguous. scalars: centre x, centre y, plane units a pixel, iterations (1..65535).
// Pixel (row j, column i): c = (x + (i - (width - 1) / 2) * scale, y + (j - (height - 1) / 2) * scale). A step, never
// fused: aa = a * a, bb = b * b; end unless aa + bb <= 4; b = (a + a) * b + ci, a = (aa - bb) + cr; count one. All
// levels and the reference follow this order, so counts are the same everywhere.
#include <cstddef>
#include <cstdint>

#include "kernels/kernel.h"

#ifndef OFFLOOP_MANDELBROT_TILES
#define OFFLOOP_MANDELBROT_TILES
namespace offloop {
namespace {

// Work is dealt in tiles of this size, the same at every level, so that neighbours, which need about as many steps,
// share vectors.
constexpr int64_t kTileCols = 8;
constexpr int64_t kTileRows = 4;

// Four million steps a block: under 2 ms at the baseline, were every pixel inside the set.
inline int64_t TilesPerBlock(uint32_t limit) {
  const int64_t tiles = (int64_t{1} << 22) / (kTileCols * kTileRows * static_cast<int64_t>(limit));
  return tiles < 1 ? 1 : tiles > 1024 ? 1024 : tiles;
}

}  // namespace
}  // namespace offloop
#endif  // OFFLOOP_MANDELBROT_TILES

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/mandelbrot.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// Steps between looks at whether any lane goes on.
constexpr uint32_t kStepsAtOnce = 8;

// Which lanes go on. A lane that has left never comes back, even where rounding would bring its orbit in again.
#if OFFLOOP_VECTOR_BYTES == 64
using Lanes = __mmask8;
static inline __attribute__((always_inline)) Lanes AllLanes() { return 0xff; }
static inline __attribute__((always_inline)) Lanes KeepInside(Lanes lanes, F64 square) {
  return _mm512_mask_cmp_pd_mask(lanes, square, _mm512_set1_pd(4), _CMP_LE_OQ);
}
static inline __attribute__((always_inline)) Lanes EqualLanes(F64 x, F64 y) {
  return _mm512_cmp_pd_mask(x, y, _CMP_EQ_OQ);
}
static inline __attribute__((always_inline)) I64 CountLanes(I64 count, Lanes lanes) {
  const __m512i old = reinterpret_cast<__m512i>(count);
  return reinterpret_cast<I64>(_mm512_mask_add_epi64(old, lanes, old, _mm512_set1_epi64(1)));
}
static inline __attribute__((always_inline)) I64 SetLanes(I64 count, Lanes lanes, int64_t value) {
  return reinterpret_cast<I64>(_mm512_mask_set1_epi64(reinterpret_cast<__m512i>(count), lanes, value));
}
static inline __attribute__((always_inline)) bool AnyLane(Lanes lanes) { return lanes != 0; }
#else
using Lanes = I64;
static inline __attribute__((always_inline)) Lanes AllLanes() { return ~I64{}; }
static inline __attribute__((always_inline)) Lanes KeepInside(Lanes lanes, F64 square) {
  return lanes & reinterpret_cast<I64>(square <= Broadcast<F64>(4.0));
}
static inline __attribute__((always_inline)) Lanes EqualLanes(F64 x, F64 y) { return reinterpret_cast<I64>(x == y); }
static inline __attribute__((always_inline)) I64 CountLanes(I64 count, Lanes lanes) { return count - lanes; }
static inline __attribute__((always_inline)) I64 SetLanes(I64 count, Lanes lanes, int64_t value) {
  return (count & ~lanes) | (Broadcast<I64>(value) & lanes);
}
static inline __attribute__((always_inline)) bool AnyLane(Lanes lanes) {
  int64_t any = 0;
#pragma GCC unroll 4
  for (int i = 0; i < I64Lanes; ++i) any |= lanes[i];
  return any != 0;
}
#endif

// The orbits of one vector of pixels of a row.
struct Orbit {
  F64 a, b, ci;
  F64 seen_a, seen_b;  // an earlier point: an orbit that meets it again goes round for good
  I64 count;
  Lanes alive;
};

static inline __attribute__((always_inline)) void Start(Orbit* orbit, double ci) {
  orbit->a = orbit->b = orbit->seen_a = orbit->seen_b = F64{};
  orbit->ci = Broadcast<F64>(ci);
  orbit->count = I64{};
  orbit->alive = AllLanes();
}

static inline __attribute__((always_inline)) void Step(Orbit* orbit, F64 cr) {
  const F64 aa = orbit->a * orbit->a;
  const F64 bb = orbit->b * orbit->b;
  orbit->alive = KeepInside(orbit->alive, aa + bb);
  orbit->count = CountLanes(orbit->count, orbit->alive);
  orbit->b = (orbit->a + orbit->a) * orbit->b + orbit->ci;
  orbit->a = (aa - bb) + cr;
}

// Exactly equal points are followed by exactly equal ones: such an orbit never leaves, so its count is the limit.
static inline __attribute__((always_inline)) void EndPeriodic(Orbit* orbit, int64_t limit, bool remember) {
  const Lanes again = EqualLanes(orbit->a, orbit->seen_a) & EqualLanes(orbit->b, orbit->seen_b) & orbit->alive;
  orbit->count = SetLanes(orbit->count, again, limit);
  orbit->alive = static_cast<Lanes>(orbit->alive & ~again);
  if (remember) {
    orbit->seen_a = orbit->a;
    orbit->seen_b = orbit->b;
  }
}

// Counts of I64Lanes columns in each of the four rows.
static void CountColumns(F64 cr, const double* ci, uint32_t limit, I64* counts) {
  Orbit first, second, third, fourth;
  Start(&first, ci[0]);
  Start(&second, ci[1]);
  Start(&third, ci[2]);
  Start(&fourth, ci[3]);
  uint32_t done = 0;
  // Points are remembered at steps that double (Brent, 1980), so that long cycles and late ones are met.
  uint32_t remember_at = 2 * kStepsAtOnce;
  while (done < limit) {
    const uint32_t steps = limit - done < kStepsAtOnce ? limit - done : kStepsAtOnce;
    for (uint32_t step = 0; step < steps; ++step) {
      Step(&first, cr);
      Step(&second, cr);
      Step(&third, cr);
      Step(&fourth, cr);
    }
    done += steps;
    const bool remember = done >= remember_at;
    if (remember) remember_at *= 2;
    EndPeriodic(&first, limit, remember);
    EndPeriodic(&second, limit, remember);
    EndPeriodic(&third, limit, remember);
    EndPeriodic(&fourth, limit, remember);
    if (!AnyLane(static_cast<Lanes>(first.alive | second.alive | third.alive | fourth.alive))) break;
  }
  counts[0] = first.count;
  counts[1] = second.count;
  counts[2] = third.count;
  counts[3] = fourth.count;
}

}  // namespace

static void MandelbrotBlock(const Arguments& arguments, const Block& block) {
  const View& out = arguments.outputs[0];
  const double* scalars = arguments.scalars;
  const int64_t height = out.shape[0];
  const int64_t width = out.shape[1];
  const uint32_t limit = static_cast<uint32_t>(scalars[3]);
  const double middle_x = static_cast<double>(width - 1) / 2;
  const double middle_y = static_cast<double>(height - 1) / 2;
  const int64_t across = (width + kTileCols - 1) / kTileCols;
  const int64_t tiles = across * ((height + kTileRows - 1) / kTileRows);
  const int64_t tiles_here = TilesPerBlock(limit);
  const int64_t first = static_cast<int64_t>(block.index) * tiles_here;
  const int64_t last = first + tiles_here < tiles ? first + tiles_here : tiles;

  for (int64_t tile = first; tile < last; ++tile) {
    const int64_t row = tile / across * kTileRows;
    const int64_t col = tile % across * kTileCols;
    double ci[kTileRows];
    for (int64_t j = 0; j < kTileRows; ++j) ci[j] = scalars[1] + (static_cast<double>(row + j) - middle_y) * scalars[2];
    for (int64_t part = 0; part < kTileCols && col + part < width; part += F64Lanes) {
      alignas(64) double cr[F64Lanes];
      for (int64_t i = 0; i < F64Lanes; ++i) {
        cr[i] = scalars[0] + (static_cast<double>(col + part + i) - middle_x) * scalars[2];
      }
      I64 counts[kTileRows];
      CountColumns(Load<F64>(cr), ci, limit, counts);
      for (int64_t j = 0; j < kTileRows && row + j < height; ++j) {
        uint16_t* to = static_cast<uint16_t*>(out.data) + (row + j) * width + col + part;
        for (int64_t i = 0; i < F64Lanes && col + part + i < width; ++i) to[i] = static_cast<uint16_t>(counts[j][i]);
      }
    }
  }
}

}  // namespace OFFLOOP_LEVEL

#if OFFLOOP_ONCE

static Status PrepareMandelbrot(const Arguments& arguments, Layout* layout) {
  const View& out = arguments.outputs[0];
  const double limit = arguments.scalars[3];
  if (out.rank != 2 || out.dtype != DType::kUint16 || !out.IsContiguous()) return Status::kInvalidArgument;
  if (!(limit >= 1 && limit <= 65535)) return Status::kInvalidArgument;
  const int64_t tiles = (out.shape[1] + kTileCols - 1) / kTileCols * ((out.shape[0] + kTileRows - 1) / kTileRows);
  const int64_t tiles_here = TilesPerBlock(static_cast<uint32_t>(limit));
  if (tiles == 0) return Status::kOk;
  layout->phases[0].blocks = static_cast<uint64_t>((tiles + tiles_here - 1) / tiles_here);
  layout->phase_count = 1;
  return Status::kOk;
}

extern const Kernel kMandelbrotKernel;
const Kernel kMandelbrotKernel = {
    "mandelbrot", 1, PrepareMandelbrot, OFFLOOP_EACH_LEVEL(MandelbrotBlock), nullptr, nullptr,
};

#endif

}  // namespace offloop
