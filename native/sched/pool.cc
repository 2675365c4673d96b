#include "sched/pool.h"

#include <algorithm>

#include "base/assert.h"
#include "sched/cpus.h"
#include "base/clock.h"
#include "sched/thread.h"
#include "sched/worker.h"

namespace offloop {

namespace {

bool StartWorkerThread(Worker* worker, uint32_t number) {
  return StartThread(
      number, [](void* context) { static_cast<Worker*>(context)->Live(); }, worker);
}

}  // namespace

Pool& Pool::Get() {
  // A pointer, so that nothing is destroyed at exit.
  static Pool* const pool = new Pool(UsableCpus(), StartWorkerThread);
  return *pool;
}

Pool::Pool(uint32_t default_threads, StartWorker start)
    : crew_(new Crew(default_threads, start != nullptr ? start : StartWorkerThread)),
      default_threads_(default_threads) {
  OFFLOOP_ASSERT(default_threads >= 1 && default_threads <= kMaxThreads);
}

uint32_t Pool::default_threads() const { return default_threads_; }

Queue* Pool::OpenQueue(uint32_t threads) {
  const uint32_t limit = threads == 0 ? default_threads_ : std::min(threads, kMaxThreads);
  crew_->Grow(limit);
  return crew_->injector.Open(limit);
}

void Pool::CloseQueue(Queue* queue) { crew_->injector.Close(queue); }

void Pool::Submit(Queue* queue, Job* job) {
  OFFLOOP_ASSERT(job->place == Job::Place::kNowhere);
  crew_->injector.Push(queue, job, NowNanoseconds());
  crew_->Call();
  // From here on the job may be over and gone, unless there is no thread that could have run it. Then whoever failed
  // to start one runs what is there, other threads' jobs included: those may have relied on this one.
  if (crew_->started.load(std::memory_order_relaxed) != 0 || !crew_->exhausted.load(std::memory_order_relaxed)) return;
  while (Job* orphan = crew_->injector.TakeUnstarted()) RunHere(orphan);
}

bool Pool::Cancel(Queue* queue, Job* job) {
  OFFLOOP_ASSERT(job->queue == queue);
  job->cancelled.store(true, std::memory_order_relaxed);
  const Injector::Removal removal = crew_->injector.Remove(job);
  if (removal == Injector::Removal::kRetiring) crew_->Call();
  return removal == Injector::Removal::kRemoved;
}

PoolStats Pool::stats() const {
  const Injector::Counts counts = crew_->injector.counts();
  return {.threads_started = crew_->started.load(std::memory_order_relaxed),
          .threads_parked = crew_->sleep.waiting(),
          .jobs_queued = counts.queued,
          .jobs_running = counts.running,
          .jobs_done = counts.done};
}

void RunHere(Job* job) {
  Worker* worker = Worker::Current();
  Job* const outer = worker != nullptr ? worker->ExchangeJob(nullptr) : nullptr;
  // Nobody asks about the times of a job that was never submitted, and a clock costs as much as a small job.
  if (job->submitted_ns != 0) job->started_ns.store(NowNanoseconds(), std::memory_order_relaxed);
  job->threads_used.store(1, std::memory_order_relaxed);
  while (!job->cancelled.load(std::memory_order_relaxed)) {
    Grid grid;
    if (!job->advance(job, &grid)) break;
    const uint64_t grain = std::max<uint64_t>(grid.grain, 1);
    for (uint64_t first = 0; first < grid.blocks && !job->cancelled.load(std::memory_order_relaxed);) {
      const uint64_t last = first + std::min(grain, grid.blocks - first);
      job->run(job, first, last, 0);
      job->blocks_done.fetch_add(last - first, std::memory_order_relaxed);
      first = last;
    }
  }
  job->done(job);
  if (worker != nullptr) worker->ExchangeJob(outer);
}

}  // namespace offloop
