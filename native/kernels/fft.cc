// fft: discrete Fourier transforms, X[k] = sum over j of x[j] exp(-2 pi i j k / n), and their inverses with 1 / n.
// scalars: 0 the length n, 1 the mode (fft_plan.h). inputs[0] and outputs[0] are views of one dtype, float64 or
// float32, whose last axes are [n, 2] (complex) or [n] (real), [n / 2 + 1, 2] for the spectrum of real numbers; the
// axes before are as many transforms. Input and output are apart in memory, or the very same elements. float32 is
// computed in float32, with tables rounded from float64. Layouts and algorithms: fft_factors.h, fft_passes.h,
// fft_columns.h, fft_real.h, fft_chirp.h. The same bits for any number of threads; CPU levels may differ, as the higher
// ones fuse.
#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "base/view.h"
#include "kernels/fft_factors.h"
#include "kernels/fft_plan.h"
#include "kernels/kernel.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/fft.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"

#include "kernels/fft_vectors.h"
#include "kernels/fft_passes.h"
#include "kernels/fft_twiddles.h"
#include "kernels/fft_columns.h"
#include "kernels/fft_lines.h"
#include "kernels/fft_real.h"
#include "kernels/fft_chirp.h"
#include "kernels/fft_blocks.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

static void FftBlock(const Arguments& arguments, const Block& block) {
  if (arguments.inputs[0].dtype == DType::kFloat64) {
    FftBlockOf<double>(arguments, block);
  } else {
    FftBlockOf<float>(arguments, block);
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop

#if OFFLOOP_ONCE
namespace offloop {
namespace {

Status PrepareFft(const Arguments& arguments, Layout* layout) {
  FftPlan plan;
  if (!PlanFft(arguments, &plan)) return Status::kInvalidArgument;
  layout->phase_count = 0;
  if (plan.kind == FftKind::kNothing) return Status::kOk;
  layout->scratch_bytes = static_cast<uint64_t>(plan.scratch_bytes);
  layout->local_bytes = static_cast<uint64_t>(plan.local_bytes);
  layout->phases[kFftTables].blocks = 1;
  if (plan.kind != FftKind::kShared) {
    layout->phase_count = kFftColumns + 1;
    layout->phases[kFftPack].blocks = plan.chirp ? 1 : 0;
    layout->phases[kFftColumns].blocks =
        static_cast<uint64_t>((plan.lines + plan.lines_per_block - 1) / plan.lines_per_block);
    return Status::kOk;
  }
  const auto chunk = static_cast<uint64_t>(plan.chunk);
  const auto pairs = static_cast<uint64_t>((plan.n / 2 + kFftPairs) / kFftPairs);
  const auto columns = static_cast<uint64_t>(plan.second_groups);
  const bool inverse = plan.mode == FftMode::kRealInverse;
  layout->phase_count = kFftPhases;
  layout->phases[kFftPack].blocks = plan.halved && inverse ? chunk * pairs : 0;
  layout->phases[kFftColumns].blocks = chunk * columns + (plan.chirp ? columns : 0);
  layout->phases[kFftRows].blocks = chunk * static_cast<uint64_t>(plan.first_groups);
  layout->phases[kFftBack].blocks = plan.chirp ? chunk * columns : 0;
  layout->phases[kFftUnpack].blocks = plan.halved && !inverse ? chunk * pairs : 0;
  uint64_t blocks = 0;
  for (uint32_t phase = kFftPack; phase < kFftPhases; ++phase) {
    const bool by_part = phase == kFftColumns || phase == kFftRows;
    const uint64_t rounds = !plan.folded ? 1 : by_part ? 2 * kFftFilterParts : phase == kFftBack ? 2 : 1;
    blocks += rounds * layout->phases[phase].blocks;
  }
  layout->blocks_most = 1 + blocks * ((static_cast<uint64_t>(plan.lines) + chunk - 1) / chunk);
  return Status::kOk;
}

// Long transforms come in chunks, so that their scratch is not as large as all of them; what is folded in halves, and
// the filter of each in parts.
uint32_t NextFft(const Arguments& arguments, uint32_t phase) {
  FftPlan* plan = reinterpret_cast<FftPlan*>(arguments.scratch);
  if (plan->folded && phase == kFftRows) {
    plan->part = (plan->part + 1) % kFftFilterParts;
    return plan->part > 0 ? kFftColumns : kFftBack;
  }
  if (plan->folded && phase == kFftBack) {
    plan->half = 1 - plan->half;
    return plan->half > 0 ? kFftColumns : kFftUnpack;
  }
  if (phase + 1 < kFftPhases) return phase + 1;
  plan->done += plan->chunk;
  return plan->kind == FftKind::kShared && plan->done < plan->lines ? static_cast<uint32_t>(kFftPack) : kFftPhases;
}

}  // namespace

extern const Kernel kFftKernel;
const Kernel kFftKernel = {
    .name = "fft",
    .version = 1,
    .prepare = PrepareFft,
    .run_block = OFFLOOP_EACH_LEVEL(FftBlock),
    .combine = nullptr,
    .finish = nullptr,
    .next = NextFft,
};

}  // namespace offloop
#endif
