import { destination, pino, stdTimeFunctions, type Logger } from 'pino'
import type { LogLevel } from '../config.js'

/** Structured logs, one JSON object a line on standard error; standard output stays for people. Keys and credentials never appear. */
export const makeLog = (level: LogLevel): Logger => pino({
  level,
  base: null,
  timestamp: stdTimeFunctions.isoTime,
  redact: { paths: ['authorization', 'headers.authorization', '*.key', 'token'], censor: '***' },
}, destination({ fd: 2, sync: false }))
