-- What a notifier remembers, the same for both languages. Times are seconds since 1970.

-- A person's whole current ranking. `since`: when the oldest news in it came; `due`: when to look
-- whether it can be told; both null where there is none.
CREATE TABLE IF NOT EXISTS people (
    profile_id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    entries TEXT NOT NULL,
    since REAL,
    due REAL
) STRICT;
CREATE INDEX IF NOT EXISTS people_due ON people (due) WHERE due IS NOT NULL;

-- Explanations, by the record's key; one counts for the version of the job that it was written for.
CREATE TABLE IF NOT EXISTS sentences (
    key TEXT PRIMARY KEY,
    profile_id TEXT NOT NULL,
    job_version TEXT NOT NULL,
    sms TEXT NOT NULL,
    at REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS sentences_of ON sentences (profile_id);

-- Each piece of news once: this person, this job. The message that tells it is made in the same
-- transaction.
CREATE TABLE IF NOT EXISTS told (
    profile_id TEXT NOT NULL,
    job_id TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (profile_id, job_id)
) STRICT;

-- The outbox. ready: not with the gateway; sending: it may be; then sent, refused, or unknown,
-- which is for somebody to look up. `due`: not to be touched before; a claim moves it on.
-- `day`: the date in Lima it counts for. `maybe`: an attempt ended nobody knows how.
CREATE TABLE IF NOT EXISTS messages (
    key TEXT PRIMARY KEY,
    profile_id TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ready', 'sending', 'sent', 'refused', 'unknown')),
    day TEXT NOT NULL,
    due REAL NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    maybe INTEGER NOT NULL DEFAULT 0,
    first_try REAL
) STRICT;
CREATE INDEX IF NOT EXISTS messages_open ON messages (due) WHERE state IN ('ready', 'sending');
CREATE INDEX IF NOT EXISTS messages_of ON messages (profile_id);

-- Erased people for a few days: a hash, and the revision below which all is from before.
CREATE TABLE IF NOT EXISTS graves (
    person TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    at REAL NOT NULL
) STRICT;
