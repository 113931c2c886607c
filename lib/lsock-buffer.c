/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The buffer: a device on memory, with random access. */

#include "config.h"

#include "lsock-buffer.h"

#include "device/lsock-io-device-array-private.h"
#include "device/lsock-io-device-state-private.h"

#include <string.h>

#include "lsock-error.h"
#include "object/lsock-object-private.h"

/* A read from data that is being written is copied up to this size, so that reading and writing
 * in turns does not copy everything each time. */
#define MAX_COPIED (64 * 1024)

/**
 * LsockBuffer:
 *
 * A device on memory, with random access.
 *
 * It starts empty, or with what [method@Lsock.Buffer.set_data] gave it, and grows as it is
 * written.  [signal@Lsock.IODevice::bytes-written] and [signal@Lsock.IODevice::ready-read] follow
 * a write in the next turn of the main context.
 *
 * Mirrors `QBuffer`.
 *
 * Since: 1.0
 */

typedef struct
{
  /* The content is in one of the two: in `frozen` while it is only read, so that a GBytes of it is
   * not a copy, and in `array` from the first write on. */
  GBytes     *frozen;
  GByteArray *array;

  GSource    *announcement;
  gint64      unannounced;
} LsockBufferPrivate;

G_DEFINE_TYPE_WITH_PRIVATE (LsockBuffer, lsock_buffer, LSOCK_TYPE_IO_DEVICE)

#define PRIV(self) \
  ((LsockBufferPrivate *) lsock_buffer_get_instance_private ((LsockBuffer *) (self)))


static const guint8 *
lsock_buffer_peek_content (LsockBuffer *self,
                           gsize       *length)
{
  LsockBufferPrivate *priv = PRIV (self);

  if (priv->frozen != NULL)
    return g_bytes_get_data (priv->frozen, length);

  *length = priv->array->len;
  return priv->array->data;
}

static GBytes *
lsock_buffer_freeze (LsockBuffer *self)
{
  LsockBufferPrivate *priv = PRIV (self);

  if (priv->frozen == NULL)
    priv->frozen = g_byte_array_free_to_bytes (g_steal_pointer (&priv->array));

  return priv->frozen;
}

static GByteArray *
lsock_buffer_thaw (LsockBuffer *self)
{
  LsockBufferPrivate *priv = PRIV (self);

  if (priv->array == NULL)
    priv->array = g_bytes_unref_to_array (g_steal_pointer (&priv->frozen));

  return priv->array;
}

static void
lsock_buffer_replace (LsockBuffer *self,
                      GBytes      *data)
{
  LsockBufferPrivate *priv = PRIV (self);

  g_bytes_ref (data);
  g_clear_pointer (&priv->frozen, g_bytes_unref);
  g_clear_pointer (&priv->array, g_byte_array_unref);
  priv->frozen = data;
}

/* Makes the content @length bytes long, with zeros where it grows. */
static gboolean
lsock_buffer_resize (LsockBuffer  *self,
                     guint64       length,
                     GError      **error)
{
  GByteArray *array;
  guint old;

  /* A GByteArray counts in guint, and doubles. */
  if (length > G_MAXINT32)
    {
      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_SOCKET_RESOURCE,
                   "A buffer cannot hold %" G_GUINT64_FORMAT " bytes", length);
      return FALSE;
    }

  array = lsock_buffer_thaw (self);
  old = array->len;
  g_byte_array_set_size (array, (guint) length);
  if (length > old)
    memset (array->data + old, 0, (gsize) length - old);

  return TRUE;
}

static gboolean
on_announcement (gpointer data)
{
  g_autoptr (LsockBuffer) self = g_object_ref (data);
  LsockBufferPrivate *priv = PRIV (self);
  gint64 count = priv->unannounced;

  g_clear_pointer (&priv->announcement, g_source_unref);
  priv->unannounced = 0;

  _lsock_io_device_emit_bytes_written (LSOCK_IO_DEVICE (self), count);
  _lsock_io_device_emit_ready_read (LSOCK_IO_DEVICE (self));

  return G_SOURCE_REMOVE;
}

/* The source holds no reference: a buffer may be used where no loop ever runs. */
static void
lsock_buffer_schedule (LsockBuffer  *self,
                       GMainContext *context)
{
  LsockBufferPrivate *priv = PRIV (self);

  if (priv->announcement != NULL || _lsock_object_is_ended (LSOCK_OBJECT (self)))
    return;

  priv->announcement = g_idle_source_new ();
  g_source_set_static_name (priv->announcement, "[lsock] LsockBuffer");
  g_source_set_priority (priv->announcement, G_PRIORITY_DEFAULT);
  g_source_set_callback (priv->announcement, on_announcement, self, NULL);
  g_source_attach (priv->announcement, context);
}

