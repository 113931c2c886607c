# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later

# An echo conversation through gobject-introspection, in TAP.

require 'gio2'
require 'tmpdir'

module Lsock
  loader = GObjectIntrospection::Loader.new(self)
  loader.version = '1'
  loader.load('Lsock')
end

LIMIT_MS = 10_000

$count = 0
$failed = false

def check(what, found, expected)
  $count += 1
  good = found == expected
  $failed ||= !good
  puts "#{'not ' unless good}ok #{$count} #{what}"
  puts "# found #{found.inspect} instead of #{expected.inspect}" unless good
end

def await
  expired = false
  source = GLib::Timeout.add(LIMIT_MS) { expired = true }
  until yield
    GLib::MainContext.default.iteration(true)
    raise 'what the test waits for did not happen' if expired
  end
  GLib::Source.remove(source)
end

Dir.mktmpdir('ls') do |folder|
  name = File.join(folder, 's')
  server = Lsock::Server.new
  client = Lsock::Socket.new
  peers = []

  server.signal_connect('new-connection') do
    peer = server.next_pending_connection
    peers << peer
    peer.signal_connect('ready-read') { peer.write_bytes(peer.read_all) }
  end

  check('the server listens', server.listen(name), true)
  states = []
  client.signal_connect('state-changed') { |_, state| states << state.nick }
  client.connect_to_server(name, Lsock::OpenMode::READ_WRITE)

  text = "grüße\0\n".b
  check('a string is written', client.write(text), text.bytesize)
  await { client.can_read_line? }
  check('the same bytes come back', client.read_line(0).to_s.b, text)

  calls = 0
  Lsock.invoke_queued_full(client) { calls += 1 }
  await { calls.positive? }
  check('a queued call is made', calls, 1)

  client.disconnect_from_server
  await { client.state == Lsock::SocketState::UNCONNECTED }
  check('states are enumerations', states, %w[connecting connected closing unconnected])

  begin
    Lsock::Server.new.listen('')
    check('an error is raised', 'nothing', 'an error')
  rescue Lsock::SocketError::ServerNotFound => e
    check('an error is raised', e.code, Lsock::SocketError::SERVER_NOT_FOUND.to_i)
  end

  server.close
end

puts "1..#{$count}"
exit(!$failed)
