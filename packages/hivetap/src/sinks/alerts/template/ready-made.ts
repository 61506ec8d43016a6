import type { Receiver } from './escapes.js'

/** A template that comes with hivetap. */
export interface ReadyMade {
  readonly source: string
  readonly receiver: Receiver
}

const COLOUR =
  '{{#is_resolved}}good{{/is_resolved}}{{^is_resolved}}{{#is_critical}}danger{{/is_critical}}{{^is_critical}}warning{{/is_critical}}{{/is_resolved}}'

/** Templates by name. Whoever writes one of their own can begin with them. */
export const READY_MADE = {
  /** The alert itself, as `-o json` has it. */
  json: { source: '{{alert}}', receiver: 'plain' },
  /** A message for Slack’s incoming webhooks, and those that take the same: Mattermost, Rocket.Chat, Zulip. */
  slack: {
    source: `{
  "text": "{{summary}}",
  "attachments": [
    {
      "color": "${COLOUR}",
      "fallback": "{{summary}}",
      "text": "{{details}}"
    }
  ]
}`,
    receiver: 'slack',
  },
} as const satisfies Readonly<Record<string, ReadyMade>>
