/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "io/lsock-byte-queue-private.h"

G_BEGIN_DECLS

/* The destination of a read.
 * Storey: device */

typedef struct
{
  guint8         *data;     /* the caller's memory, or NULL */
  LsockByteQueue  queue;
  gsize           length;
  gsize           step;     /* the most to ask the device for at once */
} LsockSink;

void    _lsock_sink_add            (LsockSink      *sink,
                                    const guint8   *data,
                                    gsize           length);
void    _lsock_sink_add_bytes      (LsockSink      *sink,
                                    GBytes         *bytes);
GBytes *_lsock_sink_finish         (LsockSink      *sink);
/* Moves up to @count bytes of what is held, without changing any of them; returns how many. */
gsize   _lsock_sink_take_held      (LsockSink      *sink,
                                    LsockByteQueue *held,
                                    gsize           offset,
                                    gsize           count,
                                    gboolean        keep);
/* The same without the carriage returns, which do not count; returns how many bytes were looked
 * at. */
gsize   _lsock_sink_take_held_text (LsockSink      *sink,
                                    LsockByteQueue *held,
                                    gsize           offset,
                                    gsize           count,
                                    gboolean        keep);

G_END_DECLS
