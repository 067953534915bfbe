#pragma once

/// Compiles a kernel once for each generation of processors; the loader picks the best clone that runs (ifunc).
/// Elsewhere than on x86-64 Linux the baseline already has vector instructions.
#if defined(__x86_64__) && defined(__linux__)
#define VITCAM_KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define VITCAM_KERNEL
#endif

/// In front of a loop whose steps do not touch each other's elements, also where it reads and writes the same buffer: without
/// it, the compiler's check for overlap would send such calls through scalar code.
#define VITCAM_ELEMENTWISE _Pragma("clang loop vectorize(assume_safety)")

/// A helper that is compiled into each clone of its caller.
#define VITCAM_INLINE static inline __attribute__((always_inline))
