/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What every event begins with: when it happened, and which tool tells of it. */
#pragma once

#include <hivetap/bpf.h>
#include <hivetap/event.h>

#define EVENT_HEAD(when)                                                                              \
	__u64 time_ns as_number doc(when ": CLOCK_MONOTONIC");                                        \
	__u32 tool_index doc("Which of the tools that share a buffer tells of it")
