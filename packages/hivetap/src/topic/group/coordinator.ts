import { DeliveryError } from '../../delivery/destination.js'
import { ClusterClient } from '../../sinks/kafka/cluster-client.js'
import type { BrokerAddress, BrokersConfig } from '../../sinks/kafka/config.js'
import { InputError } from '../input-error.js'
import { ANSWER } from '../wire/answers.js'
import type { GroupLibrary } from '../wire/topic-cluster.js'

/** Of finding a coordinator: that of a group. */
const OF_GROUP = 0

export type GroupAsk<T> = Parameters<typeof ClusterClient.prototype.onBroker<T>>[2]

/** The broker that looks after a group: found when it is asked, and found anew when it has changed. */
export class Coordinator {
  readonly #kafka: GroupLibrary
  readonly #group: string
  readonly #client: ClusterClient
  #broker: BrokerAddress | undefined

  constructor(kafka: GroupLibrary, config: BrokersConfig, group: string) {
    this.#kafka = kafka
    this.#group = group
    this.#client = new ClusterClient(kafka, config)
  }

  /** Asks it. @throws {DeliveryError} {@link InputError} where the group may not be used */
  async ask<T>(ask: GroupAsk<T>): Promise<T> {
    this.#broker ??= await this.#find()
    try {
      return await this.#client.onBroker(this.#broker, undefined, ask)
    } catch (error) {
      this.#broker = undefined
      throw error
    }
  }

  /**
   * What an answer means that is not about membership: nothing if it is none of these.
   *
   * @throws {DeliveryError} that passes, if another broker is to be asked, or this one later
   * @throws {InputError} where the group may not be used
   */
  check(errorCode: number): void {
    switch (errorCode) {
      case ANSWER.NOT_COORDINATOR:
      case ANSWER.COORDINATOR_NOT_AVAILABLE:
        this.#broker = undefined
        throw new DeliveryError(
          'coordinator_missing',
          `The group ${this.#group} is looked after by no broker now.`,
          {
            passing: true,
          },
        )
      case ANSWER.COORDINATOR_LOAD_IN_PROGRESS:
        throw new DeliveryError(
          'coordinator_loading',
          `The broker of the group ${this.#group} is not ready.`,
          {
            passing: true,
          },
        )
      case ANSWER.GROUP_AUTHORIZATION_FAILED:
        throw new InputError(
          `The brokers do not let us use the consumer group ${this.#group}: allow Read on it, or name another by --group.`,
        )
    }
  }

  /** What else it answers is no part of the protocol. */
  unexpected(errorCode: number): DeliveryError {
    const { apiId } = new this.#kafka.ProtocolError(errorCode) as { apiId?: string }
    return new DeliveryError(
      'broker_error',
      `The broker of the group ${this.#group} answered ${apiId ?? errorCode}.`,
      { passing: true },
    )
  }

  /** Ends all connections at once. */
  close(): void {
    this.#client.close()
  }

  async #find(): Promise<BrokerAddress> {
    const { findCoordinatorV4, findCoordinatorV5, findCoordinatorV6 } = this.#kafka
    const versions = [findCoordinatorV6, findCoordinatorV5, findCoordinatorV4]
    const { coordinators } = await this.#client.onSoonestBroker(undefined, (connection) =>
      connection.call('FindCoordinator', versions, (api, to) => api.async(to, OF_GROUP, [this.#group])),
    )
    const found = coordinators.find(({ key }) => key === this.#group)
    if (found === undefined) throw this.unexpected(ANSWER.COORDINATOR_NOT_AVAILABLE)
    this.check(found.errorCode)
    if (found.errorCode !== ANSWER.NONE) throw this.unexpected(found.errorCode)
    return { host: found.host, port: found.port }
  }
}
