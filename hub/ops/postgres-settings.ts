import { readySegments } from './postgres-log.js'

/** The settings of the embedded server, as arguments. `owner` names the hub that started it (see postgres-owner.ts). */
export const serverArguments = (port: number, owner: string): readonly string[] => Object.entries({
  listen_addresses: '127.0.0.1',
  port: String(port),
  unix_socket_directories: '',
  max_connections: '100',
  // Acknowledged means committed.
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '256MB',
  huge_pages: 'try',
  // Of 7 kB an order a twentieth is whole pages: to compress them costs more than to write them.
  wal_compression: 'off',
  max_wal_size: '2GB',
  // Segments that are used again: to make one takes as long as 16 MB of zeros, and what commits waits for it (see postgres-log.ts).
  min_wal_size: `${readySegments * 16}MB`,
  checkpoint_timeout: '15min',
  // A killed hub's statements end, and with them its locks.
  client_connection_check_interval: '500ms',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  logging_collector: 'off',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
  'chainhub.owner': owner,
}).flatMap(([name, value]) => ['-c', `${name}=${value}`])
