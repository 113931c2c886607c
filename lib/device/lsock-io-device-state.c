/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The state of a device: its mode, position and error text, what it holds, and its emissions. */

#include "config.h"

#include "device/lsock-io-device-state-private.h"

#include "lsock-error.h"
#include "lsock-marshal.h"

#define PRIV(self) (_lsock_io_device_get_private (self))


enum
{
  READY_READ,
  BYTES_WRITTEN,
  ABOUT_TO_CLOSE,
  READ_CHANNEL_FINISHED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

GParamSpec *_lsock_io_device_pspecs[LSOCK_IO_DEVICE_N_PROPS];
int _lsock_io_device_private_offset;
gpointer _lsock_io_device_known_class;


/* Asked once while the device is open: the answer cannot change, and the question is asked by
 * each read. */
gboolean
_lsock_io_device_is_sequential (LsockIODevice        *self,
                                LsockIODevicePrivate *priv)
{
  if (priv->access == LSOCK_ACCESS_UNKNOWN)
    priv->access = LSOCK_IO_DEVICE_GET_CLASS (self)->is_sequential (self) ? LSOCK_ACCESS_SEQUENTIAL
                                                                          : LSOCK_ACCESS_RANDOM;

  return priv->access == LSOCK_ACCESS_SEQUENTIAL;
}

void
_lsock_io_device_seek_held (LsockIODevicePrivate *priv,
                            gint64                pos)
{
  gint64 distance = pos - priv->pos;

  priv->pos = pos;
  if (distance < 0 || distance >= (gint64) priv->held.length)
    _lsock_byte_queue_clear (&priv->held);
  else
    _lsock_byte_queue_skip (&priv->held, (gsize) distance);
}

void
_lsock_io_device_refuse (GError     **error,
                         const char  *message)
{
  g_set_error_literal (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION, message);
}

void
_lsock_io_device_fail (LsockIODevice  *self,
                       GError         *local,
                       const char     *fallback,
                       GError        **error)
{
  if (local == NULL)
    {
      _lsock_io_device_refuse (error, fallback);
      return;
    }

  _lsock_io_device_hold_notify (self);
  lsock_io_device_set_error_string (self, local->message);
  g_propagate_error (error, local);
}

void
_lsock_io_device_hold_notify (LsockIODevice *self)
{
  LsockIODevicePrivate *priv = PRIV (self);

  if (priv->notify_held)
    return;

  priv->notify_held = TRUE;
  g_object_ref (self);
  g_object_freeze_notify (G_OBJECT (self));
}

void
_lsock_io_device_release_notify (LsockIODevice *self)
{
  PRIV (self)->notify_held = FALSE;
  g_object_thaw_notify (G_OBJECT (self));
  g_object_unref (self);
}

void
_lsock_io_device_drop_held (LsockIODevice *self)
{
  LsockIODevicePrivate *priv = PRIV (self);

  _lsock_byte_queue_clear (&priv->held);
  priv->transaction = FALSE;
  priv->transaction_pos = 0;
  priv->transaction_begin = 0;
}


/* Changes, and what notifies of them */

/* The question after each emission: no handler has changed the mode once more or moved the
 * device. */
static gboolean
is_as_before (LsockIODevice  *self,
              LsockOpenMode   mode,
              LsockCallQueue *queue)
{
  return PRIV (self)->mode == mode &&
         _lsock_object_get_private (LSOCK_OBJECT (self))->queue == queue;
}

void
_lsock_io_device_notify_mode (LsockIODevice *self,
                              LsockOpenMode  before)
{
  LsockIODevicePrivate *priv = PRIV (self);
  LsockCallQueue *queue = _lsock_object_get_private (LSOCK_OBJECT (self))->queue;
  LsockOpenMode mode = priv->mode;
  LsockOpenMode changed = before ^ mode;
  const struct
  {
    LsockIODeviceProperty prop;
    gboolean              changed;
  } properties[] = {
    { LSOCK_IO_DEVICE_PROP_OPEN_MODE, changed != 0 },
    { LSOCK_IO_DEVICE_PROP_IS_OPEN,
      (before != LSOCK_OPEN_MODE_NOT_OPEN) != (mode != LSOCK_OPEN_MODE_NOT_OPEN) },
    { LSOCK_IO_DEVICE_PROP_IS_READABLE, (changed & LSOCK_OPEN_MODE_READ_ONLY) != 0 },
    { LSOCK_IO_DEVICE_PROP_IS_WRITABLE, (changed & LSOCK_OPEN_MODE_WRITE_ONLY) != 0 },
    { LSOCK_IO_DEVICE_PROP_TEXT_MODE, (changed & LSOCK_OPEN_MODE_TEXT) != 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (properties) && is_as_before (self, mode, queue); i++)
    if (properties[i].changed)
      _lsock_object_notify (LSOCK_OBJECT (self), _lsock_io_device_pspecs[properties[i].prop]);
}

void
_lsock_io_device_notify_error_string (LsockIODevice *self)
{
  _lsock_object_notify (LSOCK_OBJECT (self), _lsock_io_device_pspecs[LSOCK_IO_DEVICE_PROP_ERROR_STRING]);
}

gboolean
_lsock_io_device_store_error_string (LsockIODevice *self,
                                     const char    *message)
{
  LsockIODevicePrivate *priv = PRIV (self);
  g_autofree char *old = NULL;

  if (g_strcmp0 (priv->error_string, message) == 0)
    return FALSE;

  old = g_steal_pointer (&priv->error_string);
  priv->error_string = g_strdup (message);
  return TRUE;
}

LsockOpenMode
_lsock_io_device_switch_mode (LsockIODevice *self,
                              LsockOpenMode  mode)
{
  LsockIODevicePrivate *priv = PRIV (self);
  LsockOpenMode before = priv->mode;

  _lsock_io_device_drop_held (self);
  priv->access = LSOCK_ACCESS_UNKNOWN;
  priv->device_pos = 0;
  priv->pos = 0;
  priv->mode = mode;
  /* A handler of the session before may be on the stack, and does not see this one's data. */
  priv->in_ready_read = FALSE;
  priv->ready_read_missed = FALSE;
  priv->read_finished = FALSE;
  priv->session++;
  return before;
}

gboolean
_lsock_io_device_begin_step (LsockIODevice *self)
{
  LsockIODevicePrivate *priv = PRIV (self);

  if (priv->in_step)
    return FALSE;

  priv->in_step = TRUE;
  return TRUE;
}

static void
notify_session (LsockIODevice *self,
                LsockOpenMode  before,
                gboolean       text)
{
  LsockIODevicePrivate *priv = PRIV (self);
  LsockCallQueue *queue = _lsock_object_get_private (LSOCK_OBJECT (self))->queue;
  LsockOpenMode mode = priv->mode;

  if (text)
    _lsock_io_device_notify_error_string (self);
  if (is_as_before (self, mode, queue))
    _lsock_io_device_notify_mode (self, before);
  if (_lsock_object_has_operations (LSOCK_OBJECT (self)))
    _lsock_object_check_operations (LSOCK_OBJECT (self));
}

void
_lsock_io_device_end_step (LsockIODevice *self)
{
  LsockIODevicePrivate *priv = PRIV (self);
  LsockOpenMode before = priv->step_changed ? (LsockOpenMode) priv->step_mode : priv->mode;
  gboolean text = priv->step_text;

  priv->in_step = FALSE;
  priv->step_changed = FALSE;
  priv->step_text = FALSE;
  notify_session (self, before, text);
}

void
_lsock_io_device_start_session (LsockIODevice *self,
                                LsockOpenMode  mode)
{
  LsockIODevicePrivate *priv = PRIV (self);
  LsockOpenMode before = _lsock_io_device_switch_mode (self, mode);
  gboolean text = _lsock_io_device_store_error_string (self, NULL);

  if ((mode & LSOCK_OPEN_MODE_APPEND) != 0 && !_lsock_io_device_is_sequential (self, priv))
    priv->pos = LSOCK_IO_DEVICE_GET_CLASS (self)->size (self);

  if (!priv->in_step)
    {
      notify_session (self, before, text);
      return;
    }

  if (!priv->step_changed)
    priv->step_mode = before;
  priv->step_changed = TRUE;
  priv->step_text |= text;
}

/* The handler may end the device or drop the last reference, but not move it: the rest of the close
 * would be made in two threads. */
gboolean
_lsock_io_device_begin_close (LsockIODevice *self)
{
  LsockIODevicePrivate *priv = PRIV (self);

  if (priv->mode == LSOCK_OPEN_MODE_NOT_OPEN || priv->closing)
    return FALSE;

  priv->closing = TRUE;
  _lsock_object_set_flag (LSOCK_OBJECT (self), LSOCK_OBJECT_CLOSING);
  _lsock_io_device_emit_about_to_close (self);
  _lsock_object_clear_flag (LSOCK_OBJECT (self), LSOCK_OBJECT_CLOSING);
  priv->closing = FALSE;
  return TRUE;
}

void
_lsock_io_device_finish_close (LsockIODevice *self)
{
  _lsock_io_device_start_session (self, LSOCK_OPEN_MODE_NOT_OPEN);
}

void
_lsock_io_device_set_mode (LsockIODevice *self,
                           LsockOpenMode  mode)
{
  g_autoptr (LsockIODevice) hold = g_object_ref (self);
  LsockIODevicePrivate *priv = PRIV (hold);
  LsockOpenMode before = priv->mode;

  priv->mode = mode;
  _lsock_io_device_notify_mode (hold, before);
}

/**
 * lsock_io_device_get_error_string: (get-property error-string)
 * @self: a device
 *
 * Gets a description of the last error.
 *
 * Mirrors `QIODevice::errorString()`.
 *
 * Returns: (nullable): a sentence for people, or %NULL when nothing has gone wrong
 *
 * Since: 1.0
 */
const char *
lsock_io_device_get_error_string (LsockIODevice *self)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), NULL);

  return PRIV (self)->error_string;
}

