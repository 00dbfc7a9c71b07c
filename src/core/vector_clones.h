#pragma once

// A function with this in front is compiled once for each x86-64 level; the loader picks the best the processor has.
// Sanitizers run before such resolvers may, and clang spells the levels in another way: both get one plain version.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define HIDDENKEY_VECTOR_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define HIDDENKEY_VECTOR_CLONES
#endif
#define HIDDENKEY_INLINE inline __attribute__((always_inline))
