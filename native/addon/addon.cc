// The module: eight entry points, registered once for each environment.
#include <node_api.h>

#include <cstring>
#include <new>

#include "addon/call.h"
#include "addon/environment.h"
#include "addon/pin.h"
#include "kernels/registry.h"
#include "simd/level.h"

namespace offloop {
namespace {

// The queue that calls without a Pool share, and all environments with it. Leaked with the pool.
Queue* DefaultQueue() {
  static Queue* const queue = Pool::Get().OpenQueue(0);
  return queue;
}

napi_value Number(napi_env env, double value) {
  napi_value result = nullptr;
  napi_create_double(env, value, &result);
  return result;
}

napi_value Text(napi_env env, const char* text) {
  napi_value result = nullptr;
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &result);
  return result;
}

void SetNumber(napi_env env, napi_value object, const char* name, double value) {
  napi_set_named_property(env, object, name, Number(env, value));
}

// A Float64Array of at least `words` elements that stays where it is as long as it is referenced.
double* TakeBlock(napi_env env, napi_value array, size_t words, napi_ref* reference) {
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, array, &type, &length, &data, nullptr, nullptr) != napi_ok) return nullptr;
  if (type != napi_float64_array || length < words) return nullptr;
  if (napi_create_reference(env, array, 1, reference) != napi_ok) return nullptr;
  return static_cast<double*>(data);
}

bool CreateWake(Environment* environment, napi_value callback) {
  napi_env env = environment->env;
  napi_threadsafe_function wake = nullptr;
  if (napi_create_threadsafe_function(env, callback, nullptr, Text(env, "offloop"), 0, 1, nullptr, nullptr, nullptr,
                                      nullptr, &wake) != napi_ok) {
    return false;
  }
  napi_unref_threadsafe_function(env, wake);  // held only while jobs are out
  environment->wake = wake;
  return true;
}

napi_value Throw(napi_env env, const char* message) {
  napi_throw_error(env, nullptr, message);
  return nullptr;
}

}  // namespace

// open(threads, call, done, wake): once per environment; hands over both blocks and the function that a burst of
// completions wakes, and gives queue 0, which all environments share. open(threads): a queue of its own.
napi_value Open(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  size_t count = 4;
  void* data = nullptr;
  napi_get_cb_info(env, info, &count, arguments, nullptr, &data);
  auto* environment = static_cast<Environment*>(data);
  uint32_t threads = 0;
  if (count < 1 || napi_get_value_uint32(env, arguments[0], &threads) != napi_ok || threads > Pool::kMaxThreads) {
    return Throw(env, "open: threads");
  }
  try {
    if (count == 4) {
      if (environment->call != nullptr) return Throw(env, "open: this environment is open");
      environment->queues.push_back(DefaultQueue());
      double* done = TakeBlock(env, arguments[2], kDoneRecords * kDoneWords, &environment->done_reference);
      double* call = TakeBlock(env, arguments[1], kCallWords, &environment->call_reference);
      if (done == nullptr || call == nullptr || !CreateWake(environment, arguments[3]))
        return Throw(env, "open: blocks");
      // After the thread-safe function, so that it runs before Node's own hook for that one.
      CloseAtEnd(environment);
      environment->done = done;
      environment->call = call;
      return Number(env, 0);
    }
    environment->queues.reserve(environment->queues.size() + 1);
    environment->queues.push_back(Pool::Get().OpenQueue(threads));
    return Number(env, static_cast<double>(environment->queues.size() - 1));
  } catch (const std::bad_alloc&) {
    napi_throw_range_error(env, nullptr, "open: out of memory");
    return nullptr;
  }
}

// close(queue): a queue of open(threads) whose jobs have all been collected.
napi_value Close(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  size_t count = 1;
  void* data = nullptr;
  napi_get_cb_info(env, info, &count, arguments, nullptr, &data);
  auto* environment = static_cast<Environment*>(data);
  uint32_t number = 0;
  if (count < 1 || napi_get_value_uint32(env, arguments[0], &number) != napi_ok) return nullptr;
  if (number == 0 || number >= environment->queues.size() || environment->queues[number] == nullptr) return nullptr;
  for (const AddonJob* job : environment->slots) {
    if (job != nullptr && job->queue == environment->queues[number]) return Throw(env, "close: the queue has jobs");
  }
  Pool::Get().CloseQueue(environment->queues[number]);
  environment->queues[number] = nullptr;
  return nullptr;
}

