#include "addon/pin.h"

#include <cstdlib>
#include <cstring>

#if defined(__linux__) && defined(__GLIBCXX__)
#define OFFLOOP_MAY_PIN 1
#include <dlfcn.h>
#else
#define OFFLOOP_MAY_PIN 0
#endif

namespace offloop {

#if OFFLOOP_MAY_PIN
namespace {

// v8::ArrayBuffer::GetBackingStore() returns std::shared_ptr<BackingStore>: a member function whose `this` is the
// handle, which is what a napi_value is, and whose result comes back through memory as for any shared_ptr.
using GetBackingStore = std::shared_ptr<void> (*)(napi_value);
// v8::BackingStore::Data() const
using GetData = void* (*)(const void*);

struct Symbols {
  GetBackingStore array_buffer = nullptr;
  GetBackingStore shared_array_buffer = nullptr;
  GetData data = nullptr;
};

Symbols FindSymbols() {
  Symbols symbols;
  symbols.array_buffer =
      reinterpret_cast<GetBackingStore>(dlsym(RTLD_DEFAULT, "_ZN2v811ArrayBuffer15GetBackingStoreEv"));
  symbols.shared_array_buffer =
      reinterpret_cast<GetBackingStore>(dlsym(RTLD_DEFAULT, "_ZN2v817SharedArrayBuffer15GetBackingStoreEv"));
  symbols.data = reinterpret_cast<GetData>(dlsym(RTLD_DEFAULT, "_ZNK2v812BackingStore4DataEv"));
  return symbols;
}

const Symbols& GetSymbols() {
  static const Symbols symbols = FindSymbols();
  return symbols;
}

// A pinned buffer must report its own data pointer, have more than one owner, and keep its bytes when the
// ArrayBuffer is detached.
bool SelfTest(napi_env env) {
  const Symbols& symbols = GetSymbols();
  if (symbols.array_buffer == nullptr || symbols.shared_array_buffer == nullptr || symbols.data == nullptr)
    return false;
  // OFFLOOP_MEMORY=copy takes the path of runtimes that can't pin, so that it can be tested and compared.
  const char* forced = std::getenv("OFFLOOP_MEMORY");
  if (forced != nullptr && std::strcmp(forced, "copy") == 0) return false;
  constexpr size_t kBytes = 4096;
  void* bytes = nullptr;
  napi_value buffer = nullptr;
  if (napi_create_arraybuffer(env, kBytes, &bytes, &buffer) != napi_ok || bytes == nullptr) return false;
  std::memset(bytes, 0x5a, kBytes);
  const Pin pin = symbols.array_buffer(buffer);
  if (pin == nullptr || symbols.data(pin.get()) != bytes || pin.use_count() < 2) return false;
  if (napi_detach_arraybuffer(env, buffer) != napi_ok) return false;
  return symbols.data(pin.get()) == bytes && static_cast<unsigned char*>(bytes)[kBytes - 1] == 0x5a;
}

}  // namespace

bool CanPin(napi_env env) {
  static const bool can = SelfTest(env);
  return can;
}

Pin PinBuffer(napi_value buffer, bool shared) {
  const Symbols& symbols = GetSymbols();
  return shared ? symbols.shared_array_buffer(buffer) : symbols.array_buffer(buffer);
}

#else

bool CanPin(napi_env) { return false; }
Pin PinBuffer(napi_value, bool) { return nullptr; }

#endif

}  // namespace offloop
