/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "lsock-io-device.h"

#include "lsock-io-device-core-private.h"
#include "lsock-io-device-private.h"

#include "lsock-enum-types.h"
#include "lsock-error.h"
#include "lsock-marshal.h"
#include "lsock-object-private.h"

#define NOT_WRITABLE "The device is not open for writing"

/**
 * LsockIODevice:
 *
 * A thing that bytes are read from and written to: a socket, memory, a stream.
 *
 * A device is open in a [flags@Lsock.OpenMode].  A sequential one gives bytes as they come and
 * tells with [signal@Lsock.IODevice::ready-read] that there are new ones; a random-access one has
 * a size and a position.  Reading never waits; [method@Lsock.IODevice.wait_for_ready_read] does.
 *
 * What fails says why twice: in the [struct@GLib.Error], and in
 * [property@Lsock.IODevice:error-string].  A call that does not fit the state of the device, such
 * as a write to one that is open for reading, changes nothing, the error string included.
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

#define PRIV(self) \
  ((LsockIODevicePrivate *) lsock_io_device_get_instance_private ((LsockIODevice *) (self)))

typedef enum
{
  PROP_OPEN_MODE = 1,
  PROP_IS_OPEN,
  PROP_IS_READABLE,
  PROP_IS_WRITABLE,
  PROP_TEXT_MODE,
  PROP_ERROR_STRING,
} LsockIODeviceProperty;

enum
{
  READY_READ,
  BYTES_WRITTEN,
  ABOUT_TO_CLOSE,
  READ_CHANNEL_FINISHED,
  N_SIGNALS,
};

gpointer _lsock_io_device_known_class;

static GParamSpec *properties[PROP_ERROR_STRING + 1];
static guint signals[N_SIGNALS];


LsockIODevicePrivate *
_lsock_io_device_get_private (LsockIODevice *self)
{
  return PRIV (self);
}

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

gsize
_lsock_io_device_get_unread (LsockIODevicePrivate *priv)
{
  return priv->held.length - priv->transaction_pos;
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

  lsock_io_device_set_error_string (self, local->message);
  g_propagate_error (error, local);
}

gsize
_lsock_io_device_get_held (LsockIODevice *self)
{
  return PRIV (self)->held.length;
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

void
_lsock_io_device_take_message (LsockIODevice *self,
                               const GError  *error)
{
  lsock_io_device_set_error_string (self, error != NULL ? error->message : NULL);
}

static void
notify_if (LsockIODevice         *self,
           LsockIODeviceProperty  prop,
           gboolean               changed)
{
  if (changed)
    _lsock_object_notify (LSOCK_OBJECT (self), properties[prop]);
}

void
_lsock_io_device_notify_mode (LsockIODevice *self,
                              LsockOpenMode  before)
{
  LsockOpenMode mode = PRIV (self)->mode;
  LsockOpenMode changed = before ^ mode;

  notify_if (self, PROP_OPEN_MODE, changed != 0);
  notify_if (self, PROP_IS_OPEN,
             (before != LSOCK_OPEN_MODE_NOT_OPEN) != (mode != LSOCK_OPEN_MODE_NOT_OPEN));
  notify_if (self, PROP_IS_READABLE, (changed & LSOCK_OPEN_MODE_READ_ONLY) != 0);
  notify_if (self, PROP_IS_WRITABLE, (changed & LSOCK_OPEN_MODE_WRITE_ONLY) != 0);
  notify_if (self, PROP_TEXT_MODE, (changed & LSOCK_OPEN_MODE_TEXT) != 0);
}

void
_lsock_io_device_notify_error_string (LsockIODevice *self)
{
  _lsock_object_notify (LSOCK_OBJECT (self), properties[PROP_ERROR_STRING]);
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
  return before;
}

static void
set_mode (LsockIODevice *self,
          LsockOpenMode  mode)
{
  LsockIODevicePrivate *priv = PRIV (self);
  LsockOpenMode before = priv->mode;

  priv->mode = mode;
  _lsock_io_device_notify_mode (self, before);
}

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

/* A class that overrides one function of a pair would be bypassed if the other, which it
 * inherited, was called: in Python `read_data` alone can be overridden. */
