import { ok, type Result } from '../../schemas/result.js'
import type { Operation, RawReply } from './operation.js'
import { followersAnswer, liveAnswer, metricsAnswer, readyAnswer } from './watch-answers.js'

export interface WatchDeps {
  readonly ready: () => Promise<Result<unknown>>
  readonly followers: () => Promise<Result<unknown>>
  readonly metrics: () => Promise<RawReply>
}

/** By which a process is watched, whatever its roles. */
export const watchOperations = (deps: WatchDeps): readonly Operation[] => [
  {
    id: 'isLive', method: 'GET', path: '/health/live', tag: 'operations', audience: 'anyone',
    summary: 'Whether the process answers',
    answer: liveAnswer,
    handle: () => Promise.resolve(ok({ status: 'live' })),
  },
  {
    id: 'isReady', method: 'GET', path: '/health/ready', tag: 'operations', audience: 'anyone',
    summary: 'Whether the databases are reached and the followers running, how far these are, and who keeps them',
    answer: readyAnswer,
    handle: () => deps.ready(),
  },
  {
    id: 'getMetrics', method: 'GET', path: '/metrics', tag: 'operations', audience: 'anyone',
    summary: 'Metrics in Prometheus\' text format',
    answer: metricsAnswer,
    handle: async () => ok(await deps.metrics()),
  },
  {
    id: 'listFollowers', method: 'GET', path: '/followers', tag: 'operations', audience: 'admin',
    summary: 'The followers, each with its owner and lag, and the processes of the hub',
    answer: followersAnswer,
    handle: () => deps.followers(),
  },
]
