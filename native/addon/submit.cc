// submit, run and cancel: from the call block to a job of the pool. Raw Node-API C, because this path is called for
// every task: about 100 ns for two arrays.
#include <cstdlib>
#include <memory>
#include <new>

#include "addon/args.h"
#include "addon/call.h"
#include "addon/environment.h"

namespace offloop {
namespace {

constexpr size_t kMaxViews = kMaxInputs + kMaxOutputs;
// What nearly every call has, and gets without an allocation.
constexpr size_t kFewViews = 8;

// The typed arrays of a call.
struct CallArrays {
  napi_value few[kFewViews];
  std::unique_ptr<napi_value[]> many;
  size_t count = 0;

  const napi_value* data() const { return many == nullptr ? few : many.get(); }
};

// Reads them; returns the environment, or null where the call is not one of ours.
Environment* ReadCall(napi_env env, napi_callback_info info, CallArrays* arrays) {
  void* data = nullptr;
  arrays->count = kFewViews;
  if (napi_get_cb_info(env, info, &arrays->count, arrays->few, nullptr, &data) != napi_ok) return nullptr;
  auto* environment = static_cast<Environment*>(data);
  if (environment->call == nullptr || arrays->count > kMaxViews) return nullptr;
  if (arrays->count > kFewViews) {
    arrays->many.reset(new (std::nothrow) napi_value[arrays->count]);
    if (arrays->many == nullptr) return nullptr;
    if (napi_get_cb_info(env, info, &arrays->count, arrays->many.get(), nullptr, nullptr) != napi_ok) return nullptr;
  }
  return environment;
}

AddonJob* CreateJob(Environment* environment, const CallHeader& header) {
  const uint32_t views = header.inputs + header.outputs;
  void* memory = std::malloc(sizeof(AddonJob) + views * (sizeof(View) + sizeof(Hold)));
  if (memory == nullptr) return nullptr;
  auto* job = new (memory) AddonJob;
  job->environment = environment;
  job->queue = header.queue;
  job->view_count = views;
  for (uint32_t i = 0; i < views; ++i) {
    new (job->views() + i) View;
    new (job->holds() + i) Hold;
  }
  job->kernel_job.on_done = OnJobDone;
  return job;
}

// Gives the job a number. May throw bad_alloc, and then has changed nothing.
void TakeSlot(Environment* environment, AddonJob* job) {
  if (environment->free_slots.empty()) {
    if (environment->slots.size() == environment->slots.capacity()) {
      const size_t capacity = environment->slots.capacity() * 2 + 64;
      environment->free_slots.reserve(capacity);  // so that collect() can give any slot back without allocating
      environment->slots.reserve(capacity);
    }
    job->slot = static_cast<uint32_t>(environment->slots.size());
    environment->slots.push_back(job);
  } else {
    job->slot = environment->free_slots.back();
    environment->free_slots.pop_back();
    environment->slots[job->slot] = job;
  }
}

Status SubmitJob(Environment* environment, const CallArrays& arrays) {
  CallHeader header;
  Status status = ReadHeader(environment, &header);
  if (status != Status::kOk) return status;
  AddonJob* job = CreateJob(environment, header);
  if (job == nullptr) return Status::kOutOfMemory;
  status = ReadViews(environment, header, arrays.data(), arrays.count, job->views(), job->holds());
  if (status == Status::kOk) {
    FillJob(environment, header, job->views(), &job->kernel_job);
    status = Prepare(&job->kernel_job);
  }
  if (status == Status::kOk) {
    try {
      TakeSlot(environment, job);
    } catch (const std::bad_alloc&) {
      status = Status::kOutOfMemory;
    }
  }
  if (status != Status::kOk) {
    DestroyJob(job);
    return status;
  }
  if (environment->uncollected++ == 0) napi_ref_threadsafe_function(environment->env, environment->wake);
  {
    std::lock_guard<std::mutex> lock(environment->mutex);
    ++environment->inflight;
  }
  environment->call[kCallSlot] = job->slot;
  Pool::Get().Submit(job->queue, &job->kernel_job.job);
  return Status::kOk;
}

Status RunJob(Environment* environment, const CallArrays& arrays) {
  CallHeader header;
  Status status = ReadHeader(environment, &header);
  if (status != Status::kOk) return status;
  // Nothing needs holding: JavaScript does not run until this returns, and shared memory cannot go away.
  View few[kFewViews];
  std::unique_ptr<View[]> many;
  const uint32_t count = header.inputs + header.outputs;
  if (count > kFewViews) {
    many.reset(new (std::nothrow) View[count]);
    if (many == nullptr) return Status::kOutOfMemory;
  }
  View* views = many == nullptr ? few : many.get();
  status = ReadViews(environment, header, arrays.data(), arrays.count, views, nullptr);
  if (status != Status::kOk) return status;
  KernelJob job;
  FillJob(environment, header, views, &job);
  job.on_done = [](KernelJob*) {};
  status = Prepare(&job);
  if (status != Status::kOk) return status;
  RunHere(&job.job);
  for (uint32_t i = 0; i < kMaxResults; ++i) environment->call[kCallResults + i] = job.results[i].number;
  return job.status;
}

}  // namespace

void DestroyJob(AddonJob* job) {
  napi_env env = job->environment->env;
  for (uint32_t i = 0; i < job->view_count; ++i) {
    Hold& hold = job->holds()[i];
    if (hold.reference != nullptr) napi_delete_reference(env, hold.reference);
    hold.~Hold();
  }
  job->~AddonJob();
  std::free(job);
}

napi_value Submit(napi_env env, napi_callback_info info) {
  CallArrays arrays;
  Environment* environment = ReadCall(env, info, &arrays);
  if (environment == nullptr) return nullptr;
  environment->call[kCallStatus] = static_cast<double>(SubmitJob(environment, arrays));
  return nullptr;
}

napi_value Run(napi_env env, napi_callback_info info) {
  CallArrays arrays;
  Environment* environment = ReadCall(env, info, &arrays);
  if (environment == nullptr) return nullptr;
  environment->call[kCallStatus] = static_cast<double>(RunJob(environment, arrays));
  return nullptr;
}

// cancel(slot): a queued job leaves its queue, a running one stops at its next claim; either is collected as ever.
napi_value Cancel(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  size_t count = 1;
  void* data = nullptr;
  napi_get_cb_info(env, info, &count, arguments, nullptr, &data);
  auto* environment = static_cast<Environment*>(data);
  uint32_t slot = 0;
  if (count < 1 || napi_get_value_uint32(env, arguments[0], &slot) != napi_ok) return nullptr;
  if (slot >= environment->slots.size() || environment->slots[slot] == nullptr) return nullptr;
  AddonJob* job = environment->slots[slot];
  if (job->kernel_job.job.cancelled.load(std::memory_order_relaxed)) return nullptr;
  if (Pool::Get().Cancel(job->queue, &job->kernel_job.job)) OnJobDone(&job->kernel_job);
  return nullptr;
}

}  // namespace offloop
