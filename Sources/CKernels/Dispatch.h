#pragma once

/// Compiles a kernel once for each generation of processors; the loader picks the best clone that runs (ifunc).
/// Elsewhere than on x86-64 Linux the baseline already has vector instructions.
#if defined(__x86_64__) && defined(__linux__)
#define VITCAM_KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define VITCAM_KERNEL
#endif

/// A helper that is compiled into each clone of its caller.
#define VITCAM_INLINE static inline __attribute__((always_inline))