/**
 * lsock_io_device_set_error_string:
 * @self: a device
 * @message: (nullable): a sentence for people, or %NULL for none
 *
 * Sets the error text; for classes of devices.
 *
 * Mirrors `QIODevice::setErrorString()`.
 *
 * Since: 1.0
 */
void
lsock_io_device_set_error_string (LsockIODevice *self,
                                  const char    *message)
{
  g_return_if_fail (LSOCK_IS_IO_DEVICE (self));

  if (_lsock_io_device_store_error_string (self, message))
    _lsock_io_device_notify_error_string (self);
}


/* Emissions */

/* An asynchronous call has heard what the handlers have.  An object that has operations does not
 * move, so this is its thread. */
static inline void
check_operations (LsockIODevice *self)
{
  if (G_UNLIKELY (_lsock_object_has_operations (LSOCK_OBJECT (self))))
    _lsock_object_check_operations (LSOCK_OBJECT (self));
}

/* The rare cases: from inside itself, muted, or with an asynchronous call that waits. */
static void
emit_ready_read_slowly (LsockIODevice        *self,
                        LsockIODevicePrivate *priv)
{
  if (priv->in_ready_read)
    {
      priv->ready_read_missed = TRUE;
      check_operations (self);
      return;
    }

  priv->in_ready_read = TRUE;
  if (!_lsock_object_is_muted (LSOCK_OBJECT (self)))
    g_signal_emit (self, signals[READY_READ], 0);
  check_operations (self);
  priv->in_ready_read = FALSE;
}

