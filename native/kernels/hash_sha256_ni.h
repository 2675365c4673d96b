// SHA-256's compression by the SHA instructions of x86. Only where HasShaInstructions() (simd/sha.h).
#pragma once
#include <cstddef>
#include <cstdint>

namespace offloop {

// Takes so many blocks of 64 bytes into a state of eight words.
void Sha256Instructions(uint32_t* state, const uint8_t* data, uint64_t blocks);

// The same for two messages at once: each fills the time that the other waits for its last result.
void Sha256InstructionsTwice(uint32_t* const* states, const uint8_t* const* data, uint64_t blocks);

}  // namespace offloop
