-- SPDX-FileCopyrightText: 2026 The lsock authors
-- SPDX-License-Identifier: LGPL-2.1-or-later

-- A server that answers each line with the same line, and a client that sends it lines:
--   lua echo.lua server NAME
--   lua echo.lua client NAME LINE…

local lgi = require 'lgi'
local GLib = lgi.GLib
local Lsock = lgi.require('Lsock', '1')

-- Calls `handle` with each line that is there now, without its line end.
local function each_line(device, handle)
  local lines = device:iterate_lines()
  local line, err = lines:next()
  while line do
    handle((line:get_data():gsub('\n$', '')))
    line, err = lines:next()
  end
  if err then
    io.stderr:write(err.message, '\n')
  end
end

local function serve(name)
  local server = Lsock.Server()

  function server:on_new_connection()
    local peer = self:next_pending_connection()
    while peer do
      function peer:on_ready_read()
        each_line(self, function(line) self:write(line .. '\n') end)
      end
      -- The server owns its sockets; one that has ended is not needed any more.
      function peer:on_disconnected()
        self:delete_later()
      end
      peer = self:next_pending_connection()
    end
  end

  local ok, err = server:listen(name)
  if not ok then
    io.stderr:write(err.message, '\n')
    return 1
  end
  print('listening')
  io.stdout:flush()
  GLib.MainLoop():run()
end

local function ask(name, lines)
  local loop = GLib.MainLoop()
  local socket = Lsock.Socket()
  local answered, status = 0, 0

  function socket:on_connected()
    for _, line in ipairs(lines) do
      self:write(line .. '\n')
    end
  end

  function socket:on_ready_read()
    each_line(self, function(line)
      print(line)
      answered = answered + 1
    end)
    if answered == #lines then
      loop:quit()
    end
  end

  function socket:on_error()
    io.stderr:write(self.error_string, '\n')
    status = 1
    loop:quit()
  end

  socket:connect_to_server(name, Lsock.OpenMode.READ_WRITE)
  -- A connection that cannot even begin has failed when the call returns.
  if status == 0 then
    loop:run()
  end
  return status
end

if arg[1] == 'server' and #arg == 2 then
  os.exit(serve(arg[2]))
elseif arg[1] == 'client' and #arg > 2 then
  os.exit(ask(arg[2], { (table.unpack or unpack)(arg, 3) }))
else
  io.stderr:write('usage: echo.lua server NAME | client NAME LINE…\n')
  os.exit(2)
end
