// nbody: accelerations by gravity, outputs[0] [n, 3] of positions inputs[0] [n, 3] and masses inputs[1] [n]:
//   a_i = scalars[0] · sum over j of m_j (x_j - x_i) / (|x_j - x_i|² + scalars[1])^(3/2)
// in float64, in the order of j. A pair at distance 0 (a body and itself) or at an infinite one has no force. First
// everything is copied apart, by coordinate; then every block does a few bodies against a tile of others, a phase a
// tile.
#include "simd/o3.h"

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "base/view.h"
#include "kernels/kernel.h"

#ifndef OFFLOOP_NBODY_PLAN
#define OFFLOOP_NBODY_PLAN
namespace offloop {
namespace {

inline constexpr int64_t kBodiesPacked = 4096;  // of a block of the first phase
inline constexpr int64_t kBodyRow = 64;         // bodies that a block works for
inline constexpr int64_t kBodyTile = 8192;      // bodies that they are attracted by in one phase

struct BodyPlan {
  int64_t n;
  int64_t padded;  // a multiple of kBodyRow
  int64_t tiles;
  double* x;
  double* y;
  double* z;
  double* mass;
  double* sums[3];
};

// results[0] is the tile.
BodyPlan PlanBodies(const Arguments& arguments) {
  BodyPlan plan;
  plan.n = arguments.inputs[1].shape[0];
  plan.padded = (plan.n + kBodyRow - 1) / kBodyRow * kBodyRow;
  plan.tiles = (plan.n + kBodyTile - 1) / kBodyTile;
  double* memory = reinterpret_cast<double*>(arguments.scratch);
  double** const columns[] = {&plan.x, &plan.y, &plan.z, &plan.mass, &plan.sums[0], &plan.sums[1], &plan.sums[2]};
  for (int i = 0; i < 7; ++i) *columns[i] = memory == nullptr ? nullptr : memory + i * plan.padded;
  return plan;
}

enum : uint32_t { kPackBodies = 0, kAttract = 1 };

}  // namespace
}  // namespace offloop
#endif  // OFFLOOP_NBODY_PLAN

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/nbody.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

#define OFFLOOP_BODY_INLINE inline __attribute__((always_inline))

OFFLOOP_BODY_INLINE F64 MulAdd(F64 a, F64 b, F64 c) {
#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 64
  return F64(_mm512_fmadd_pd(a, b, c));
#elif OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 32
  return F64(_mm256_fmadd_pd(a, b, c));
#else
  return a * b + c;
#endif
}

// mass / square^(3/2), 0 where the square is 0 or infinite.
OFFLOOP_BODY_INLINE F64 Pull(F64 mass, F64 square) {
#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 64
  // 14 bits, then the series of (1 - h)^(-1/2) to h³, which leaves less than 2^-53.
  const __m512d guess = _mm512_maskz_rsqrt14_pd(0xff, square);
  const __m512d h = _mm512_fnmadd_pd(_mm512_mul_pd(square, guess), guess, _mm512_set1_pd(1));
  const __m512d series =
      _mm512_fmadd_pd(_mm512_fmadd_pd(_mm512_set1_pd(0.3125), h, _mm512_set1_pd(0.375)), h, _mm512_set1_pd(0.5));
  const __m512d root = _mm512_fmadd_pd(_mm512_mul_pd(guess, h), series, guess);
  const __mmask8 none = _mm512_fpclass_pd_mask(square, 0x02 | 0x04 | 0x08);
  return F64(_mm512_maskz_mul_pd(static_cast<__mmask8>(~none), _mm512_mul_pd(mass, root), _mm512_mul_pd(root, root)));
#else
#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 32
  const F64 root = F64(_mm256_sqrt_pd(square));
#elif OFFLOOP_X64
  const F64 root = F64(_mm_sqrt_pd(square));
#elif defined(__aarch64__)
  const F64 root = F64(vsqrtq_f64(float64x2_t(square)));
#else
  const F64 root = {__builtin_sqrt(square[0]), __builtin_sqrt(square[1])};
#endif
  const F64 pull = mass / (square * root);
  const I64 none = (square == 0.0) | (square == __builtin_inf());
  return none ? F64{} : pull;
#endif
}

template <typename T>
void PackBodies(const Arguments& arguments, const BodyPlan& plan, int64_t first) {
  const View& positions = arguments.inputs[0];
  const View& masses = arguments.inputs[1];
  const int64_t last = plan.padded - first < kBodiesPacked ? plan.padded : first + kBodiesPacked;
  double* const columns[] = {plan.x, plan.y, plan.z};
  for (int64_t i = first; i < last; ++i) {
    const bool is_body = i < plan.n;
    const T* position = static_cast<const T*>(positions.data) + i * positions.strides[0];
    for (int axis = 0; axis < 3; ++axis) {
      columns[axis][i] = is_body ? static_cast<double>(position[axis * positions.strides[1]]) : 0;
      plan.sums[axis][i] = 0;
    }
    plan.mass[i] = 0;
    if (!is_body) continue;
    const int64_t at = i * masses.strides[0];
    plan.mass[i] = arguments.scalars[0] * (masses.dtype == DType::kFloat64
                                               ? static_cast<const double*>(masses.data)[at]
                                               : static_cast<double>(static_cast<const float*>(masses.data)[at]));
  }
}

