/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(LSOCK_INSIDE) && !defined(LSOCK_COMPILATION)
# error "Only <lsock.h> can be included directly."
#endif

#include "lsock-enums.h"
#include "lsock-error.h"
#include "lsock-object.h"

G_BEGIN_DECLS

#define LSOCK_TYPE_IO_DEVICE (lsock_io_device_get_type ())

LSOCK_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (LsockIODevice, lsock_io_device, LSOCK, IO_DEVICE, LsockObject)

struct _LsockIODeviceClass
{
  LsockObjectClass parent_class;

  gboolean  (*open)                   (LsockIODevice  *self,
                                       LsockOpenMode   mode,
                                       GError        **error);
  void      (*close)                  (LsockIODevice  *self);
  gboolean  (*is_sequential)          (LsockIODevice  *self);
  gint64    (*bytes_available)        (LsockIODevice  *self);
  gint64    (*bytes_to_write)         (LsockIODevice  *self);
  gboolean  (*can_read_line)          (LsockIODevice  *self);
  gboolean  (*at_end)                 (LsockIODevice  *self);
  gint64    (*pos)                    (LsockIODevice  *self);
  gint64    (*size)                   (LsockIODevice  *self);
  gboolean  (*seek)                   (LsockIODevice  *self,
                                       gint64          pos,
                                       GError        **error);
  gboolean  (*wait_for_ready_read)    (LsockIODevice  *self,
                                       int             msecs);
  gboolean  (*wait_for_bytes_written) (LsockIODevice  *self,
                                       int             msecs);
  GBytes   *(*read_data)              (LsockIODevice  *self,
                                       gsize           max_length,
                                       GError        **error);
  GBytes   *(*read_line_data)         (LsockIODevice  *self,
                                       gsize           max_length,
                                       GError        **error);
  gint64    (*skip_data)              (LsockIODevice  *self,
                                       gint64          max_length,
                                       GError        **error);
  gssize    (*write_data)             (LsockIODevice  *self,
                                       GBytes         *bytes,
                                       GError        **error);
  gssize    (*read_buffer)            (LsockIODevice  *self,
                                       void           *buffer,
                                       gsize           count,
                                       GError        **error);
  gssize    (*write_buffer)           (LsockIODevice  *self,
                                       const void     *data,
                                       gsize           length,
                                       GError        **error);

  void      (*ready_read)             (LsockIODevice  *self);
  void      (*bytes_written)          (LsockIODevice  *self,
                                       gint64          count);
  void      (*about_to_close)         (LsockIODevice  *self);
  void      (*read_channel_finished)  (LsockIODevice  *self);

  /*< private >*/
  gconstpointer flow;
  gpointer padding[15];
};

/**
 * LsockIODeviceClass::read_data:
 * @self: a device
 * @max_length: how many bytes to return at most
 * @error: return location for an error
 *
 * Reads what is there now, without waiting; [method@Lsock.IODevice.read_bytes] and all other
 * functions that read are built on it.
 *
 * The default calls the function `read_buffer` of the class, which only C can implement.
 *
 * Returns: (transfer full) (nullable): the bytes, empty if there are none now; %NULL with @error
 *   set if reading failed, %NULL without an error at the end of the data
 *
 * Since: 1.0
 */

/**
 * LsockIODeviceClass::read_line_data:
 * @self: a device
 * @max_length: how many bytes to return at most
 * @error: return location for an error
 *
 * Reads up to the next line end, which is part of the result. A device that finds line ends
 * faster than by reading implements it; the default reads with the functions above.
 *
 * Returns: (transfer full) (nullable): the bytes, without a line end if it is further away or not
 *   there yet; %NULL with @error set if reading failed, %NULL without an error at the end of the
 *   data
 *
 * Since: 1.0
 */

/**
 * LsockIODeviceClass::skip_data:
 * @self: a device
 * @max_length: how many bytes to skip at most
 * @error: return location for an error
 *
 * Drops bytes without returning them. A device that need not read what it skips implements it;
 * the default reads.
 *
 * Returns: how many bytes were skipped, 0 if there are none now, or -1 with @error set
 *
 * Since: 1.0
 */

