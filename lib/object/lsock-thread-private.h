/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Threads: an identity that cannot be mistaken for a later one, as the address of a GThread may be
 * used again; the main context of a thread's own; and which thread waits for which.
 * Storey: object */

typedef struct _LsockThread LsockThread;

LsockThread  *_lsock_thread_self           (void);
LsockThread  *_lsock_thread_ref            (LsockThread *self);
void          _lsock_thread_unref          (LsockThread *self);
gboolean      _lsock_thread_is_alive       (LsockThread *self);

/* Whether the calling thread is the one that runs main(). */
gboolean      _lsock_thread_is_initial     (void);

/* The context of the calling thread's own, which lives until the thread ends: NULL if there is none
 * yet, and made if there is none yet. */
GMainContext *_lsock_thread_peek_context   (void);
GMainContext *_lsock_thread_ensure_context (void);

/* Keeps a reference on @object until the calling thread has kept a few others, or ends. */
void          _lsock_thread_keep_object    (GObject     *object);

/* Notes that the calling thread waits for @target until _lsock_thread_stop_waiting().  Returns
 * FALSE if @target waits for the calling thread, if only through others: both would wait without
 * end. */
gboolean      _lsock_thread_start_waiting  (LsockThread *target);
void          _lsock_thread_stop_waiting   (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LsockThread, _lsock_thread_unref)

G_END_DECLS
