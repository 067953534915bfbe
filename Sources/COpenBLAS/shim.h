#pragma once
#include <cblas.h>

/// Exported by dynamic-architecture builds of OpenBLAS, but declared in none of its headers: choose the kernels anew.
void gotoblas_dynamic_init(void);
void gotoblas_dynamic_quit(void);