static void
lsock_buffer_unschedule (LsockBuffer *self)
{
  LsockBufferPrivate *priv = PRIV (self);

  if (priv->announcement != NULL)
    {
      g_source_destroy (priv->announcement);
      g_clear_pointer (&priv->announcement, g_source_unref);
    }
}

static void
lsock_buffer_reschedule (LsockObject *object)
{
  if (PRIV (object)->unannounced > 0)
    lsock_buffer_schedule (LSOCK_BUFFER (object), lsock_object_get_main_context (object));
}


/* LsockIODevice */

static gboolean
lsock_buffer_real_open (LsockIODevice  *device,
                        LsockOpenMode   mode,
                        GError        **error)
{
  if ((mode & (LSOCK_OPEN_MODE_APPEND | LSOCK_OPEN_MODE_TRUNCATE)) != 0)
    mode |= LSOCK_OPEN_MODE_WRITE_ONLY;

  if ((mode & LSOCK_OPEN_MODE_READ_WRITE) == 0)
    {
      g_set_error_literal (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                           "A buffer is opened for reading, for writing or for both");
      return FALSE;
    }

  if ((mode & LSOCK_OPEN_MODE_TRUNCATE) != 0)
    {
      g_autoptr (GBytes) nothing = g_bytes_new_static (NULL, 0);

      lsock_buffer_replace (LSOCK_BUFFER (device), nothing);
    }

  return LSOCK_IO_DEVICE_CLASS (lsock_buffer_parent_class)->open (device,
                                                                  mode | LSOCK_OPEN_MODE_UNBUFFERED,
                                                                  error);
}

static gint64
lsock_buffer_real_size (LsockIODevice *device)
{
  gsize length;

  lsock_buffer_peek_content (LSOCK_BUFFER (device), &length);
  return (gint64) length;
}

static gboolean
lsock_buffer_real_seek (LsockIODevice  *device,
                        gint64          pos,
                        GError        **error)
{
  gint64 size = lsock_buffer_real_size (device);

  if (pos > size && lsock_io_device_is_open (device))
    {
      if (!lsock_io_device_is_writable (device))
        {
          g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                       "Position %" G_GINT64_FORMAT " is beyond the end of the buffer", pos);
          return FALSE;
        }

      if (!lsock_buffer_resize (LSOCK_BUFFER (device), (guint64) pos, error))
        return FALSE;
    }

  return LSOCK_IO_DEVICE_CLASS (lsock_buffer_parent_class)->seek (device, pos, error);
}

static gboolean
lsock_buffer_real_can_read_line (LsockIODevice *device)
{
  gint64 pos = MAX (lsock_io_device_pos (device), 0);
  gsize length;
  const guint8 *data = lsock_buffer_peek_content (LSOCK_BUFFER (device), &length);

  if (!lsock_io_device_is_open (device))
    return FALSE;

  if ((guint64) pos < length && memchr (data + pos, '\n', length - (gsize) pos) != NULL)
    return TRUE;

  return LSOCK_IO_DEVICE_CLASS (lsock_buffer_parent_class)->can_read_line (device);
}

static gssize
lsock_buffer_real_read_buffer (LsockIODevice  *device,
                               void           *buffer,
                               gsize           count,
                               GError        **error)
{
  gint64 pos = lsock_io_device_pos (device);
  gsize length;
  const guint8 *data = lsock_buffer_peek_content (LSOCK_BUFFER (device), &length);

  if (pos < 0 || (guint64) pos >= length || count == 0)
    return 0;

  count = MIN (count, length - (gsize) pos);
  memcpy (buffer, data + pos, count);
  return (gssize) count;
}

static GBytes *
lsock_buffer_real_read_data (LsockIODevice  *device,
                             gsize           max_length,
                             GError        **error)
{
  LsockBuffer *self = LSOCK_BUFFER (device);
  gint64 pos = lsock_io_device_pos (device);
  gsize length;
  const guint8 *data = lsock_buffer_peek_content (self, &length);

  if (pos < 0 || (guint64) pos >= length || max_length == 0)
    return g_bytes_new_static (NULL, 0);

  max_length = MIN (max_length, length - (gsize) pos);
  if (PRIV (self)->frozen == NULL && max_length <= MAX_COPIED)
    return g_bytes_new (data + pos, max_length);

  return g_bytes_new_from_bytes (lsock_buffer_freeze (self), (gsize) pos, max_length);
}

static gssize
lsock_buffer_real_write_buffer (LsockIODevice  *device,
                                const void     *data,
                                gsize           length,
                                GError        **error)
{
  LsockBuffer *self = LSOCK_BUFFER (device);
  LsockBufferPrivate *priv = PRIV (self);
  gint64 pos = MAX (lsock_io_device_pos (device), 0);
  gsize size;

  if (length == 0)
    return 0;

  lsock_buffer_peek_content (self, &size);
  if ((guint64) pos + length > size)
    {
      if (!lsock_buffer_resize (self, (guint64) pos + length, error))
        return -1;
    }

  memcpy (lsock_buffer_thaw (self)->data + pos, data, length);
  priv->unannounced += (gint64) length;
  lsock_buffer_schedule (self, lsock_object_get_main_context (LSOCK_OBJECT (self)));

  return (gssize) length;
}


