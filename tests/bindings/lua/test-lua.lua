-- SPDX-FileCopyrightText: 2026 The lsock authors
-- SPDX-License-Identifier: LGPL-2.1-or-later

-- The interface as lgi has it, in TAP.

local lgi = require 'lgi'
local Lsock = lgi.require('Lsock', '1')
local GLib, GObject, Gio = lgi.GLib, lgi.GObject, lgi.Gio

local LIMIT_MS = 10000
local READ_WRITE = Lsock.OpenMode.READ_WRITE

local cases = {}

local function case(name, body)
  cases[#cases + 1] = { name = name, body = body }
end

local function equal(found, expected)
  if found ~= expected then
    error(('found %s instead of %s'):format(tostring(found), tostring(expected)), 2)
  end
end

local function await(condition)
  local expired = false
  local source = GLib.timeout_add(GLib.PRIORITY_DEFAULT, LIMIT_MS, function()
    expired = true
    return true
  end)
  while not condition() do
    GLib.MainContext.default():iteration(true)
    if expired then
      error('what the test waits for did not happen', 2)
    end
  end
  GLib.source_remove(source)
end

-- A server, a client that is connected to it, and the server's end of the connection.
local function with_pair(body)
  local directory = GLib.Dir.make_tmp('lsXXXXXX')
  local name = directory .. '/s'
  local server, client = Lsock.Server(), Lsock.Socket()
  assert(server:listen(name))
  client:connect_to_server(name, READ_WRITE)
  assert(client:wait_for_connected(LIMIT_MS))
  await(function() return server:has_pending_connections() end)
  local ok, message = pcall(body, client, server:next_pending_connection(), server, name)
  client:abort()
  server:close()
  os.remove(directory)
  if not ok then
    error(message, 0)
  end
end

case('conversation', function()
  with_pair(function(client, peer)
    local answer = ''
    peer.on_ready_read = function(self)
      self:write(self:read_all():get_data():upper())
    end
    client.on_ready_read = function(self)
      answer = answer .. self:read_all():get_data()
    end
    equal(client:write('abc'), 3)
    await(function() return #answer == 3 end)
    equal(answer, 'ABC')
  end)
end)

case('wait for new connection', function()
  with_pair(function(_, _, server, name)
    equal(server:wait_for_client(0), false)
    equal(select('#', server:wait_for_client(0)), 1)
    local second = Lsock.Socket()
    second:connect_to_server(name, READ_WRITE)
    equal(server:wait_for_client(LIMIT_MS), true)
    second:abort()
  end)
end)

case('without a loop', function()
  with_pair(function(client, peer)
    client:write('ping\n')
    assert(peer:wait_for_ready_read(LIMIT_MS))
    equal(peer:can_read_line(), true)
    equal(peer:read_line(0):get_data(), 'ping\n')
  end)
end)

case('bytes with a NUL', function()
  with_pair(function(client, peer)
    client:write('a\0b\255')
    assert(peer:wait_for_ready_read(LIMIT_MS))
    equal(peer:read(10):get_data(), 'a\0b\255')
  end)
end)

case('order of signals', function()
  with_pair(function(client, peer)
    local story = {}
    client.on_error = function(_, code) story[#story + 1] = 'error ' .. code end
    client.on_state_changed = function(_, state) story[#story + 1] = state end
    client.on_disconnected = function() story[#story + 1] = 'disconnected' end
    peer:disconnect_from_server()
    await(function() return client:get_state() == 'UNCONNECTED' end)
    equal(table.concat(story, ', '), 'error PEER_CLOSED, CLOSING, UNCONNECTED, disconnected')
    equal(client.last_error, 'PEER_CLOSED')
  end)
end)

case('an error is a second result', function()
  local server = Lsock.Server()
  local ok, err = server:listen('')
  equal(ok, false)
  equal(err:matches(Lsock.SocketError, 'SERVER_NOT_FOUND'), true)
  equal(err.code, 'SERVER_NOT_FOUND')
  equal(err.message, server.error_string)
end)

case('a write to a closed socket fails', function()
  local n, err = Lsock.Socket():write('x')
  equal(n, -1)
  equal(err.code, 'OPERATION')
end)

case('names that are not set', function()
  local socket = Lsock.Socket()
  equal(socket.server_name, nil)
  equal(socket.parent, nil)
  socket.server_name = 'x'
  equal(socket:get_server_name(), 'x')
end)

case('flags', function()
  local server = Lsock.Server()
  server:set_socket_options({ 'USER_ACCESS', 'GROUP_ACCESS' })
  local options = server:get_socket_options()
  equal(options.USER_ACCESS, true)
  equal(options.GROUP_ACCESS, true)
  equal(options.OTHER_ACCESS, nil)
end)

case('is-open is a property', function()
  local buffer = Lsock.Buffer()
  equal(buffer.is_open, false)
  assert(buffer:open(READ_WRITE))
  equal(buffer.is_open, true)
end)

case('lines', function()
  local buffer = Lsock.Buffer()
  buffer:set_data(GLib.Bytes.new('one\ntwo\nlast'))
  buffer:open(READ_WRITE)
  local lines, found = buffer:iterate_lines(), {}
  for line in function() return lines:next() end do
    found[#found + 1] = line:get_data()
  end
  equal(table.concat(found, '|'), 'one\n|two\n|last')
end)

case('a queued slot', function()
  local buffer, seen = Lsock.Buffer(), 0
  buffer:open(READ_WRITE)
  local connection = Lsock.connect_full(buffer, 'about-to-close', Lsock.ConnectionType.QUEUED,
                                        buffer, function() seen = seen + 1 end)
  buffer:close()
  equal(seen, 0)
  await(function() return seen == 1 end)
  connection:disconnect()
  equal(connection:is_connected(), false)
end)

case('a closure as a slot', function()
  local buffer, seen = Lsock.Buffer(), 0
  buffer:open(READ_WRITE)
  Lsock.connect(buffer, 'about-to-close', Lsock.ConnectionType.DIRECT, nil,
                GObject.Closure(function() seen = seen + 1 end))
  buffer:close()
  equal(seen, 1)
end)

case('a queued call', function()
  local receiver, seen = Lsock.Object(), 0
  Lsock.invoke_queued_full(receiver, function() seen = seen + 1 end)
  equal(seen, 0)
  await(function() return seen == 1 end)
end)

case('a device in Lua', function()
  local Upper = Lsock.IODevice:derive('TestUpper')

  function Upper:do_is_sequential()
    return true
  end

  function Upper:do_read_data()
    local held = self.priv.held
    self.priv.held = nil
    return held and GLib.Bytes.new(held)
  end

  function Upper:do_write_data(bytes)
    self.priv.held = (self.priv.held or '') .. bytes:get_data():upper()
    return bytes:get_size()
  end

  local device = Upper()
  assert(device:open(READ_WRITE))
  equal(device:write('one\ntwo'), 7)
  equal(device:read_line(0):get_data(), 'ONE\n')
  equal(device:read_all():get_data(), 'TWO')
end)

case('children', function()
  local parent, child = Lsock.Object(), Lsock.Object()
  child.name = 'child'
  child.parent = parent
  equal(parent.children:get_n_items(), 1)
  equal(Lsock.Object.find_child(parent, 'child', Lsock.Object), child)
  equal(#Lsock.Object.find_children(parent, nil, Lsock.Object), 1)
end)

case('a stream device', function()
  local device = Lsock.StreamDevice.new(
    Gio.MemoryInputStream.new_from_bytes(GLib.Bytes.new('in')), nil)
  assert(device:open(Lsock.OpenMode.READ_ONLY))
  await(function() return device:bytes_available() == 2 end)
  equal(device:read_all():get_data(), 'in')
end)

print('1..' .. #cases)
local failed = false
for number, each in ipairs(cases) do
  local ok, message = xpcall(each.body, debug.traceback)
  print(('%sok %d %s'):format(ok and '' or 'not ', number, each.name))
  if not ok then
    failed = true
    print('# ' .. tostring(message):gsub('\n', '\n# '))
  end
end
os.exit(failed and 1 or 0)