template <typename T>
void StoreRow(const Arguments& arguments, const BodyPlan& plan, int64_t first) {
  const View& out = arguments.outputs[0];
  const int64_t last = plan.n - first < kBodyRow ? plan.n : first + kBodyRow;
  for (int64_t i = first; i < last; ++i) {
    for (int axis = 0; axis < 3; ++axis) {
      static_cast<T*>(out.data)[i * out.strides[0] + axis * out.strides[1]] = static_cast<T>(plan.sums[axis][i]);
    }
  }
}

// Two vectors of bodies at a time: the loads of the others serve both, and their sums hide each other's latency.
OFFLOOP_BODY_INLINE void AttractRow(const BodyPlan& plan, int64_t row, int64_t first, int64_t last, double softening) {
  constexpr int kVectors = 2;
  const F64 soft = Broadcast<F64>(softening);
  for (int64_t i = row; i < row + kBodyRow; i += kVectors * F64Lanes) {
    F64 x[kVectors], y[kVectors], z[kVectors], ax[kVectors], ay[kVectors], az[kVectors];
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      const int64_t at = i + v * F64Lanes;
      x[v] = Load<F64>(plan.x + at);
      y[v] = Load<F64>(plan.y + at);
      z[v] = Load<F64>(plan.z + at);
      ax[v] = Load<F64>(plan.sums[0] + at);
      ay[v] = Load<F64>(plan.sums[1] + at);
      az[v] = Load<F64>(plan.sums[2] + at);
    }
    for (int64_t j = first; j < last; ++j) {
      const F64 xj = Broadcast<F64>(plan.x[j]);
      const F64 yj = Broadcast<F64>(plan.y[j]);
      const F64 zj = Broadcast<F64>(plan.z[j]);
      const F64 mass = Broadcast<F64>(plan.mass[j]);
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) {
        const F64 dx = xj - x[v];
        const F64 dy = yj - y[v];
        const F64 dz = zj - z[v];
        const F64 pull = Pull(mass, MulAdd(dx, dx, MulAdd(dy, dy, MulAdd(dz, dz, soft))));
        ax[v] = MulAdd(pull, dx, ax[v]);
        ay[v] = MulAdd(pull, dy, ay[v]);
        az[v] = MulAdd(pull, dz, az[v]);
      }
    }
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      const int64_t at = i + v * F64Lanes;
      Store(plan.sums[0] + at, ax[v]);
      Store(plan.sums[1] + at, ay[v]);
      Store(plan.sums[2] + at, az[v]);
    }
  }
}

void NbodyBlock(const Arguments& arguments, const Block& block) {
  const BodyPlan plan = PlanBodies(arguments);
  const bool is_double = arguments.inputs[0].dtype == DType::kFloat64;
  const int64_t index = static_cast<int64_t>(block.index);
  if (block.phase == kPackBodies) {
    if (is_double) return PackBodies<double>(arguments, plan, index * kBodiesPacked);
    return PackBodies<float>(arguments, plan, index * kBodiesPacked);
  }
  const int64_t tile = arguments.results[0].integer;
  const int64_t first = tile * kBodyTile;
  const int64_t last = plan.n - first < kBodyTile ? plan.n : first + kBodyTile;
  AttractRow(plan, index * kBodyRow, first, last, arguments.scalars[1]);
  if (last < plan.n) return;
  if (is_double) return StoreRow<double>(arguments, plan, index * kBodyRow);
  StoreRow<float>(arguments, plan, index * kBodyRow);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop

#if OFFLOOP_ONCE
namespace offloop {
namespace {

bool IsFloat(const View& view) { return view.dtype == DType::kFloat64 || view.dtype == DType::kFloat32; }

Status PrepareNbody(const Arguments& arguments, Layout* layout) {
  if (arguments.input_count != 2 || arguments.output_count != 1) return Status::kInvalidArgument;
  const View& positions = arguments.inputs[0];
  const View& masses = arguments.inputs[1];
  const View& out = arguments.outputs[0];
  if (positions.rank != 2 || masses.rank != 1 || out.rank != 2) return Status::kInvalidArgument;
  const int64_t n = masses.shape[0];
  if (positions.shape[0] != n || out.shape[0] != n || positions.shape[1] != 3 || out.shape[1] != 3) {
    return Status::kInvalidArgument;
  }
  if (positions.dtype != out.dtype || !IsFloat(positions) || !IsFloat(masses)) return Status::kInvalidArgument;
  if (n == 0) return Status::kOk;
  const BodyPlan plan = PlanBodies(arguments);
  const uint64_t padded = static_cast<uint64_t>(plan.padded);
  layout->phase_count = 2;
  layout->phases[kPackBodies].blocks = (padded + kBodiesPacked - 1) / kBodiesPacked;
  layout->phases[kAttract].blocks = padded / kBodyRow;
  layout->blocks_most = layout->phases[kPackBodies].blocks + padded / kBodyRow * static_cast<uint64_t>(plan.tiles);
  layout->scratch_bytes = 7 * padded * sizeof(double);
  return Status::kOk;
}

uint32_t NextNbody(const Arguments& arguments, uint32_t phase) {
  if (phase == kPackBodies) return kAttract;
  return ++arguments.results[0].integer < PlanBodies(arguments).tiles ? kAttract : kAttract + 1;
}

}  // namespace

extern const Kernel kNbodyKernel;
const Kernel kNbodyKernel = {
    .name = "nbody",
    .version = 1,
    .prepare = PrepareNbody,
    .run_block = OFFLOOP_EACH_LEVEL(NbodyBlock),
    .combine = nullptr,
    .finish = nullptr,
    .next = NextNbody,
};

}  // namespace offloop
#endif
