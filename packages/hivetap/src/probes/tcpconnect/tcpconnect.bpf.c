// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which TCP connections are opened. */
#include "../connects/connects.h"

LICENSE("Dual BSD/GPL");
