/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "lsock-io-device.h"

G_BEGIN_DECLS

/* The open mode, without a check of the type. */
LsockOpenMode
         _lsock_io_device_peek_mode                  (LsockIODevice  *self);

/* Emissions by subclasses of this library: the caller holds a reference.  They do nothing while the
 * signals of @self are blocked.  `ready-read` is never emitted from inside itself. */
void     _lsock_io_device_emit_ready_read            (LsockIODevice  *self);
void     _lsock_io_device_emit_bytes_written         (LsockIODevice  *self,
                                                      gint64          count);
void     _lsock_io_device_emit_about_to_close        (LsockIODevice  *self);
void     _lsock_io_device_emit_read_channel_finished (LsockIODevice  *self);

/* Whether `ready-read` should have been emitted during its own emission since this was asked last. */
gboolean _lsock_io_device_take_missed_ready_read     (LsockIODevice  *self);

/* Bytes that the device itself holds (read ahead, peeked, ungot, kept by a transaction). */
gsize    _lsock_io_device_get_held                   (LsockIODevice  *self);

/* Forgets these, and ends a transaction. */
void     _lsock_io_device_drop_held                  (LsockIODevice  *self);

/* For a step that changes more than the device: these two change it and tell nobody, and the caller
 * notifies when the step is complete.
 *
 * The first begins a session with @mode, or ends one with NOT_OPEN: what is held, the transaction
 * and the positions of the session before are forgotten.  It returns the mode before. */
LsockOpenMode
         _lsock_io_device_switch_mode                (LsockIODevice  *self,
                                                      LsockOpenMode   mode);
/* Whether the text is another one now. */
gboolean _lsock_io_device_store_error_string         (LsockIODevice  *self,
                                                      const char     *message);

/* Notifies the properties that differ between the mode @before and the one that the device has. */
void     _lsock_io_device_notify_mode                (LsockIODevice  *self,
                                                      LsockOpenMode   before);
void     _lsock_io_device_notify_error_string        (LsockIODevice  *self);

/* Sets `error-string` to the text of @error, which may be NULL for none. */
void     _lsock_io_device_take_message               (LsockIODevice  *self,
                                                      const GError   *error);

G_END_DECLS
