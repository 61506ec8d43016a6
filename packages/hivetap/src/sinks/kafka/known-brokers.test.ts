import { expect, test } from 'vitest'
import { addressText, KnownBrokers } from './known-brokers.js'

const broker = (host: string) => ({ host, port: 9092 })

test('who failed is asked last, until it answers', () => {
  const brokers = new KnownBrokers([broker('a'), broker('b')])
  const order = () => brokers.candidates.map(({ host }) => host).join('')
  brokers.learn([broker('b'), broker('c')])
  expect(order()).toBe('abc')
  brokers.failed(broker('a'))
  brokers.failed(broker('c'))
  expect(order()).toBe('bac')
  brokers.failed(broker('b'))
  expect(order()).toBe('acb')
  brokers.answered(broker('b'))
  expect(order()).toBe('bac')
})

test('those of the configuration stay, whatever an answer names', () => {
  const brokers = new KnownBrokers([broker('a')])
  brokers.learn(Array.from({ length: 5000 }, (_, index) => broker(`x${index}`)))
  expect(brokers.candidates.length).toBeLessThanOrEqual(1001)
  brokers.learn([])
  expect(brokers.candidates).toEqual([broker('a')])
})

test('an address in one piece', () => {
  expect(addressText(broker('a'))).toBe('a:9092')
  expect(addressText(broker('::1'))).toBe('[::1]:9092')
})
