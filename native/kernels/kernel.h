// The shape that every kernel has: buffers and scalars in, buffers out, in phases.
//
//   prepare()    reads shapes and scalars (never element data) and fills a Layout: the phases, each a grid of
//                blocks, and the bytes of scratch. The grid depends on the input alone, never on threads.
//   run_block()  does block `index` of a phase. Blocks of one phase run in any order, on any threads, at once.
//   combine()    folds the partial of one block into that of another, along a fixed tree.
//   next()       optional: chooses the phase that follows one, so that a kernel may go back and iterate until it has
//                converged, or skip what its input does not need. Serial, after the phase's partials are folded.
//   finish()     runs once, after the last phase: writes results, and true lengths.
//
// The driver (driver.h) owns the loop over phases: a kernel neither allocates, schedules, logs, throws, locks
// nor reads globals. The JavaScript reference of a kernel (src/reference) has the same form.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "base/view.h"

namespace offloop {

// Kernels that take lists of buffers get one view a buffer.
inline constexpr uint32_t kMaxInputs = 1024;
inline constexpr uint32_t kMaxOutputs = 4;
inline constexpr uint32_t kMaxScalars = 24;
inline constexpr uint32_t kMaxResults = 8;
inline constexpr uint32_t kMaxPhases = 24;

// A value that goes back to JavaScript by itself rather than in an array: 64 bits read as the kernel's
// descriptor says.
union Slot {
  double number;
  int64_t integer;
  uint64_t bits;
};

struct Phase {
  uint64_t blocks = 0;
  // When not 0, every block writes a partial of this many bytes (16-byte aligned) and the driver folds them.
  uint32_t partial_bytes = 0;
  // Partials are folded in runs of `group` consecutive blocks, each run into its first slot; 0 folds all.
  // `group` divides `blocks`.
  uint64_t group = 0;
};

struct Layout {
  Phase phases[kMaxPhases];
  uint32_t phase_count = 0;
  uint64_t scratch_bytes = 0;  // one piece for the job, 64-byte aligned, not zeroed
  uint64_t local_bytes = 0;    // one piece for each strand that runs blocks, 64-byte aligned, not zeroed
  // The most blocks that may run, where next() goes back to a phase; 0: each phase runs once. For progress.
  uint64_t blocks_most = 0;
};

struct Arguments {
  const View* inputs = nullptr;
  const View* outputs = nullptr;
  uint32_t input_count = 0;
  uint32_t output_count = 0;
  const double* scalars = nullptr;  // kMaxScalars of them, zero where none was given
  Slot* results = nullptr;          // kMaxResults of them, zero at the start
  std::byte* scratch = nullptr;
  // Partials of the last phase that had any, folded: slot i is at partials + i * partial_bytes.
  std::byte* partials = nullptr;
  const std::atomic<bool>* cancelled = nullptr;  // for IsCancelled()
};

// Whether nobody wants the result any more. Claims ask by themselves; a block that can't be cut so that it ends within
// about 2 ms asks now and then, and returns. In driver.cc, so that it is compiled once, for the lowest CPU level.
bool IsCancelled(const Arguments& arguments);

struct Block {
  uint32_t phase;
  uint64_t index;
  std::byte* local;    // this strand's own Layout::local_bytes
  std::byte* partial;  // this block's partial, when its phase has them
};

// One entry a CPU level; the bodies are compiled once a level (simd/foreach_level.h).
inline constexpr uint32_t kLevelCount = 3;
using RunBlock = void (*)(const Arguments& arguments, const Block& block);

struct Kernel {
  const char* name;
  uint32_t version;
  Status (*prepare)(const Arguments& arguments, Layout* layout);
  RunBlock run_block[kLevelCount];
  void (*combine)(const Arguments& arguments, uint32_t phase, std::byte* into, const std::byte* from);
  Status (*finish)(const Arguments& arguments);
  // The phase after `phase`, called for empty ones as well; any number from the layout's phase_count up ends the job.
  // Null: phase + 1.
  uint32_t (*next)(const Arguments& arguments, uint32_t phase) = nullptr;
};

}  // namespace offloop
