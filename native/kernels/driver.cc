#include "kernels/driver.h"

#include <cstring>

#include "base/assert.h"
#include "base/memory.h"

namespace offloop {
namespace {

// Claims should take long enough for the claim itself to vanish beside them.
constexpr double kClaimNanoseconds = 4000;
// A thread is worth waking for this much work and more: a wake-up costs about 7 us.
constexpr double kStrandNanoseconds = 20000;
// Results from here up are advised to live in huge pages.
constexpr size_t kHugeResultBytes = size_t{4} << 20;

KernelJob* FromJob(Job* job) { return reinterpret_cast<KernelJob*>(job); }

void ReleaseMemory(KernelJob* job) {
  FreeAligned(job->arguments.scratch, job->scratch_bytes);
  if (job->arguments.partials != job->few_partials) FreeAligned(job->arguments.partials, job->partials_bytes);
  FreeAligned(job->locals, job->locals_bytes);
  job->arguments.scratch = nullptr;
  job->arguments.partials = nullptr;
  job->locals = nullptr;
}

// Round up so that each strand's piece starts on a cache line of its own.
uint64_t LocalStride(const KernelJob* job) { return (job->local_bytes + 127) / 128 * 128; }

Status AllocateMemory(KernelJob* job) {
  if (job->scratch_bytes > 0) {
    job->arguments.scratch = static_cast<std::byte*>(AllocateAligned(job->scratch_bytes));
    if (job->arguments.scratch == nullptr) return Status::kOutOfMemory;
  }
  if (job->partials_bytes <= kFewPartialsBytes) {
    job->arguments.partials = job->few_partials;
  } else {
    job->arguments.partials = static_cast<std::byte*>(AllocateAligned(job->partials_bytes));
    if (job->arguments.partials == nullptr) return Status::kOutOfMemory;
  }
  if (job->local_bytes > 0) {
    job->locals_bytes = LocalStride(job) * job->job.max_threads;
    job->locals = static_cast<std::byte*>(AllocateAligned(job->locals_bytes));
    if (job->locals == nullptr) return Status::kOutOfMemory;
  }
  for (uint32_t i = 0; i < job->arguments.output_count; ++i) {
    const View& out = job->arguments.outputs[i];
    const size_t bytes = static_cast<size_t>(out.Size()) * DTypeSize(out.dtype);
    if (bytes >= kHugeResultBytes && out.IsContiguous()) AdviseHugePages(out.data, bytes);
  }
  return Status::kOk;
}

// Pairs at distance 1, 2, 4, ...: the tree depends on the number of blocks alone, which is what makes results the
// same bits for any number of threads.
void Fold(KernelJob* job) {
  const Phase& phase = job->phase;
  const uint64_t group = phase.group == 0 ? phase.blocks : phase.group;
  const uint32_t index = job->at_phase;
  std::byte* partials = job->arguments.partials;
  for (uint64_t start = 0; start < phase.blocks; start += group) {
    for (uint64_t step = 1; step < group; step *= 2) {
      for (uint64_t i = 0; i + step < group; i += 2 * step) {
        job->kernel->combine(job->arguments, index, partials + (start + i) * phase.partial_bytes,
                             partials + (start + i + step) * phase.partial_bytes);
      }
    }
  }
}

uint32_t PhaseAfter(const KernelJob* job) {
  const auto next = job->kernel->next;
  return next == nullptr ? job->at_phase + 1 : next(job->arguments, job->at_phase);
}

// Makes phase `index` the current one; false when there is none of that number.
bool EnterPhase(KernelJob* job, uint32_t index) {
  if (index >= job->phase_count) return false;
  job->at_phase = index;
  // prepare() is pure, so the layout is asked for again rather than kept in every waiting job.
  Layout layout;
  job->status = job->kernel->prepare(job->arguments, &layout);
  job->phase = layout.phases[index];
  return job->status == Status::kOk;
}

// Thread and claim sizes for the current phase.
void FillGrid(const KernelJob* job, Grid* grid) {
  const double max_threads = job->job.max_threads;
  const double blocks = static_cast<double>(job->phase.blocks);
  const double block_ns = job->job.cost_ns / static_cast<double>(job->blocks_total);
  grid->blocks = job->phase.blocks;
  if (job->phase.blocks == 1) {
    grid->grain = 1;
    grid->strands = 1;
    return;
  }
  // At least eight claims a strand, so that strands end together.
  const double by_time = kClaimNanoseconds / (block_ns + 1);
  const double by_share = blocks / (8.0 * max_threads);
  const double grain = by_time < by_share ? by_time : by_share;
  grid->grain = grain > 1 ? static_cast<uint64_t>(grain) : 1;
  const double strands = block_ns * blocks / kStrandNanoseconds + 1;
  grid->strands = strands < max_threads ? static_cast<uint32_t>(strands) : job->job.max_threads;
}

bool Advance(Job* base, Grid* next) {
  KernelJob* job = FromJob(base);
  bool more = job->phase_count > 0;
  if (!job->started) {
    job->started = true;
    job->status = AllocateMemory(job);
    if (job->status != Status::kOk) return false;
  } else {
    if (job->phase.partial_bytes > 0) Fold(job);
    more = EnterPhase(job, PhaseAfter(job));
  }
  while (more && job->phase.blocks == 0) more = EnterPhase(job, PhaseAfter(job));
  if (job->status != Status::kOk) return false;
  if (more) {
    FillGrid(job, next);
    return true;
  }
  if (job->kernel->finish != nullptr) job->status = job->kernel->finish(job->arguments);
  return false;
}

void Run(Job* base, uint64_t first, uint64_t last, uint32_t strand) {
  KernelJob* job = FromJob(base);
  const RunBlock run_block = job->kernel->run_block[static_cast<uint32_t>(job->level)];
  Block block;
  block.phase = job->at_phase;
  block.local = job->locals == nullptr ? nullptr : job->locals + strand * LocalStride(job);
  for (block.index = first; block.index < last; ++block.index) {
    block.partial =
        job->phase.partial_bytes == 0 ? nullptr : job->arguments.partials + block.index * job->phase.partial_bytes;
    run_block(job->arguments, block);
  }
}

void Done(Job* base) {
  KernelJob* job = FromJob(base);
  ReleaseMemory(job);
  job->on_done(job);
}

}  // namespace

bool IsCancelled(const Arguments& arguments) { return arguments.cancelled->load(std::memory_order_relaxed); }

// Every call makes a layout. GCC clears so many bytes by `rep stos`, which takes 30 ns to start; memset() of the
// library is faster, and gets called when the compiler doesn't see how much there is.
void ClearLayout(Layout* layout) {
  size_t bytes = sizeof(Layout);
  asm("" : "+r"(bytes));
  std::memset(static_cast<void*>(layout), 0, bytes);
}

Status Prepare(KernelJob* job) {
  job->arguments.scalars = job->scalars;
  job->arguments.cancelled = &job->job.cancelled;
  job->arguments.results = job->results;
  Layout layout;
  const Status status = job->kernel->prepare(job->arguments, &layout);
  if (status != Status::kOk) return status;
  OFFLOOP_ASSERT(layout.phase_count <= kMaxPhases);
  uint64_t most_blocks = 1;
  for (uint32_t i = 0; i < layout.phase_count; ++i) {
    const Phase& phase = layout.phases[i];
    OFFLOOP_ASSERT(phase.group == 0 || phase.blocks % phase.group == 0);
    OFFLOOP_ASSERT(phase.partial_bytes % 16 == 0);
    job->blocks_total += phase.blocks;
    if (phase.blocks > most_blocks) most_blocks = phase.blocks;
    const uint64_t bytes = phase.blocks * phase.partial_bytes;
    if (bytes > job->partials_bytes) job->partials_bytes = bytes;
  }
  // Strands that would never have a block need no local memory, which is cleared by the system where it is large.
  if (job->job.max_threads > most_blocks) job->job.max_threads = static_cast<uint32_t>(most_blocks);
  if (layout.blocks_most > 0) job->blocks_total = layout.blocks_most;
  job->phase = layout.phases[0];
  job->phase_count = layout.phase_count;
  job->scratch_bytes = layout.scratch_bytes;
  job->local_bytes = layout.local_bytes;
  job->job.advance = Advance;
  job->job.run = Run;
  job->job.done = Done;
  return Status::kOk;
}

}  // namespace offloop