static void
choose_functions (LsockIODevice *self)
{
  LsockIODevicePrivate *priv = PRIV (self);
  LsockIODeviceClass *klass = LSOCK_IO_DEVICE_GET_CLASS (self);
  guint buffer, data, both;

  g_atomic_pointer_set (&_lsock_io_device_known_class, klass);

#define DEPTH(member) get_depth_of_override (klass, G_STRUCT_OFFSET (LsockIODeviceClass, member))
  buffer = DEPTH (read_buffer);
  data = DEPTH (read_data);
  both = MAX (buffer, data);
  priv->use_read_buffer = buffer > 0 && buffer == both;
  priv->use_read_data = data > 0 && data == both;
  priv->use_read_line_data = DEPTH (read_line_data) > 0 && DEPTH (read_line_data) >= both;
  priv->use_skip_data = DEPTH (skip_data) > 0 && DEPTH (skip_data) >= both;

  buffer = DEPTH (write_buffer);
  data = DEPTH (write_data);
  both = MAX (buffer, data);
  priv->use_write_buffer = buffer > 0 && buffer == both;
  priv->use_write_data = data > 0 && data == both;
#undef DEPTH
}


/* Emissions */

LsockOpenMode
_lsock_io_device_peek_mode (LsockIODevice *self)
{
  return PRIV (self)->mode;
}

void
_lsock_io_device_emit_ready_read (LsockIODevice *self)
{
  LsockIODevicePrivate *priv = PRIV (self);

  if (priv->in_ready_read)
    {
      priv->ready_read_missed = TRUE;
      return;
    }
  if (_lsock_object_is_muted (LSOCK_OBJECT (self)))
    return;

  priv->in_ready_read = TRUE;
  priv->ready_read_missed = FALSE;
  g_signal_emit (self, signals[READY_READ], 0);
  priv->in_ready_read = FALSE;
}

gboolean
_lsock_io_device_take_missed_ready_read (LsockIODevice *self)
{
  LsockIODevicePrivate *priv = PRIV (self);
  gboolean missed = priv->ready_read_missed;

  priv->ready_read_missed = FALSE;
  return missed;
}

void
_lsock_io_device_emit_bytes_written (LsockIODevice *self,
                                     gint64         count)
{
  if (_lsock_object_is_muted (LSOCK_OBJECT (self)))
    return;

  /* Most programs never ask, and an emission that nobody hears costs hundreds of instructions. */
  if (LSOCK_IO_DEVICE_GET_CLASS (self)->bytes_written == NULL &&
      !g_signal_has_handler_pending (self, signals[BYTES_WRITTEN], 0, FALSE))
    return;

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
  if (_lsock_object_is_muted (LSOCK_OBJECT (self)))
    return;

  g_object_ref (self);
  g_signal_emit (self, signals[READ_CHANNEL_FINISHED], 0);
  g_object_unref (self);
}


/* LsockIODevice */

static gboolean
lsock_io_device_real_open (LsockIODevice  *self,
                           LsockOpenMode   mode,
                           GError        **error)
{
  LsockIODevicePrivate *priv = PRIV (self);

  _lsock_io_device_drop_held (self);
  lsock_io_device_set_error_string (self, NULL);
  priv->access = LSOCK_ACCESS_UNKNOWN;
  priv->device_pos = 0;
  priv->pos = 0;
  if ((mode & LSOCK_OPEN_MODE_APPEND) != 0 && !_lsock_io_device_is_sequential (self, priv))
    priv->pos = LSOCK_IO_DEVICE_GET_CLASS (self)->size (self);

  set_mode (self, mode);
  return TRUE;
}

