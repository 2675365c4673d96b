#include "sched/thread.h"

#include <cstdio>
#include <memory>

#if defined(_WIN32)
#include <windows.h>

#include <system_error>
#include <thread>
#else
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#endif

namespace offloop {

namespace {

struct Start {
  uint32_t number;
  void (*body)(void* context);
  void* context;
};

// Beside giving way between blocks, which is all that Linux needs (README.md, "Politeness").
void LowerPriority() {
#if defined(_WIN32)
  SetThreadPriority(GetCurrentThread(), THREAD_PRIORITY_BELOW_NORMAL);
#elif defined(__APPLE__)
  // A little below Node's own threads but in their class: the classes beneath are kept on the slow cores.
  pthread_set_qos_class_self_np(QOS_CLASS_DEFAULT, -5);
#endif
}

void NameThread(uint32_t number) {
  char name[16];  // Linux takes 15 characters
  std::snprintf(name, sizeof(name), "offloop-%u", number & 0xffff);
#if defined(__linux__)
  pthread_setname_np(pthread_self(), name);
#elif defined(__APPLE__)
  pthread_setname_np(name);
#endif
}

void Run(Start* owned) {
  const Start start = *owned;
  delete owned;
  NameThread(start.number);
  LowerPriority();
  start.body(start.context);
}

}  // namespace

#if defined(_WIN32)

bool StartThread(uint32_t number, void (*body)(void* context), void* context) {
  auto start = std::make_unique<Start>(Start{number, body, context});
  try {
    std::thread([raw = start.get()] { Run(raw); }).detach();
  } catch (const std::system_error&) {
    return false;
  }
  start.release();
  return true;
}

void GiveWay() { SwitchToThread(); }

#else

// std::thread can't choose the stack, and musl gives 128 kB unasked: too little for loops nested in blocks.
bool StartThread(uint32_t number, void (*body)(void* context), void* context) {
  constexpr size_t kStackBytes = 2 << 20;
  auto start = std::make_unique<Start>(Start{number, body, context});
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_attr_setstacksize(&attributes, kStackBytes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  // Inherited by the new thread, so that no signal finds it even at its first instruction.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const int error = pthread_create(
      &thread, &attributes,
      [](void* raw) -> void* {
        Run(static_cast<Start*>(raw));
        return nullptr;
      },
      start.get());
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  if (error != 0) return false;
  start.release();
  return true;
}

void GiveWay() { sched_yield(); }

#endif

}  // namespace offloop
