/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The device: the class, opening and closing, and the defaults of its virtual functions. */

#include "config.h"

#include "lsock-io-device.h"

#include "device/lsock-io-device-async-private.h"
#include "device/lsock-io-device-properties-private.h"
#include "device/lsock-io-device-read-private.h"
#include "device/lsock-io-device-write-private.h"
#include "lsock-error.h"

/**
 * LsockIODevice:
 *
 * A thing that bytes are read from and written to: a socket, memory, a stream.
 *
 * A device is open in a [flags@Lsock.OpenMode].  A sequential device delivers bytes as they arrive
 * and emits [signal@Lsock.IODevice::ready-read] when there are new ones; a random-access device has
 * a size and a position.  Reading never waits; [method@Lsock.IODevice.wait_for_ready_read] does.
 *
 * A failure is described in the [struct@GLib.Error] and in [property@Lsock.IODevice:error-string].
 * A call that does not fit the state of the device, such as a write to one that is open for
 * reading, changes nothing, the error string included.
 *
 * To write a device of one's own, override `read_data` and `write_data`, or `read_buffer` and
 * `write_buffer`, and `is_sequential`; a sequential device overrides `bytes_available` too and
 * adds what the default says, which is what the device class itself holds.  It overrides `open`
 * and `close` if it has something to do then, and chains up.
 *
 * Mirrors `QIODevice`.
 *
 * Since: 1.0
 */

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (LsockIODevice, lsock_io_device, LSOCK_TYPE_OBJECT)

#define PRIV(self) (_lsock_io_device_get_private (self))

/* Which functions the devices of one class use. */
typedef struct
{
  gpointer               klass;
  LsockIODeviceFunctions use;
} KnownClass;

G_LOCK_DEFINE_STATIC (known_classes);
static KnownClass *last_known;  /* atomic */

static GQuark functions_quark (void);
G_DEFINE_QUARK (lsock-io-device-functions, functions)


/* The depth of the class that overrode the virtual function at @offset last; 0: none did. */
static guint
get_depth_of_override (LsockIODeviceClass *klass,
                       gsize               offset)
{
  gpointer current = klass;

  while (G_TYPE_FROM_CLASS (current) != LSOCK_TYPE_IO_DEVICE)
    {
      gpointer parent = g_type_class_peek_parent (current);

      if (G_STRUCT_MEMBER (gpointer, current, offset) != G_STRUCT_MEMBER (gpointer, parent, offset))
        return g_type_depth (G_TYPE_FROM_CLASS (current));

      current = parent;
    }

  return 0;
}

/* A class that overrides one function of a pair would be bypassed if the other, which it inherits,
 * was called. */
static KnownClass *
choose_functions (LsockIODeviceClass *klass)
{
  KnownClass *self = g_new0 (KnownClass, 1);
  guint buffer, data, both;

#define DEPTH(member) get_depth_of_override (klass, G_STRUCT_OFFSET (LsockIODeviceClass, member))
  buffer = DEPTH (read_buffer);
  data = DEPTH (read_data);
  both = MAX (buffer, data);
  self->klass = klass;
  self->use.read_buffer = buffer > 0 && buffer == both;
  self->use.read_data = data > 0 && data == both;
  self->use.read_line_data = DEPTH (read_line_data) > 0 && DEPTH (read_line_data) >= both;
  self->use.skip_data = DEPTH (skip_data) > 0 && DEPTH (skip_data) >= both;

  buffer = DEPTH (write_buffer);
  data = DEPTH (write_data);
  both = MAX (buffer, data);
  self->use.write_buffer = buffer > 0 && buffer == both;
  self->use.write_data = data > 0 && data == both;
#undef DEPTH

  return self;
}

/* Determined once for each class, with its first device: language bindings fill in the virtual
 * functions after the class was initialized. */
static LsockIODeviceFunctions
get_functions (LsockIODeviceClass *klass)
{
  KnownClass *known = g_atomic_pointer_get (&last_known);
  GType type = G_TYPE_FROM_CLASS (klass);

  if (G_LIKELY (known != NULL && known->klass == klass))
    return known->use;

  _lsock_object_class_fill_parents (klass);

  G_LOCK (known_classes);
  known = g_type_get_qdata (type, functions_quark ());
  if (known == NULL)
    {
      known = choose_functions (klass);
      g_type_set_qdata (type, functions_quark (), known);
    }
  G_UNLOCK (known_classes);

  g_atomic_pointer_set (&last_known, known);
  g_atomic_pointer_set (&_lsock_io_device_known_class, klass);
  return known->use;
}


