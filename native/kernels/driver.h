// Drives a kernel through its phases as one job of the scheduler: allocates its working memory, folds partials
// along the fixed tree, and ends with finish(). The same loop serves the pool and the calling thread.
#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/kernel.h"
#include "sched/job.h"
#include "simd/level.h"

namespace offloop {

inline constexpr uint64_t kFewPartialsBytes = 128;

struct KernelJob {
  Job job;  // first: the scheduler hands back a Job*, and we are the KernelJob around it

  // --- set by the owner before Prepare
  const Kernel* kernel = nullptr;
  Arguments arguments;
  Level level = Level::kBaseline;
  // Called when no thread will touch the job or its memory again; may free it.
  void (*on_done)(KernelJob* job) = nullptr;

  // --- set by Prepare
  uint64_t blocks_total = 0;  // over all phases, or the most that may run; for progress

  // --- the driver's own
  Status status = Status::kOk;  // written by one thread at a time: advance() is serial
  bool started = false;
  uint32_t at_phase = 0;  // the one that runs, or ran last
  uint32_t phase_count = 0;
  Phase phase;  // of `at_phase`
  uint64_t scratch_bytes = 0;
  uint64_t local_bytes = 0;
  uint64_t partials_bytes = 0;
  uint64_t locals_bytes = 0;
  std::byte* locals = nullptr;
  alignas(16) std::byte few_partials[kFewPartialsBytes];  // so that a small call allocates nothing
  double scalars[kMaxScalars];                            // filled by the owner, to the end
  Slot results[kMaxResults] = {};
};

// Checks the arguments by the kernel's own prepare() and wires the job up; allocates nothing and reads no element.
// On an error the job must not be run.
Status Prepare(KernelJob* job);

}  // namespace offloop
