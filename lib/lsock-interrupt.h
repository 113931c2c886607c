/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(LSOCK_INSIDE) && !defined(LSOCK_COMPILATION)
# error "Only <lsock.h> can be included directly."
#endif

#include <glib.h>

#include "lsock-version-macros.h"

G_BEGIN_DECLS

LSOCK_AVAILABLE_IN_1_0
int lsock_set_interrupt_descriptor (int fd);

G_END_DECLS