/* LsockIODevice */

static gboolean
lsock_io_device_real_open (LsockIODevice  *self,
                           LsockOpenMode   mode,
                           GError        **error)
{
  _lsock_io_device_start_session (self, mode);
  return TRUE;
}

static void
lsock_io_device_real_close (LsockIODevice *self)
{
  g_autoptr (LsockIODevice) hold = g_object_ref (self);

  if (_lsock_io_device_begin_close (hold))
    _lsock_io_device_finish_close (hold);
}

static gboolean
lsock_io_device_real_is_sequential (LsockIODevice *self)
{
  return FALSE;
}

static gint64
lsock_io_device_real_bytes_available (LsockIODevice *self)
{
  LsockIODevicePrivate *priv = PRIV (self);

  if (_lsock_io_device_is_sequential (self, priv))
    return (gint64) _lsock_io_device_get_unread (priv);

  return MAX (LSOCK_IO_DEVICE_GET_CLASS (self)->size (self) - priv->pos, 0);
}

static gint64
lsock_io_device_real_bytes_to_write (LsockIODevice *self)
{
  return 0;
}

static gboolean
lsock_io_device_real_can_read_line (LsockIODevice *self)
{
  LsockIODevicePrivate *priv = PRIV (self);

  return _lsock_byte_queue_index_of (&priv->held, '\n', priv->transaction_pos,
                                     priv->held.length) >= 0;
}

static gboolean
lsock_io_device_real_at_end (LsockIODevice *self)
{
  LsockIODevicePrivate *priv = PRIV (self);

  return priv->mode == LSOCK_OPEN_MODE_NOT_OPEN ||
         (_lsock_io_device_get_unread (priv) == 0 &&
          LSOCK_IO_DEVICE_GET_CLASS (self)->bytes_available (self) == 0);
}

static gint64
lsock_io_device_real_pos (LsockIODevice *self)
{
  return PRIV (self)->pos;
}

static gint64
lsock_io_device_real_size (LsockIODevice *self)
{
  if (_lsock_io_device_is_sequential (self, PRIV (self)))
    return LSOCK_IO_DEVICE_GET_CLASS (self)->bytes_available (self);

  return 0;
}

static gboolean
lsock_io_device_real_seek (LsockIODevice  *self,
                           gint64          pos,
                           GError        **error)
{
  LsockIODevicePrivate *priv = PRIV (self);

  if (_lsock_io_device_is_sequential (self, priv))
    {
      _lsock_io_device_refuse (error, "A sequential device has no position to seek");
      return FALSE;
    }

  if (priv->mode == LSOCK_OPEN_MODE_NOT_OPEN)
    {
      _lsock_io_device_refuse (error, "The device is not open");
      return FALSE;
    }

  if (pos < 0)
    {
      _lsock_io_device_refuse (error, "A position cannot be negative");
      return FALSE;
    }

  priv->device_pos = pos;
  _lsock_io_device_seek_held (priv, pos);
  return TRUE;
}

static gboolean
lsock_io_device_real_wait (LsockIODevice *self,
                           int            msecs)
{
  return FALSE;
}


/* LsockObject */

static void
close_at_end (LsockIODevice *self)
{
  gboolean outermost = _lsock_io_device_begin_step (self);

  /* The last reference is gone: no override is called, since it may be in a language whose garbage
   * collector is running. */
  if (_lsock_object_is_last_held (LSOCK_OBJECT (self)))
    lsock_io_device_real_close (self);
  else
    LSOCK_IO_DEVICE_GET_CLASS (self)->close (self);
  if (outermost)
    _lsock_io_device_end_step (self);
}

static void
lsock_io_device_real_end (LsockObject *object)
{
  if (_lsock_io_device_peek_mode (LSOCK_IO_DEVICE (object)) != LSOCK_OPEN_MODE_NOT_OPEN)
    close_at_end (LSOCK_IO_DEVICE (object));

  LSOCK_OBJECT_CLASS (lsock_io_device_parent_class)->shutdown (object);
}


/* GObject */

