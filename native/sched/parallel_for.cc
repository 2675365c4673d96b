#include "sched/parallel_for.h"

#include <algorithm>

#include "sched/worker.h"

namespace offloop {

namespace {

// Claims for each thread of a loop: enough that threads which start late or run slowly still end together.
constexpr uint64_t kClaimsPerThread = 64;

// Folding partials is shared out when this much memory goes through it.
constexpr uint64_t kParallelFoldBytes = 1 << 18;

struct Fold {
  std::byte* partials;
  size_t bytes;
  uint64_t stride;
  void (*combine)(void* context, void* into, const void* from);
  void* context;
};

void FoldPair(void* context, uint64_t pair) {
  const Fold& fold = *static_cast<const Fold*>(context);
  std::byte* into = fold.partials + pair * 2 * fold.stride * fold.bytes;
  fold.combine(fold.context, into, into + fold.stride * fold.bytes);
}

}  // namespace

void ParallelFor(uint64_t count, void (*body)(void* context, uint64_t index), void* context) {
  Worker* worker = Worker::Current();
  Job* job = worker != nullptr ? worker->job() : nullptr;
  if (job == nullptr || job->max_threads == 1 || count < 2) {
    for (uint64_t index = 0; index < count; ++index) body(context, index);
    return;
  }
  const uint64_t grain = std::max<uint64_t>(count / (kClaimsPerThread * job->max_threads), 1);
  Loop loop{.count = count, .grain = grain, .body = body, .context = context, .job = job, .owner = worker};
  worker->RunLoop(&loop);
}

void ParallelReduce(uint64_t count, size_t bytes, void* partials,
                    void (*body)(void* context, uint64_t index, void* partial),
                    void (*combine)(void* context, void* into, const void* from), void* context) {
  struct Bodies {
    std::byte* partials;
    size_t bytes;
    void (*body)(void* context, uint64_t index, void* partial);
    void* context;
  };
  Bodies bodies{static_cast<std::byte*>(partials), bytes, body, context};
  ParallelFor(
      count,
      [](void* raw, uint64_t index) {
        const Bodies& bodies = *static_cast<const Bodies*>(raw);
        bodies.body(bodies.context, index, bodies.partials + index * bodies.bytes);
      },
      &bodies);
  // Level by level: neighbours, then neighbours of those, whatever the threads. An odd one out waits a level.
  Fold fold{bodies.partials, bytes, 1, combine, context};
  for (; fold.stride < count; fold.stride *= 2) {
    const uint64_t pairs = (count - fold.stride + 2 * fold.stride - 1) / (2 * fold.stride);
    if (pairs * bytes >= kParallelFoldBytes) {
      ParallelFor(pairs, FoldPair, &fold);
    } else {
      for (uint64_t pair = 0; pair < pairs; ++pair) FoldPair(&fold, pair);
    }
  }
}

}  // namespace offloop