void
_lsock_io_device_emit_ready_read (LsockIODevice *self)
{
  LsockIODevicePrivate *priv = PRIV (self);

  if (G_UNLIKELY (priv->in_ready_read || !_lsock_object_is_plain (LSOCK_OBJECT (self))))
    {
      emit_ready_read_slowly (self, priv);
      return;
    }

  priv->in_ready_read = TRUE;
  g_signal_emit (self, signals[READY_READ], 0);
  priv->in_ready_read = FALSE;
}

static void
real_bytes_written (LsockIODevice *self,
                    gint64         count)
{
}

/* Most programs never ask, and an emission without a handler costs hundreds of instructions. */
static inline gboolean
is_written_heard (LsockIODevice *self)
{
  void (*slot) (LsockIODevice *, gint64) = LSOCK_IO_DEVICE_GET_CLASS (self)->bytes_written;

  return (slot != NULL && slot != real_bytes_written) ||
         g_signal_has_handler_pending (self, signals[BYTES_WRITTEN], 0, FALSE);
}

static void
emit_bytes_written_slowly (LsockIODevice *self,
                           gint64         count)
{
  if (!_lsock_object_is_muted (LSOCK_OBJECT (self)) && is_written_heard (self))
    g_signal_emit (self, signals[BYTES_WRITTEN], 0, count);
  check_operations (self);
}

