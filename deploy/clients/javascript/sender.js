// Hands a message to whatever carries it: here an HTTP endpoint. Write your own gateway's instead.
//
// SENDER_URL  takes a POST; SENDER_TIMEOUT  seconds, well below the notifier's LEASE_SECONDS
const TIMEOUT = Number(process.env.SENDER_TIMEOUT ?? 20)
const NOT_NOW = [429, 503]

/**
 * Hand over one message: its key, the same however often, and its body (JSON: whom to, a profile_id;
 * you know the number; the text; its jobs).
 * Resolves to sent; refused, for good; later, where it surely was not taken; else unknown.
 */
export async function send(key, body) {
  try {
    const answer = await fetch(process.env.SENDER_URL, {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
      signal: AbortSignal.timeout(TIMEOUT * 1000)
    })
    await answer.arrayBuffer()
    if (answer.ok) return 'sent'
    if (NOT_NOW.includes(answer.status)) return 'later'
    return answer.status < 500 ? 'refused' : 'unknown'
  } catch (error) {
    // nobody listened: nothing was said; else it broke off after we had begun
    return error.cause?.code === 'ECONNREFUSED' ? 'later' : 'unknown'
  }
}
