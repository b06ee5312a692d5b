import type { Logger } from 'pino'
import { uuidOf } from '../../schemas/ids.js'
import { markTold, untoldAlerts, type UntoldAlert } from '../central/alerts.js'
import { putDeliveries, type NewDelivery } from '../central/deliveries/put-deliveries.js'
import type { Database } from '../ops/database.js'
import type { Metrics } from '../ops/metrics.js'

interface TellAlertsDeps {
  readonly central: Database
  readonly log: Logger
  readonly metrics: Metrics
  /** The endpoint that alerts are sent to. */
  readonly to: string | undefined
  readonly onPut: () => void
}

const most = 100

/** Logs and counts what alerts were opened and closed, and delivers it; each once, whatever is killed: told and delivered is one transaction. */
export const tellAlerts = async ({ central, log, metrics, to, onPut }: TellAlertsDeps): Promise<void> => {
  const told = await central.transaction(async (tx) => {
    const alerts = await untoldAlerts(tx, most)
    if (alerts.length === 0) return []
    const events = alerts.flatMap(eventsOf)
    if (to !== undefined) await putDeliveries(tx, events.filter(({ alert }) => alert.subject !== to).map((event) => deliveryOf(event, to)))
    await markTold(tx, alerts.map(({ id }) => id))
    return events
  })
  for (const { alert: { kind, subject, detail }, state } of told) {
    metrics.alertTold(kind, state)
    if (state === 'opened') log.warn({ alert: kind, subject, detail }, 'alert')
    else log.info({ alert: kind, subject }, 'alert closed')
  }
  if (told.length > 0) onPut()
}

interface AlertEvent {
  readonly alert: UntoldAlert
  readonly state: 'opened' | 'closed'
}

const eventsOf = (alert: UntoldAlert): readonly AlertEvent[] => [...(alert.openingTold ? [] : [{ alert, state: 'opened' } as const]), ...(alert.closedAt === null ? [] : [{ alert, state: 'closed' } as const])]

const deliveryOf = ({ alert, state }: AlertEvent, endpoint: string): NewDelivery => {
  const { id, kind, subject, detail, openedAt, closedAt } = alert
  const source = `alerts:${endpoint}`
  const cause = id * 2 + (state === 'opened' ? 0 : 1)
  return {
    id: uuidOf(`delivery ${JSON.stringify([source, cause, openedAt])}`), endpoint, key: `alert:${kind}@${subject}`, source, cause, messageId: undefined, documentId: undefined,
    ownDocument: { alert: kind, subject, state, detail, openedAt, ...(state === 'closed' ? { closedAt } : {}) },
    kind: undefined, number: undefined, issuerKey: undefined, test: false, expectReceivedMs: undefined, expectUnderstoodMs: undefined, expectAnsweredMs: undefined,
  }
}
