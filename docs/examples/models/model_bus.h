/* SPDX-License-Identifier: Apache-2.0
   Included before driver.c: what it reads and writes goes to the functions of main.cpp. */
#include "reveille.h"

uint32_t model_read(uint32_t offset);
void model_write(uint32_t offset, uint32_t word);

#define reveille_read(base, offset) ((void)(base), model_read(offset))
#define reveille_write(base, offset, word) ((void)(base), model_write(offset, word))
