// How to reach the cluster, from the environment, and what to say where it lets nobody in.
//
// KAFKA_BROKERS  HOST:PORT, several with commas: those that are down are passed over
// KAFKA_USER, KAFKA_PASSWORD  an account, by SCRAM-SHA-512 over TLS; without it nothing is encrypted
// KAFKA_CA  the authority that the brokers' certificates are signed by
// TOPIC_PREFIX  "matcher" unless told otherwise
// KAFKA_EMBEDDED  1: the laptop's broker, which knows no idempotence and one record a batch
import { readFileSync } from 'node:fs'
import { AuthenticationError, Connection, findErrorBy } from '@platformatic/kafka'

const env = process.env
export const EMBEDDED = env.KAFKA_EMBEDDED === '1'
const NOT_LET_IN = 2 // exit code
const CERTIFICATE = /CERT|SIGNATURE|ALTNAME|ISSUER/ // in the codes of Node's errors about one

/** The cluster cannot be used; its message says why. */
class NotLetIn extends Error {}

function asked(name) {
  if (env[name]) return env[name]
  throw new NotLetIn(`Set ${name}.`)
}

function trusted() {
  if (!env.KAFKA_CA) return {}
  try {
    return { ca: readFileSync(env.KAFKA_CA) }
  } catch (error) {
    throw new NotLetIn(`KAFKA_CA cannot be read: ${error.code}.`)
  }
}

/** What producers and consumers need to connect. */
export function connection() {
  const options = { clientId: 'matcher-client', bootstrapBrokers: asked('KAFKA_BROKERS').split(',') }
  if (env.KAFKA_USER) {
    options.tls = trusted()
    options.sasl = { mechanism: 'SCRAM-SHA-512', username: env.KAFKA_USER, password: asked('KAFKA_PASSWORD') }
  }
  return options
}

/** The full name of one of matcher's topics. */
export const topic = name => `${env.TOPIC_PREFIX ?? 'matcher'}.${name}.v1`

/** See that some broker lets us in; throws why none does. The library itself would try for minutes. */
async function knock() {
  const { clientId, bootstrapBrokers, tls, sasl } = connection()
  let why = `No broker answers at ${bootstrapBrokers}.`
  for (const server of bootstrapBrokers) {
    const port = server.lastIndexOf(':')
    const door = new Connection(clientId, { tls, sasl })
    try {
      return await door.connect(server.slice(0, port), Number(server.slice(port + 1)))
    } catch (error) {
      why = reason(server, error) ?? why
    } finally {
      await door.close()
    }
  }
  throw new NotLetIn(why)
}

function reason(server, error) {
  if (error.cause instanceof AuthenticationError) {
    return `${server} does not take KAFKA_USER with KAFKA_PASSWORD.`
  }
  const code = error.cause?.code
  return CERTIFICATE.test(code) ? `KAFKA_CA does not vouch for ${server}: ${code}.` : undefined
}

/** What this account may not use, "topic" or "group"; undefined if the error is another one. */
export function forbidden(error) {
  return ['topic', 'group'].find(kind => findErrorBy(error, 'apiId', `${kind.toUpperCase()}_AUTHORIZATION_FAILED`))
}

/** Run a whole program for its exit code: what keeps it from the cluster ends it with a sentence. */
export async function oneSentence(program) {
  try {
    await knock()
    process.exitCode = await program()
  } catch (error) {
    const kind = forbidden(error)
    if (!kind && !(error instanceof NotLetIn)) throw error
    console.error(kind ? `The account ${env.KAFKA_USER} may not use a ${kind} that it asks for.` : error.message)
    process.exit(NOT_LET_IN)
  }
}
