// The one pool of native threads of a process. A Queue is a limit and three lists on it: what JavaScript calls a Pool.
#pragma once
#include <cstdint>

#include "sched/job.h"

namespace offloop {

struct Crew;
class Worker;

// Starts the thread of a worker; false when there is none to be had.
using StartWorker = bool (*)(Worker* worker, uint32_t number);

struct PoolStats {
  uint32_t threads_started;
  uint32_t threads_parked;
  uint64_t jobs_queued;
  uint64_t jobs_running;
  uint64_t jobs_done;
};

class Pool {
 public:
  // Created on first use and never destroyed: process.exit() runs static destructors while threads still run.
  // No thread starts before the first Submit.
  static Pool& Get();

  // For tests, which need pools of their own with a known number of threads. Never destroy one that has run a job.
  // `start` null is the usual way of starting threads.
  Pool(uint32_t default_threads, StartWorker start);

  // CPUs that the process may use: affinity mask and cgroup quota, or OFFLOOP_THREADS.
  uint32_t default_threads() const;

  // `threads` 0 means default_threads(); at most kMaxThreads. The pool grows to the largest that was asked for.
  Queue* OpenQueue(uint32_t threads);
  // The queue must have no jobs.
  void CloseQueue(Queue* queue);

  // The job must stay alive until its done(). Never blocks on other jobs; may start a thread. Only where the system
  // refuses the pool its very first thread does the whole job run here, done() included, before Submit returns.
  void Submit(Queue* queue, Job* job);

  // Sets job->cancelled. Returns true when the job was still queued: it is then out of the queue and will never run,
  // and done() is NOT called. Otherwise running blocks finish, no more are claimed, and done() is called as ever. The
  // caller sees to it that the job is not over yet: done() may have freed it.
  bool Cancel(Queue* queue, Job* job);

  PoolStats stats() const;

  static constexpr uint32_t kMaxThreads = 256;

 private:
  Crew* const crew_;  // leaked, as the pool is: its threads never end
  const uint32_t default_threads_;
};

// Runs a whole job on the calling thread, as strand 0; calls done() at the end. Touches no pool thread: loops inside
// its blocks are plain loops. The job may be cancelled by setting `cancelled`.
void RunHere(Job* job);

}  // namespace offloop
