//! The name of everything that is measured. docs/metrics.md has the same table; a test compares them.

use super::exposition::{Kind, Metric};

macro_rules! metrics {
    ($($constant:ident = $kind:ident $name:literal [$($label:literal),*] $help:literal;)+) => {
        $(
            #[doc = $help]
            pub const $constant: Metric = Metric {
                name: $name,
                kind: Kind::$kind,
                labels: &[$($label),*],
                help: $help,
            };
        )+

        /// All of them, in the order in which they are told.
        pub const ALL: &[&Metric] = &[$(&$constant),+];
    };
}

metrics! {
    BUILD = Gauge "librechat_auth_build_info" ["version"] "Always 1; the label says which version runs.";

    REQUESTS = Counter "librechat_auth_http_requests_total" ["route", "method", "status"]
        "Answered requests by route, method and class of the status.";
    REQUEST_SECONDS = Histogram "librechat_auth_http_request_duration_seconds" ["route", "method"]
        "How long answers took.";
    IN_FLIGHT = Gauge "librechat_auth_http_requests_in_flight" [] "Requests that are being answered.";

    LOGINS = Counter "librechat_auth_logins_total" ["method", "outcome"]
        "Steps of logins: a session, a further step that is due, or why not.";
    REGISTRATIONS = Counter "librechat_auth_registrations_total" ["outcome"]
        "Registrations: accepted, or why not.";
    REFRESHES = Counter "librechat_auth_refreshes_total" ["outcome"]
        "Renewals of sessions: renewed, a step that is due, or why not.";
    FORWARD_AUTH = Counter "librechat_auth_forward_auth_decisions_total" ["decision"]
        "Answers to proxies that asked whether a request may pass.";
    REFUSALS = Counter "librechat_auth_refusals_total" ["cause"]
        "Refused requests by cause.";
    VIOLATIONS = Counter "librechat_auth_violations_total" ["kind"] "Violations by kind.";
    BANS_ISSUED = Counter "librechat_auth_bans_issued_total" ["subject"]
        "Bans that were made, of users and of networks.";
    BANS = Gauge "librechat_auth_bans_in_force" ["subject"] "Bans that are in force.";
    SESSIONS = Gauge "librechat_auth_sessions" [] "Sessions that are not over.";
    ACCOUNTS = Gauge "librechat_auth_accounts" [] "Accounts.";
    LIMITED = Gauge "librechat_auth_limiter_entries" [] "Clients whose requests are being counted.";

    PASSWORD_QUEUE = Gauge "librechat_auth_password_queue_length" [] "Passwords that wait to be checked or hashed.";
    PASSWORD_WAIT = Histogram "librechat_auth_password_queue_wait_seconds" [] "How long passwords waited for their turn.";
    PASSWORD_WORK = Histogram "librechat_auth_password_hash_seconds" [] "How long checking or hashing a password took.";
    PASSWORD_REFUSED = Counter "librechat_auth_password_refused_total" []
        "Passwords that were not looked at because too many waited.";

    STORE_QUEUE = Gauge "librechat_auth_store_queue_length" [] "Writes that wait for the database.";
    STORE_BATCH = Histogram "librechat_auth_store_batch_jobs" [] "Writes that were committed together.";
    STORE_COMMIT = Histogram "librechat_auth_store_commit_seconds" [] "How long a batch took, commit included.";
    STORE_FAILED = Counter "librechat_auth_store_failed_commits_total" [] "Commits that failed.";
    STORE_REFUSED = Counter "librechat_auth_store_refused_total" [] "Writes that were refused because the queue was full.";
    STORE_BYTES = Gauge "librechat_auth_store_file_bytes" ["file"]
        "Size of the database and of its write-ahead log.";

    LETTERS = Gauge "librechat_auth_mail_letters" ["state"] "Letters that wait, and letters that could not be sent.";
    OLDEST_LETTER = Gauge "librechat_auth_mail_oldest_waiting_seconds" [] "How long the oldest waiting letter waits.";
    DELIVERIES = Counter "librechat_auth_mail_deliveries_total" ["outcome"]
        "Attempts to send a letter, and what came of them.";

    PROVIDER_CALLS = Counter "librechat_auth_provider_calls_total" ["provider", "outcome"]
        "Questions to other login servers: answered, or what was wrong.";

    LAST_BACKUP = Gauge "librechat_auth_backup_last_timestamp_seconds" []
        "When the newest backup was made; 0 if there is none.";
    SPANS = Counter "librechat_auth_telemetry_spans_total" ["outcome"]
        "Spans for the collector of traces: exported, dropped.";

    START = Gauge "process_start_time_seconds" [] "When the process started.";
    CPU = Counter "process_cpu_seconds_total" [] "Processor time that was used.";
    RESIDENT = Gauge "process_resident_memory_bytes" [] "Memory in use.";
    VIRTUAL = Gauge "process_virtual_memory_bytes" [] "Address space in use.";
    OPEN_FDS = Gauge "process_open_fds" [] "Open files and connections.";
    MOST_FDS = Gauge "process_max_fds" [] "How many of them there may be.";
    THREADS = Gauge "process_threads" [] "Threads.";
}
