#pragma once
#include <stdint.h>

/// Sixteen floats: one register of AVX-512, two of AVX2, four of NEON.
enum { LANES = 16 };
typedef float Lanes __attribute__((vector_size(64)));
/// The same anywhere in memory.
typedef float UnalignedLanes __attribute__((vector_size(64), aligned(4)));
/// What comparing them gives: all bits of a lane, or none.
typedef int32_t Mask __attribute__((vector_size(64)));
