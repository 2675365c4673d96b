#include "sched/injector.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <vector>

namespace offloop {
namespace {

constexpr uint64_t kMillisecond = 1'000'000;
constexpr double kLong = 1e9, kShort = 5e4;

Job* Make(std::vector<std::unique_ptr<Job>>* jobs, Priority priority, double cost_ns) {
  jobs->push_back(std::make_unique<Job>());
  Job* job = jobs->back().get();
  job->priority = priority;
  job->cost_ns = cost_ns;
  return job;
}

// The injector alone, under a clock that the test turns.
struct Fixture {
  Injector injector;
  std::vector<std::unique_ptr<Job>> jobs;
  std::vector<Queue*> queues;
  uint64_t now = 1000 * kMillisecond;

  ~Fixture() {
    for (Queue* queue : queues) injector.Close(queue);
  }
  Queue* Open(uint32_t limit) {
    queues.push_back(injector.Open(limit));
    return queues.back();
  }
  Job* Push(Queue* queue, Priority priority = Priority::kNormal, double cost_ns = kLong) {
    Job* job = Make(&jobs, priority, cost_ns);
    injector.Push(queue, job, now);
    return job;
  }
  Visit Pick() {
    Visit visit;
    injector.Pick(now, &visit);
    return visit;
  }
  // Picks, and is done with it at once.
  Job* Run() {
    Visit visit = Pick();
    if (visit.job != nullptr) injector.Finish(visit);
    return visit.job;
  }
  uint32_t OpenGrid(Job* job, uint64_t blocks) {
    job->grid = Grid{};
    job->grid.blocks = blocks;
    return injector.OpenGrid(job);
  }
};

TEST_CASE_FIXTURE(Fixture, "injector: jobs of one priority start in the order of their arrival") {
  Queue* queue = Open(4);
  for (int i = 0; i < 5; ++i) Push(queue), ++now;
  for (int i = 0; i < 5; ++i) CHECK(Run() == jobs[i].get());
  CHECK(Run() == nullptr);
  CHECK_FALSE(injector.Ready());
}

TEST_CASE_FIXTURE(Fixture, "injector: higher priorities start first") {
  Queue* queue = Open(4);
  Job* low = Push(queue, Priority::kLow);
  Job* normal = Push(queue, Priority::kNormal);
  Job* high = Push(queue, Priority::kHigh);
  CHECK(Run() == high);
  CHECK(Run() == normal);
  CHECK(Run() == low);
}

TEST_CASE_FIXTURE(Fixture, "injector: short jobs start before long ones of their priority") {
  Queue* queue = Open(4);
  Job* slow = Push(queue);
  now += kMillisecond;
  Job* fast = Push(queue, Priority::kNormal, kShort);
  CHECK(Run() == fast);
  CHECK(Run() == slow);
}

TEST_CASE_FIXTURE(Fixture, "injector: a job without an estimate counts as long") {
  Queue* queue = Open(4);
  Job* unknown = Push(queue, Priority::kNormal, 0);
  Job* fast = Push(queue, Priority::kNormal, kShort);
  CHECK(Run() == fast);
  CHECK(Run() == unknown);
}

TEST_CASE_FIXTURE(Fixture, "injector: a long job is not kept from starting by short ones for good") {
  Queue* queue = Open(1);
  Job* slow = Push(queue);
  int served = 0;
  Job* job = nullptr;
  while (job != slow && served < 1000) {
    now += kMillisecond;
    Push(queue, Priority::kNormal, kShort);
    job = Run();
    ++served;
  }
  CHECK(served >= 90);
  CHECK(served <= 110);
  while (Run() != nullptr) {
  }
}

TEST_CASE_FIXTURE(Fixture, "injector: low work is not starved by an endless supply of high work") {
  Queue* queue = Open(1);
  Job* low = Push(queue, Priority::kLow);
  int served = 0;
  Job* job = nullptr;
  while (job != low && served < 10000) {
    now += 10 * kMillisecond;
    Push(queue, Priority::kHigh);
    job = Run();
    ++served;
  }
  CHECK(served >= 99);
  CHECK(served <= 102);
  while (Run() != nullptr) {
  }
}

TEST_CASE_FIXTURE(Fixture, "injector: the earliest turn of all queues is next") {
  Queue* a = Open(1);
  Queue* b = Open(1);
  Job* first = Push(a);
  now += kMillisecond;
  Job* second = Push(b);
  now += kMillisecond;
  Job* third = Push(a);
  CHECK(Run() == first);
  CHECK(Run() == second);
  CHECK(Run() == third);
}

TEST_CASE_FIXTURE(Fixture, "injector: a queue's limit holds, and others are not held up by it") {
  Queue* narrow = Open(1);
  Queue* wide = Open(2);
  Job* a = Push(narrow);
  Job* b = Push(narrow);
  Visit first = Pick();
  CHECK(first.job == a);
  CHECK_FALSE(injector.Ready());
  CHECK(Pick().job == nullptr);
  Job* c = Push(wide);
  CHECK(Run() == c);
  injector.Finish(first);
  CHECK(Run() == b);
}

TEST_CASE_FIXTURE(Fixture, "injector: removes a queued job from anywhere, in constant time") {
  Queue* queue = Open(2);
  constexpr int kJobs = 200000;
  for (int i = 0; i < kJobs; ++i) Push(queue);
  const auto start = std::chrono::steady_clock::now();
  // From the middle outwards: a search from either end would take 10^10 steps.
  for (int i = 0; i < kJobs / 2 - 1; ++i) {
    CHECK(injector.Remove(jobs[kJobs / 2 + i].get()) == Injector::Removal::kRemoved);
    CHECK(injector.Remove(jobs[kJobs / 2 - 1 - i].get()) == Injector::Removal::kRemoved);
  }
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
  CHECK(injector.counts().queued == 2);
  CHECK(Run() == jobs.front().get());
  CHECK(Run() == jobs.back().get());
  CHECK(Run() == nullptr);
}

TEST_CASE_FIXTURE(Fixture, "injector: as many strands join as grid, job and queue allow, each with its own number") {
  Queue* queue = Open(8);
  Job* job = Push(queue);
  job->max_threads = 3;
  Visit first = Pick();
  CHECK(first.kind == Visit::Kind::kStart);
  CHECK(first.strand == 0);
  CHECK(OpenGrid(job, 100) == 2);
  Visit second = Pick(), third = Pick();
  CHECK(second.kind == Visit::Kind::kJoin);
  CHECK(second.strand == 1);
  CHECK(third.strand == 2);
  CHECK(Pick().job == nullptr);
  CHECK_FALSE(injector.Leave(second));
  CHECK(Pick().job == nullptr);  // the grid is exhausted, nobody is wanted any more
  CHECK_FALSE(injector.Leave(first));
  CHECK(injector.Leave(third));
  CHECK(OpenGrid(job, 2) == 1);
  CHECK(Pick().strand == 0);
  CHECK(queue->in_use.load() == 2);
  Visit last{.job = job, .strand = 0};
  CHECK_FALSE(injector.Leave(last));
  CHECK(injector.Leave(third));
  injector.Finish(third);
  CHECK(queue->in_use.load() == 0);
}

TEST_CASE_FIXTURE(Fixture, "injector: a helper takes a thread of the job's limit, and gives it back") {
  Queue* queue = Open(8);
  Job* job = Push(queue);
  job->max_threads = 2;
  Visit first = Pick();
  OpenGrid(job, 100);
  CHECK(injector.Admit(job) == 2);
  CHECK(injector.Admit(job) == 0);
  CHECK(Pick().job == nullptr);  // no room for a strand while the helper is in
  CHECK_FALSE(injector.Ready());
  injector.Dismiss(job);
  CHECK(injector.Ready());
  Visit second = Pick();
  CHECK(second.job == job);
  CHECK(injector.Admit(job) == 0);
  CHECK_FALSE(injector.Leave(second));
  CHECK(injector.Leave(first));
  injector.Finish(first);
}

TEST_CASE_FIXTURE(Fixture, "injector: a higher priority overtakes, and what was overtaken is taken up again") {
  Queue* queue = Open(1);
  Job* normal = Push(queue);
  Visit running = Pick();
  OpenGrid(normal, 100);
  CHECK_FALSE(injector.Pressed(normal));
  now += kMillisecond;
  Push(queue, Priority::kNormal);
  Push(queue, Priority::kLow, kShort);
  Visit to;
  CHECK_FALSE(injector.Overtake(running, now, &to));
  Job* high = Push(queue, Priority::kHigh);
  CHECK(injector.Pressed(normal));
  CHECK(injector.Overtake(running, now, &to));
  CHECK(to.job == high);
  CHECK(queue->in_use.load() == 1);
  injector.Finish(to);
  now += kMillisecond;
  // Not the second normal job, which has not begun.
  Visit again = Pick();
  CHECK(again.job == normal);
  CHECK(again.kind == Visit::Kind::kJoin);
  CHECK(injector.Leave(again));
  injector.Finish(again);
  while (Run() != nullptr) {
  }
}

TEST_CASE_FIXTURE(Fixture, "injector: a short job overtakes a long one of its priority, on one thread") {
  Queue* queue = Open(2);
  Job* slow = Push(queue);
  Visit first = Pick();
  OpenGrid(slow, 100);
  Visit second = Pick();
  CHECK(second.job == slow);
  now += kMillisecond;
  Job* fast = Push(queue, Priority::kNormal, kShort);
  Visit to, other;
  CHECK(injector.Overtake(first, now, &to));
  CHECK(to.job == fast);
  CHECK_FALSE(injector.Pressed(slow));
  CHECK_FALSE(injector.Overtake(second, now, &other));
  injector.Finish(to);
  Visit again = Pick();
  CHECK(again.job == slow);
  CHECK(again.strand == 0);
  CHECK_FALSE(injector.Leave(again));
  CHECK(injector.Leave(second));
  injector.Finish(second);
}

TEST_CASE_FIXTURE(Fixture, "injector: a short job does not overtake a short one") {
  Queue* queue = Open(1);
  Job* running = Push(queue, Priority::kNormal, kShort);
  Visit visit = Pick();
  OpenGrid(running, 4);
  Push(queue, Priority::kNormal, kShort);
  CHECK_FALSE(injector.Pressed(running));
  CHECK(injector.Leave(visit));
  injector.Finish(visit);
  Run();
}

TEST_CASE_FIXTURE(Fixture, "injector: a job that was called away is left alone for as long as it waited") {
  Queue* queue = Open(1);
  Job* slow = Push(queue);
  Visit visit = Pick(), to;
  OpenGrid(slow, 100);
  Push(queue, Priority::kNormal, kShort);
  CHECK(injector.Overtake(visit, now, &to));
  Push(queue, Priority::kNormal, kShort);
  now += 2 * kMillisecond;
  injector.Finish(to);
  visit = Pick();
  CHECK(visit.job == slow);
  now += kMillisecond;
  CHECK_FALSE(injector.Overtake(visit, now, &to));
  now += kMillisecond;
  CHECK(injector.Overtake(visit, now, &to));
  injector.Finish(to);
  visit = Pick();
  CHECK(injector.Leave(visit));
  injector.Finish(visit);
}

TEST_CASE_FIXTURE(Fixture, "injector: a thread of a full queue is not called away for another full queue") {
  Queue* a = Open(1);
  Queue* b = Open(1);
  Job* in_a = Push(a);
  Visit running_a = Pick();
  OpenGrid(in_a, 10);
  Push(b);
  Visit running_b = Pick();
  Push(b, Priority::kHigh);
  Visit to;
  CHECK_FALSE(injector.Overtake(running_a, now, &to));
  injector.Finish(running_b);
  CHECK(injector.Overtake(running_a, now, &to));
  CHECK(to.job->queue == b);
  injector.Finish(to);
  Visit again = Pick();
  CHECK(again.job == in_a);
  injector.Finish(again);
}

TEST_CASE_FIXTURE(Fixture, "injector: a suspended job that is cancelled is handed to the next thread, to be ended") {
  Queue* queue = Open(1);
  Job* slow = Push(queue);
  Visit visit = Pick(), to;
  OpenGrid(slow, 100);
  Job* high = Push(queue, Priority::kHigh);
  CHECK(injector.Overtake(visit, now, &to));
  CHECK(to.job == high);
  slow->cancelled = true;
  CHECK(injector.Remove(slow) == Injector::Removal::kRetiring);
  CHECK(injector.Ready());  // though the queue is full
  CHECK(injector.Pressed(high));
  Visit retired = Pick();
  CHECK(retired.job == slow);
  CHECK(retired.kind == Visit::Kind::kRetire);
  injector.Finish(to);
  CHECK(injector.counts().running == 0);
  CHECK(injector.counts().done == 2);
}

TEST_CASE_FIXTURE(Fixture, "injector: a cancelled job is not suspended") {
  Queue* queue = Open(1);
  Job* slow = Push(queue);
  Visit visit = Pick(), to;
  OpenGrid(slow, 100);
  Push(queue, Priority::kHigh);
  slow->cancelled = true;
  CHECK(injector.Remove(slow) == Injector::Removal::kRunning);
  CHECK_FALSE(injector.Overtake(visit, now, &to));
  injector.Finish(visit);
  Run();
}

}  // namespace
}  // namespace offloop
