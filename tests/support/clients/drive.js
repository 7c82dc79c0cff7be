// Runs a notifier's store and outbox by lines of JSON: [name, arguments ...] in, answers out.
import { createInterface } from 'node:readline'
import * as hours from '../../../deploy/clients/javascript/hours.js'
import { Outbox } from '../../../deploy/clients/javascript/outbox.js'
import { Store } from '../../../deploy/clients/javascript/store.js'

let store = new Store(process.argv[2])
for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...given] = JSON.parse(line)
  const outbox = new Outbox(store)
  let said = null
  if (name === 'open') store = new Store(given[0]) // as after kill -9: the old one is not closed
  else if (name === 'ranking' || name === 'sentence') store.transaction(() => store[name](...given))
  else if (name === 'claim') said = outbox.claim(...given)
  else if (name in hours) said = hours[name](...given)
  else if (name === 'rows') said = store.rows(given[0])
  else outbox[name](...given)
  console.log(JSON.stringify(said))
}