/**
 * LsockIODeviceClass::write_data:
 * @self: a device
 * @bytes: what to write
 * @error: return location for an error
 *
 * Writes bytes; [method@Lsock.IODevice.write] and [method@Lsock.IODevice.write_bytes] are built
 * on it. An implementation that needs @bytes for longer takes a reference.
 *
 * The default calls the function `write_buffer` of the class, which only C can implement.
 *
 * Returns: how many bytes were taken, or -1 with @error set
 *
 * Since: 1.0
 */

/**
 * LsockIODeviceClass::read_buffer: (skip)
 * @self: a device
 * @buffer: memory for @count bytes
 * @count: the size of @buffer in bytes
 * @error: return location for an error
 *
 * Reads what is there now into @buffer, without waiting. This is the form for C: in other
 * languages implement [vfunc@Lsock.IODevice.read_data], which the default calls.
 *
 * Returns: how many bytes were read, 0 if there are none now; -1 with @error set if reading
 *   failed, -1 without an error at the end of the data
 *
 * Since: 1.0
 */

/**
 * LsockIODeviceClass::write_buffer: (skip)
 * @self: a device
 * @data: what to write
 * @length: the size of @data in bytes
 * @error: return location for an error
 *
 * Writes bytes from memory of the caller. This is the form for C: in other languages implement
 * [vfunc@Lsock.IODevice.write_data], which the default calls.
 *
 * Returns: how many bytes were taken, or -1 with @error set
 *
 * Since: 1.0
 */

/**
 * LsockIODeviceClass::ready_read:
 * @self: a device
 *
 * The class handler of [signal@Lsock.IODevice::ready-read].
 *
 * Since: 1.0
 */

/**
 * LsockIODeviceClass::bytes_written:
 * @self: a device
 * @count: how many bytes were written
 *
 * The class handler of [signal@Lsock.IODevice::bytes-written].
 *
 * Since: 1.0
 */

/**
 * LsockIODeviceClass::about_to_close:
 * @self: a device
 *
 * The class handler of [signal@Lsock.IODevice::about-to-close].
 *
 * Since: 1.0
 */

/**
 * LsockIODeviceClass::read_channel_finished:
 * @self: a device
 *
 * The class handler of [signal@Lsock.IODevice::read-channel-finished].
 *
 * Since: 1.0
 */

LSOCK_AVAILABLE_IN_1_0
gboolean      lsock_io_device_open                   (LsockIODevice  *self,
                                                      LsockOpenMode   mode,
                                                      GError        **error);
LSOCK_AVAILABLE_IN_1_0
void          lsock_io_device_close                  (LsockIODevice  *self);
LSOCK_AVAILABLE_IN_1_0
LsockOpenMode lsock_io_device_get_open_mode          (LsockIODevice  *self);
LSOCK_AVAILABLE_IN_1_0
void          lsock_io_device_set_open_mode          (LsockIODevice  *self,
                                                      LsockOpenMode   mode);
LSOCK_AVAILABLE_IN_1_0
gboolean      lsock_io_device_is_open                (LsockIODevice  *self);
LSOCK_AVAILABLE_IN_1_0
gboolean      lsock_io_device_is_readable            (LsockIODevice  *self);
LSOCK_AVAILABLE_IN_1_0
gboolean      lsock_io_device_is_writable            (LsockIODevice  *self);
LSOCK_AVAILABLE_IN_1_0
gboolean      lsock_io_device_is_sequential          (LsockIODevice  *self);
LSOCK_AVAILABLE_IN_1_0
gboolean      lsock_io_device_get_text_mode          (LsockIODevice  *self);
LSOCK_AVAILABLE_IN_1_0
void          lsock_io_device_set_text_mode          (LsockIODevice  *self,
                                                      gboolean        enabled);
