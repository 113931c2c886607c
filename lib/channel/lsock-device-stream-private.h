/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "device/lsock-io-device-async-private.h"

G_BEGIN_DECLS

/* The two streams of an LsockIOStream, and what they share.
 * Storey: channel */

GInputStream  *_lsock_device_input_stream_new  (LsockIODevice  *device);
GOutputStream *_lsock_device_output_stream_new (LsockIODevice  *device);

/* Fails with CANCELLED if @cancellable is, or if the calling thread is to leave its wait. */
gboolean       _lsock_device_stream_may_wait   (GCancellable   *cancellable,
                                                GError        **error);

/* Gives a socket whose read buffer is unlimited one of a size: what is read from a stream has to push
 * back on the peer. */
void           _lsock_device_limit_reading     (LsockIODevice  *device);

/* A call from a thread that is not the device's, as GIO makes them for streams: the work is done in
 * the device's thread, whose main loop has to run, and the calling thread waits for it. */
typedef struct _LsockRemoteCall LsockRemoteCall;

struct _LsockRemoteCall
{
  LsockIODevice *device;
  GCancellable  *cancellable;
  /* In the device's thread: ends with _lsock_remote_call_done(), at once or later. */
  void         (*run) (LsockRemoteCall *self);

  gconstpointer  data;           /* to be written */
  void          *buffer;         /* to be read into */
  gsize          count;
  gssize         result;
  GError        *error;

  gboolean       done;
};

/* Returns the result, and hands out the error. */
gssize         _lsock_remote_call              (LsockRemoteCall  *self,
                                                GError          **error);
void           _lsock_remote_call_done         (LsockRemoteCall  *self,
                                                gssize            result,
                                                GError           *error);

/* A source without a descriptor that is ready when @is_ready (@stream) is: the device's events come
 * to the same main context, whose loop asks in each turn. */
GSource       *_lsock_device_stream_source     (GObject          *stream,
                                                gboolean        (*is_ready) (gpointer stream),
                                                GCancellable     *cancellable);

G_END_DECLS
