#include "addon/args.h"

#include <cmath>
#include <cstring>

#include "addon/call.h"
#include "kernels/registry.h"
#include "simd/level.h"

namespace offloop {
namespace {

// Beyond this a shape can't be real, and products of checked numbers stay far from overflow in 128 bits.
constexpr int64_t kMaxExtent = int64_t{1} << 48;
// Words of a view before its shape.
constexpr int64_t kViewWords = 4;
// A call with more views carries none of their arrays.
constexpr uint32_t kMostCarriers = 8;

uint32_t ElementSize(napi_typedarray_type type) {
  switch (type) {
    case napi_int8_array:
    case napi_uint8_array:
    case napi_uint8_clamped_array:
      return 1;
    case napi_int16_array:
    case napi_uint16_array:
      return 2;
    case napi_int32_array:
    case napi_uint32_array:
    case napi_float32_array:
      return 4;
    case napi_float64_array:
    case napi_bigint64_array:
    case napi_biguint64_array:
      return 8;
    default:
      return 0;
  }
}

// The array that a view lies in.
struct Memory {
  void* data = nullptr;
  int64_t length = 0;  // in elements
  uint32_t element_size = 0;
};

// Reads one view's numbers.
Status ReadView(const double* at, const Memory& memory, View* view) {
  int64_t offset;
  if (!ReadInteger(at[2], 0, kMaxExtent, &offset)) return Status::kInvalidArgument;
  if (DTypeSize(view->dtype) != memory.element_size) return Status::kInvalidArgument;
  at += kViewWords;
  // The lowest and highest element that the view can reach, counted from `offset`.
  __int128 low = 0;
  __int128 high = 0;
  __int128 size = 1;
  for (uint32_t axis = 0; axis < view->rank; ++axis) {
    int64_t extent;
    int64_t stride;
    if (!ReadInteger(at[axis], 0, kMaxExtent, &extent) ||
        !ReadInteger(at[view->rank + axis], -kMaxExtent, kMaxExtent, &stride)) {
      return Status::kInvalidArgument;
    }
    view->shape[axis] = extent;
    view->strides[axis] = stride;
    size *= extent;
    if (size > kMaxExtent) return Status::kInvalidArgument;
    if (extent > 1) (stride < 0 ? low : high) += static_cast<__int128>(stride) * (extent - 1);
  }
  if (size > 0) {
    if (offset + low < 0) return Status::kInvalidArgument;
    // JavaScript checked the same a moment ago: an array that is too short now has been detached or shrunk since.
    if (offset + high >= memory.length) return Status::kDetached;
    view->data = static_cast<char*>(memory.data) + offset * memory.element_size;
  } else {
    view->data = nullptr;
  }
  return Status::kOk;
}

Status ReadArray(napi_env env, napi_value array, napi_value* buffer, Memory* memory) {
  napi_typedarray_type type;
  size_t length = 0;
  if (napi_get_typedarray_info(env, array, &type, &length, &memory->data, buffer, nullptr) != napi_ok) {
    return Status::kInvalidArgument;
  }
  memory->length = static_cast<int64_t>(length);
  memory->element_size = ElementSize(type);
  return memory->element_size == 0 ? Status::kInvalidArgument : Status::kOk;
}

// The array that the block carries for view `index`; false where there can be none of that length.
bool CarriedArray(const Environment* environment, uint32_t index, DType dtype, int64_t length, Memory* memory) {
  *memory = {environment->call + kCallCarried + index * kCallCarriedWords, length, DTypeSize(dtype)};
  return index < kMostCarriers && length * memory->element_size <= kCallCarriedWords * 8;
}

Status HoldArray(napi_env env, napi_value array, napi_value buffer, Hold* hold) {
  if (CanPin(env)) {
    bool is_array_buffer = false;
    if (napi_is_arraybuffer(env, buffer, &is_array_buffer) != napi_ok) return Status::kInternal;
    hold->pin = PinBuffer(buffer, !is_array_buffer);
    return Status::kOk;
  }
  // JavaScript passes a SharedArrayBuffer or a buffer that nobody else has: alive as long as it is referenced, and
  // the environment's end waits for running blocks.
  return napi_create_reference(env, array, 1, &hold->reference) == napi_ok ? Status::kOk : Status::kOutOfMemory;
}

}  // namespace

bool ReadInteger(double value, int64_t low, int64_t high, int64_t* result) {
  if (!(value >= static_cast<double>(low) && value <= static_cast<double>(high))) return false;
  *result = static_cast<int64_t>(value);
  return static_cast<double>(*result) == value;
}

Status ReadHeader(const Environment* environment, CallHeader* header) {
  const double* call = environment->call;
  int64_t kernel, queue, priority, threads, inputs, outputs, scalars;
  if (!ReadInteger(call[kCallKernel], 0, UINT32_MAX, &kernel) ||
      !ReadInteger(call[kCallQueue], 0, static_cast<int64_t>(environment->queues.size()) - 1, &queue) ||
      !ReadInteger(call[kCallPriority], 0, 2, &priority) ||
      !ReadInteger(call[kCallThreads], 0, Pool::kMaxThreads, &threads) ||
      !ReadInteger(call[kCallInputs], 0, kMaxInputs, &inputs) ||
      !ReadInteger(call[kCallOutputs], 0, kMaxOutputs, &outputs) ||
      !ReadInteger(call[kCallScalarCount], 0, kMaxScalars, &scalars) || !(call[kCallCost] >= 0)) {
    return Status::kInvalidArgument;
  }
  header->kernel = KernelAt(static_cast<uint32_t>(kernel));
  header->queue = environment->queues[static_cast<size_t>(queue)];
  if (header->kernel == nullptr || header->queue == nullptr) return Status::kInvalidArgument;
  header->priority = static_cast<Priority>(priority);
  header->threads = threads == 0 ? UINT32_MAX : static_cast<uint32_t>(threads);
  header->cost_ns = call[kCallCost];
  header->inputs = static_cast<uint32_t>(inputs);
  header->outputs = static_cast<uint32_t>(outputs);
  header->scalars = static_cast<uint32_t>(scalars);
  return Status::kOk;
}

Status ReadViews(const Environment* environment, const CallHeader& header, const napi_value* arrays, size_t count,
                 View* views, Hold* holds) {
  const double* words = environment->call + kCallViews;
  const double* const end = environment->call + kCallWords;
  size_t array = 0;
  for (uint32_t i = 0; i < header.inputs + header.outputs; ++i) {
    View& view = views[i];
    int64_t dtype;
    int64_t rank;
    int64_t length;
    if (end - words < kViewWords || !ReadInteger(words[0], 0, kDTypeCount - 1, &dtype) ||
        !ReadInteger(words[1], 0, kMaxRank, &rank) || !ReadInteger(words[3], 0, 1 + kCallCarriedWords * 8, &length) ||
        end - words < kViewWords + 2 * rank) {
      return Status::kInvalidArgument;
    }
    view.dtype = static_cast<DType>(dtype);
    view.rank = static_cast<uint32_t>(rank);
    Memory memory;
    napi_value buffer = nullptr;
    if (length > 0) {
      if (holds != nullptr || !CarriedArray(environment, i, view.dtype, length - 1, &memory)) {
        return Status::kInvalidArgument;
      }
      // An output is new, and as clear as new arrays are.
      if (i >= header.inputs) std::memset(memory.data, 0, static_cast<size_t>(memory.length) * memory.element_size);
    } else {
      const Status status =
          array < count ? ReadArray(environment->env, arrays[array], holds == nullptr ? nullptr : &buffer, &memory)
                        : Status::kInvalidArgument;
      if (status != Status::kOk) return status;
      ++array;
    }
    const Status status = ReadView(words, memory, &view);
    if (status != Status::kOk) return status;
    words += kViewWords + 2 * rank;
    if (holds == nullptr || view.data == nullptr) continue;
    const Status held = HoldArray(environment->env, arrays[i], buffer, &holds[i]);
    if (held != Status::kOk) return held;
  }
  return array == count ? Status::kOk : Status::kInvalidArgument;
}

void FillJob(const Environment* environment, const CallHeader& header, View* views, KernelJob* job) {
  job->kernel = header.kernel;
  job->level = ActiveLevel();
  job->job.priority = header.priority;
  job->job.max_threads = header.threads;
  job->job.cost_ns = header.cost_ns;
  job->arguments.inputs = views;
  job->arguments.input_count = header.inputs;
  job->arguments.outputs = views + header.inputs;
  job->arguments.output_count = header.outputs;
  for (uint32_t i = 0; i < header.scalars; ++i) job->scalars[i] = environment->call[kCallScalars + i];
  for (uint32_t i = header.scalars; i < kMaxScalars; ++i) job->scalars[i] = 0;
}

}  // namespace offloop
