// The clock of the people who are told: Peru has one zone and no summer time. Moments are seconds
// since 1970.
const BEHIND = -5 * 3600
const [SILENT_FROM, SILENT_TO] = (process.env.QUIET_HOURS ?? '21-8').split('-').map(Number)

/** The date in Lima. */
export const day = now => new Date((now + BEHIND) * 1000).toISOString().slice(0, 10)

/** Whether nobody is to be woken. */
export function quiet(now) {
  const hour = new Date((now + BEHIND) * 1000).getUTCHours()
  return SILENT_FROM <= SILENT_TO
    ? SILENT_FROM <= hour && hour < SILENT_TO
    : hour >= SILENT_FROM || hour < SILENT_TO
}

/** When the next day's messages may go out. */
export const tomorrow = now => Date.parse(day(now)) / 1000 - BEHIND + 24 * 3600 + SILENT_TO * 3600
