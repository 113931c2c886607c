/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Streams that cannot be polled are read and written by a thread, so that the loop never waits for
 * them, and a wait without a loop can. */

/* The streams of a device, closed when the last who uses them is done: the device, or a thread
 * that is still at it when the device is closed. */
typedef struct _LsockStreams LsockStreams;

/* One direction.  Used by the device's thread; a thread of its own does the work. */
typedef struct _LsockPump LsockPump;

LsockStreams *_lsock_streams_new     (GInputStream  *input,
                                      GOutputStream *output,
                                      GIOStream     *base,
                                      gboolean       close);
void          _lsock_streams_unref   (LsockStreams  *self);

/* @func is called with @data in @context when something is done. */
LsockPump    *_lsock_pump_new        (LsockStreams  *streams);
void          _lsock_pump_attach     (LsockPump     *self,
                                      GMainContext  *context,
                                      int            priority,
                                      GSourceFunc    func,
                                      gpointer       data);
void          _lsock_pump_detach     (LsockPump     *self);
/* Detaches; a read is cancelled, a write goes on to its end. */
void          _lsock_pump_free       (LsockPump     *self);

gboolean      _lsock_pump_is_idle    (LsockPump     *self);
void          _lsock_pump_read       (LsockPump     *self,
                                      gsize          count);
/* Takes @bytes; while it is busy with others these follow, and nobody hears of them. */
void          _lsock_pump_write      (LsockPump     *self,
                                      GBytes        *bytes);
/* If something is done: TRUE, and what was read (empty: the end) or written; or the error. */
gboolean      _lsock_pump_collect    (LsockPump     *self,
                                      GBytes       **bytes,
                                      GError       **error);
gboolean      _lsock_pump_is_done    (LsockPump     *self);
/* Who waits for it without a loop; NULL: nobody. */
void          _lsock_pump_set_waiter (LsockPump     *self,
                                      GMainContext  *context);

G_END_DECLS
