/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Streams that cannot be polled are read and written by a thread, so that the loop never waits for
 * them, and a wait without a loop can.
 * Storey: device */

/* The streams of a device, closed when the last user of them is done: the device, or a thread
 * that is still at it when the device is closed. */
typedef struct _LsockStreams LsockStreams;

/* One direction.  Used by the device's thread; a thread of its own does the work. */
typedef struct _LsockStreamWorker LsockStreamWorker;

LsockStreams      *_lsock_streams_new             (GInputStream       *input,
                                                   GOutputStream      *output,
                                                   GIOStream          *base,
                                                   gboolean            close);
void               _lsock_streams_unref           (LsockStreams       *self);

/* @func is called with @data in @context when something is done. */
LsockStreamWorker *_lsock_stream_worker_new        (LsockStreams      *streams);
void               _lsock_stream_worker_attach     (LsockStreamWorker *self,
                                                    GMainContext      *context,
                                                    int                priority,
                                                    GSourceFunc        func,
                                                    gpointer           data);
void               _lsock_stream_worker_detach     (LsockStreamWorker *self);
/* Detaches; a read is cancelled, a write goes on to its end. */
void               _lsock_stream_worker_free       (LsockStreamWorker *self);

gboolean           _lsock_stream_worker_is_idle    (LsockStreamWorker *self);
void               _lsock_stream_worker_read       (LsockStreamWorker *self,
                                                    gsize              count);
/* Takes @bytes; while it is busy with others these follow without a report. */
void               _lsock_stream_worker_write      (LsockStreamWorker *self,
                                                    GBytes            *bytes);
/* Flushes the output and ends it, while the input goes on; only when it is idle. */
void               _lsock_stream_worker_shutdown   (LsockStreamWorker *self);
/* If something is done: TRUE, and what was read (empty: the end) or written; or the error. */
gboolean           _lsock_stream_worker_collect    (LsockStreamWorker *self,
                                                    GBytes           **bytes,
                                                    GError           **error);
gboolean           _lsock_stream_worker_is_done    (LsockStreamWorker *self);
/* The context that a wait without a loop runs; NULL for none. */
void               _lsock_stream_worker_set_waiter (LsockStreamWorker *self,
                                                    GMainContext      *context);

G_END_DECLS