LSOCK_AVAILABLE_IN_1_0
const char   *lsock_io_device_get_error_string       (LsockIODevice  *self);
LSOCK_AVAILABLE_IN_1_0
void          lsock_io_device_set_error_string       (LsockIODevice  *self,
                                                      const char     *message);

LSOCK_AVAILABLE_IN_1_0
gssize        lsock_io_device_read                   (LsockIODevice  *self,
                                                      void           *buffer,
                                                      gsize           count,
                                                      GError        **error);
LSOCK_AVAILABLE_IN_1_0
GBytes       *lsock_io_device_read_bytes             (LsockIODevice  *self,
                                                      gssize          count,
                                                      GError        **error) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
GBytes       *lsock_io_device_read_all               (LsockIODevice  *self,
                                                      GError        **error) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
GBytes       *lsock_io_device_read_line              (LsockIODevice  *self,
                                                      gssize          limit,
                                                      GError        **error) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
gssize        lsock_io_device_read_line_into         (LsockIODevice  *self,
                                                      char           *buffer,
                                                      gsize           size,
                                                      GError        **error);
LSOCK_AVAILABLE_IN_1_0
GBytes       *lsock_io_device_peek                   (LsockIODevice  *self,
                                                      gssize          count,
                                                      GError        **error) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
gssize        lsock_io_device_peek_into              (LsockIODevice  *self,
                                                      void           *buffer,
                                                      gsize           count,
                                                      GError        **error);
LSOCK_AVAILABLE_IN_1_0
guint8       *lsock_io_device_read_array             (LsockIODevice  *self,
                                                      gssize          count,
                                                      gsize          *length,
                                                      GError        **error) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
guint8       *lsock_io_device_read_all_array         (LsockIODevice  *self,
                                                      gsize          *length,
                                                      GError        **error) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
guint8       *lsock_io_device_read_line_array        (LsockIODevice  *self,
                                                      gssize          limit,
                                                      gsize          *length,
                                                      GError        **error) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
guint8       *lsock_io_device_peek_array             (LsockIODevice  *self,
                                                      gssize          count,
                                                      gsize          *length,
                                                      GError        **error) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
gint64        lsock_io_device_skip                   (LsockIODevice  *self,
                                                      gint64          count,
                                                      GError        **error);
LSOCK_AVAILABLE_IN_1_0
gboolean      lsock_io_device_get_char               (LsockIODevice  *self,
                                                      guint8         *c);
LSOCK_AVAILABLE_IN_1_0
void          lsock_io_device_unget_char             (LsockIODevice  *self,
                                                      guint8          c);
LSOCK_AVAILABLE_IN_1_0
gboolean      lsock_io_device_put_char               (LsockIODevice  *self,
                                                      guint8          c,
                                                      GError        **error);
LSOCK_AVAILABLE_IN_1_0
gssize        lsock_io_device_write                  (LsockIODevice  *self,
                                                      const guint8   *data,
                                                      gssize          length,
                                                      GError        **error);
LSOCK_AVAILABLE_IN_1_0
gssize        lsock_io_device_write_bytes            (LsockIODevice  *self,
                                                      GBytes         *bytes,
                                                      GError        **error);

LSOCK_AVAILABLE_IN_1_0
gint64        lsock_io_device_bytes_available        (LsockIODevice  *self);
LSOCK_AVAILABLE_IN_1_0
gint64        lsock_io_device_bytes_to_write         (LsockIODevice  *self);
LSOCK_AVAILABLE_IN_1_0
gboolean      lsock_io_device_can_read_line          (LsockIODevice  *self);
LSOCK_AVAILABLE_IN_1_0
gboolean      lsock_io_device_at_end                 (LsockIODevice  *self);
LSOCK_AVAILABLE_IN_1_0
gint64        lsock_io_device_pos                    (LsockIODevice  *self);
LSOCK_AVAILABLE_IN_1_0
gint64        lsock_io_device_size                   (LsockIODevice  *self);
LSOCK_AVAILABLE_IN_1_0
gboolean      lsock_io_device_seek                   (LsockIODevice  *self,
                                                      gint64          pos,
                                                      GError        **error);
