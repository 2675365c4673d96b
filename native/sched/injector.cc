#include "sched/injector.h"

#include <algorithm>

#include "base/assert.h"

namespace offloop {

namespace {

// How much later than it came a job's turn may be, by priority: low work is behind normal work that came 0.9 s
// after it, and before what comes later still.
constexpr uint64_t kGraceNanoseconds[kPriorities] = {0, 100'000'000, 1'000'000'000};

// The longest that a job which was kept waiting is then left alone.
constexpr uint64_t kLongestShieldNanoseconds = 4'000'000;

uint32_t PriorityOf(const Job* job) { return static_cast<uint32_t>(job->priority); }

bool IsExpress(const Job* job) { return job->cost_ns > 0 && job->cost_ns < kExpressNanoseconds; }

// A job is suspended when it has started and no thread is in it.
bool IsSuspended(const Job* job) { return job->place == Job::Place::kOpen && job->strands == 0; }

}  // namespace

void JobList::PushBack(Job* job) {
  job->previous = back;
  job->next = nullptr;
  (back != nullptr ? back->next : front) = job;
  back = job;
}

void JobList::PushByArrival(Job* job) {
  Job* before = back;
  while (before != nullptr && before->submitted_ns > job->submitted_ns) before = before->previous;
  job->previous = before;
  job->next = before != nullptr ? before->next : front;
  (job->next != nullptr ? job->next->previous : back) = job;
  (before != nullptr ? before->next : front) = job;
}

void JobList::Remove(Job* job) {
  (job->previous != nullptr ? job->previous->next : front) = job->next;
  (job->next != nullptr ? job->next->previous : back) = job->previous;
  job->previous = nullptr;
  job->next = nullptr;
}

Queue* Injector::Open(uint32_t limit) { return new Queue(limit); }

void Injector::Close(Queue* queue) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    OFFLOOP_ASSERT(queue->jobs == 0);
  }
  delete queue;
}

void Injector::Push(Queue* queue, Job* job, uint64_t now_ns) {
  std::lock_guard<std::mutex> lock(mutex_);
  job->queue = queue;
  job->max_threads = std::clamp<uint32_t>(job->max_threads, 1, queue->limit);
  job->submitted_ns = now_ns;
  job->idle_since_ns = now_ns;
  job->deadline_ns = now_ns + kGraceNanoseconds[PriorityOf(job)];
  ++queue->jobs;
  ++counts_.queued;
  AddWaiting(queue, job);
  UpdateReady(queue);
}

bool Injector::Pick(uint64_t now_ns, Visit* visit) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!retiring_.Empty()) {
    Retire(visit);
    return true;
  }
  Job* best = nullptr;
  for (Queue* queue = ready_queues_; queue != nullptr; queue = queue->next) {
    for (uint32_t priority = 0; priority < kPriorities; ++priority) {
      Job* job = Candidate(queue, priority, now_ns);
      if (job != nullptr && (best == nullptr || job->deadline_ns < best->deadline_ns)) best = job;
    }
  }
  if (best == nullptr) return false;
  Enter(best, now_ns, visit);
  return true;
}

Job* Injector::TakeUnstarted() {
  std::lock_guard<std::mutex> lock(mutex_);
  for (Queue* queue = ready_queues_; queue != nullptr; queue = queue->next) {
    for (auto& lists : queue->waiting) {
      for (JobList& list : lists) {
        if (list.Empty()) continue;
        Job* job = list.front;
        Discard(job);
        ++counts_.done;
        return job;
      }
    }
  }
  return nullptr;
}

// Of one queue and one priority: a suspended job that came before all others goes on; express jobs go before long
// ones, unless one of those has had its turn coming for too long; started jobs go before those that are not.
Job* Injector::Candidate(Queue* queue, uint32_t priority, uint64_t now_ns) {
  Job* open = queue->open[priority].front;
  Job* waiting = queue->waiting[priority][0].front;
  Job* express = queue->waiting[priority][1].front;
  if (express == nullptr) return open != nullptr ? open : waiting;
  if (open != nullptr && IsSuspended(open) && open->submitted_ns <= express->submitted_ns) return open;
  if (open == nullptr && waiting != nullptr && waiting->submitted_ns <= express->submitted_ns &&
      waiting->submitted_ns + kGraceNanoseconds[1] <= now_ns) {
    return waiting;
  }
  return express;
}

