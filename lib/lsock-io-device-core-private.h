/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "lsock-byte-queue-private.h"
#include "lsock-io-device.h"

G_BEGIN_DECLS

/* What the files of LsockIODevice share with each other, and with nobody else. */

typedef enum
{
  LSOCK_ACCESS_UNKNOWN,      /* not asked for since the device was opened */
  LSOCK_ACCESS_SEQUENTIAL,
  LSOCK_ACCESS_RANDOM,
} LsockAccess;

typedef struct
{
  /* Read ahead, peeked, ungot, or kept by a transaction. */
  LsockByteQueue held;

  /* Where the user is, and where the device itself is; both 0 for a sequential device. */
  gint64         pos;
  gint64         device_pos;

  /* How far into `held` the transaction of a sequential device has read. */
  gsize          transaction_pos;
  /* Where the transaction of a random-access device began. */
  gint64         transaction_begin;

  char          *error_string;
  LsockOpenMode  mode;
  LsockAccess    access;

  /* Which virtual functions to call: of a pair that does the same, the one that the most derived
   * class has overridden. */
  guint          use_read_data : 1;
  guint          use_read_buffer : 1;
  guint          use_read_line_data : 1;
  guint          use_skip_data : 1;
  guint          use_write_data : 1;
  guint          use_write_buffer : 1;

  guint          transaction : 1;
  guint          in_ready_read : 1;
  guint          ready_read_missed : 1;
  guint          closing : 1;
} LsockIODevicePrivate;

/* The class of the device that was made last: a program has devices of few classes, and to walk
 * through their ancestors would be a good part of a short read. */
extern gpointer       _lsock_io_device_known_class;

static inline gboolean
_lsock_io_device_is_known (LsockIODevice *self)
{
  return self != NULL &&
         ((GTypeInstance *) self)->g_class == g_atomic_pointer_get (&_lsock_io_device_known_class);
}

LsockIODevicePrivate *_lsock_io_device_get_private     (LsockIODevice         *self);
gboolean              _lsock_io_device_is_sequential   (LsockIODevice         *self,
                                                        LsockIODevicePrivate  *priv);
gsize                 _lsock_io_device_get_unread      (LsockIODevicePrivate  *priv);
void                  _lsock_io_device_seek_held       (LsockIODevicePrivate  *priv,
                                                        gint64                 pos);
void                  _lsock_io_device_refuse          (GError               **error,
                                                        const char            *message);
/* Hands @local to @error after noting its message; without @local, @fallback is refused. */
void                  _lsock_io_device_fail            (LsockIODevice         *self,
                                                        GError                *local,
                                                        const char            *fallback,
                                                        GError               **error);
/* Tells the device that nothing is held any more, so that it can take in what waited for room. */
void                  _lsock_io_device_nudge           (LsockIODevice         *self,
                                                        LsockIODevicePrivate  *priv);

/* Defaults of the virtual functions that read. */
GBytes               *_lsock_io_device_real_read_data      (LsockIODevice     *self,
                                                            gsize              max_length,
                                                            GError           **error);
gssize                _lsock_io_device_real_read_buffer    (LsockIODevice     *self,
                                                            void              *buffer,
                                                            gsize              count,
                                                            GError           **error);
GBytes               *_lsock_io_device_real_read_line_data (LsockIODevice     *self,
                                                            gsize              max_length,
                                                            GError           **error);
gint64                _lsock_io_device_real_skip_data      (LsockIODevice     *self,
                                                            gint64             max_length,
                                                            GError           **error);

G_END_DECLS