static void
lsock_io_device_real_close (LsockIODevice *self)
{
  LsockIODevicePrivate *priv = PRIV (self);

  if (priv->mode == LSOCK_OPEN_MODE_NOT_OPEN || priv->closing)
    return;

  g_object_ref (self);
  priv->closing = TRUE;
  _lsock_io_device_emit_about_to_close (self);
  priv->closing = FALSE;

  _lsock_io_device_drop_held (self);
  lsock_io_device_set_error_string (self, NULL);
  priv->pos = 0;
  priv->device_pos = 0;
  priv->access = LSOCK_ACCESS_UNKNOWN;
  set_mode (self, LSOCK_OPEN_MODE_NOT_OPEN);
  g_object_unref (self);
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

static gssize
lsock_io_device_real_write_buffer (LsockIODevice  *self,
                                   const void     *data,
                                   gsize           length,
                                   GError        **error)
{
  LsockIODeviceClass *klass = LSOCK_IO_DEVICE_GET_CLASS (self);
  g_autoptr (GBytes) bytes = NULL;

  if (get_depth_of_override (klass, G_STRUCT_OFFSET (LsockIODeviceClass, write_data)) == 0)
    {
      _lsock_io_device_refuse (error, "This device cannot be written");
      return -1;
    }

  bytes = g_bytes_new (data, length);
  return klass->write_data (self, bytes, error);
}

static gssize
lsock_io_device_real_write_data (LsockIODevice  *self,
                                 GBytes         *bytes,
                                 GError        **error)
{
  LsockIODeviceClass *klass = LSOCK_IO_DEVICE_GET_CLASS (self);
  const void *data;
  gsize length;

  if (klass->write_buffer == lsock_io_device_real_write_buffer)
    {
      _lsock_io_device_refuse (error, "This device cannot be written");
      return -1;
    }

  data = g_bytes_get_data (bytes, &length);
  return klass->write_buffer (self, data, length, error);
}


/* LsockObject */

static void
lsock_io_device_real_end (LsockObject *object)
{
  LsockIODevice *self = LSOCK_IO_DEVICE (object);

  /* Nobody refers to it any more: nothing of a language that may be collecting is called. */
  if (_lsock_object_is_last_held (object))
    lsock_io_device_real_close (self);
  else if (PRIV (self)->mode != LSOCK_OPEN_MODE_NOT_OPEN)
    LSOCK_IO_DEVICE_GET_CLASS (self)->close (self);

  LSOCK_OBJECT_CLASS (lsock_io_device_parent_class)->shutdown (object);
}


/* GObject */

static void
lsock_io_device_constructed (GObject *object)
{
  G_OBJECT_CLASS (lsock_io_device_parent_class)->constructed (object);

  choose_functions (LSOCK_IO_DEVICE (object));
}

static void
lsock_io_device_finalize (GObject *object)
{
  LsockIODevicePrivate *priv = PRIV (object);

  _lsock_byte_queue_clear (&priv->held);
  g_free (priv->error_string);

  G_OBJECT_CLASS (lsock_io_device_parent_class)->finalize (object);
}

static void
lsock_io_device_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  LsockIODevicePrivate *priv = PRIV (object);

  switch ((LsockIODeviceProperty) prop_id)
    {
    case PROP_OPEN_MODE:
      g_value_set_flags (value, priv->mode);
      break;

    case PROP_IS_OPEN:
      g_value_set_boolean (value, priv->mode != LSOCK_OPEN_MODE_NOT_OPEN);
      break;

    case PROP_IS_READABLE:
      g_value_set_boolean (value, (priv->mode & LSOCK_OPEN_MODE_READ_ONLY) != 0);
      break;

    case PROP_IS_WRITABLE:
      g_value_set_boolean (value, (priv->mode & LSOCK_OPEN_MODE_WRITE_ONLY) != 0);
      break;

    case PROP_TEXT_MODE:
      g_value_set_boolean (value, (priv->mode & LSOCK_OPEN_MODE_TEXT) != 0);
      break;

    case PROP_ERROR_STRING:
      g_value_set_string (value, priv->error_string);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
lsock_io_device_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  LsockIODevice *self = LSOCK_IO_DEVICE (object);

  switch ((LsockIODeviceProperty) prop_id)
    {
    case PROP_TEXT_MODE:
      lsock_io_device_set_text_mode (self, g_value_get_boolean (value));
      break;

    case PROP_OPEN_MODE:
    case PROP_IS_OPEN:
    case PROP_IS_READABLE:
    case PROP_IS_WRITABLE:
    case PROP_ERROR_STRING:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * LsockIODevice:open-mode: (getter get_open_mode)
   *
   * How the device is open.
   *
   * Since: 1.0
   */
  properties[PROP_OPEN_MODE] =
    g_param_spec_flags ("open-mode", NULL, NULL, LSOCK_TYPE_OPEN_MODE, LSOCK_OPEN_MODE_NOT_OPEN,
                        readable);

  /**
   * LsockIODevice:is-open: (getter is_open)
   *
   * Whether the device is open.
   *
   * Since: 1.0
   */
  properties[PROP_IS_OPEN] = g_param_spec_boolean ("is-open", NULL, NULL, FALSE, readable);

  /**
   * LsockIODevice:is-readable: (getter is_readable)
   *
   * Whether the device is open for reading.
   *
   * Since: 1.0
   */
  properties[PROP_IS_READABLE] = g_param_spec_boolean ("is-readable", NULL, NULL, FALSE, readable);

  /**
   * LsockIODevice:is-writable: (getter is_writable)
   *
   * Whether the device is open for writing.
   *
   * Since: 1.0
   */
  properties[PROP_IS_WRITABLE] = g_param_spec_boolean ("is-writable", NULL, NULL, FALSE, readable);

  /**
   * LsockIODevice:text-mode: (getter get_text_mode) (setter set_text_mode)
   *
   * Whether line ends are translated; can be set while the device is open.
   *
   * Since: 1.0
   */
  properties[PROP_TEXT_MODE] =
    g_param_spec_boolean ("text-mode", NULL, NULL, FALSE, readable | G_PARAM_WRITABLE);

  /**
   * LsockIODevice:error-string: (getter get_error_string)
   *
   * What went wrong last, as a sentence for people; %NULL when nothing has since the device was
   * opened.
   *
   * Since: 1.0
   */
  properties[PROP_ERROR_STRING] = g_param_spec_string ("error-string", NULL, NULL, NULL, readable);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
install_signals (GType type)
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

static void
lsock_io_device_class_init (LsockIODeviceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = lsock_io_device_constructed;
  object_class->finalize = lsock_io_device_finalize;
  object_class->get_property = lsock_io_device_get_property;
  object_class->set_property = lsock_io_device_set_property;

  LSOCK_OBJECT_CLASS (klass)->shutdown = lsock_io_device_real_end;

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
  klass->write_data = lsock_io_device_real_write_data;
  klass->read_buffer = _lsock_io_device_real_read_buffer;
  klass->write_buffer = lsock_io_device_real_write_buffer;

  install_properties (object_class);
  install_signals (G_TYPE_FROM_CLASS (klass));
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
  GError *local = NULL;

  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), FALSE);

  hold = g_object_ref (self);
  if (LSOCK_IO_DEVICE_GET_CLASS (self)->open (self, mode, &local))
    {
      g_clear_error (&local);
      return TRUE;
    }

  if (local == NULL)
    _lsock_io_device_refuse (&local, "The device could not be opened, and did not say why");
  _lsock_io_device_fail (self, local, NULL, error);
  return FALSE;
}

/**
 * lsock_io_device_close: (virtual close)
 * @self: a device
 *
 * Says [signal@Lsock.IODevice::about-to-close] and closes the device.
 *
 * What was not read is forgotten.  Nothing happens if the device is not open.
 *
 * Mirrors `QIODevice::close()`.
 *
 * Since: 1.0
 */
void
lsock_io_device_close (LsockIODevice *self)
{
  g_autoptr (LsockIODevice) hold = NULL;

  g_return_if_fail (LSOCK_IS_IO_DEVICE (self));

  hold = g_object_ref (self);
  LSOCK_IO_DEVICE_GET_CLASS (self)->close (self);
}

/**
 * lsock_io_device_get_open_mode: (get-property open-mode)
 * @self: a device
 *
 * Tells how the device is open.
 *
 * Mirrors `QIODevice::openMode()`.
 *
 * Returns: the mode
 *
 * Since: 1.0
 */
LsockOpenMode
lsock_io_device_get_open_mode (LsockIODevice *self)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), LSOCK_OPEN_MODE_NOT_OPEN);

  return PRIV (self)->mode;
}

