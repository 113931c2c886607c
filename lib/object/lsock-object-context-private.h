/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "object/lsock-object-core-private.h"

G_BEGIN_DECLS

/* Calls in the main context of an object.
 * Storey: object */

/* Calls @func in the next turn of the main context of @self, unless @self has gone by then: the
 * call does not hold a reference.  Any thread.  An implementation of move_context() hands over
 * with it: it stops its sources at once, in the old thread, and has them started again by @func
 * in the new one. */
void _lsock_object_call_later (LsockObject *self,
                               void       (*func) (LsockObject *self));

G_END_DECLS
