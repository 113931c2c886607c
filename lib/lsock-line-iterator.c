/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Iteration over the lines that a device holds, for languages that have a loop for it. */

#include "config.h"

#include "lsock-line-iterator.h"

#include "device/lsock-io-device-array-private.h"

/**
 * LsockLineIterator:
 *
 * Goes through the lines that can be read from a device now.
 *
 * [method@Lsock.IODevice.iterate_lines] makes one.  In Vala the device itself can be iterated over:
 *
 * ```vala
 * socket.ready_read.connect (() => {
 *   try {
 *     foreach (var line in socket)
 *       handle (line);
 *   } catch (Error error) {
 *     warning ("%s", error.message);
 *   }
 * });
 * ```
 *
 * Since: 1.0
 */
struct _LsockLineIterator
{
  GObject        parent_instance;

  LsockIODevice *device;
};

G_DEFINE_FINAL_TYPE (LsockLineIterator, lsock_line_iterator, G_TYPE_OBJECT)


/* GObject */

static void
lsock_line_iterator_dispose (GObject *object)
{
  g_clear_object (&LSOCK_LINE_ITERATOR (object)->device);

  G_OBJECT_CLASS (lsock_line_iterator_parent_class)->dispose (object);
}

static void
lsock_line_iterator_class_init (LsockLineIteratorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lsock_line_iterator_dispose;
}

static void
lsock_line_iterator_init (LsockLineIterator *self)
{
}


/**
 * lsock_io_device_iterate_lines:
 * @self: a device
 *
 * Starts an iteration over the lines of the device.
 *
 * The iterator reads from the device as it goes and remembers nothing itself: two iterators of one
 * device take lines from each other.
 *
 * Returns: (transfer full): an iterator, which keeps @self alive
 *
 * Since: 1.0
 */
LsockLineIterator *
lsock_io_device_iterate_lines (LsockIODevice *self)
{
  LsockLineIterator *iterator;

  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), NULL);

  iterator = g_object_new (LSOCK_TYPE_LINE_ITERATOR, NULL);
  iterator->device = g_object_ref (self);

  return iterator;
}

/**
 * lsock_line_iterator_next:
 * @self: an iterator
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Reads the next line that is complete, without waiting for one.
 *
 * A sequential device may still get what completes a line: bytes behind the last line end stay in
 * the device, and the next iteration or [method@Lsock.IODevice.read_all] returns them.  A
 * random-access device returns them as its last line.
 *
 * Returns: (transfer full) (nullable): the line with its line end; %NULL without an error when
 *   there is none now, and %NULL on error
 *
 * Since: 1.0
 */
GBytes *
lsock_line_iterator_next (LsockLineIterator  *self,
                          GError            **error)
{
  g_return_val_if_fail (LSOCK_IS_LINE_ITERATOR (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (self->device == NULL)
    return NULL;

  if (!lsock_io_device_can_read_line (self->device) &&
      (lsock_io_device_is_sequential (self->device) || lsock_io_device_at_end (self->device)))
    return NULL;

  return lsock_io_device_read_line (self->device, 0, error);
}

/**
 * lsock_line_iterator_next_array:
 * @self: an iterator
 * @length: (out): return location for the length of the line
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Reads the next line that is complete into new memory, without waiting for one.
 *
 * This is [method@Lsock.LineIterator.next] for bindings; see [method@Lsock.IODevice.read_array].
 *
 * Returns: (array length=length) (element-type guint8) (transfer full) (nullable): the line with
 *   its line end; %NULL without an error when there is none now, and %NULL on error
 *
 * Since: 1.0
 */
guint8 *
lsock_line_iterator_next_array (LsockLineIterator  *self,
                                gsize              *length,
                                GError            **error)
{
  g_return_val_if_fail (LSOCK_IS_LINE_ITERATOR (self), NULL);
  g_return_val_if_fail (length != NULL, NULL);

  return _lsock_bytes_to_array (lsock_line_iterator_next (self, error), length);
}
