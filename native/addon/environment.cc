#include "addon/environment.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <new>

namespace offloop {
namespace {

// A running job has this long to notice that its environment ends. One that does not is leaked with its memory and
// reported, rather than hanging the process.
constexpr auto kPatience = std::chrono::seconds(5);

void DestroyList(AddonJob* job) {
  while (job != nullptr) {
    AddonJob* next = job->next_done;
    DestroyJob(job);
    job = next;
  }
}

// The environment ends (a worker is terminated, or its thread runs out): no more wake-ups, queued jobs are dropped,
// running blocks are waited for, because their memory goes away with the environment's heap. A synchronous hook, as
// Deno aborts on asynchronous ones. On process.exit() of the main thread hooks may not run; nothing is freed then.
void CloseEnvironment(void* data) {
  auto* environment = static_cast<Environment*>(data);
  for (const EndMark& mark : environment->end_marks) {
    std::atomic_ref<int32_t>(*mark.word).store(0);
    napi_delete_reference(environment->env, mark.reference);
  }
  {
    std::lock_guard<std::mutex> lock(environment->mutex);
    environment->closed = true;
    environment->wake = nullptr;  // Node closes it by a hook of its own, which runs after this one
  }
  for (AddonJob* job : environment->slots) {
    if (job == nullptr || job->kernel_job.job.cancelled.load(std::memory_order_relaxed)) continue;
    if (Pool::Get().Cancel(job->queue, &job->kernel_job.job)) OnJobDone(&job->kernel_job);
  }
  {
    std::unique_lock<std::mutex> lock(environment->mutex);
    if (!environment->idle.wait_for(lock, kPatience, [&] { return environment->inflight == 0; })) {
      std::fprintf(stderr, "offloop: %llu job(s) did not stop within 5 s of the end of their environment; leaked\n",
                   static_cast<unsigned long long>(environment->inflight));
      return;
    }
  }
  DestroyList(environment->ready);
  DestroyList(environment->done_head);
  for (size_t i = 1; i < environment->queues.size(); ++i) {
    if (environment->queues[i] != nullptr) Pool::Get().CloseQueue(environment->queues[i]);
  }
  if (environment->call_reference != nullptr) napi_delete_reference(environment->env, environment->call_reference);
  if (environment->done_reference != nullptr) napi_delete_reference(environment->env, environment->done_reference);
  delete environment;
}

}  // namespace

Environment* CreateEnvironment(napi_env env) {
  auto* environment = new (std::nothrow) Environment;
  if (environment == nullptr) return nullptr;
  environment->env = env;
  return environment;
}

void CloseAtEnd(Environment* environment) {
  napi_add_env_cleanup_hook(environment->env, CloseEnvironment, environment);
}

}  // namespace offloop
