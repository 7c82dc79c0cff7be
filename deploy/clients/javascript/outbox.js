// What to tell, decided and noted before anything is sent: each step is one durable transaction.
import { day, quiet, tomorrow } from './hours.js'
import { hashed } from './store.js'

const env = process.env
const SENTENCE_SECONDS = Number(env.SENTENCE_SECONDS ?? 60)
const LEASE_SECONDS = Number(env.LEASE_SECONDS ?? 60)
const KEY_SECONDS = 3600 * Number(env.KEY_HOURS ?? 24)
const MOST_JOBS = 3
const DAY = 86_400
const GRAVE_DAYS = 8
const SENTENCE_DAYS = 30
const TOLD_DAYS = 180

export class Outbox {
  #store

  constructor(store) {
    this.#store = store
  }

  // -- what to tell -------------------------------------------------------------------------
  /** Make messages of the news that may be told now; their jobs count as told at once. */
  decide(now, limit = 100) {
    if (quiet(now)) return
    this.#store.transaction(() => {
      const query = 'SELECT * FROM people WHERE due <= ? ORDER BY due LIMIT ?'
      for (const person of this.#store.rows(query, now, limit)) {
        const due = this.#decide(person, now)
        this.#store.run('UPDATE people SET due = ?, since = ? WHERE profile_id = ?',
          due, due === null ? null : person.since, person.profile_id)
      }
    })
  }

  /** When to look again; null where no news is left. */
  #decide(person, now) {
    const who = person.profile_id
    const told = this.#store.told(who)
    const fresh = JSON.parse(person.entries).filter(entry => !told.has(entry.job_id))
    const news = fresh.filter(entry => entry.send)
    if (!news.length) return null // what is only worth showing beside others waits for them
    if (this.#store.row(
      "SELECT 1 FROM messages WHERE profile_id = ? AND (day = ? OR state IN ('ready', 'sending'))",
      who, day(now))) return tomorrow(now) // one a day
    const chosen = [...news, ...fresh.filter(entry => !entry.send)].slice(0, MOST_JOBS)
    const sentences = chosen.map(entry => this.#sentence(who, entry))
    const waitsUntil = person.since + SENTENCE_SECONDS
    if (sentences.includes(undefined) && now < waitsUntil) return waitsUntil
    const text = chosen.map((entry, n) => sentences[n] ?? entry.card).join('\n')
    this.#tell(who, chosen.map(entry => entry.job_id), text, now)
    return news.length > MOST_JOBS ? tomorrow(now) : null
  }

  #sentence(who, entry) {
    return this.#store.row('SELECT sms FROM sentences WHERE key = ? AND job_version = ?',
      `${who}:${entry.job_id}`, entry.version)?.sms
  }

  #tell(who, jobs, text, now) {
    const key = hashed([who, ...jobs].join('\n'))
    for (const job of jobs) this.#store.run('INSERT INTO told VALUES (?, ?, ?)', who, job, key)
    this.#store.run(
      "INSERT INTO messages (key, profile_id, body, state, day, due) VALUES (?, ?, ?, 'ready', ?, ?)",
      key, who, JSON.stringify({ to: who, text, jobs }), day(now), now)
  }

  // -- handing it over ----------------------------------------------------------------------
  /** Take messages (key, body) to hand over; nobody else does until LEASE_SECONDS are over. */
  claim(now, limit = 10) {
    if (quiet(now)) return []
    return this.#store.transaction(() => {
      this.#takeBack(now)
      // nobody knows whether it came, and the gateway would not know its key again
      this.#store.run(
        "UPDATE messages SET state = 'unknown' " +
        "WHERE state = 'sending' AND due <= ?1 AND first_try + ?2 <= ?1", now, KEY_SECONDS)
      return this.#store.rows(
        "UPDATE messages SET maybe = maybe OR state = 'sending', state = 'sending', " +
        'day = ?, due = ?, tries = tries + 1, first_try = coalesce(first_try, ?) ' +
        "WHERE key IN (SELECT key FROM messages WHERE state IN ('ready', 'sending') " +
        'AND due <= ? ORDER BY due LIMIT ?) RETURNING key, body',
        day(now), now + LEASE_SECONDS, now, now, limit)
    })
  }

  /** Note what became of a message; no row is left of somebody erased meanwhile. */
  settle(key, outcome, now) {
    if (outcome === 'sent' || outcome === 'refused') {
      this.#store.run('UPDATE messages SET state = ?, day = ? WHERE key = ?', outcome, day(now), key)
      return
    }
    // surely not taken: as if never tried, unless how another try ended is not known
    this.#store.run(
      'UPDATE messages SET maybe = maybe OR ?1, due = ?2 + min(300, 1 << min(tries, 8)), ' +
      "state = iif(maybe OR ?1, 'sending', 'ready'), " +
      'first_try = iif(maybe OR ?1, first_try, NULL) ' +
      "WHERE key = ?3 AND state = 'sending'",
      outcome === 'unknown' ? 1 : 0, now, key)
  }

  /** Decide anew what was never taken on its day: the ranking may have changed. */
  #takeBack(now) {
    const query = "SELECT key, profile_id FROM messages WHERE state = 'ready' AND day <> ?"
    for (const row of this.#store.rows(query, day(now))) {
      this.#store.run('DELETE FROM told WHERE message = ?', row.key)
      this.#store.run('DELETE FROM messages WHERE key = ?', row.key)
      this.#store.run('UPDATE people SET due = ?1, since = ?1 WHERE profile_id = ?2', now, row.profile_id)
    }
  }

  /** Once a day: drop what is over. */
  sweep(now) {
    const last = day(now - TOLD_DAYS * DAY)
    this.#store.transaction(() => {
      this.#store.run('DELETE FROM graves WHERE at < ?', now - GRAVE_DAYS * DAY)
      this.#store.run('DELETE FROM sentences WHERE at < ?', now - SENTENCE_DAYS * DAY)
      // what a ranking still says stays told, however long ago that was
      this.#store.run(
        'DELETE FROM told WHERE message IN (SELECT key FROM messages WHERE day < ?) ' +
        'AND NOT EXISTS (SELECT 1 FROM people, json_each(people.entries) AS entry WHERE ' +
        "people.profile_id = told.profile_id AND entry.value ->> 'job_id' = told.job_id)", last)
      this.#store.run(
        "DELETE FROM messages WHERE day < ? AND state NOT IN ('ready', 'sending') " +
        'AND key NOT IN (SELECT message FROM told)', last)
    })
    this.#store.row('PRAGMA wal_checkpoint(TRUNCATE)') // no copies are left in its log
  }
}
