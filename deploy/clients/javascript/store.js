// What the notifier remembers, in SQLite: rankings, explanations, who was erased.
//
// Several notifiers share one store (one file on one machine; the same statements on a database
// server for several): partitions move between them, and what one told must be known to all.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

const SCHEMA = new URL('../store.sql', import.meta.url)

/** SHA-256, in hexadecimal digits. */
export const hashed = text => createHash('sha256').update(text).digest('hex')

/** The job in a line, where no explanation came in time. */
const cardOf = job => [job.title, job.employer, job.place].filter(Boolean).join(', ')

export class Store {
  #statements = new Map()

  constructor(path) {
    this.db = new DatabaseSync(path)
    this.db.exec('PRAGMA busy_timeout = 30000')
    this.db.exec('PRAGMA journal_mode = WAL')
    this.db.exec('PRAGMA synchronous = FULL') // a decision outlives a power cut
    this.db.exec('PRAGMA secure_delete = ON') // what is erased is overwritten
    this.db.exec(readFileSync(SCHEMA, 'utf8'))
  }

  /** All or nothing, and nobody else writes meanwhile. */
  transaction(work) {
    this.db.exec('BEGIN IMMEDIATE')
    try {
      const made = work()
      this.db.exec('COMMIT')
      return made
    } catch (error) {
      this.db.exec('ROLLBACK')
      throw error
    }
  }

  run(query, ...values) {
    this.#prepared(query).run(...values)
  }

  rows(query, ...values) {
    return this.#prepared(query).all(...values)
  }

  row(query, ...values) {
    return this.#prepared(query).get(...values)
  }

  #prepared(query) {
    if (!this.#statements.has(query)) this.#statements.set(query, this.db.prepare(query))
    return this.#statements.get(query)
  }

  /**
   * Take in a record of `matches`: a whole ranking, or null for an erased person.
   *
   * News is what this store never told, not what `entered` says: that counts from the revision
   * before, which we may never have seen.
   */
  ranking(who, event, now) {
    if (event === null) return this.#forget(who, now)
    const known = this.row('SELECT * FROM people WHERE profile_id = ?', who)
    if (event.revision <= this.#grave(who)) return // from before they were erased
    if (known && event.revision < known.revision) return // an older one
    if (known && event.event_id === known.event_id) return // the same again
    const entries = event.entries.map(entry => ({
      job_id: entry.job_id,
      version: entry.job_version.join('.'),
      send: (entry.level ?? 'send') === 'send',
      card: cardOf(entry.job)
    }))
    const told = this.told(who)
    const news = entries.some(entry => entry.send && !told.has(entry.job_id))
    const since = news ? known?.since ?? now : null
    const due = news ? known?.due ?? now : null
    this.run('INSERT OR REPLACE INTO people VALUES (?, ?, ?, ?, ?, ?)',
      who, event.revision, event.event_id, JSON.stringify(entries), since, due)
  }

  /** Take in a record of `explanations`; null takes one back. */
  sentence(key, event, now) {
    if (event === null) return this.run('DELETE FROM sentences WHERE key = ?', key)
    if (event.revision <= this.#grave(event.profile_id)) return
    this.run('INSERT OR REPLACE INTO sentences VALUES (?, ?, ?, ?, ?)',
      key, event.profile_id, event.job_version.join('.'), event.sms, now)
    this.run('UPDATE people SET due = ?1 WHERE profile_id = ?2 AND due > ?1', now, event.profile_id)
  }

  #forget(who, now) {
    const known = this.row('SELECT revision FROM people WHERE profile_id = ?', who)
    if (known) this.run('INSERT OR REPLACE INTO graves VALUES (?, ?, ?)', hashed(who), known.revision, now)
    for (const table of ['people', 'sentences', 'told', 'messages']) {
      this.run(`DELETE FROM ${table} WHERE profile_id = ?`, who)
    }
  }

  #grave(who) {
    return this.row('SELECT revision FROM graves WHERE person = ?', hashed(who))?.revision ?? -1
  }

  /** Jobs that a person was told of, or is being told of. */
  told(who) {
    return new Set(this.rows('SELECT job_id FROM told WHERE profile_id = ?', who).map(row => row.job_id))
  }
}