// clearAtEnd(words, index): a word of a shared Int32Array becomes 0 when the environment ends, so that other threads
// see that this one is gone, whatever ended it.
napi_value ClearAtEnd(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  size_t count = 2;
  void* data = nullptr;
  napi_get_cb_info(env, info, &count, arguments, nullptr, &data);
  auto* environment = static_cast<Environment*>(data);
  napi_typedarray_type type;
  size_t length = 0;
  void* words = nullptr;
  uint32_t index = 0;
  if (napi_get_typedarray_info(env, arguments[0], &type, &length, &words, nullptr, nullptr) != napi_ok ||
      type != napi_int32_array || napi_get_value_uint32(env, arguments[1], &index) != napi_ok || index >= length) {
    return Throw(env, "clearAtEnd: words");
  }
  EndMark mark;
  try {
    environment->end_marks.reserve(environment->end_marks.size() + 1);
  } catch (const std::bad_alloc&) {
    return Throw(env, "clearAtEnd: out of memory");
  }
  if (napi_create_reference(env, arguments[0], 1, &mark.reference) != napi_ok) return Throw(env, "clearAtEnd: words");
  mark.word = static_cast<int32_t*>(words) + index;
  environment->end_marks.push_back(mark);
  return nullptr;
}

// info(slot): state and progress of a job, into the call block. info(): what is loaded and how it fares.
napi_value Info(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  size_t count = 1;
  void* data = nullptr;
  napi_get_cb_info(env, info, &count, arguments, nullptr, &data);
  auto* environment = static_cast<Environment*>(data);
  uint32_t slot = 0;
  if (count > 0 && napi_get_value_uint32(env, arguments[0], &slot) == napi_ok) {
    if (slot >= environment->slots.size() || environment->slots[slot] == nullptr) return nullptr;
    const KernelJob& job = environment->slots[slot]->kernel_job;
    const uint64_t blocks = job.job.blocks_done.load(std::memory_order_relaxed);
    environment->call[kCallState] = job.job.started_ns.load(std::memory_order_relaxed) == 0 ? 0 : 1;
    environment->call[kCallProgress] =
        job.blocks_total == 0 ? 0 : static_cast<double>(blocks) / static_cast<double>(job.blocks_total);
    return nullptr;
  }
  const PoolStats stats = Pool::Get().stats();
  napi_value result = nullptr;
  napi_create_object(env, &result);
  SetNumber(env, result, "threads", Pool::Get().default_threads());
  SetNumber(env, result, "threadsStarted", stats.threads_started);
  SetNumber(env, result, "threadsParked", stats.threads_parked);
  SetNumber(env, result, "jobsQueued", static_cast<double>(stats.jobs_queued));
  SetNumber(env, result, "jobsRunning", static_cast<double>(stats.jobs_running));
  SetNumber(env, result, "jobsDone", static_cast<double>(stats.jobs_done));
  napi_set_named_property(env, result, "cpu", Text(env, LevelName(ActiveLevel())));
  napi_set_named_property(env, result, "cpuBest", Text(env, LevelName(SupportedLevel())));
  napi_set_named_property(env, result, "memory", Text(env, CanPin(env) ? "pinned" : "copied"));
  napi_value kernels = nullptr;
  napi_create_array_with_length(env, KernelCount(), &kernels);
  for (uint32_t i = 0; i < KernelCount(); ++i) {
    napi_value kernel = nullptr;
    napi_create_object(env, &kernel);
    napi_set_named_property(env, kernel, "name", Text(env, KernelAt(i)->name));
    SetNumber(env, kernel, "version", KernelAt(i)->version);
    napi_set_element(env, kernels, i, kernel);
  }
  napi_set_named_property(env, result, "kernels", kernels);
  return result;
}

}  // namespace offloop

NAPI_MODULE_INIT() {
  offloop::Environment* environment = offloop::CreateEnvironment(env);
  if (environment == nullptr) {
    napi_throw_range_error(env, nullptr, "offloop: out of memory");
    return nullptr;
  }
  const struct {
    const char* name;
    napi_callback function;
  } entries[] = {{"open", offloop::Open},     {"submit", offloop::Submit},   {"run", offloop::Run},
                 {"cancel", offloop::Cancel}, {"collect", offloop::Collect}, {"info", offloop::Info},
                 {"close", offloop::Close},   {"clearAtEnd", offloop::ClearAtEnd}};
  for (const auto& entry : entries) {
    napi_value function = nullptr;
    napi_create_function(env, entry.name, NAPI_AUTO_LENGTH, entry.function, environment, &function);
    napi_set_named_property(env, exports, entry.name, function);
  }
  return exports;
}
