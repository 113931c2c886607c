/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Devices on memory, as the programs that derive from LsockIODevice write them. */

#include <string.h>

#include "memory-devices.h"

static void
memory_init (Memory *memory)
{
  memory->input = g_byte_array_new ();
  memory->output = g_byte_array_new ();
}

static void
memory_clear (Memory *memory)
{
  g_byte_array_unref (memory->input);
  g_byte_array_unref (memory->output);
}

static gboolean
memory_fails (Memory  *memory,
              GError **error)
{
  if (memory->fail)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE, "The memory leaks");

  return memory->fail || memory->silent_fail;
}

G_DEFINE_TYPE (TestPipe, test_pipe, LSOCK_TYPE_IO_DEVICE)

static gboolean
return_true (LsockIODevice *device)
{
  return TRUE;
}

static gint64
test_pipe_bytes_available (LsockIODevice *device)
{
  return LSOCK_IO_DEVICE_CLASS (test_pipe_parent_class)->bytes_available (device) +
         TEST_PIPE (device)->memory.input->len;
}

static gssize
test_pipe_read_buffer (LsockIODevice  *device,
                       void           *buffer,
                       gsize           count,
                       GError        **error)
{
  Memory *memory = &TEST_PIPE (device)->memory;
  gsize n = MIN (count, memory->input->len);

  memory->calls++;
  memory->asked = count;
  if (memory_fails (memory, error) || (n == 0 && memory->ended))
    return -1;

  if (n > 0)
    {
      memcpy (buffer, memory->input->data, n);
      g_byte_array_remove_range (memory->input, 0, n);
    }
  return n;
}

static gssize
test_pipe_write_buffer (LsockIODevice  *device,
                        const void     *data,
                        gsize           length,
                        GError        **error)
{
  Memory *memory = &TEST_PIPE (device)->memory;

  if (memory_fails (memory, error))
    return -1;

  g_byte_array_append (memory->output, data, length);
  return length;
}

static gboolean
test_pipe_open (LsockIODevice  *device,
                LsockOpenMode   mode,
                GError        **error)
{
  return !memory_fails (&TEST_PIPE (device)->memory, error) &&
         LSOCK_IO_DEVICE_CLASS (test_pipe_parent_class)->open (device, mode, error);
}

static void
test_pipe_finalize (GObject *object)
{
  memory_clear (&TEST_PIPE (object)->memory);
  G_OBJECT_CLASS (test_pipe_parent_class)->finalize (object);
}

static void
test_pipe_class_init (TestPipeClass *klass)
{
  LsockIODeviceClass *device_class = LSOCK_IO_DEVICE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = test_pipe_finalize;
  device_class->open = test_pipe_open;
  device_class->is_sequential = return_true;
  device_class->bytes_available = test_pipe_bytes_available;
  device_class->read_buffer = test_pipe_read_buffer;
  device_class->write_buffer = test_pipe_write_buffer;
}

static void
test_pipe_init (TestPipe *self)
{
  memory_init (&self->memory);
}

G_DEFINE_TYPE (TestBytes, test_bytes, LSOCK_TYPE_IO_DEVICE)

static gint64
test_bytes_bytes_available (LsockIODevice *device)
{
  return LSOCK_IO_DEVICE_CLASS (test_bytes_parent_class)->bytes_available (device) +
         TEST_BYTES (device)->memory.input->len;
}

static GBytes *
test_bytes_read_data (LsockIODevice  *device,
                      gsize           max_length,
                      GError        **error)
{
  TestBytes *self = TEST_BYTES (device);
  Memory *memory = &self->memory;
  gsize n = MIN (self->too_much ? G_MAXSIZE : max_length, memory->input->len);
  GBytes *bytes;

  memory->calls++;
  memory->asked = max_length;
  if (memory_fails (memory, error) || (n == 0 && memory->ended))
    return NULL;

  bytes = g_bytes_new (memory->input->data, n);
  if (n > 0)
    g_byte_array_remove_range (memory->input, 0, n);
  return bytes;
}

