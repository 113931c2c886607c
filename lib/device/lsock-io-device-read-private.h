/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "device/lsock-io-device-sink-private.h"
#include "device/lsock-io-device-state-private.h"

G_BEGIN_DECLS

/* Reading from the device below: these call its virtual functions.
 * Storey: device */

#define LSOCK_IO_DEVICE_READ_AHEAD (16 * 1024)
#define LSOCK_IO_DEVICE_AT_THE_END "The device has ended, and nothing is left to read"

/* Keeps bytes beyond what was requested for the next read. */
void     _lsock_io_device_keep_surplus       (LsockIODevicePrivate  *priv,
                                              const guint8          *data,
                                              gsize                  length);
/* Reads to the end of @queue, which may be the held one, without a copy where that is possible.
 * Returns -1 with an error for a failure, -1 alone at the end. */
gssize   _lsock_io_device_pull_into_queue    (LsockIODevice         *self,
                                              LsockByteQueue        *queue,
                                              gsize                  count,
                                              gboolean              *ended,
                                              GError               **error);
gboolean _lsock_io_device_sync_position      (LsockIODevice         *self,
                                              LsockIODevicePrivate  *priv,
                                              GError               **error);
/* Reads up to @count bytes to the sink.  FALSE: nothing came, for there was an error or, without
 * one, the end. */
gboolean _lsock_io_device_read_to_sink       (LsockIODevice         *self,
                                              LsockSink             *sink,
                                              gsize                  count,
                                              gboolean               peeking,
                                              GError               **error);
gboolean _lsock_io_device_check_readable     (LsockIODevice         *self,
                                              gint64                 count,
                                              GError               **error);
/* Lets the device know that nothing is held any more, so that it can take in what waited for
 * room. */
void     _lsock_io_device_nudge              (LsockIODevice         *self,
                                              LsockIODevicePrivate  *priv);

/* Defaults of the virtual functions that read. */
GBytes  *_lsock_io_device_real_read_data      (LsockIODevice        *self,
                                               gsize                 max_length,
                                               GError              **error);
gssize   _lsock_io_device_real_read_buffer    (LsockIODevice        *self,
                                               void                 *buffer,
                                               gsize                 count,
                                               GError              **error);
GBytes  *_lsock_io_device_real_read_line_data (LsockIODevice        *self,
                                               gsize                 max_length,
                                               GError              **error);
gint64   _lsock_io_device_real_skip_data      (LsockIODevice        *self,
                                               gint64                max_length,
                                               GError              **error);

G_END_DECLS
