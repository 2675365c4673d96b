// The way back: jobs that are done go onto one list per environment, and one wake-up a burst tells its loop.
#include "addon/call.h"
#include "addon/environment.h"
#include "base/clock.h"

namespace offloop {
namespace {

double Milliseconds(uint64_t from, uint64_t to) { return to > from ? static_cast<double>(to - from) * 1e-6 : 0; }

// What the job came to, as JavaScript sees it. A job that was cancelled too late to matter is still cancelled: its
// caller has asked for that.
Status Outcome(const KernelJob& job) {
  if (job.job.cancelled.load(std::memory_order_relaxed)) return Status::kCancelled;
  return job.status;
}

void WriteRecord(const AddonJob* job, double* record) {
  const Job& base = job->kernel_job.job;
  const uint64_t started = base.started_ns.load(std::memory_order_relaxed);
  record[kDoneSlot] = job->slot;
  record[kDoneStatus] = static_cast<double>(Outcome(job->kernel_job));
  record[kDoneQueuedMs] = Milliseconds(base.submitted_ns, started == 0 ? job->finished_ns : started);
  record[kDoneRunMs] = started == 0 ? 0 : Milliseconds(started, job->finished_ns);
  record[kDoneThreads] = base.threads_used.load(std::memory_order_relaxed);
  for (uint32_t i = 0; i < kMaxResults; ++i) record[kDoneResults + i] = job->kernel_job.results[i].number;
}

// The last thing that a job's thread does with it. Under the mutex.
void LeaveEnvironment(Environment* environment) {
  if (--environment->inflight == 0 && environment->closed) environment->idle.notify_all();
}

}  // namespace

void OnJobDone(KernelJob* kernel_job) {
  auto* job = reinterpret_cast<AddonJob*>(kernel_job);
  Environment* environment = job->environment;
  job->finished_ns = NowNanoseconds();
  job->next_done = nullptr;
  napi_threadsafe_function wake = nullptr;
  {
    std::lock_guard<std::mutex> lock(environment->mutex);
    if (environment->done_tail == nullptr) {
      environment->done_head = job;
    } else {
      environment->done_tail->next_done = job;
    }
    environment->done_tail = job;
    if (environment->closed || environment->signalled) {
      LeaveEnvironment(environment);
      return;
    }
    environment->signalled = true;
    wake = environment->wake;
  }
  // Without the mutex, as the loop's thread, which is more urgent, may take this CPU before the call returns, and goes
  // straight for it. The environment, and the function with it, stays until this thread has left.
  napi_call_threadsafe_function(wake, nullptr, napi_tsfn_nonblocking);
  std::lock_guard<std::mutex> lock(environment->mutex);
  LeaveEnvironment(environment);
}

// collect(): fills the done block with up to kDoneRecords jobs and returns how many. JavaScript calls it until it
// gives 0, with a rest between when a burst takes long.
napi_value Collect(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  auto* environment = static_cast<Environment*>(data);
  uint32_t count = 0;
  while (count < kDoneRecords) {
    if (environment->ready == nullptr) {
      std::lock_guard<std::mutex> lock(environment->mutex);
      environment->ready = environment->done_head;
      environment->done_head = nullptr;
      environment->done_tail = nullptr;
      if (environment->ready == nullptr && count == 0) environment->signalled = false;
    }
    AddonJob* job = environment->ready;
    if (job == nullptr) break;
    environment->ready = job->next_done;
    WriteRecord(job, environment->done + count * kDoneWords);
    environment->slots[job->slot] = nullptr;
    environment->free_slots.push_back(job->slot);  // room was reserved when the slot was made
    DestroyJob(job);
    ++count;
    if (--environment->uncollected == 0) napi_unref_threadsafe_function(env, environment->wake);
  }
  napi_value result = nullptr;
  napi_create_uint32(env, count, &result);
  return result;
}

}  // namespace offloop
