/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The properties of a device: their definitions, getters and setters. */

#include "config.h"

#include "device/lsock-io-device-properties-private.h"

#include "lsock-enum-types.h"

#define PRIV(self) (_lsock_io_device_get_private (self))


void
_lsock_io_device_get_property (GObject    *object,
                               guint       prop_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  LsockIODevicePrivate *priv = PRIV (LSOCK_IO_DEVICE (object));

  switch ((LsockIODeviceProperty) prop_id)
    {
    case LSOCK_IO_DEVICE_PROP_OPEN_MODE:
      g_value_set_flags (value, priv->mode);
      break;

    case LSOCK_IO_DEVICE_PROP_IS_OPEN:
      g_value_set_boolean (value, priv->mode != LSOCK_OPEN_MODE_NOT_OPEN);
      break;

    case LSOCK_IO_DEVICE_PROP_IS_READABLE:
      g_value_set_boolean (value, (priv->mode & LSOCK_OPEN_MODE_READ_ONLY) != 0);
      break;

    case LSOCK_IO_DEVICE_PROP_IS_WRITABLE:
      g_value_set_boolean (value, (priv->mode & LSOCK_OPEN_MODE_WRITE_ONLY) != 0);
      break;

    case LSOCK_IO_DEVICE_PROP_TEXT_MODE:
      g_value_set_boolean (value, (priv->mode & LSOCK_OPEN_MODE_TEXT) != 0);
      break;

    case LSOCK_IO_DEVICE_PROP_ERROR_STRING:
      g_value_set_string (value, priv->error_string);
      break;

    case LSOCK_IO_DEVICE_N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

void
_lsock_io_device_set_property (GObject      *object,
                               guint         prop_id,
                               const GValue *value,
                               GParamSpec   *pspec)
{
  LsockIODevice *self = LSOCK_IO_DEVICE (object);

  switch ((LsockIODeviceProperty) prop_id)
    {
    case LSOCK_IO_DEVICE_PROP_TEXT_MODE:
      lsock_io_device_set_text_mode (self, g_value_get_boolean (value));
      break;

    case LSOCK_IO_DEVICE_PROP_OPEN_MODE:
    case LSOCK_IO_DEVICE_PROP_IS_OPEN:
    case LSOCK_IO_DEVICE_PROP_IS_READABLE:
    case LSOCK_IO_DEVICE_PROP_IS_WRITABLE:
    case LSOCK_IO_DEVICE_PROP_ERROR_STRING:
    case LSOCK_IO_DEVICE_N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

void
_lsock_io_device_install_properties (GObjectClass *object_class)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * LsockIODevice:open-mode: (getter get_open_mode)
   *
   * How the device is open.
   *
   * Since: 1.0
   */
  _lsock_io_device_pspecs[LSOCK_IO_DEVICE_PROP_OPEN_MODE] =
    g_param_spec_flags ("open-mode", NULL, NULL, LSOCK_TYPE_OPEN_MODE, LSOCK_OPEN_MODE_NOT_OPEN,
                        readable);

  /**
   * LsockIODevice:is-open: (getter is_open)
   *
   * Whether the device is open.
   *
   * Since: 1.0
   */
  _lsock_io_device_pspecs[LSOCK_IO_DEVICE_PROP_IS_OPEN] = g_param_spec_boolean ("is-open", NULL, NULL, FALSE, readable);

  /**
   * LsockIODevice:is-readable: (getter is_readable)
   *
   * Whether the device is open for reading.
   *
   * Since: 1.0
   */
  _lsock_io_device_pspecs[LSOCK_IO_DEVICE_PROP_IS_READABLE] = g_param_spec_boolean ("is-readable", NULL, NULL, FALSE, readable);

  /**
   * LsockIODevice:is-writable: (getter is_writable)
   *
   * Whether the device is open for writing.
   *
   * Since: 1.0
   */
  _lsock_io_device_pspecs[LSOCK_IO_DEVICE_PROP_IS_WRITABLE] = g_param_spec_boolean ("is-writable", NULL, NULL, FALSE, readable);

  /**
   * LsockIODevice:text-mode: (getter get_text_mode) (setter set_text_mode)
   *
   * Whether line ends are translated; can be set while the device is open.
   *
   * Since: 1.0
   */
  _lsock_io_device_pspecs[LSOCK_IO_DEVICE_PROP_TEXT_MODE] =
    g_param_spec_boolean ("text-mode", NULL, NULL, FALSE, readable | G_PARAM_WRITABLE);

  /**
   * LsockIODevice:error-string: (getter get_error_string)
   *
   * What went wrong last, as a sentence for people; %NULL when nothing has since the device was
   * opened.
   *
   * Since: 1.0
   */
  _lsock_io_device_pspecs[LSOCK_IO_DEVICE_PROP_ERROR_STRING] = g_param_spec_string ("error-string", NULL, NULL, NULL, readable);

  g_object_class_install_properties (object_class, LSOCK_IO_DEVICE_N_PROPS,
                                     _lsock_io_device_pspecs);
}

/**
 * lsock_io_device_get_open_mode: (get-property open-mode)
 * @self: a device
 *
 * Gets the mode in which the device is open.
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
 * Sets how the device is open; for classes of devices.
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
  _lsock_io_device_set_mode (self, mode);
}

/**
 * lsock_io_device_is_open: (get-property is-open)
 * @self: a device
 *
 * Returns whether the device is open.
 *
 * Mirrors `QIODevice::isOpen()`.
 *
 * Returns: %TRUE if it is
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
 * Returns whether the device is open for reading.
 *
 * Mirrors `QIODevice::isReadable()`.
 *
 * Returns: %TRUE if it is
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
 * Returns whether the device is open for writing.
 *
 * Mirrors `QIODevice::isWritable()`.
 *
 * Returns: %TRUE if it is
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
 * lsock_io_device_get_text_mode: (get-property text-mode)
 * @self: a device
 *
 * Returns whether line ends are translated.
 *
 * Mirrors `QIODevice::isTextModeEnabled()`.
 *
 * Returns: %TRUE if they are
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
    _lsock_io_device_set_mode (self, enabled ? mode | LSOCK_OPEN_MODE_TEXT : mode & ~LSOCK_OPEN_MODE_TEXT);
}