static gssize
test_bytes_write_data (LsockIODevice  *device,
                       GBytes         *bytes,
                       GError        **error)
{
  TestBytes *self = TEST_BYTES (device);

  if (memory_fails (&self->memory, error))
    return -1;

  g_clear_pointer (&self->last, g_bytes_unref);
  self->last = g_bytes_ref (bytes);
  g_byte_array_append (self->memory.output, g_bytes_get_data (bytes, NULL),
                       g_bytes_get_size (bytes));
  return g_bytes_get_size (bytes);
}

static void
test_bytes_finalize (GObject *object)
{
  g_clear_pointer (&TEST_BYTES (object)->last, g_bytes_unref);
  memory_clear (&TEST_BYTES (object)->memory);
  G_OBJECT_CLASS (test_bytes_parent_class)->finalize (object);
}

static void
test_bytes_class_init (TestBytesClass *klass)
{
  LsockIODeviceClass *device_class = LSOCK_IO_DEVICE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = test_bytes_finalize;
  device_class->is_sequential = return_true;
  device_class->bytes_available = test_bytes_bytes_available;
  device_class->read_data = test_bytes_read_data;
  device_class->write_data = test_bytes_write_data;
}

static void
test_bytes_init (TestBytes *self)
{
  memory_init (&self->memory);
}

G_DEFINE_TYPE (TestDisk, test_disk, LSOCK_TYPE_IO_DEVICE)

static gint64
test_disk_size (LsockIODevice *device)
{
  return TEST_DISK (device)->memory.input->len;
}

static gboolean
test_disk_seek (LsockIODevice  *device,
                gint64          pos,
                GError        **error)
{
  if (!LSOCK_IO_DEVICE_CLASS (test_disk_parent_class)->seek (device, pos, error))
    return FALSE;

  TEST_DISK (device)->memory.offset = pos;
  return TRUE;
}

static gssize
test_disk_read_buffer (LsockIODevice  *device,
                       void           *buffer,
                       gsize           count,
                       GError        **error)
{
  Memory *memory = &TEST_DISK (device)->memory;
  gsize n = memory->offset < memory->input->len ? memory->input->len - memory->offset : 0;

  n = MIN (n, count);
  memory->calls++;
  memory->asked = count;
  if (n > 0)
    memcpy (buffer, memory->input->data + memory->offset, n);
  memory->offset += n;
  return n;
}

static gssize
test_disk_write_buffer (LsockIODevice  *device,
                        const void     *data,
                        gsize           length,
                        GError        **error)
{
  Memory *memory = &TEST_DISK (device)->memory;

  if (memory->offset + length > memory->input->len)
    g_byte_array_set_size (memory->input, memory->offset + length);
  memcpy (memory->input->data + memory->offset, data, length);
  memory->offset += length;
  return length;
}

static gboolean
test_disk_open (LsockIODevice  *device,
                LsockOpenMode   mode,
                GError        **error)
{
  TEST_DISK (device)->memory.offset = 0;
  return LSOCK_IO_DEVICE_CLASS (test_disk_parent_class)->open (device, mode, error);
}

static void
test_disk_finalize (GObject *object)
{
  memory_clear (&TEST_DISK (object)->memory);
  G_OBJECT_CLASS (test_disk_parent_class)->finalize (object);
}

static void
test_disk_class_init (TestDiskClass *klass)
{
  LsockIODeviceClass *device_class = LSOCK_IO_DEVICE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = test_disk_finalize;
  device_class->open = test_disk_open;
  device_class->size = test_disk_size;
  device_class->seek = test_disk_seek;
  device_class->read_buffer = test_disk_read_buffer;
  device_class->write_buffer = test_disk_write_buffer;
}

static void
test_disk_init (TestDisk *self)
{
  memory_init (&self->memory);
}

G_DEFINE_TYPE (TestDumb, test_dumb, LSOCK_TYPE_IO_DEVICE)

static void
test_dumb_class_init (TestDumbClass *klass)
{
}

static void
test_dumb_init (TestDumb *self)
{
}

void
memory_feed (Memory     *memory,
             const char *text)
{
  g_byte_array_append (memory->input, (const guint8 *) text, strlen (text));
}
