// The arithmetic of CRC-32C: polynomials over GF(2) modulo the generator, reflected (the top bit is x^0), and tables
// made of it by the compiler.
#pragma once
#include <cstddef>
#include <cstdint>

namespace offloop {

inline constexpr uint32_t kCrc32cGenerator = 0x82F63B78;

constexpr uint32_t MultiplyCrc32c(uint32_t a, uint32_t b) {
  uint32_t product = 0;
  for (int i = 0; i < 32; ++i) {
    product ^= b & (0 - (a >> 31));
    a <<= 1;
    b = b >> 1 ^ (kCrc32cGenerator & (0 - (b & 1)));
  }
  return product;
}

// x^(8 * bytes).
constexpr uint32_t Crc32cPower(uint64_t bytes) {
  uint32_t power = 0x80000000;
  uint32_t square = 0x00800000;  // x^8
  for (; bytes > 0; bytes >>= 1) {
    if ((bytes & 1) != 0) power = MultiplyCrc32c(power, square);
    square = MultiplyCrc32c(square, square);
  }
  return power;
}

// Multiplication by one power, a byte at a time.
struct Crc32cShift {
  uint32_t of[4][256];
};

constexpr Crc32cShift MakeCrc32cShift(uint64_t bytes) {
  Crc32cShift shift = {};
  const uint32_t power = Crc32cPower(bytes);
  for (int i = 0; i < 4; ++i) {
    for (uint32_t bit = 0; bit < 8; ++bit) shift.of[i][1u << bit] = MultiplyCrc32c(1u << (8 * i + bit), power);
    for (uint32_t value = 1; value < 256; ++value) {
      const uint32_t rest = value & (value - 1);
      shift.of[i][value] = shift.of[i][rest] ^ shift.of[i][value ^ rest];
    }
  }
  return shift;
}

inline __attribute__((always_inline)) uint32_t ShiftCrc32c(const Crc32cShift& shift, uint32_t crc) {
  return shift.of[0][crc & 0xFF] ^ shift.of[1][crc >> 8 & 0xFF] ^ shift.of[2][crc >> 16 & 0xFF] ^
         shift.of[3][crc >> 24];
}

inline constexpr uint64_t kCrc32cLongRun = 2048;
inline constexpr uint64_t kCrc32cShortRun = 256;
inline constexpr Crc32cShift kCrc32cLongShift = MakeCrc32cShift(kCrc32cLongRun);
inline constexpr Crc32cShift kCrc32cShortShift = MakeCrc32cShift(kCrc32cShortRun);

// of[k][b]: what byte b does to the checksum k bytes later.
struct Crc32cSlices {
  uint32_t of[16][256];
};

constexpr Crc32cSlices MakeCrc32cSlices() {
  Crc32cSlices slices = {};
  for (uint32_t value = 0; value < 256; ++value) {
    uint32_t crc = value;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (kCrc32cGenerator & (0 - (crc & 1)));
    slices.of[0][value] = crc;
  }
  for (int i = 1; i < 16; ++i) {
    for (uint32_t value = 0; value < 256; ++value) {
      const uint32_t crc = slices.of[i - 1][value];
      slices.of[i][value] = crc >> 8 ^ slices.of[0][crc & 0xFF];
    }
  }
  return slices;
}

inline constexpr Crc32cSlices kCrc32cSlices = MakeCrc32cSlices();

}  // namespace offloop