static void
lsock_io_device_constructed (GObject *object)
{
  G_OBJECT_CLASS (lsock_io_device_parent_class)->constructed (object);

  PRIV (LSOCK_IO_DEVICE (object))->use = get_functions (LSOCK_IO_DEVICE_GET_CLASS (object));
}

static void
lsock_io_device_finalize (GObject *object)
{
  LsockIODevicePrivate *priv = PRIV (LSOCK_IO_DEVICE (object));

  _lsock_byte_queue_clear (&priv->held);
  g_free (priv->error_string);

  G_OBJECT_CLASS (lsock_io_device_parent_class)->finalize (object);
}

static void
lsock_io_device_class_init (LsockIODeviceClass *klass)
{
  static LsockClassSlots slots;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  _lsock_object_class_set_slots (klass, &slots, _lsock_io_device_fill_slots);

  object_class->constructed = lsock_io_device_constructed;
  object_class->finalize = lsock_io_device_finalize;
  object_class->get_property = _lsock_io_device_get_property;
  object_class->set_property = _lsock_io_device_set_property;

  LSOCK_OBJECT_CLASS (klass)->shutdown = lsock_io_device_real_end;

  klass->flow = &_lsock_io_device_flow;
  klass->open = lsock_io_device_real_open;
  klass->close = lsock_io_device_real_close;
  klass->is_sequential = lsock_io_device_real_is_sequential;
  klass->bytes_available = lsock_io_device_real_bytes_available;
  klass->bytes_to_write = lsock_io_device_real_bytes_to_write;
  klass->can_read_line = lsock_io_device_real_can_read_line;
  klass->at_end = lsock_io_device_real_at_end;
  klass->pos = lsock_io_device_real_pos;
  klass->size = lsock_io_device_real_size;
  klass->seek = lsock_io_device_real_seek;
  klass->wait_for_ready_read = lsock_io_device_real_wait;
  klass->wait_for_bytes_written = lsock_io_device_real_wait;
  klass->read_data = _lsock_io_device_real_read_data;
  klass->read_line_data = _lsock_io_device_real_read_line_data;
  klass->skip_data = _lsock_io_device_real_skip_data;
  klass->write_data = _lsock_io_device_real_write_data;
  klass->read_buffer = _lsock_io_device_real_read_buffer;
  klass->write_buffer = _lsock_io_device_real_write_buffer;

  _lsock_io_device_private_offset = g_type_class_get_instance_private_offset (klass);
  _lsock_io_device_install_properties (object_class);
  _lsock_io_device_install_signals (G_TYPE_FROM_CLASS (klass));
}

static void
lsock_io_device_init (LsockIODevice *self)
{
}


/**
 * lsock_io_device_open: (virtual open)
 * @self: a device
 * @mode: for reading, for writing or both, and how
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Opens the device.
 *
 * Mirrors `QIODevice::open()`.
 *
 * Returns: %TRUE if it is open, or on its way to be
 *
 * Since: 1.0
 */
gboolean
lsock_io_device_open (LsockIODevice  *self,
                      LsockOpenMode   mode,
                      GError        **error)
{
  g_autoptr (LsockIODevice) hold = NULL;
  g_autoptr (GError) local = NULL;
  gboolean outermost;
  gboolean opened;

  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), FALSE);

  if (!_lsock_object_check_alive (LSOCK_OBJECT (self), "open the device", error))
    return FALSE;

  hold = g_object_ref (self);
  outermost = _lsock_io_device_begin_step (self);
  opened = LSOCK_IO_DEVICE_GET_CLASS (self)->open (self, mode, &local);
  if (outermost)
    _lsock_io_device_end_step (self);
  if (opened)
    return TRUE;

  if (local == NULL)
    _lsock_io_device_refuse (&local, "The device could not be opened, and gave no reason");
  lsock_io_device_set_error_string (self, local->message);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/**
 * lsock_io_device_close: (virtual close)
 * @self: a device
 *
 * Emits [signal@Lsock.IODevice::about-to-close] and closes the device.
 *
 * Data that was not read is discarded.  Nothing happens if the device is not open.
 *
 * Mirrors `QIODevice::close()`.
 *
 * Since: 1.0
 */