/**
 * lsock_io_device_set_open_mode:
 * @self: a device
 * @mode: the mode that it has now
 *
 * Notes how the device is open; for those who write a device.
 *
 * Mirrors `QIODevice::setOpenMode()`.
 *
 * Since: 1.0
 */
void
lsock_io_device_set_open_mode (LsockIODevice *self,
                               LsockOpenMode  mode)
{
  g_return_if_fail (LSOCK_IS_IO_DEVICE (self));

  PRIV (self)->access = LSOCK_ACCESS_UNKNOWN;
  if ((mode & LSOCK_OPEN_MODE_READ_ONLY) == 0)
    _lsock_io_device_drop_held (self);
  set_mode (self, mode);
}

/**
 * lsock_io_device_is_open: (get-property is-open)
 * @self: a device
 *
 * Tells whether the device is open.
 *
 * Mirrors `QIODevice::isOpen()`.
 *
 * Returns: whether it is
 *
 * Since: 1.0
 */
gboolean
lsock_io_device_is_open (LsockIODevice *self)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), FALSE);

  return PRIV (self)->mode != LSOCK_OPEN_MODE_NOT_OPEN;
}

/**
 * lsock_io_device_is_readable: (get-property is-readable)
 * @self: a device
 *
 * Tells whether the device is open for reading.
 *
 * Mirrors `QIODevice::isReadable()`.
 *
 * Returns: whether it is
 *
 * Since: 1.0
 */