/* LsockObject */

static void
lsock_buffer_real_end (LsockObject *object)
{
  lsock_buffer_unschedule (LSOCK_BUFFER (object));

  LSOCK_OBJECT_CLASS (lsock_buffer_parent_class)->shutdown (object);
}

static void
lsock_buffer_real_move_context (LsockObject  *object,
                                GMainContext *context)
{
  if (PRIV (object)->announcement != NULL)
    {
      lsock_buffer_unschedule (LSOCK_BUFFER (object));
      _lsock_object_call_later (object, lsock_buffer_reschedule);
    }

  LSOCK_OBJECT_CLASS (lsock_buffer_parent_class)->move_context (object, context);
}


/* GObject */

static void
lsock_buffer_finalize (GObject *object)
{
  LsockBufferPrivate *priv = PRIV (object);

  lsock_buffer_unschedule (LSOCK_BUFFER (object));
  g_clear_pointer (&priv->frozen, g_bytes_unref);
  g_clear_pointer (&priv->array, g_byte_array_unref);

  G_OBJECT_CLASS (lsock_buffer_parent_class)->finalize (object);
}

static void
lsock_buffer_class_init (LsockBufferClass *klass)
{
  static LsockClassSlots slots;
  LsockObjectClass *lsock_object_class = LSOCK_OBJECT_CLASS (klass);
  LsockIODeviceClass *device_class = LSOCK_IO_DEVICE_CLASS (klass);

  _lsock_object_class_set_slots (klass, &slots, NULL);

  G_OBJECT_CLASS (klass)->finalize = lsock_buffer_finalize;

  lsock_object_class->shutdown = lsock_buffer_real_end;
  lsock_object_class->move_context = lsock_buffer_real_move_context;

  device_class->open = lsock_buffer_real_open;
  device_class->size = lsock_buffer_real_size;
  device_class->seek = lsock_buffer_real_seek;
  device_class->can_read_line = lsock_buffer_real_can_read_line;
  device_class->read_buffer = lsock_buffer_real_read_buffer;
  device_class->read_data = lsock_buffer_real_read_data;
  device_class->write_buffer = lsock_buffer_real_write_buffer;
}

static void
lsock_buffer_init (LsockBuffer *self)
{
  PRIV (self)->frozen = g_bytes_new_static (NULL, 0);
}


/**
 * lsock_buffer_new:
 *
 * Creates a device on memory, empty and closed.
 *
 * Mirrors `QBuffer::QBuffer()`.
 *
 * Returns: (transfer full): a new device
 *
 * Since: 1.0
 */
LsockBuffer *
lsock_buffer_new (void)
{
  return g_object_new (LSOCK_TYPE_BUFFER, NULL);
}

/**
 * lsock_buffer_get_data:
 * @self: a buffer
 *
 * Gets the whole content of the buffer.
 *
 * Later writes to the buffer do not change the bytes.
 *
 * Mirrors `QBuffer::data()`.
 *
 * Returns: (transfer full): the content
 *
 * Since: 1.0
 */
GBytes *
lsock_buffer_get_data (LsockBuffer *self)
{
  g_return_val_if_fail (LSOCK_IS_BUFFER (self), NULL);

  return g_bytes_ref (lsock_buffer_freeze (self));
}

/**
 * lsock_buffer_get_data_array:
 * @self: a buffer
 * @length: (out): return location for the size of the content
 *
 * Copies the whole content of the buffer.
 *
 * This is [method@Lsock.Buffer.get_data] for bindings; see [method@Lsock.IODevice.read_array].
 *
 * Returns: (array length=length) (element-type guint8) (transfer full): the content
 *
 * Since: 1.0
 */
guint8 *
lsock_buffer_get_data_array (LsockBuffer *self,
                             gsize       *length)
{
  g_return_val_if_fail (LSOCK_IS_BUFFER (self), NULL);
  g_return_val_if_fail (length != NULL, NULL);

  return _lsock_bytes_to_array (lsock_buffer_get_data (self), length);
}

/**
 * lsock_buffer_set_data:
 * @self: a buffer
 * @data: the new content
 *
 * Replaces the content of the buffer.
 *
 * Nothing happens while the buffer is open.
 *
 * Mirrors `QBuffer::setData()`.
 *
 * Since: 1.0
 */
void
lsock_buffer_set_data (LsockBuffer *self,
                       GBytes      *data)
{
  g_return_if_fail (LSOCK_IS_BUFFER (self));
  g_return_if_fail (data != NULL);

  if (!lsock_io_device_is_open (LSOCK_IO_DEVICE (self)))
    lsock_buffer_replace (self, data);
}
