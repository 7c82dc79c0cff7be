// Publish people and job ads to matcher: one JSON object a line from standard input.
//
// node publish.js profiles < people.jsonl    {"profile_id": "p-1", "text": "albañil, 5 años"}
// node publish.js jobs < ads.jsonl           {"job_id": "a-1", "title": "Albañil"}
// node publish.js profiles --erase p-1 p-2   forget people, everywhere
// node publish.js jobs --withdraw a-1        take ads back
import { randomBytes, randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { ProduceAcks, Producer, compatibilityPartitioner, stringSerializers } from '@platformatic/kafka'
import { EMBEDDED, connection, forbidden, oneSentence, topic } from './connection.js'

const ID_OF = { profiles: 'profile_id', jobs: 'job_id' }
const GONE = { profiles: '--erase', jobs: '--withdraw' }
const SOURCE = 'example-upstream'
const WINDOW = EMBEDDED ? 1 : 500

/** A producer whose records come once, in order, and count when every replica in step has them. */
export function makeProducer() {
  return new Producer({
    ...connection(),
    acks: ProduceAcks.ALL,
    idempotent: !EMBEDDED,
    autocreateTopics: false,
    // Java's murmur2, which the topics are keyed by; this library's default takes the hash's sign
    // for one more bit, which is another partition where their number is no power of two
    partitioner: compatibilityPartitioner,
    serializers: stringSerializers
  })
}

/** CloudEvents headers, and a trace that the event can be followed by through both apps. */
function headers(kind) {
  return {
    ce_specversion: '1.0',
    ce_id: randomUUID(),
    ce_type: `pe.matcher.${kind}.v1`,
    ce_source: SOURCE,
    ce_time: new Date().toISOString(),
    'content-type': 'application/json',
    traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`
  }
}

/**
 * Publish [id, event] pairs in order; an event of null erases a person or withdraws an ad.
 * Resolves to the ids of what was not taken. Publish those again: the same event twice changes nothing.
 */
export async function publish(producer, kind, events) {
  const failed = []
  let waiting = []
  const settle = async () => {
    try {
      if (waiting.length) await producer.send({ messages: waiting })
    } catch (error) {
      if (forbidden(error)) throw error // so would all others
      console.error(`${waiting.length} from ${waiting[0].key}: ${error.message}`)
      failed.push(...waiting.map(message => message.key))
    }
    waiting = []
  }
  for await (const [id, event] of events) {
    const value = event === null ? undefined : JSON.stringify(event) // undefined: a null on the wire
    waiting.push({ topic: topic(kind), key: id, value, headers: headers(kind) })
    if (waiting.length >= WINDOW) await settle()
  }
  await settle()
  return failed
}

async function * readEvents(kind) {
  for await (const line of createInterface({ input: process.stdin })) {
    if (!line.trim()) continue
    const event = JSON.parse(line)
    yield [event[ID_OF[kind]], event]
  }
}

const [kind, flag, ...names] = process.argv.slice(2)
if (!(kind in ID_OF) || (flag && flag !== GONE[kind])) {
  console.error('node publish.js profiles|jobs < FILE, profiles --erase ID ..., jobs --withdraw ID ...')
  process.exit(2)
}
await oneSentence(async () => {
  const producer = makeProducer()
  const failed = await publish(producer, kind, flag ? names.map(id => [id, null]) : readEvents(kind))
  await producer.close()
  return failed.length ? 1 : 0
})
