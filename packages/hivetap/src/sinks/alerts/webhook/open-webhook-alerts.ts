import type { AlertSinkContext } from '../../../delivery/alerts/alert-sink-kind.js'
import { readSecretFile } from '../../secrets/read-secret.js'
import { AlertTemplate } from '../template/alert-template.js'
import { READY_MADE } from '../template/ready-made.js'
import type { WebhookAlertsConfig } from './config.js'
import { WebhookAlertSink } from './webhook-alert-sink.js'

/**
 * Reads the template, tries it, and makes the sink.
 *
 * @throws {TemplateError} {@link DeliveryError} if the template's file cannot be read
 */
export async function openWebhookAlerts(
  config: WebhookAlertsConfig,
  context: AlertSinkContext,
): Promise<WebhookAlertSink> {
  const { template_file, template_text, content_type, template } = config
  const own = template_file === undefined ? template_text : await readSecretFile(template_file)
  if (own === undefined) {
    const { source, receiver } = READY_MADE[template]
    const made = new AlertTemplate(source, true, receiver)
    return new WebhookAlertSink(config, made, 'application/json', context)
  }
  const isJson = /json/i.test(content_type)
  return new WebhookAlertSink(config, new AlertTemplate(own, isJson, config.escape), content_type, context)
}
