// What one JavaScript environment (the main thread, a worker, a vm of an embedder) has here. Nothing that touches
// JavaScript is static: environments come and go, and a second copy of the addon may be loaded beside this one.
#pragma once
#include <node_api.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <vector>

#include "addon/pin.h"
#include "kernels/driver.h"
#include "sched/pool.h"

namespace offloop {

struct Environment;

// Memory of one argument, held until the job is collected: pinned, or referenced where it cannot be pinned.
struct Hold {
  Pin pin;
  napi_ref reference = nullptr;
};

// A word of shared memory that says that this environment lives.
struct EndMark {
  int32_t* word = nullptr;
  napi_ref reference = nullptr;  // keeps the memory
};

// A kernel's job with its views and holds, in one allocation: [AddonJob][View...][Hold...].
struct AddonJob {
  KernelJob kernel_job;  // first: the driver hands back a KernelJob*
  Environment* environment = nullptr;
  Queue* queue = nullptr;
  uint32_t slot = 0;
  uint32_t view_count = 0;
  uint64_t finished_ns = 0;
  AddonJob* next_done = nullptr;  // intrusive done-list, guarded by Environment::mutex

  View* views() { return reinterpret_cast<View*>(this + 1); }
  Hold* holds() { return reinterpret_cast<Hold*>(views() + view_count); }
};

struct Environment {
  // --- loop thread only
  napi_env env = nullptr;
  double* call = nullptr;  // the call block, kept alive by call_reference
  double* done = nullptr;  // the done block
  napi_ref call_reference = nullptr;
  napi_ref done_reference = nullptr;
  std::vector<AddonJob*> slots;  // by slot number; null where free
  std::vector<uint32_t> free_slots;
  std::vector<Queue*> queues;  // by queue number; null where closed; 0 is the shared default
  std::vector<EndMark> end_marks;
  uint32_t uncollected = 0;    // jobs that JavaScript waits for; the loop is held while there are any
  AddonJob* ready = nullptr;   // taken from the done-list, not yet collected

  // --- any thread, under the mutex, within which no other is taken.
  std::mutex mutex;
  std::condition_variable idle;
  napi_threadsafe_function wake = nullptr;  // not touched once closed
  bool closed = false;
  bool signalled = false;  // a wake-up is on its way, so that a burst of completions sends one
  uint64_t inflight = 0;   // jobs between submit and the end of OnJobDone
  AddonJob* done_head = nullptr;
  AddonJob* done_tail = nullptr;
};

// Null when there is no memory.
Environment* CreateEnvironment(napi_env env);

// From now on the end of the environment closes it: jobs cancelled, running blocks waited for, all freed.
void CloseAtEnd(Environment* environment);

// completion.cc: called on whatever thread ran last.
void OnJobDone(KernelJob* job);

// Releases what the job holds and frees it. Loop thread only.
void DestroyJob(AddonJob* job);

// Entry points (addon.cc lists them).
napi_value Open(napi_env env, napi_callback_info info);
napi_value Submit(napi_env env, napi_callback_info info);
napi_value Run(napi_env env, napi_callback_info info);
napi_value Cancel(napi_env env, napi_callback_info info);
napi_value Collect(napi_env env, napi_callback_info info);
napi_value Info(napi_env env, napi_callback_info info);
napi_value Close(napi_env env, napi_callback_info info);
napi_value ClearAtEnd(napi_env env, napi_callback_info info);

}  // namespace offloop