uint32_t Injector::PressureOn(const Job* job) {
  const uint32_t priority = PriorityOf(job);
  uint32_t bits = kRetiringBit;
  for (uint32_t other = 0; other < kPriorities; ++other) {
    if (other < priority) {
      bits |= WaitingBit(other, 0) | WaitingBit(other, 1) | OpenBit(other);
    } else if (!IsExpress(job)) {
      bits |= WaitingBit(other, 1);
    }
  }
  return bits;
}

// The job of `queue` that should come before `running`: one of a higher priority, or a short one that came before
// a job of the same priority that would come now. A short one of lower priority gets there by ageing.
Job* Injector::OvertakerIn(Queue* queue, const Job* running, bool higher_only, uint64_t now_ns) {
  const uint32_t own = PriorityOf(running);
  Job* best = nullptr;
  auto consider = [&](Job* job) {
    if (job == nullptr || job == running || job->deadline_ns > now_ns + kGraceNanoseconds[own]) return;
    if (best == nullptr || job->deadline_ns < best->deadline_ns) best = job;
  };
  for (uint32_t priority = 0; priority < own; ++priority) {
    consider(queue->waiting[priority][0].front);
    consider(queue->waiting[priority][1].front);
    consider(queue->open[priority].front);
  }
  if (higher_only || IsExpress(running)) return best;
  for (uint32_t priority = own; priority < kPriorities; ++priority) consider(queue->waiting[priority][1].front);
  return best;
}

bool Injector::Overtake(const Visit& from, uint64_t now_ns, Visit* to) {
  Job* job = from.job;
  const bool shielded = now_ns < from.shield_until_ns;
  std::lock_guard<std::mutex> lock(mutex_);
  // A cancelled job is over in a moment, and must not be left without a thread that ends it.
  if (job->cancelled.load(std::memory_order_relaxed)) return false;
  Queue* queue = job->queue;
  Job* best = nullptr;
  if (retiring_.Empty()) {
    if (shielded && from.overdue) return false;
    // Its own queue may be full, but the seat there is the one that becomes free.
    best = OvertakerIn(queue, job, shielded, now_ns);
    for (Queue* other = ready_queues_; other != nullptr; other = other->next) {
      Job* candidate = OvertakerIn(other, job, shielded, now_ns);
      if (candidate != nullptr && (best == nullptr || candidate->deadline_ns < best->deadline_ns)) best = candidate;
    }
    if (best == nullptr) return false;
  }
  // The seat is given back: whoever has time goes on with the job, this thread included.
  GiveSeat(job, from.strand);
  if (job->strands == 0) job->idle_since_ns = now_ns;
  if (best != nullptr && PriorityOf(best) < PriorityOf(job)) {
    job->deadline_ns = now_ns + kGraceNanoseconds[PriorityOf(job)];
  }
  UpdateOpen(job);
  UpdateReady(queue);
  if (best == nullptr) {
    Retire(to);
  } else {
    Enter(best, now_ns, to);
  }
  return true;
}

// A seat in `job` for the caller, who starts it or joins those in it.
void Injector::Enter(Job* job, uint64_t now_ns, Visit* visit) {
  Queue* queue = job->queue;
  *visit = Visit{};
  visit->job = job;
  const bool starts = job->place == Job::Place::kWaiting;
  if (starts || job->strands == 0) {
    const uint64_t kept_waiting = now_ns > job->idle_since_ns ? now_ns - job->idle_since_ns : 0;
    visit->shield_until_ns = now_ns + std::min(kept_waiting, kLongestShieldNanoseconds);
    visit->overdue = job->deadline_ns < now_ns;
  }
  if (starts) {
    visit->kind = Visit::Kind::kStart;
    RemoveWaiting(queue, job);
    job->place = Job::Place::kRunning;
    job->wanted = 1;
    --counts_.queued;
    ++counts_.running;
    TakeSeat(job, &visit->strand);
  } else {
    visit->kind = Visit::Kind::kJoin;
    TakeSeat(job, &visit->strand);
    UpdateOpen(job);
  }
  UpdateReady(queue);
}

