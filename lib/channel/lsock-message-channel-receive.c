/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Receiving messages: by handlers, by asynchronous calls, and by calls that wait. */

#include "config.h"

#include "channel/lsock-message-channel-private.h"

#include "device/lsock-io-device-array-private.h"
#include "io/lsock-deadline-private.h"
#include "io/lsock-interrupt-private.h"
#include "lsock-error.h"

typedef struct
{
  LsockOperation       operation;
  LsockMessageChannel *channel;      /* NULL once the channel has ended */
} WatchOperation;

typedef struct
{
  LsockOperation operation;
  GBytes        *message;
} ReceiveOperation;

typedef struct
{
  GSource              source;
  LsockMessageChannel *channel;
} ResumeSource;

enum
{
  SIGNAL_MESSAGE,
  SIGNAL_CLOSED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void lsock_message_channel_deliver (LsockMessageChannel *self);


/* The end */

static const LsockIODeviceFlow *
get_flow (LsockMessageChannel *self)
{
  return LSOCK_IO_DEVICE_GET_CLASS (self->device)->flow;
}

static void
end_with (LsockMessageChannel *self,
          GError              *error)
{
  if (self->ended)
    {
      g_clear_error (&error);
      return;
    }

  self->ended = TRUE;
  self->end_error = error;
}

static void
end_of_stream (LsockMessageChannel *self)
{
  g_autofree char *parts = NULL;

  if (self->reader.taken.length == 0)
    {
      end_with (self, NULL);
      return;
    }

  parts = _lsock_frame_reader_describe (&self->reader);
  end_with (self, g_error_new (G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                               "The connection ended in the middle of a message: %s", parts));
}

/* Nothing is there to be read: looks whether more will come.  @reason is why a read was refused, or
 * %NULL. */
static void
check_end (LsockMessageChannel *self,
           GError              *reason)
{
  const LsockIODeviceFlow *flow = get_flow (self);
  guint serial = self->begun ? self->serial : flow->get_serial (self->device);
  /* An attempt to connect may have failed before anything was heard of it. */
  gboolean has_tried = self->begun || serial != self->serial;
  GError *error = NULL;
  LsockOperationState state = flow->check_input (self->device, serial, &error);

  if (state != LSOCK_OPERATION_FAILED)
    {
      self->begun = TRUE;
      self->serial = serial;
      self->session = _lsock_io_device_get_private (self->device)->session;
    }

  if (state == LSOCK_OPERATION_DONE)
    end_of_stream (self);
  else if (state == LSOCK_OPERATION_FAILED && has_tried)
    end_with (self, g_steal_pointer (&error));
  else if (state == LSOCK_OPERATION_WAITS && reason != NULL)
    {
      /* A device that is not of this library tells of its end in this way. */
      if (g_error_matches (reason, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION))
        end_of_stream (self);
      else
        end_with (self, g_error_copy (reason));
    }
  g_clear_error (&error);
}


/* Receiving */

/* The next message, or %NULL: it is not there yet, or `ended` is set. */
static GBytes *
next_message (LsockMessageChannel *self)
{
  g_autoptr (GError) error = NULL;
  GBytes *message = g_queue_pop_head (&self->returned);
  LsockFramingResult result;

  if (message != NULL || self->ended)
    return message;

  result = _lsock_frame_reader_read (&self->reader, self->device, &message, &error);
  if (result == LSOCK_FRAMING_FAILED)
    end_with (self, g_steal_pointer (&error));
  else if (result != LSOCK_FRAMING_MESSAGE)
    check_end (self, error);

  return message;
}

static gboolean
has_handler (LsockMessageChannel *self)
{
  return !_lsock_object_is_muted (LSOCK_OBJECT (self)) &&
         g_signal_has_handler_pending (self, signals[SIGNAL_MESSAGE], 0, FALSE);
}

static gboolean
has_input (LsockMessageChannel *self)
{
  return !g_queue_is_empty (&self->returned) || self->reader.taken.length > 0 ||
         lsock_io_device_bytes_available (self->device) > 0;
}

static void
stop_watch (LsockMessageChannel *self)
{
  LsockOperation *watch = g_steal_pointer (&self->watch);

  if (watch == NULL)
    return;

  ((WatchOperation *) watch)->channel = NULL;
  _lsock_operation_stop (watch);
}

static void
close_channel (LsockMessageChannel *self)
{
  if (self->closed)
    return;

  self->closed = TRUE;
  stop_watch (self);
  if (!_lsock_object_is_muted (LSOCK_OBJECT (self)))
    g_signal_emit (self, signals[SIGNAL_CLOSED], 0, self->end_error);
}

/* TRUE if there may be more to do. */
static gboolean
deliver_one (LsockMessageChannel *self)
{
  LsockOperation *receiver = _lsock_object_get_operation (LSOCK_OBJECT (self),
                                                          LSOCK_OPERATION_INPUT);
  g_autoptr (GBytes) message = NULL;

  if (_lsock_object_is_ended (LSOCK_OBJECT (self)) || self->closed || self->waiting)
    return FALSE;

  if (receiver != NULL)
    {
      _lsock_object_check_operations (LSOCK_OBJECT (self));
      return _lsock_object_get_operation (LSOCK_OBJECT (self), LSOCK_OPERATION_INPUT) != receiver;
    }

  if (self->emitting)
    return FALSE;

  /* Without a handler only the end is looked for. */
  if (has_handler (self) || !has_input (self))
    message = next_message (self);
  if (message != NULL)
    {
      self->emitting = TRUE;
      g_signal_emit (self, signals[SIGNAL_MESSAGE], 0, message);
      self->emitting = FALSE;
      return TRUE;
    }

  if (self->ended && g_queue_is_empty (&self->returned))
    close_channel (self);
  return FALSE;
}


/* Waiting for a handler.  A signal does not tell when one is connected, so this looks in each turn
 * of the loop, but only while a message waits. */

static gboolean
resume_prepare (GSource *source,
                int     *timeout)
{
  *timeout = -1;
  return has_handler (((ResumeSource *) source)->channel);
}

static gboolean
resume_dispatch (GSource     *source,
                 GSourceFunc  callback,
                 gpointer     data)
{
  lsock_message_channel_deliver (((ResumeSource *) source)->channel);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs resume_funcs = {
  .prepare  = resume_prepare,
  .dispatch = resume_dispatch,
};

static void
stop_resuming (LsockMessageChannel *self)
{
  if (self->resume_source == NULL)
    return;

  g_source_destroy (self->resume_source);
  g_clear_pointer (&self->resume_source, g_source_unref);
}

static void
update_resuming (LsockMessageChannel *self)
{
  gboolean wanted = !self->closed && !_lsock_object_is_ended (LSOCK_OBJECT (self)) &&
                    has_input (self) && !has_handler (self);

  if (!wanted)
    {
      stop_resuming (self);
      return;
    }

  if (self->resume_source != NULL)
    return;

  self->resume_source = g_source_new (&resume_funcs, sizeof (ResumeSource));
  ((ResumeSource *) self->resume_source)->channel = self;
  g_source_set_static_name (self->resume_source, "[lsock] LsockMessageChannel");
  g_source_set_can_recurse (self->resume_source, TRUE);
  g_source_attach (self->resume_source, lsock_object_get_main_context (LSOCK_OBJECT (self)));
}

/* Hands out what is there.  From inside a handler of `message` only asynchronous calls are
 * served. */
static void
lsock_message_channel_deliver (LsockMessageChannel *channel)
{
  g_autoptr (LsockMessageChannel) self = g_object_ref (channel);

  if (!self->ready)
    return;

  while (deliver_one (self))
    ;

  if (!self->emitting && !self->waiting)
    update_resuming (self);
}


/* The watch on the device */

static LsockOperationState
watch_check (LsockOperation  *operation,
             GError         **error)
{
  LsockMessageChannel *channel = ((WatchOperation *) operation)->channel;

  if (channel != NULL)
    lsock_message_channel_deliver (channel);

  return LSOCK_OPERATION_WAITS;
}

/* The device has ended. */
static void
watch_fail (LsockOperation *operation)
{
  WatchOperation *self = (WatchOperation *) operation;
  g_autoptr (LsockMessageChannel) channel = NULL;

  if (self->channel == NULL)
    return;

  channel = g_object_ref (self->channel);
  self->channel = NULL;
  channel->watch = NULL;
  end_with (channel, g_error_new_literal (LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                                          "The device of the channel has ended"));
  lsock_message_channel_deliver (channel);
}

static void
nothing_to_clear (LsockOperation *operation)
{
}

static const LsockOperationClass watch_class = {
  .size   = sizeof (WatchOperation),
  .check  = watch_check,
  .fail   = watch_fail,
  .clear  = nothing_to_clear,
  .update = _lsock_io_device_update_operations,
};

/* Handlers are connected after the constructor has returned. */
static void
make_ready (LsockObject *object)
{
  LsockMessageChannel *self = LSOCK_MESSAGE_CHANNEL (object);

  self->ready = TRUE;
  lsock_message_channel_deliver (self);
}

void
_lsock_message_channel_start (LsockMessageChannel *self)
{
  WatchOperation *watch;

  self->serial = get_flow (self)->get_serial (self->device);
  self->session = _lsock_io_device_get_private (self->device)->session;
  watch = _lsock_operation_new (&watch_class, self->device, LSOCK_OPERATION_INPUT,
                                _lsock_message_channel_start, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
  if (watch != NULL)
    {
      watch->channel = self;
      self->watch = &watch->operation;
      _lsock_operation_start (watch);
    }
  else
    {
      end_with (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_PENDING,
                                           "The device has ended, or has another channel or an "
                                           "asynchronous read"));
    }
  _lsock_object_call_later (LSOCK_OBJECT (self), make_ready);
}

void
_lsock_message_channel_stop (LsockMessageChannel *self)
{
  stop_resuming (self);
  stop_watch (self);
  if (self->device != NULL && !_lsock_object_is_ended (LSOCK_OBJECT (self->device)))
    _lsock_io_device_put_back (self->device, self->session, &self->reader.taken);
}

void
_lsock_message_channel_install_signals (GType type)
{
  /**
   * LsockMessageChannel::message:
   * @self: the channel
   * @message: the message, without its frame
   *
   * Emitted for each message, in order; never from inside itself.
   *
   * Since: 1.0
   */
  signals[SIGNAL_MESSAGE] =
    g_signal_new ("message", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                  G_TYPE_BYTES | G_SIGNAL_TYPE_STATIC_SCOPE);

  /**
   * LsockMessageChannel::closed:
   * @self: the channel
   * @error: (nullable): why no message follows, or %NULL if the peer has closed after a whole one
   *
   * Emitted once, after the last message.
   *
   * The error is one of the device; %G_IO_ERROR_PARTIAL_INPUT if the connection ended in the middle
   * of a message; %G_IO_ERROR_INVALID_DATA if what the peer sent cannot be a message; or
   * %LSOCK_SOCKET_ERROR_DATAGRAM_TOO_LARGE.
   *
   * Since: 1.0
   */
  signals[SIGNAL_CLOSED] =
    g_signal_new ("closed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                  G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
}


/* Receiving, by calls */

static void
set_end_error (LsockMessageChannel  *self,
               GError              **error)
{
  if (self->end_error != NULL)
    g_propagate_error (error, g_error_copy (self->end_error));
  else
    g_set_error_literal (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_PEER_CLOSED,
                         "The peer has closed, and no message is left");
}

static GBytes *
receive_until (LsockMessageChannel  *self,
               gint64                deadline,
               GError              **error)
{
  for (;;)
    {
      GBytes *message = next_message (self);

      if (message != NULL)
        return message;

      if (self->ended)
        {
          set_end_error (self, error);
          return NULL;
        }

      if (_lsock_deadline_has_passed (deadline) || _lsock_interrupt_is_pending ())
        {
          g_set_error_literal (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_SOCKET_TIMEOUT,
                               "Timed out waiting for a message");
          return NULL;
        }

      if (!lsock_io_device_wait_for_ready_read (self->device, _lsock_deadline_remaining (deadline)) &&
          !_lsock_deadline_has_passed (deadline) && !self->begun)
        {
          g_set_error_literal (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                               "The device of the channel is not open");
          return NULL;
        }
    }
}

/**
 * lsock_message_channel_receive:
 * @self: a channel
 * @msecs: a time limit in milliseconds; 0 to poll, -1 to wait without a limit
 * @error: return location for an error
 *
 * Waits for the next message, without a main loop.
 *
 * [signal@Lsock.MessageChannel::message] is not emitted for it.
 *
 * Fails with %LSOCK_SOCKET_ERROR_SOCKET_TIMEOUT when no message has come in time, with
 * %LSOCK_SOCKET_ERROR_PEER_CLOSED when the peer has closed after a whole message, with the error of
 * [signal@Lsock.MessageChannel::closed], and with %LSOCK_SOCKET_ERROR_OPERATION when the device is
 * not open.
 *
 * Returns: (transfer full): the message
 *
 * Since: 1.0
 */
GBytes *
lsock_message_channel_receive (LsockMessageChannel  *self,
                               int                   msecs,
                               GError              **error)
{
  g_autoptr (LsockMessageChannel) hold = NULL;
  gboolean outer;
  GBytes *message;

  g_return_val_if_fail (LSOCK_IS_MESSAGE_CHANNEL (self), NULL);

  if (!_lsock_object_check_alive (LSOCK_OBJECT (self), "receive a message", error))
    return NULL;

  if (_lsock_object_get_operation (LSOCK_OBJECT (self), LSOCK_OPERATION_INPUT) != NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PENDING,
                           "An asynchronous call waits for the next message");
      return NULL;
    }

  hold = g_object_ref (self);
  outer = self->waiting;
  self->waiting = TRUE;
  message = receive_until (hold, _lsock_deadline_after (msecs), error);
  self->waiting = outer;

  lsock_message_channel_deliver (hold);
  return message;
}

static void
deliver_later (LsockObject *object)
{
  lsock_message_channel_deliver (LSOCK_MESSAGE_CHANNEL (object));
}

/**
 * lsock_message_channel_wait_for_message:
 * @self: a channel
 * @msecs: a time limit in milliseconds; 0 to poll, -1 to wait without a limit
 *
 * Waits, without a main loop, until [method@Lsock.MessageChannel.receive] can return without waiting:
 * with a message, or because none will follow.
 *
 * Nothing is received, and [signal@Lsock.MessageChannel::message] is not emitted meanwhile. It is for
 * callers that need to know that the time is over without an error.
 *
 * Returns: %TRUE if there is a message, or the channel has ended; %FALSE when the time is over, the
 *   wait was interrupted, the device is not open, or an asynchronous call waits for the next message
 *
 * Since: 1.0
 */
gboolean
lsock_message_channel_wait_for_message (LsockMessageChannel *self,
                                        int                  msecs)
{
  g_autoptr (LsockMessageChannel) hold = NULL;
  gboolean outer;
  gboolean ready;
  GBytes *message;

  g_return_val_if_fail (LSOCK_IS_MESSAGE_CHANNEL (self), FALSE);

  if (_lsock_object_is_ended (LSOCK_OBJECT (self)) ||
      _lsock_object_get_operation (LSOCK_OBJECT (self), LSOCK_OPERATION_INPUT) != NULL)
    return FALSE;

  hold = g_object_ref (self);
  outer = self->waiting;
  self->waiting = TRUE;
  message = receive_until (hold, _lsock_deadline_after (msecs), NULL);
  self->waiting = outer;

  ready = message != NULL || hold->ended;
  if (message != NULL)
    g_queue_push_head (&hold->returned, message);

  /* Not now: the caller comes before the handlers. */
  if (!_lsock_object_is_ended (LSOCK_OBJECT (hold)))
    _lsock_object_call_later (LSOCK_OBJECT (hold), deliver_later);
  return ready;
}

static guint8 *
message_to_array (GBytes   *message,
                  gsize    *length,
                  gboolean *is_null)
{
  if (is_null != NULL)
    *is_null = message != NULL && g_bytes_get_data (message, NULL) == NULL;

  return _lsock_bytes_to_array (message, length);
}

/**
 * lsock_message_channel_receive_array:
 * @self: a channel
 * @msecs: a time limit in milliseconds; 0 to poll, -1 to wait without a limit
 * @length: (out): return location for the size of the message
 * @is_null: (out) (optional): return location for whether it is the null message of
 *   %LSOCK_MESSAGE_FRAMING_LENGTH32_BE, which is not the same as an empty one
 * @error: return location for an error
 *
 * Receives the next message into new memory.
 *
 * This is [method@Lsock.MessageChannel.receive] for bindings; see
 * [method@Lsock.IODevice.read_array].
 *
 * Fails as [method@Lsock.MessageChannel.receive] does.
 *
 * Returns: (array length=length) (element-type guint8) (transfer full): the message
 *
 * Since: 1.0
 */
guint8 *
lsock_message_channel_receive_array (LsockMessageChannel  *self,
                                     int                   msecs,
                                     gsize                *length,
                                     gboolean             *is_null,
                                     GError              **error)
{
  g_return_val_if_fail (LSOCK_IS_MESSAGE_CHANNEL (self), NULL);
  g_return_val_if_fail (length != NULL, NULL);

  return message_to_array (lsock_message_channel_receive (self, msecs, error), length, is_null);
}

static LsockOperationState
receive_check (LsockOperation  *operation,
               GError         **error)
{
  ReceiveOperation *self = (ReceiveOperation *) operation;
  LsockMessageChannel *channel = LSOCK_MESSAGE_CHANNEL (operation->object);

  self->message = next_message (channel);
  if (self->message != NULL)
    return LSOCK_OPERATION_DONE;
  if (!channel->ended)
    return LSOCK_OPERATION_WAITS;

  set_end_error (channel, error);
  return LSOCK_OPERATION_FAILED;
}

static void
receive_clear (LsockOperation *operation)
{
  ReceiveOperation *self = (ReceiveOperation *) operation;
  LsockMessageChannel *channel = LSOCK_MESSAGE_CHANNEL (operation->object);

  if (self->message == NULL)
    return;

  g_queue_push_head (&channel->returned, g_steal_pointer (&self->message));
  if (!_lsock_object_is_ended (operation->object))
    update_resuming (channel);
}

static const LsockOperationClass receive_class = {
  .size  = sizeof (ReceiveOperation),
  .check = receive_check,
  .clear = receive_clear,
};

/**
 * lsock_message_channel_receive_async:
 * @self: a channel
 * @io_priority: the priority of the callback, such as %G_PRIORITY_DEFAULT
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async) (closure user_data): called when a message has come, or the end
 * @user_data: data for @callback
 *
 * Receives the next message, for which [signal@Lsock.MessageChannel::message] is not emitted.
 *
 * One call can be under way: another one fails with %G_IO_ERROR_PENDING until
 * [method@Lsock.MessageChannel.receive_finish] has been called.  A call that is cancelled takes no
 * message, and one whose result is not fetched gives it back.
 *
 * Since: 1.0
 */
void
lsock_message_channel_receive_async (LsockMessageChannel *self,
                                     int                  io_priority,
                                     GCancellable        *cancellable,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data)
{
  ReceiveOperation *operation;

  g_return_if_fail (LSOCK_IS_MESSAGE_CHANNEL (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  operation = _lsock_operation_new (&receive_class, self, LSOCK_OPERATION_INPUT,
                                    lsock_message_channel_receive_async, io_priority, cancellable,
                                    callback, user_data);
  if (operation != NULL)
    _lsock_operation_start (operation);
}

/**
 * lsock_message_channel_receive_finish:
 * @self: a channel
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Completes [method@Lsock.MessageChannel.receive_async].
 *
 * Fails with %LSOCK_SOCKET_ERROR_PEER_CLOSED when the peer has closed after a whole message, with
 * the error of [signal@Lsock.MessageChannel::closed], and with %G_IO_ERROR_CANCELLED or
 * %G_IO_ERROR_PENDING.
 *
 * Returns: (transfer full): the message
 *
 * Since: 1.0
 */
GBytes *
lsock_message_channel_receive_finish (LsockMessageChannel  *self,
                                      GAsyncResult         *result,
                                      GError              **error)
{
  ReceiveOperation *operation;

  g_return_val_if_fail (LSOCK_IS_MESSAGE_CHANNEL (self), NULL);

  operation = _lsock_operation_finish (self, result, lsock_message_channel_receive_async, error);
  return operation != NULL ? g_steal_pointer (&operation->message) : NULL;
}

/**
 * lsock_message_channel_receive_finish_array:
 * @self: a channel
 * @result: what the callback was given
 * @length: (out): return location for the size of the message
 * @is_null: (out) (optional): return location for whether it is the null message of
 *   %LSOCK_MESSAGE_FRAMING_LENGTH32_BE, which is not the same as an empty one
 * @error: return location for an error
 *
 * Completes [method@Lsock.MessageChannel.receive_async], with the message in new memory.
 *
 * This is [method@Lsock.MessageChannel.receive_finish] for bindings; see
 * [method@Lsock.IODevice.read_array].
 *
 * Fails as [method@Lsock.MessageChannel.receive_finish] does.
 *
 * Returns: (array length=length) (element-type guint8) (transfer full): the message
 *
 * Since: 1.0
 */
guint8 *
lsock_message_channel_receive_finish_array (LsockMessageChannel  *self,
                                            GAsyncResult         *result,
                                            gsize                *length,
                                            gboolean             *is_null,
                                            GError              **error)
{
  g_return_val_if_fail (LSOCK_IS_MESSAGE_CHANNEL (self), NULL);
  g_return_val_if_fail (length != NULL, NULL);

  return message_to_array (lsock_message_channel_receive_finish (self, result, error), length,
                           is_null);
}