LSOCK_AVAILABLE_IN_1_0
gboolean      lsock_io_device_reset                  (LsockIODevice  *self,
                                                      GError        **error);

LSOCK_AVAILABLE_IN_1_0
void          lsock_io_device_start_transaction      (LsockIODevice  *self);
LSOCK_AVAILABLE_IN_1_0
void          lsock_io_device_commit_transaction     (LsockIODevice  *self);
LSOCK_AVAILABLE_IN_1_0
void          lsock_io_device_rollback_transaction   (LsockIODevice  *self);
LSOCK_AVAILABLE_IN_1_0
gboolean      lsock_io_device_is_transaction_started (LsockIODevice  *self);

LSOCK_AVAILABLE_IN_1_0
gboolean      lsock_io_device_wait_for_ready_read    (LsockIODevice  *self,
                                                      int             msecs);
LSOCK_AVAILABLE_IN_1_0
gboolean      lsock_io_device_wait_for_bytes_written (LsockIODevice  *self,
                                                      int             msecs);

LSOCK_AVAILABLE_IN_1_0
void          lsock_io_device_read_async             (LsockIODevice       *self,
                                                      gssize               count,
                                                      int                  io_priority,
                                                      GCancellable        *cancellable,
                                                      GAsyncReadyCallback  callback,
                                                      gpointer             user_data);
LSOCK_AVAILABLE_IN_1_0
GBytes       *lsock_io_device_read_finish            (LsockIODevice       *self,
                                                      GAsyncResult        *result,
                                                      GError             **error) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
guint8       *lsock_io_device_read_finish_array      (LsockIODevice       *self,
                                                      GAsyncResult        *result,
                                                      gsize               *length,
                                                      GError             **error) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
void          lsock_io_device_read_line_async        (LsockIODevice       *self,
                                                      gssize               limit,
                                                      int                  io_priority,
                                                      GCancellable        *cancellable,
                                                      GAsyncReadyCallback  callback,
                                                      gpointer             user_data);
LSOCK_AVAILABLE_IN_1_0
GBytes       *lsock_io_device_read_line_finish       (LsockIODevice       *self,
                                                      GAsyncResult        *result,
                                                      GError             **error) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
guint8       *lsock_io_device_read_line_finish_array (LsockIODevice       *self,
                                                      GAsyncResult        *result,
                                                      gsize               *length,
                                                      GError             **error) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
void          lsock_io_device_read_all_async         (LsockIODevice       *self,
                                                      int                  io_priority,
                                                      GCancellable        *cancellable,
                                                      GAsyncReadyCallback  callback,
                                                      gpointer             user_data);
LSOCK_AVAILABLE_IN_1_0
GBytes       *lsock_io_device_read_all_finish        (LsockIODevice       *self,
                                                      GAsyncResult        *result,
                                                      GError             **error) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
guint8       *lsock_io_device_read_all_finish_array  (LsockIODevice       *self,
                                                      GAsyncResult        *result,
                                                      gsize               *length,
                                                      GError             **error) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
void          lsock_io_device_write_async            (LsockIODevice       *self,
                                                      GBytes              *bytes,
                                                      int                  io_priority,
                                                      GCancellable        *cancellable,
                                                      GAsyncReadyCallback  callback,
                                                      gpointer             user_data);
LSOCK_AVAILABLE_IN_1_0
gssize        lsock_io_device_write_finish           (LsockIODevice       *self,
                                                      GAsyncResult        *result,
                                                      GError             **error);
LSOCK_AVAILABLE_IN_1_0
void          lsock_io_device_flush_async            (LsockIODevice       *self,
                                                      int                  io_priority,
                                                      GCancellable        *cancellable,
                                                      GAsyncReadyCallback  callback,
                                                      gpointer             user_data);
LSOCK_AVAILABLE_IN_1_0
gboolean      lsock_io_device_flush_finish           (LsockIODevice       *self,
                                                      GAsyncResult        *result,
                                                      GError             **error);

G_END_DECLS
