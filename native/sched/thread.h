// What the scheduler needs of the operating system's threads. The only file of sched/ with code for each system,
// besides the parker in sleep.cc.
#pragma once
#include <cstdint>

namespace offloop {

// Starts a detached thread named "offloop-<number>", with every signal blocked and a stack of a known size. False
// when the system has none to give.
bool StartThread(uint32_t number, void (*body)(void* context), void* context);

// Lets another thread have this CPU if one wants it. README.md, "Politeness".
void GiveWay();

// Tells the CPU that this is a spinning loop.
inline void Relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb");  // longer than yield, which is no pause at all on most cores
#endif
}

}  // namespace offloop
