import type { AlertSinkContext } from '../../../delivery/alerts/alert-sink-kind.js'
import { AlertsRefused } from '../../../delivery/alerts/alerts-refused.js'
import type { Alert, AlertSink } from '../../../detect/alert.js'
import { authHeaders } from '../../http/auth.js'
import { HttpClient } from '../../http/http-client.js'
import { readAddress } from '../../http/secret-address.js'
import { quoted, verdictOf } from '../../http/verdict.js'
import type { AlertTemplate } from '../template/alert-template.js'
import { TemplateError } from '../template/parse-template.js'
import type { WebhookAlertsConfig } from './config.js'

/** What became of an alert: `undefined`, or why the server does not take it. */
type Outcome = { readonly refused: string | undefined }

/** Alerts by POST, a request each. Tried again after an error, those that were told are not told once more. */
export class WebhookAlertSink implements AlertSink {
  readonly name: string
  readonly #config: WebhookAlertsConfig
  readonly #template: AlertTemplate
  readonly #contentType: string
  readonly #client: HttpClient
  readonly #outcomes = new WeakMap<Alert, Outcome>()

  constructor(
    config: WebhookAlertsConfig,
    template: AlertTemplate,
    contentType: string,
    context: AlertSinkContext,
  ) {
    this.name = config.name
    this.#config = config
    this.#template = template
    this.#contentType = contentType
    this.#client = new HttpClient(
      config,
      (message) => context.note(message),
      () => authHeaders(config.auth),
    )
  }

  async tell(alerts: readonly Alert[], signal: AbortSignal): Promise<void> {
    for (const alert of alerts)
      if (!this.#outcomes.has(alert)) this.#outcomes.set(alert, { refused: await this.#post(alert, signal) })
    const refused = alerts.filter((alert) => this.#outcomes.get(alert)?.refused !== undefined)
    const [first] = refused
    if (first === undefined) return
    throw new AlertsRefused(this.name, refused, this.#outcomes.get(first)?.refused ?? '')
  }

  async close(): Promise<void> {
    this.#client.close()
  }

  /** @returns why the server will never take it */
  async #post(alert: Alert, signal: AbortSignal): Promise<string | undefined> {
    const body = this.#bodyOf(alert)
    if (body instanceof TemplateError) return body.message
    const address = await readAddress(this.#config)
    const headers = {
      'content-type': this.#contentType,
      'idempotency-key': `${alert.alert_id}-${alert.state}-${alert.time}`.replace(/[^\x21-\x7e]/g, '?'),
    }
    const answer = await this.#client.post(address, body, headers, signal)
    const verdict = verdictOf(answer, address.said, 'auth, header_files and cert_file')
    if (verdict.kind === 'failed') throw verdict.error
    return verdict.kind === 'delivered' ? undefined : `it answered ${answer.status}${quoted(answer)}`
  }

  #bodyOf(alert: Alert): Buffer | TemplateError {
    try {
      return Buffer.from(this.#template.render(alert))
    } catch (error) {
      if (error instanceof TemplateError) return error
      throw error
    }
  }
}