gboolean
lsock_io_device_is_readable (LsockIODevice *self)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), FALSE);

  return (PRIV (self)->mode & LSOCK_OPEN_MODE_READ_ONLY) != 0;
}

/**
 * lsock_io_device_is_writable: (get-property is-writable)
 * @self: a device
 *
 * Tells whether the device is open for writing.
 *
 * Mirrors `QIODevice::isWritable()`.
 *
 * Returns: whether it is
 *
 * Since: 1.0
 */
gboolean
lsock_io_device_is_writable (LsockIODevice *self)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), FALSE);

  return (PRIV (self)->mode & LSOCK_OPEN_MODE_WRITE_ONLY) != 0;
}

/**
 * lsock_io_device_is_sequential: (virtual is_sequential)
 * @self: a device
 *
 * Tells whether the device gives bytes as they come, rather than having a size and a position.
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
 * lsock_io_device_get_text_mode: (get-property text-mode)
 * @self: a device
 *
 * Tells whether line ends are translated.
 *
 * Mirrors `QIODevice::isTextModeEnabled()`.
 *
 * Returns: whether they are
 *
 * Since: 1.0
 */
gboolean
lsock_io_device_get_text_mode (LsockIODevice *self)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), FALSE);

  return (PRIV (self)->mode & LSOCK_OPEN_MODE_TEXT) != 0;
}

/**
 * lsock_io_device_set_text_mode: (set-property text-mode)
 * @self: a device
 * @enabled: whether to translate line ends
 *
 * Turns the translation of line ends on or off.
 *
 * In text mode [method@Lsock.IODevice.read_bytes] leaves out each carriage return, and
 * [method@Lsock.IODevice.read_line] reads `\r\n` as `\n`.  What is written stays as it is.
 * Nothing happens while the device is not open.
 *
 * Mirrors `QIODevice::setTextModeEnabled()`.
 *
 * Since: 1.0
 */
void
lsock_io_device_set_text_mode (LsockIODevice *self,
                               gboolean       enabled)
{
  LsockOpenMode mode;

  g_return_if_fail (LSOCK_IS_IO_DEVICE (self));

  mode = PRIV (self)->mode;
  if (mode != LSOCK_OPEN_MODE_NOT_OPEN)
    set_mode (self, enabled ? mode | LSOCK_OPEN_MODE_TEXT : mode & ~LSOCK_OPEN_MODE_TEXT);
}

