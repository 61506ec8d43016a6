// @ts-check
/**
 * What both sides of the comparison are told of the topic.
 *
 * @param {string} broker
 * @param {string} topic
 */
export function kafkaSettings(broker, topic) {
  return { type: 'kafka', name: 'kafka', brokers: [broker], topic }
}
