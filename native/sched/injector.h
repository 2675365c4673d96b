// Where jobs wait, and who may join them. One mutex guards every queue, because choosing the next job has to
// compare them all; it is held for tens of nanoseconds and no code of a job runs under it. The rules of choice are
// in README.md, "Whose turn it is".
#pragma once
#include <atomic>
#include <cstdint>
#include <mutex>

#include "sched/job.h"

namespace offloop {

inline constexpr uint32_t kPriorities = 3;

// Jobs in the order of their arrival, linked through themselves: adding, and taking out anywhere, is O(1).
struct JobList {
  Job* front = nullptr;
  Job* back = nullptr;

  bool Empty() const { return front == nullptr; }
  void PushBack(Job* job);
  // Before the first job that arrived later. The open lists are as short as the number of threads.
  void PushByArrival(Job* job);
  void Remove(Job* job);
};

// A limit and its lists. All of it is guarded by the injector's mutex unless a line says otherwise.
class Queue {
 public:
  explicit Queue(uint32_t limit) : limit(limit) {}

  const uint32_t limit;
  // Threads in jobs of this queue, at most `limit`. Written under the mutex; read without it, relaxed, as a hint.
  std::atomic<uint32_t> in_use{0};
  JobList waiting[kPriorities][2];  // never started; [1] are the express jobs
  JobList open[kPriorities];        // started, with room for more strands
  uint32_t listed = 0;              // jobs in the lists above
  uint32_t jobs = 0;                // jobs that are not over
  bool ready = false;               // in the list of queues that a thread can take something from
  Queue* previous = nullptr;
  Queue* next = nullptr;
};

// A thread's stay in a job.
struct Visit {
  enum class Kind : uint8_t { kStart, kJoin, kRetire };

  Job* job = nullptr;
  Kind kind = Kind::kStart;
  uint32_t strand = 0;
  // Until then the job is not called away from: it has waited, and gets some of that back.
  uint64_t shield_until_ns = 0;
  // The shield holds against higher priorities as well.
  bool overdue = false;
};

class Injector {
 public:
  Queue* Open(uint32_t limit);
  void Close(Queue* queue);

  void Push(Queue* queue, Job* job, uint64_t now_ns);

  // The job whose turn it is, with a seat for the caller; false when there is nothing that a thread may take.
  bool Pick(uint64_t now_ns, Visit* visit);

  // For a pool without threads: takes any job that has not started out of its queue for good, or null.
  Job* TakeUnstarted();

  // At a claim boundary: when something should be done before the job of `from`, gives up the seat there and
  // takes one in `to`.
  bool Overtake(const Visit& from, uint64_t now_ns, Visit* to);

  // Whether Overtake is worth asking. A hint, one load.
  bool Pressed(const Job* job) const { return (pressure_.load(std::memory_order_relaxed) & PressureOn(job)) != 0; }

  // After advance() has filled in job->grid: lets others join, and returns how many more would be useful.
  uint32_t OpenGrid(Job* job);

  // The grid has no unclaimed blocks. True when the caller is the last in it: it keeps its seat and goes on with
  // advance(). Otherwise it is out, and must not touch the job again.
  bool Leave(const Visit& visit);

  // The job is over: gives up the last seat. What remains is to call done().
  void Finish(const Visit& visit);

  // A helper of a nested loop comes and goes. Admit returns the threads that are then in the job, 0 when it is full.
  uint32_t Admit(Job* job);
  void Dismiss(Job* job);

  enum class Removal : uint8_t { kRemoved, kRetiring, kRunning };
  // For a job whose `cancelled` is set.
  Removal Remove(Job* job);

  // Whether Pick would find something. A hint between pushes; after a read-modify-write of the event count's word
  // it is as new as the last push before it there.
  bool Ready() const { return ready_.load(std::memory_order_relaxed); }

  struct Counts {
    uint64_t queued, running, done;
  };
  Counts counts();

 private:
  static uint32_t WaitingBit(uint32_t priority, uint32_t express) { return 1u << (priority * 2 + express); }
  static uint32_t OpenBit(uint32_t priority) { return 1u << (kPriorities * 2 + priority); }
  static constexpr uint32_t kRetiringBit = 1u << (kPriorities * 3);
  static uint32_t PressureOn(const Job* job);

  void AddWaiting(Queue* queue, Job* job);
  void RemoveWaiting(Queue* queue, Job* job);
  void Discard(Job* job);
  void UpdateOpen(Job* job);
  void RemoveOpen(Job* job);
  void UpdateReady(Queue* queue);
  void PublishReady();
  void SetPressure(uint32_t bit, bool on);

  static Job* Candidate(Queue* queue, uint32_t priority, uint64_t now_ns);
  static Job* OvertakerIn(Queue* queue, const Job* running, bool higher_only, uint64_t now_ns);
  void Enter(Job* job, uint64_t now_ns, Visit* visit);
  void TakeSeat(Job* job, uint32_t* strand);
  void GiveSeat(Job* job, uint32_t strand);
  void ChangeThreads(Job* job, int32_t change);
  void Retire(Visit* visit);

  std::mutex mutex_;
  Queue* ready_queues_ = nullptr;
  JobList retiring_;
  uint32_t waiting_counts_[kPriorities][2] = {};
  uint32_t open_counts_[kPriorities] = {};
  Counts counts_ = {};
  // Copies of what the mutex guards, written under it and read without it as hints (relaxed): which lists hold
  // anything, and whether any queue is ready.
  std::atomic<uint32_t> pressure_{0};
  std::atomic<bool> ready_{false};
};

}  // namespace offloop
