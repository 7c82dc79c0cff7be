// Tell people of new jobs: each piece of news once, by day, one message a day a person.
//
// node notifier.js     reads matches and explanations, hands messages to SENDER_URL
//
// STORE  its database (notifier.db); KAFKA_GROUP  its group (matcher-notifier-sms)
// QUIET_HOURS  hours of Lima in which nobody is told (21-8)
// SENTENCE_SECONDS  for how long news waits for its explanation (60)
// LEASE_SECONDS  after which another notifier may hand over what this one began to (60)
// KEY_HOURS  for how long the gateway knows a key again; 0: it takes none (24). See ../README.md
import { setTimeout as sleep } from 'node:timers/promises'
import { Consumer, MessagesStreamFallbackModes, MessagesStreamModes, stringDeserializers } from '@platformatic/kafka'
import { connection, oneSentence, topic } from './connection.js'
import { day } from './hours.js'
import { Outbox } from './outbox.js'
import { send } from './sender.js'
import { Store } from './store.js'

const env = process.env
const MATCHES = topic('matches')
const EXPLANATIONS = topic('explanations')
const CANARY = 'canary.' // invented, to watch matcher by: nobody to tell
const IDLE_MS = 200
const COMMIT_MS = 500
const SESSION_TIMEOUT = Number(env.SESSION_TIMEOUT ?? 30_000)
const AHEAD = Number(env.CLOCK_AHEAD ?? 0) // tests go to the night and the next day by it

const log = said => console.log(new Date().toISOString(), said)
const now = () => Date.now() / 1000 + AHEAD

/** Note what one record says. */
function takeIn(store, record) {
  if (record.key.startsWith(CANARY)) return
  try {
    const event = record.value === undefined ? null : JSON.parse(record.value)
    if (record.topic === MATCHES) store.ranking(record.key, event, now())
    else store.sentence(record.key, event, now())
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error
    log(`${record.topic}[${record.partition}]@${record.offset} cannot be read: ${error.name}`)
  }
}

/** Take records into the store, and commit them only then: none is missed, some come again. */
async function listen(store, consumer) {
  const stream = await consumer.consume({
    topics: [MATCHES, EXPLANATIONS],
    mode: MessagesStreamModes.COMMITTED,
    fallbackMode: MessagesStreamFallbackModes.EARLIEST, // a new group begins with everybody's ranking
    autocommit: false,
    maxBytesPerPartition: 9 << 20 // the largest event is 8.25 MB
  })
  const noted = new Map() // the last record of each partition that the store has
  const commit = async () => {
    const last = [...noted.values()]
    noted.clear()
    try {
      for (const record of last) await record.commit()
    } catch (error) { // a rebalance, mostly: whoever has them now reads these again
      log(`not committed: ${error.message}`)
    }
  }
  const committing = setInterval(commit, COMMIT_MS)
  for await (const record of stream) {
    store.transaction(() => takeIn(store, record))
    noted.set(`${record.topic}:${record.partition}`, record)
  }
  clearInterval(committing)
}

/** Decide what to tell, and hand it over. */
async function tell(outbox, ended) {
  let swept = ''
  while (!ended.aborted) {
    if (swept !== day(now())) {
      outbox.sweep(now())
      swept = day(now())
    }
    outbox.decide(now())
    const messages = outbox.claim(now())
    await Promise.all(messages.map(message => handOver(outbox, message)))
    if (!messages.length) await sleep(IDLE_MS)
  }
}

/** One message to the gateway: that it was decided and claimed is on disk by now. */
async function handOver(outbox, { key, body }) {
  const outcome = await send(key, body)
  outbox.settle(key, outcome, now())
  log(`message ${key.slice(0, 8)}: ${outcome}`)
}

// Runs until SIGTERM, which waits for messages on their way, or until either half fails.
await oneSentence(async () => {
  const store = new Store(env.STORE ?? 'notifier.db')
  const ending = new AbortController()
  const consumer = new Consumer({
    ...connection(),
    groupId: env.KAFKA_GROUP ?? 'matcher-notifier-sms',
    deserializers: stringDeserializers,
    // here and not at `consume`: a commit that finds a rebalance joins anew, by what stands here
    sessionTimeout: SESSION_TIMEOUT,
    rebalanceTimeout: SESSION_TIMEOUT,
    retries: 30 // joining is one: it begins anew where somebody else joins or leaves meanwhile
  })
  process.once('SIGTERM', () => {
    ending.abort()
    consumer.close(true)
  })
  await Promise.all([listen(store, consumer), tell(new Outbox(store), ending.signal)])
})
