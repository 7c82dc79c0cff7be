// How to reach the cluster, from the environment.
//
// KAFKA_BROKERS  HOST:PORT, several with commas: those that are down are passed over
// KAFKA_USER, KAFKA_PASSWORD  an account, by SCRAM-SHA-512 over TLS; without it nothing is encrypted
// KAFKA_CA  the authority that the brokers' certificates are signed by
// TOPIC_PREFIX  "matcher" unless told otherwise
// KAFKA_EMBEDDED  1: the laptop's broker, which knows no idempotence and one record a batch
import { readFileSync } from 'node:fs'

const env = process.env
export const EMBEDDED = env.KAFKA_EMBEDDED === '1'

/** What producers and consumers need to connect. */
export function connection() {
  const options = { clientId: 'matcher-client', bootstrapBrokers: env.KAFKA_BROKERS.split(',') }
  if (env.KAFKA_USER) {
    options.tls = env.KAFKA_CA ? { ca: readFileSync(env.KAFKA_CA) } : {}
    options.sasl = { mechanism: 'SCRAM-SHA-512', username: env.KAFKA_USER, password: env.KAFKA_PASSWORD }
  }
  return options
}

/** The full name of one of matcher's topics. */
export const topic = name => `${env.TOPIC_PREFIX ?? 'matcher'}.${name}.v1`