void Injector::Retire(Visit* visit) {
  Job* job = retiring_.front;
  retiring_.Remove(job);
  job->place = Job::Place::kNowhere;
  SetPressure(kRetiringBit, !retiring_.Empty());
  PublishReady();
  --job->queue->jobs;
  --counts_.running;
  ++counts_.done;
  *visit = Visit{};
  visit->job = job;
  visit->kind = Visit::Kind::kRetire;
}

void Injector::TakeSeat(Job* job, uint32_t* strand) {
  for (uint32_t word = 0; word < 4; ++word) {
    if (~job->seats[word] == 0) continue;
    const uint32_t bit = static_cast<uint32_t>(__builtin_ctzll(~job->seats[word]));
    job->seats[word] |= uint64_t{1} << bit;
    *strand = word * 64 + bit;
    break;
  }
  OFFLOOP_ASSERT(*strand < job->max_threads);
  ++job->strands;
  ChangeThreads(job, 1);
}

void Injector::GiveSeat(Job* job, uint32_t strand) {
  job->seats[strand / 64] &= ~(uint64_t{1} << strand % 64);
  --job->strands;
  ChangeThreads(job, -1);
}

// Both counts are written under the mutex alone, so that a load and a store do.
void Injector::ChangeThreads(Job* job, int32_t change) {
  std::atomic<uint32_t>& in_use = job->queue->in_use;
  job->threads.store(job->threads.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
  in_use.store(in_use.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
}

uint32_t Injector::OpenGrid(Job* job) {
  const Grid& grid = job->grid;
  const uint64_t claims = (grid.blocks + grid.grain - 1) / grid.grain;
  const uint32_t wanted =
      static_cast<uint32_t>(std::min<uint64_t>({claims, std::max<uint32_t>(grid.strands, 1), job->max_threads}));
  if (wanted == 1) {
    // Nobody else is in the job and it is in no list, so that `wanted` needs no mutex.
    job->wanted = 1;
    return 0;
  }
  std::lock_guard<std::mutex> lock(mutex_);
  job->wanted = wanted;
  UpdateOpen(job);
  UpdateReady(job->queue);
  return std::min(wanted - 1, job->queue->limit - job->queue->in_use.load(std::memory_order_relaxed));
}

bool Injector::Leave(const Visit& visit) {
  Job* job = visit.job;
  std::lock_guard<std::mutex> lock(mutex_);
  const bool last = job->strands == 1;
  if (!last) GiveSeat(job, visit.strand);
  // Nobody else may join: the grid has nothing left to claim.
  job->wanted = job->strands;
  UpdateOpen(job);
  UpdateReady(job->queue);
  return last;
}

void Injector::Finish(const Visit& visit) {
  Job* job = visit.job;
  Queue* queue = job->queue;
  std::lock_guard<std::mutex> lock(mutex_);
  GiveSeat(job, visit.strand);
  OFFLOOP_ASSERT(job->strands == 0 && job->threads.load(std::memory_order_relaxed) == 0);
  job->place = Job::Place::kNowhere;
  --queue->jobs;
  --counts_.running;
  ++counts_.done;
  UpdateReady(queue);
}

uint32_t Injector::Admit(Job* job) {
  std::lock_guard<std::mutex> lock(mutex_);
  Queue* queue = job->queue;
  const uint32_t threads = job->threads.load(std::memory_order_relaxed);
  if (threads >= job->max_threads || queue->in_use.load(std::memory_order_relaxed) >= queue->limit) return 0;
  ChangeThreads(job, 1);
  UpdateOpen(job);
  UpdateReady(queue);
  return threads + 1;
}

void Injector::Dismiss(Job* job) {
  std::lock_guard<std::mutex> lock(mutex_);
  ChangeThreads(job, -1);
  UpdateOpen(job);
  UpdateReady(job->queue);
}

Injector::Removal Injector::Remove(Job* job) {
  std::lock_guard<std::mutex> lock(mutex_);
  Queue* queue = job->queue;
  if (job->place == Job::Place::kWaiting) {
    Discard(job);
    return Removal::kRemoved;
  }
  if (!IsSuspended(job)) return Removal::kRunning;
  RemoveOpen(job);
  UpdateReady(queue);
  job->place = Job::Place::kRetiring;
  retiring_.PushBack(job);
  SetPressure(kRetiringBit, true);
  PublishReady();
  return Removal::kRetiring;
}

void Injector::Discard(Job* job) {
  RemoveWaiting(job->queue, job);
  UpdateReady(job->queue);
  job->place = Job::Place::kNowhere;
  --job->queue->jobs;
  --counts_.queued;
}

Injector::Counts Injector::counts() {
  std::lock_guard<std::mutex> lock(mutex_);
  return counts_;
}

void Injector::AddWaiting(Queue* queue, Job* job) {
  const uint32_t priority = PriorityOf(job), express = IsExpress(job);
  queue->waiting[priority][express].PushBack(job);
  job->place = Job::Place::kWaiting;
  ++queue->listed;
  if (waiting_counts_[priority][express]++ == 0) SetPressure(WaitingBit(priority, express), true);
}

void Injector::RemoveWaiting(Queue* queue, Job* job) {
  const uint32_t priority = PriorityOf(job), express = IsExpress(job);
  queue->waiting[priority][express].Remove(job);
  --queue->listed;
  if (--waiting_counts_[priority][express] == 0) SetPressure(WaitingBit(priority, express), false);
}

// A started job is in the open list exactly when one more strand may join it, so that whatever is listed can be
// taken as soon as its queue has a thread to spare.
void Injector::UpdateOpen(Job* job) {
  const bool open = job->strands < job->wanted && job->threads.load(std::memory_order_relaxed) < job->max_threads;
  if (open == (job->place == Job::Place::kOpen)) return;
  if (!open) return RemoveOpen(job);
  const uint32_t priority = PriorityOf(job);
  job->queue->open[priority].PushByArrival(job);
  job->place = Job::Place::kOpen;
  ++job->queue->listed;
  if (open_counts_[priority]++ == 0) SetPressure(OpenBit(priority), true);
}

void Injector::RemoveOpen(Job* job) {
  const uint32_t priority = PriorityOf(job);
  job->queue->open[priority].Remove(job);
  job->place = Job::Place::kRunning;
  --job->queue->listed;
  if (--open_counts_[priority] == 0) SetPressure(OpenBit(priority), false);
}

void Injector::UpdateReady(Queue* queue) {
  const bool ready = queue->listed > 0 && queue->in_use.load(std::memory_order_relaxed) < queue->limit;
  if (ready == queue->ready) return;
  queue->ready = ready;
  if (ready) {
    queue->previous = nullptr;
    queue->next = ready_queues_;
    if (ready_queues_ != nullptr) ready_queues_->previous = queue;
    ready_queues_ = queue;
  } else {
    (queue->previous != nullptr ? queue->previous->next : ready_queues_) = queue->next;
    if (queue->next != nullptr) queue->next->previous = queue->previous;
  }
  PublishReady();
}

void Injector::PublishReady() {
  ready_.store(ready_queues_ != nullptr || !retiring_.Empty(), std::memory_order_relaxed);
}

void Injector::SetPressure(uint32_t bit, bool on) {
  const uint32_t bits = pressure_.load(std::memory_order_relaxed);
  pressure_.store(on ? bits | bit : bits & ~bit, std::memory_order_relaxed);
}

}  // namespace offloop