/**
 * lsock_io_device_get_error_string: (get-property error-string)
 * @self: a device
 *
 * Tells what went wrong last.
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
 * Notes what went wrong; for those who write a device.
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

/**
 * lsock_io_device_put_char:
 * @self: a device
 * @c: a byte
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Writes one byte.
 *
 * Fails as [method@Lsock.IODevice.write] does.
 *
 * Mirrors `QIODevice::putChar()`.
 *
 * Returns: %TRUE if it was written
 *
 * Since: 1.0
 */
gboolean
lsock_io_device_put_char (LsockIODevice  *self,
                          guint8          c,
                          GError        **error)
{
  gssize n;

  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), FALSE);

  n = lsock_io_device_write (self, &c, 1, error);
  if (n == 0)
    _lsock_io_device_refuse (error, "The device has no room for the byte");

  return n == 1;
}

/* What must be so before a write. */
static inline gboolean
prepare_write (LsockIODevice  *self,
               GError        **error)
{
  LsockIODevicePrivate *priv = PRIV (self);
  GError *local = NULL;

  if ((priv->mode & LSOCK_OPEN_MODE_WRITE_ONLY) == 0)
    {
      _lsock_io_device_refuse (error, NOT_WRITABLE);
      return FALSE;
    }

  if (!priv->use_write_buffer && !priv->use_write_data)
    {
      _lsock_io_device_refuse (error, "This device cannot be written");
      return FALSE;
    }

  if (priv->pos != priv->device_pos && !_lsock_io_device_is_sequential (self, priv) &&
      !LSOCK_IO_DEVICE_GET_CLASS (self)->seek (self, priv->pos, &local))
    {
      _lsock_io_device_fail (self, local, "The device could not be positioned", error);
      return FALSE;
    }

  return TRUE;
}

static inline gssize
finish_write (LsockIODevice  *self,
              gssize          written,
              GError         *local,
              GError        **error)
{
  LsockIODevicePrivate *priv = PRIV (self);

  if (G_UNLIKELY (written < 0))
    {
      if (local == NULL)
        _lsock_io_device_refuse (&local, "The device could not be written, and did not say why");
      _lsock_io_device_fail (self, local, NULL, error);
      return -1;
    }

  if (G_UNLIKELY (local != NULL))
    g_error_free (local);
  if (priv->access != LSOCK_ACCESS_SEQUENTIAL && !_lsock_io_device_is_sequential (self, priv))
    {
      priv->pos += written;
      priv->device_pos += written;
      _lsock_byte_queue_skip (&priv->held, (gsize) written);
    }

  return written;
}

/**
 * lsock_io_device_write:
 * @self: a device
 * @data: (array length=length) (element-type guint8): what to write
 * @length: how many bytes
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Writes bytes.
 *
 * A socket takes all or fails; the answer is there for devices that may take less.
 *
 * Fails with %LSOCK_SOCKET_ERROR_OPERATION if @self is not open for writing, and if @length is
 * negative.
 *
 * Mirrors `QIODevice::write()`.
 *
 * Returns: how many bytes were taken, or -1
 *
 * Since: 1.0
 */
gssize
lsock_io_device_write (LsockIODevice  *self,
                       const guint8   *data,
                       gssize          length,
                       GError        **error)
{
  LsockIODevicePrivate *priv;
  GError *local = NULL;
  gssize written;

  g_return_val_if_fail (_lsock_io_device_is_known (self) || LSOCK_IS_IO_DEVICE (self), -1);
  g_return_val_if_fail (data != NULL || length <= 0, -1);

  priv = PRIV (self);
  if (G_UNLIKELY (!prepare_write (self, error)))
    return -1;

  if (G_UNLIKELY (length < 0))
    {
      _lsock_io_device_refuse (error, "A negative number of bytes cannot be written");
      return -1;
    }

  if (priv->use_write_buffer)
    {
      written = LSOCK_IO_DEVICE_GET_CLASS (self)->write_buffer (self, data, (gsize) length, &local);
    }
  else
    {
      g_autoptr (GBytes) bytes = g_bytes_new (data, (gsize) length);

      written = LSOCK_IO_DEVICE_GET_CLASS (self)->write_data (self, bytes, &local);
    }

  return finish_write (self, written, local, error);
}