void
lsock_io_device_close (LsockIODevice *self)
{
  g_autoptr (LsockIODevice) hold = NULL;
  gboolean outermost;

  g_return_if_fail (LSOCK_IS_IO_DEVICE (self));

  hold = g_object_ref (self);
  outermost = _lsock_io_device_begin_step (self);
  LSOCK_IO_DEVICE_GET_CLASS (self)->close (self);
  if (outermost)
    _lsock_io_device_end_step (self);
}

/**
 * lsock_io_device_is_sequential: (virtual is_sequential)
 * @self: a device
 *
 * Returns whether the device delivers bytes as they arrive, rather than having a size and a
 * position.
 *
 * Mirrors `QIODevice::isSequential()`.
 *
 * Returns: whether it does
 *
 * Since: 1.0
 */
gboolean
lsock_io_device_is_sequential (LsockIODevice *self)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), FALSE);

  return LSOCK_IO_DEVICE_GET_CLASS (self)->is_sequential (self);
}

/**
 * lsock_io_device_seek: (virtual seek)
 * @self: a device
 * @pos: the distance from the beginning, in bytes
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Moves the position of the next read or write.
 *
 * Fails with %LSOCK_SOCKET_ERROR_OPERATION on a sequential device, on one that is not open, and
 * when @pos is negative.
 *
 * Mirrors `QIODevice::seek()`.
 *
 * Returns: %TRUE if the position is @pos
 *
 * Since: 1.0
 */
gboolean
lsock_io_device_seek (LsockIODevice  *self,
                      gint64          pos,
                      GError        **error)
{
  g_autoptr (GError) local = NULL;

  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), FALSE);

  if (LSOCK_IO_DEVICE_GET_CLASS (self)->seek (self, pos, &local))
    return TRUE;

  if (local == NULL)
    _lsock_io_device_refuse (&local, "The device could not be positioned, and gave no reason");
  /* An invalid position is an error of the caller; the state of the device is as it was. */
  if (!g_error_matches (local, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION))
    lsock_io_device_set_error_string (self, local->message);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/**
 * lsock_io_device_reset:
 * @self: a device
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Moves the position to the beginning.
 *
 * Fails as [method@Lsock.IODevice.seek] does.
 *
 * Mirrors `QIODevice::reset()`.
 *
 * Returns: %TRUE if the position is 0
 *
 * Since: 1.0
 */
gboolean
lsock_io_device_reset (LsockIODevice  *self,
                       GError        **error)
{
  return lsock_io_device_seek (self, 0, error);
}

/**
 * lsock_io_device_wait_for_ready_read: (virtual wait_for_ready_read)
 * @self: a device
 * @msecs: a time limit in milliseconds; 0 to poll, -1 to wait without a limit
 *
 * Blocks until there is something new to read and [signal@Lsock.IODevice::ready-read] has been
 * emitted.
 *
 * No main loop is needed, and none is run.
 *
 * Mirrors `QIODevice::waitForReadyRead()`.
 *
 * Returns: %TRUE if there is new data; %FALSE if the time limit passed, or no data can arrive
 *
 * Since: 1.0
 */
gboolean
lsock_io_device_wait_for_ready_read (LsockIODevice *self,
                                     int            msecs)
{
  g_autoptr (LsockIODevice) hold = NULL;

  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), FALSE);

  hold = g_object_ref (self);
  return LSOCK_IO_DEVICE_GET_CLASS (self)->wait_for_ready_read (self, msecs);
}

/**
 * lsock_io_device_wait_for_bytes_written: (virtual wait_for_bytes_written)
 * @self: a device
 * @msecs: a time limit in milliseconds; 0 to poll, -1 to wait without a limit
 *
 * Blocks until something that was written has left, and [signal@Lsock.IODevice::bytes-written]
 * has been emitted.
 *
 * No main loop is needed, and none is run.
 *
 * Mirrors `QIODevice::waitForBytesWritten()`.
 *
 * Returns: %TRUE if bytes have left; %FALSE if the time limit passed, or nothing is to be written
 *
 * Since: 1.0
 */
gboolean
lsock_io_device_wait_for_bytes_written (LsockIODevice *self,
                                        int            msecs)
{
  g_autoptr (LsockIODevice) hold = NULL;

  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), FALSE);

  hold = g_object_ref (self);
  return LSOCK_IO_DEVICE_GET_CLASS (self)->wait_for_bytes_written (self, msecs);
}