void
_lsock_io_device_emit_bytes_written (LsockIODevice *self,
                                     gint64         count)
{
  if (G_UNLIKELY (!_lsock_object_is_plain (LSOCK_OBJECT (self))))
    emit_bytes_written_slowly (self, count);
  else if (is_written_heard (self))
    g_signal_emit (self, signals[BYTES_WRITTEN], 0, count);
}

void
_lsock_io_device_emit_about_to_close (LsockIODevice *self)
{
  if (_lsock_object_is_muted (LSOCK_OBJECT (self)))
    return;

  g_object_ref (self);
  g_signal_emit (self, signals[ABOUT_TO_CLOSE], 0);
  g_object_unref (self);
}

void
_lsock_io_device_emit_read_channel_finished (LsockIODevice *self)
{
  PRIV (self)->read_finished = TRUE;

  g_object_ref (self);
  if (!_lsock_object_is_muted (LSOCK_OBJECT (self)))
    g_signal_emit (self, signals[READ_CHANNEL_FINISHED], 0);
  check_operations (self);
  g_object_unref (self);
}

static void
real_emitted (LsockIODevice *self)
{
}

void
_lsock_io_device_fill_slots (gpointer klass)
{
  LsockIODeviceClass *device_class = LSOCK_IO_DEVICE_CLASS (klass);

  LSOCK_FILL_SLOT (device_class, ready_read, real_emitted);
  LSOCK_FILL_SLOT (device_class, bytes_written, real_bytes_written);
  LSOCK_FILL_SLOT (device_class, about_to_close, real_emitted);
  LSOCK_FILL_SLOT (device_class, read_channel_finished, real_emitted);
}

void
_lsock_io_device_install_signals (GType type)
{
  /**
   * LsockIODevice::ready-read:
   * @self: the device
   *
   * Emitted each time that there is something new to read.
   *
   * It is not emitted from inside itself: a handler that waits for more, or that runs a main
   * loop, reads what has come meanwhile.
   *
   * Mirrors `QIODevice::readyRead()`.
   *
   * Since: 1.0
   */
  signals[READY_READ] =
    g_signal_new ("ready-read", type, G_SIGNAL_RUN_LAST,
                  G_STRUCT_OFFSET (LsockIODeviceClass, ready_read), NULL, NULL, NULL,
                  G_TYPE_NONE, 0);

  /**
   * LsockIODevice::bytes-written:
   * @self: the device
   * @count: how many bytes have left since it was emitted last
   *
   * Emitted when something that was written has left the device.
   *
   * Mirrors `QIODevice::bytesWritten()`.
   *
   * Since: 1.0
   */
  signals[BYTES_WRITTEN] =
    g_signal_new ("bytes-written", type, G_SIGNAL_RUN_LAST,
                  G_STRUCT_OFFSET (LsockIODeviceClass, bytes_written), NULL, NULL,
                  _lsock_marshal_VOID__INT64, G_TYPE_NONE, 1, G_TYPE_INT64);
  g_signal_set_va_marshaller (signals[BYTES_WRITTEN], type, _lsock_marshal_VOID__INT64v);

  /**
   * LsockIODevice::about-to-close:
   * @self: the device
   *
   * Emitted when the device is going to be closed: what it holds can still be read.
   *
   * Mirrors `QIODevice::aboutToClose()`.
   *
   * Since: 1.0
   */
  signals[ABOUT_TO_CLOSE] =
    g_signal_new ("about-to-close", type, G_SIGNAL_RUN_LAST,
                  G_STRUCT_OFFSET (LsockIODeviceClass, about_to_close), NULL, NULL, NULL,
                  G_TYPE_NONE, 0);

  /**
   * LsockIODevice::read-channel-finished:
   * @self: the device
   *
   * Emitted when nothing more will come; what came before can still be read.
   *
   * Mirrors `QIODevice::readChannelFinished()`.
   *
   * Since: 1.0
   */
  signals[READ_CHANNEL_FINISHED] =
    g_signal_new ("read-channel-finished", type, G_SIGNAL_RUN_LAST,
                  G_STRUCT_OFFSET (LsockIODeviceClass, read_channel_finished), NULL, NULL, NULL,
                  G_TYPE_NONE, 0);
}
