/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reading into arrays that the caller frees, for bindings that copy what a function returns.
 *
 * A binding frees such an array as soon as it has made a value of its language from it.  A GBytes
 * lives until the collector of the language finds its wrapper, and the collector does not know how
 * much memory it holds: with GJS, a stream fills the memory before it runs. */

#include "config.h"

#include "device/lsock-io-device-array-private.h"
#include "device/lsock-io-device-read-private.h"

#include <string.h>

/* An array of up to this size is allocated before it is known how much there is to read: the read
 * system call then writes into it. */
#define AT_ONCE (256 * 1024)

/* The least that read_all_array() asks for; as for lsock_io_device_read_all(). */
#define READ_ALL_STEP (64 * 1024)


guint8 *
_lsock_bytes_to_array (GBytes *bytes,
                       gsize  *length)
{
  guint8 *data;

  *length = 0;
  if (bytes == NULL)
    return NULL;

  data = g_bytes_unref_to_data (bytes, length);
  /* NULL is an error. */
  return data != NULL ? data : g_malloc0 (1);
}

/* Appends what else there is to read; @data is taken over. */
static guint8 *
add_rest (LsockIODevice *self,
          guint8        *data,
          gsize         *length)
{
  g_autoptr (GBytes) rest = lsock_io_device_read_all (self, NULL);
  gsize n;

  /* A failure is reported by the next read. */
  if (rest == NULL || g_bytes_get_size (rest) == 0)
    return data;

  n = g_bytes_get_size (rest);
  data = g_realloc (data, *length + n);
  memcpy (data + *length, g_bytes_get_data (rest, NULL), n);
  *length += n;

  return data;
}


/**
 * lsock_io_device_read_array:
 * @self: a device
 * @count: how many bytes to read at most
 * @length: (out): return location for how many bytes were read
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Reads what is there, up to @count bytes, into new memory.
 *
 * This is [method@Lsock.IODevice.read_bytes] for bindings that make an array of their language from
 * it, such as GJS: the memory is freed at once, without waiting for a collector.  The memory may be
 * larger than @length.
 *
 * Fails as [method@Lsock.IODevice.read_bytes] does.
 *
 * Returns: (array length=length) (element-type guint8) (transfer full): what was read; of length 0
 *   when nothing is there now
 *
 * Since: 1.0
 */
guint8 *
lsock_io_device_read_array (LsockIODevice  *self,
                            gssize          count,
                            gsize          *length,
                            GError        **error)
{
  g_autofree guint8 *data = NULL;
  gssize n;

  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), NULL);
  g_return_val_if_fail (length != NULL, NULL);

  if (count < 0 || count > AT_ONCE)
    return _lsock_bytes_to_array (lsock_io_device_read_bytes (self, count, error), length);

  *length = 0;
  data = g_malloc ((gsize) MAX (count, 1));
  n = lsock_io_device_read (self, data, (gsize) count, error);
  if (n < 0)
    return NULL;

  *length = (gsize) n;
  return g_steal_pointer (&data);
}

/**
 * lsock_io_device_read_all_array:
 * @self: a device
 * @length: (out): return location for how many bytes were read
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Reads all that is there into new memory.
 *
 * This is [method@Lsock.IODevice.read_all] for bindings; see [method@Lsock.IODevice.read_array].
 *
 * Fails as [method@Lsock.IODevice.read_all] does.
 *
 * Returns: (array length=length) (element-type guint8) (transfer full): what was read
 *
 * Since: 1.0
 */
guint8 *
lsock_io_device_read_all_array (LsockIODevice  *self,
                                gsize          *length,
                                GError        **error)
{
  g_autoptr (LsockIODeviceCall) call G_GNUC_UNUSED = NULL;
  g_autofree guint8 *data = NULL;
  LsockSink sink = { .step = G_MAXSSIZE };
  GError *local = NULL;
  gsize size;

  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), NULL);
  g_return_val_if_fail (length != NULL, NULL);

  *length = 0;
  call = self;
  if (!_lsock_io_device_check_readable (self, 0, error))
    return NULL;

  if (!_lsock_io_device_is_sequential (self, _lsock_io_device_get_private (self)))
    return _lsock_bytes_to_array (lsock_io_device_read_all (self, error), length);

  size = (gsize) MAX (lsock_io_device_bytes_available (self), READ_ALL_STEP);
  data = g_malloc (size);
  sink.data = data;
  if (!_lsock_io_device_read_to_sink (self, &sink, size, FALSE, &local) && local != NULL)
    {
      _lsock_io_device_fail (self, local, NULL, error);
      return NULL;
    }

  *length = sink.length;
  if (sink.length < size)
    return g_steal_pointer (&data);

  return add_rest (self, g_steal_pointer (&data), length);
}

/**
 * lsock_io_device_read_line_array:
 * @self: a device
 * @limit: how many bytes to read at most; 0 is no limit
 * @length: (out): return location for how many bytes were read
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Reads up to and including the next line end, or what is there of an incomplete line, into new
 * memory.
 *
 * This is [method@Lsock.IODevice.read_line] for bindings; see [method@Lsock.IODevice.read_array].
 *
 * Fails as [method@Lsock.IODevice.read_line] does.
 *
 * Returns: (array length=length) (element-type guint8) (transfer full): the line, with its end; of
 *   length 0 when nothing is there now
 *
 * Since: 1.0
 */
guint8 *
lsock_io_device_read_line_array (LsockIODevice  *self,
                                 gssize          limit,
                                 gsize          *length,
                                 GError        **error)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), NULL);
  g_return_val_if_fail (length != NULL, NULL);

  return _lsock_bytes_to_array (lsock_io_device_read_line (self, limit, error), length);
}

/**
 * lsock_io_device_peek_array:
 * @self: a device
 * @count: how many bytes to look at, at most
 * @length: (out): return location for how many bytes there are
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Returns what the next read returns in new memory, without removing it.
 *
 * This is [method@Lsock.IODevice.peek] for bindings; see [method@Lsock.IODevice.read_array].
 *
 * Fails as [method@Lsock.IODevice.peek] does.
 *
 * Returns: (array length=length) (element-type guint8) (transfer full): what is there; of length 0
 *   when nothing is there now
 *
 * Since: 1.0
 */
guint8 *
lsock_io_device_peek_array (LsockIODevice  *self,
                            gssize          count,
                            gsize          *length,
                            GError        **error)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), NULL);
  g_return_val_if_fail (length != NULL, NULL);

  return _lsock_bytes_to_array (lsock_io_device_peek (self, count, error), length);
}
