// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* How long TCP connects take, and how they end. */
#include "../connects/connects.h"

LICENSE("Dual BSD/GPL");
