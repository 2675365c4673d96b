// Holds the memory of an ArrayBuffer whatever JavaScript does with the object.
//
// A strong reference is not enough: transfer(), structuredClone() and postMessage() with a transfer list free or
// move the memory under a running thread. Where the addon and Node share one C++ library (Linux with libstdc++) the
// shared_ptr of V8's backing store is taken, by a symbol looked up at load and proved by a self-test; it costs about
// 25 ns and the memory outlives any detach. It is not an official interface, so where the symbols or the self-test
// fail, callers must pass copies or SharedArrayBuffers, and info() says so.
#pragma once
#include <node_api.h>

#include <memory>

namespace offloop {

// Owns a share of a backing store. Must be released on the environment's own thread.
using Pin = std::shared_ptr<void>;

// Whether pinning works in this process; the first call runs the self-test with `env`.
bool CanPin(napi_env env);

// `buffer` is an ArrayBuffer or SharedArrayBuffer. Only when CanPin.
Pin PinBuffer(napi_value buffer, bool shared);

}  // namespace offloop