/**
 * lsock_io_device_write_bytes:
 * @self: a device
 * @bytes: what to write
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Writes bytes as [method@Lsock.IODevice.write] does, without a copy where the device can keep
 * @bytes.
 *
 * Mirrors `QIODevice::write()`.
 *
 * Returns: how many bytes were taken, or -1
 *
 * Since: 1.0
 */
gssize
lsock_io_device_write_bytes (LsockIODevice  *self,
                             GBytes         *bytes,
                             GError        **error)
{
  LsockIODevicePrivate *priv;
  GError *local = NULL;
  gssize written;

  g_return_val_if_fail (_lsock_io_device_is_known (self) || LSOCK_IS_IO_DEVICE (self), -1);
  g_return_val_if_fail (bytes != NULL, -1);

  priv = PRIV (self);
  if (G_UNLIKELY (!prepare_write (self, error)))
    return -1;

  if (priv->use_write_data)
    {
      written = LSOCK_IO_DEVICE_GET_CLASS (self)->write_data (self, bytes, &local);
    }
  else
    {
      gsize length;
      const void *data = g_bytes_get_data (bytes, &length);

      written = LSOCK_IO_DEVICE_GET_CLASS (self)->write_buffer (self, data, length, &local);
    }

  return finish_write (self, written, local, error);
}

/**
 * lsock_io_device_bytes_available: (virtual bytes_available)
 * @self: a device
 *
 * Counts the bytes that can be read now.
 *
 * Mirrors `QIODevice::bytesAvailable()`.
 *
 * Returns: how many there are
 *
 * Since: 1.0
 */
gint64
lsock_io_device_bytes_available (LsockIODevice *self)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), 0);

  return LSOCK_IO_DEVICE_GET_CLASS (self)->bytes_available (self);
}

/**
 * lsock_io_device_bytes_to_write: (virtual bytes_to_write)
 * @self: a device
 *
 * Counts the bytes that were written and have not been announced by
 * [signal@Lsock.IODevice::bytes-written].
 *
 * Mirrors `QIODevice::bytesToWrite()`.
 *
 * Returns: how many there are
 *
 * Since: 1.0
 */
gint64
lsock_io_device_bytes_to_write (LsockIODevice *self)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), 0);

  return LSOCK_IO_DEVICE_GET_CLASS (self)->bytes_to_write (self);
}

/**
 * lsock_io_device_can_read_line: (virtual can_read_line)
 * @self: a device
 *
 * Tells whether a whole line can be read now.
 *
 * Mirrors `QIODevice::canReadLine()`.
 *
 * Returns: whether it can
 *
 * Since: 1.0
 */
gboolean
lsock_io_device_can_read_line (LsockIODevice *self)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), FALSE);

  return LSOCK_IO_DEVICE_GET_CLASS (self)->can_read_line (self);
}

/**
 * lsock_io_device_at_end: (virtual at_end)
 * @self: a device
 *
 * Tells whether nothing can be read now.
 *
 * For a sequential device more may come later, until
 * [signal@Lsock.IODevice::read-channel-finished] is emitted.
 *
 * Mirrors `QIODevice::atEnd()`.
 *
 * Returns: %TRUE if there is nothing to read, or the device is not open
 *
 * Since: 1.0
 */
gboolean
lsock_io_device_at_end (LsockIODevice *self)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), TRUE);

  return LSOCK_IO_DEVICE_GET_CLASS (self)->at_end (self);
}

/**
 * lsock_io_device_pos: (virtual pos)
 * @self: a device
 *
 * Tells where the next byte is read or written; 0 for a sequential device.
 *
 * Mirrors `QIODevice::pos()`.
 *
 * Returns: the distance from the beginning, in bytes
 *
 * Since: 1.0
 */
gint64
lsock_io_device_pos (LsockIODevice *self)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), 0);

  return LSOCK_IO_DEVICE_GET_CLASS (self)->pos (self);
}

/**
 * lsock_io_device_size: (virtual size)
 * @self: a device
 *
 * Tells how much a random-access device holds, or how much of a sequential one can be read now.
 *
 * Mirrors `QIODevice::size()`.
 *
 * Returns: the size in bytes
 *
 * Since: 1.0
 */
