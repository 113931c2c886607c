/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "device/lsock-io-device-async-private.h"
#include "device/lsock-stream-worker-private.h"
#include "io/lsock-byte-queue-private.h"
#include "lsock-stream-device.h"

G_BEGIN_DECLS

/* How a stream device moves bytes between its streams and its queues.
 * Storey: device */

typedef struct
{
  GInputStream   *input;
  GOutputStream  *output;
  GIOStream      *base;

  /* While the device is open. */
  LsockStreams   *streams;
  LsockStreamWorker *reader;      /* for a stream that cannot be polled */
  LsockStreamWorker *writer;
  GSource        *read_source;    /* for one that can; NULL while nothing is wanted */
  GSource        *write_source;

  LsockByteQueue  incoming;
  LsockByteQueue  outgoing;
  gsize           in_flight;      /* in the hands of `writer` */
  gint64          offset;         /* of the device, if it has random access */

  guint           generation;     /* changes when the device is closed or moves */
  int             depth;          /* atomic: of the steps that emit signals, one inside the other */
  int             moving;         /* atomic: the old thread has not left these steps yet */
  /* Why nothing more can be read or written; NULL: nothing failed. */
  GError         *read_error;
  GError         *write_error;

  guint           random : 1;
  guint           read_ended : 1;
  guint           close_base_stream : 1;
  guint           streams_closed : 1;
  guint           write_ended : 1;       /* by lsock_stream_device_shutdown_write() */
  guint           shutdown_wanted : 1;   /* and that is to be done when all has left */
} LsockStreamDevicePrivate;

extern int _lsock_stream_device_private_offset;
extern const LsockIODeviceFlow _lsock_stream_device_flow;

static inline LsockStreamDevicePrivate *
_lsock_stream_device_get_private (LsockStreamDevice *self)
{
  return G_STRUCT_MEMBER_P (self, _lsock_stream_device_private_offset);
}

/* Around each step that emits signals: a handler may move the device, and the thread of the new
 * context begins when the old one has left all steps. */
void     _lsock_stream_device_enter                       (LsockStreamDevice *self);
void     _lsock_stream_device_leave                       (LsockStreamDevice *self);

gboolean _lsock_stream_device_wants_to_read               (LsockStreamDevice *self);
GSource *_lsock_stream_device_new_input_source            (LsockStreamDevicePrivate *priv);
GSource *_lsock_stream_device_new_output_source           (LsockStreamDevicePrivate *priv);
/* Receives what is there and emits `ready-read`; TRUE if there was something. */
gboolean _lsock_stream_device_receive                     (LsockStreamDevice *self);
/* Hands out what there is room for and emits `bytes-written`; TRUE if something left. */
gboolean _lsock_stream_device_send                        (LsockStreamDevice *self);

gboolean _lsock_stream_device_can_seek                    (gpointer stream);
void     _lsock_stream_device_update_reading              (LsockStreamDevice *self);
void     _lsock_stream_device_update_writing              (LsockStreamDevice *self);
void     _lsock_stream_device_start                       (LsockStreamDevice *self);
void     _lsock_stream_device_stop                        (LsockStreamDevice *self);
/* Leaves the present context; the streams are served again in the next one. */
void     _lsock_stream_device_detach                      (LsockStreamDevice *self);
gboolean _lsock_stream_device_place                       (gpointer   stream,
                                                           gint64     offset,
                                                           GError   **error);
gboolean _lsock_stream_device_real_wait_for_ready_read    (LsockIODevice *device,
                                                           int            msecs);
gboolean _lsock_stream_device_real_wait_for_bytes_written (LsockIODevice *device,
                                                           int            msecs);

void     _lsock_stream_device_install_signals             (GType    type);
void     _lsock_stream_device_fill_slots                  (gpointer klass);

G_END_DECLS