gint64
lsock_io_device_size (LsockIODevice *self)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), 0);

  return LSOCK_IO_DEVICE_GET_CLASS (self)->size (self);
}

/**
 * lsock_io_device_seek: (virtual seek)
 * @self: a device
 * @pos: the distance from the beginning, in bytes
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Moves to another position.
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
    _lsock_io_device_refuse (&local, "The device could not be positioned, and did not say why");
  /* A position that cannot be is a call that does not fit, not something that went wrong. */
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
 * Moves to the beginning.
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
 * lsock_io_device_start_transaction:
 * @self: a device
 *
 * Begins to keep what is read, so that it can be read again.
 *
 * If not all of a message is there yet, roll back and try once more after the next
 * [signal@Lsock.IODevice::ready-read].  Nothing happens while a transaction is open already.
 *
 * Mirrors `QIODevice::startTransaction()`.
 *
 * Since: 1.0
 */
void
lsock_io_device_start_transaction (LsockIODevice *self)
{
  LsockIODevicePrivate *priv;

  g_return_if_fail (LSOCK_IS_IO_DEVICE (self));

  priv = PRIV (self);
  if (priv->transaction)
    return;

  priv->transaction = TRUE;
  priv->transaction_pos = 0;
  priv->transaction_begin = priv->pos;
}

/**
 * lsock_io_device_commit_transaction:
 * @self: a device
 *
 * Ends the transaction: what was read is forgotten.
 *
 * Nothing happens if there is none.
 *
 * Mirrors `QIODevice::commitTransaction()`.
 *
 * Since: 1.0
 */
void
lsock_io_device_commit_transaction (LsockIODevice *self)
{
  LsockIODevicePrivate *priv;

  g_return_if_fail (LSOCK_IS_IO_DEVICE (self));

  priv = PRIV (self);
  if (!priv->transaction)
    return;

  _lsock_byte_queue_skip (&priv->held, priv->transaction_pos);
  priv->transaction = FALSE;
  priv->transaction_pos = 0;
  _lsock_io_device_nudge (self, priv);
}

/**
 * lsock_io_device_rollback_transaction:
 * @self: a device
 *
 * Ends the transaction, and goes back to where it began.
 *
 * Nothing happens if there is none.
 *
 * Mirrors `QIODevice::rollbackTransaction()`.
 *
 * Since: 1.0
 */
void
lsock_io_device_rollback_transaction (LsockIODevice *self)
{
  LsockIODevicePrivate *priv;

  g_return_if_fail (LSOCK_IS_IO_DEVICE (self));

  priv = PRIV (self);
  if (!priv->transaction)
    return;

  if (!_lsock_io_device_is_sequential (self, priv))
    _lsock_io_device_seek_held (priv, priv->transaction_begin);
  priv->transaction = FALSE;
  priv->transaction_pos = 0;
}

/**
 * lsock_io_device_is_transaction_started:
 * @self: a device
 *
 * Tells whether a transaction is open.
 *
 * Mirrors `QIODevice::isTransactionStarted()`.
 *
 * Returns: whether it is
 *
 * Since: 1.0
 */
gboolean
lsock_io_device_is_transaction_started (LsockIODevice *self)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), FALSE);

  return PRIV (self)->transaction;
}

/**
 * lsock_io_device_wait_for_ready_read: (virtual wait_for_ready_read)
 * @self: a device
 * @msecs: a time limit in milliseconds; 0 looks once, -1 waits for ever
 *
 * Blocks until there is something new to read and [signal@Lsock.IODevice::ready-read] has been
 * emitted.
 *
 * No main loop is needed, and none is run.
 *
 * Mirrors `QIODevice::waitForReadyRead()`.
 *
 * Returns: %FALSE if the time was over first, or nothing can come
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
 * @msecs: a time limit in milliseconds; 0 looks once, -1 waits for ever
 *
 * Blocks until something that was written has left, and [signal@Lsock.IODevice::bytes-written]
 * has been emitted.
 *
 * No main loop is needed, and none is run.
 *
 * Mirrors `QIODevice::waitForBytesWritten()`.
 *
 * Returns: %FALSE if the time was over first, or nothing waits to be written
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
